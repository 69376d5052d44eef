"""How much speaks for an article's belonging to a story: points, each for one thing that the two share or do not share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import asin, cos, inf, radians, sin, sqrt

from services.classifier.core.profiles import (
    ARMIES,
    SEAT_WEIGHT,
    Gazetteer,
    Place,
    StoryArticle,
    StoryProfile,
    Weights,
    cosine,
    specificity,
)

DAY = timedelta(days=1)
_TOWN, _PROVINCE, _REGION = 0.5, 0.3, 0.2
"""Specificity from which a place tells a town, at least a province or republic, at least a region."""
_NEXT_TO = 0.7
"""What a place near by counts of the same one."""
TIES = ("places", "figures", "names", "words")
IN_TOWN = frozenset({"unrest", "accident"})
"""Families for which a capital is a place like others, and not only where statements are made."""
KINDS_APART = frozenset({"fighting", "mine", "accident", "unrest"})


@dataclass(frozen=True, slots=True)
class StoryPolicy:
    """The points, in one place. All were set on annotated stories of eight languages; see the measures of the gold."""

    bar: float = 1.0
    """Points from which an article belongs to a story."""
    one: float = 4.0
    """Points that an article must give to each of two stories, and they to each other, for the two to be one."""
    window: timedelta = timedelta(days=30)
    """A story that has been quiet for longer takes no article any more."""
    parties: float = 2.0
    families: float = 2.0
    middle: float = 0.5
    """Likeness of parties or families that speaks neither for nor against."""
    same_place: float = 2.0
    other_place: float = -2.0
    other_place_on_a_front: float = -0.5
    nearby_km: float = 25.0
    """Two places not farther apart are as good as one."""
    figure: float = 0.8
    """For a shared figure of ten and more; small ones are shared by chance and get a part of it."""
    figures_at_most: float = 2.0
    name: float = 0.8
    """For a shared name that no list holds."""
    names_at_most: float = 2.4
    words: float = 12.0
    words_from: float = 0.05
    """Estimated likeness that two texts on different happenings can reach by chance."""
    words_at_most: float = 3.0
    untied: float = -3.5
    """Away from a front, where nothing but the kind of happening and its parties is shared: no place, words or telling figure."""
    tie: float = 0.5
    """Points of one such that tie two texts to the same happening."""
    other_kind: float = -1.0
    """Where one is foremost a battle and the other a mine, an accident or unrest."""
    day: float = -0.2
    """Points for each day of quiet beyond the first."""
    half_life: timedelta = timedelta(days=4)
    """Time in which what a story has been about fades by half."""


class _Nowhere:
    def get(self, _place_id: str, /) -> Place | None:
        return None


NOWHERE: Gazetteer = _Nowhere()
"""The gazetteer of one who knows no places: every id is a place of its own."""


def compared(
    story: StoryProfile,
    article: StoryArticle,
    policy: StoryPolicy,
    *,
    gazetteer: Gazetteer,
    likeness: float = 0.0,
    beyond: float = -inf,
) -> dict[str, float]:
    """The points for and against, by name. Where their sum cannot reach `beyond`, places, which cost most, are left out."""
    points: dict[str, float] = {
        "parties": _about(policy.parties, story.parties, article.parties, policy.middle),
        "families": _families(story, article, policy),
        "figures": min(policy.figures_at_most, policy.figure * _shared_figures(story, article)),
        "names": min(policy.names_at_most, policy.name * len(article.names.intersection(story.names))),
        "words": min(policy.words_at_most, max(0.0, policy.words * (likeness - policy.words_from))),
        "kind": policy.other_kind * _other_kind(story, article),
        "days": policy.day * max(0.0, quiet(story, article) / DAY - 1),
    }
    if sum(points.values()) + policy.same_place >= beyond:
        points["places"] = _places(story, article, policy, gazetteer)
    if max(points.get(name, 0.0) for name in TIES) < policy.tie and not _front(story, article):
        points["untied"] = policy.untied
    return {name: round(value, 3) for name, value in points.items() if value}


def _about(points: float, theirs: Weights, mine: Weights, middle: float) -> float:
    """`points` for full likeness, nought at the middle or where either side names nothing, as much against for none."""
    if not theirs or not mine:
        return 0.0
    likeness = cosine(theirs, mine)
    return points * (likeness - middle) / (1 - middle if likeness > middle else middle)


def _families(story: StoryProfile, article: StoryArticle, policy: StoryPolicy) -> float:
    """As for parties; but where one of the two only speaks of talks and truces, that speaks little against what the other tells."""
    points = _about(policy.families, story.families, article.families, policy.middle)
    if points >= 0:
        return points
    return points * min(
        1.0, *(max((families.get(kind, 0.0) for kind in KINDS_APART), default=0.0) for families in (story.families, article.families))
    )


def quiet(story: StoryProfile, article: StoryArticle) -> timedelta:
    """How far the article is from the story in time; from its last victims where the article itself tells of victims."""
    end = story.hot_at if article.happening else story.last_at
    return max(timedelta(0), article.seen_at - end, story.began_at - article.seen_at)


def _shared_figures(story: StoryProfile, article: StoryArticle) -> float:
    """How much the figures that both tell say: one dead or two are told of half of all happenings."""
    shared = article.figures.intersection(story.figures)
    return sum(1.0 if number >= 10 else 0.6 if number >= 4 else 0.25 if number >= 2 else 0.1 for _, number, _ in shared)


def _places(story: StoryProfile, article: StoryArticle, policy: StoryPolicy, gazetteer: Gazetteer) -> float:
    """For the same places, or places near each other; against places far apart, less so along a front.

    Towns are compared where both name any, else provinces, else regions, which say less.
    """
    levels = [(_TOWN, 1.0, 1.0), (_PROVINCE, 1.0, 1.0), (_REGION, _PROVINCE, 0.5)]
    if _foremost(story.families) == _foremost(article.families) and _foremost(article.families) in IN_TOWN:
        # A protest before the parliament is told with no other place than the capital.
        levels.append((SEAT_WEIGHT, 1.0, 1.0))
    for least, most, counts in levels:
        mine, theirs = (
            {place: weight for place, weight in places.items() if least <= specificity(place, gazetteer) <= most}
            for places in (article.places, story.places)
        )
        if mine and theirs:
            return counts * _compared(mine, theirs, policy, gazetteer, front=_front(story, article))
    return 0.0


def _compared(mine: Weights, theirs: Weights, policy: StoryPolicy, gazetteer: Gazetteer, *, front: bool) -> float:
    most = max(theirs.values())
    overlap = sum(weight * _met(place, theirs, most, policy, gazetteer) for place, weight in mine.items())
    share = min(1.0, overlap / max(mine.values()))
    if share >= 0.2:
        return policy.same_place * share
    return policy.other_place_on_a_front if front else policy.other_place


def _front(story: StoryProfile, article: StoryArticle) -> bool:
    """Whether both tell of the same two armies."""
    return len(strong_armies(story.parties) & strong_armies(article.parties)) > 1


def strong_armies(parties: Weights) -> frozenset[str]:
    """The armies that are told of, and not only mentioned."""
    most = max(parties.values(), default=0.0)
    return frozenset(body for body, weight in parties.items() if weight >= 0.25 * most and body in ARMIES)


def _other_kind(story: StoryProfile, article: StoryArticle) -> float:
    """From 0 to 1: whether what the article foremost tells of is another kind of happening, less so where the story has told of it too."""
    theirs, mine = _foremost(story.families), _foremost(article.families)
    if theirs is None or mine is None or theirs == mine:
        return 0.0
    return 1.0 - min(1.0, 2 * story.families.get(mine, 0.0) / story.families[theirs])


def _foremost(families: Weights) -> str | None:
    """The family that says most about what happened, if it is one of those that are never told as one."""
    family = max(families, key=lambda name: (families[name], name), default=None)
    return family if family in KINDS_APART else None


def _met(place: str, theirs: Weights, most: float, policy: StoryPolicy, gazetteer: Gazetteer) -> float:
    """How much of the story's weight lies at this place, or next to it."""
    at_it = theirs.get(place, 0.0) / most
    here = gazetteer.get(place)
    if here is None or at_it >= _NEXT_TO:
        return at_it
    next_to_it = max(
        (weight for other, weight in theirs.items() if other != place and _near(here, gazetteer.get(other), policy)), default=0.0
    )
    return max(at_it, _NEXT_TO * next_to_it / most)


def _near(here: Place, there: Place | None, policy: StoryPolicy) -> bool:
    # A degree of latitude is 111 km: most pairs are told apart without trigonometry.
    if there is None or abs(here.lat - there.lat) * 111 > policy.nearby_km:
        return False
    return kilometres((here.lat, here.lon), (there.lat, there.lon)) <= policy.nearby_km


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance of two points given as latitude and longitude in degrees."""
    (lat, lon), (lat2, lon2) = (radians(one[0]), radians(one[1])), (radians(other[0]), radians(other[1]))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 12742 * asin(sqrt(half))
