"""Which of many stories an article can belong to at all, without comparing it with each of them.

A story that shares no place, no figure, no name and no pair of armies with the article, and no words, cannot reach the
policy's bar: its points are those of parties and families at most, and it is untied. So only the others are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from itertools import combinations, product

from services.classifier.core.comparison import strong_armies
from services.classifier.core.profiles import Gazetteer, StoryArticle, StoryProfile

_LAT, _LON = 0.25, 0.35
"""Degrees of a cell's sides: some 28 km at these latitudes, so that places that count as near lie in neighbouring cells at most."""

_Key = tuple[str, Hashable]


class Candidates:
    """The open stories by what they can share with an article."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        """No stories yet."""
        self._gazetteer = gazetteer
        self._stories: dict[str, StoryProfile] = {}
        self._by: defaultdict[_Key, set[str]] = defaultdict(set)

    def follow(self, stories: Mapping[str, StoryProfile]) -> None:
        """Hold these stories and no others."""
        for story_id in [one for one in self._stories if one not in stories]:
            self.drop(story_id)
        for story_id, story in stories.items():
            if self._stories.get(story_id) is not story:
                self.put(story)

    def put(self, story: StoryProfile) -> None:
        """Hold the story as it is now."""
        self.drop(story.story_id)
        self._stories[story.story_id] = story
        for key in self._keys(story, around=0):
            self._by[key].add(story.story_id)

    def drop(self, story_id: str) -> None:
        """Hold the story no more."""
        story = self._stories.pop(story_id, None)
        if story is None:
            return
        for key in self._keys(story, around=0):
            members = self._by[key]
            members.discard(story_id)
            if not members:
                del self._by[key]

    def of(self, article: StoryArticle, also: Collection[str] = ()) -> list[StoryProfile]:
        """The stories that the article may belong to, and `also` those."""
        found = {story_id for key in self._keys(article, around=1) for story_id in self._by.get(key, ())}
        found.update(story_id for story_id in also if story_id in self._stories)
        return [self._stories[story_id] for story_id in sorted(found)]

    def _keys(self, one: StoryProfile | StoryArticle, *, around: int) -> Iterator[_Key]:
        yield from (("armies", pair) for pair in combinations(sorted(strong_armies(one.parties)), 2))
        yield from (("figure", figure) for figure in one.figures)
        yield from (("name", name) for name in one.names)
        cells: set[tuple[int, int]] = set()
        for place_id in one.places:
            yield ("place", place_id)
            place = self._gazetteer.get(place_id)
            if place is not None:
                cells.add((int(place.lat // _LAT), int(place.lon // _LON)))
        steps = range(-around, around + 1)
        yield from {("cell", (lat + north, lon + east)): None for (lat, lon), north, east in product(cells, steps, steps)}
