"""How well articles are put into stories: pairs of articles told as one story against those that are one happening.

In time, all annotated articles are filed as they were published. Shifted, every two happenings are laid upon the same
hour, one pair at a time: those with victims of two lands must stay apart. Precision and recall count pairs of articles.

    python -m tests.gold.stories            with what the reader reads
    python -m tests.gold.stories --gold     with what is annotated, as if the reading were perfect
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from schemas.reading import ActorTag, Article, CasualtyClaim, CeasefireStatement, EventTag, Evidence, Reading
from services.classifier.core.filing import Files, Read, RegionPlaces, prepared
from services.classifier.core.profiles import people
from services.classifier.core.reading import read
from services.region import Region
from services.standalone.annotated import articles_of

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"
APART = timedelta(hours=5)
"""How long after the first article of one happening another one begins, where the two are laid upon each other."""

WAR = {"ARM": "ARM-AZE", "AZE": "ARM-AZE", "GEO": "GEO", "ABK": "GEO", "OSS": "GEO"}
"""Whose people face each other: a battle's two sides are one happening. The rest is the North Caucasus."""

Reader = Callable[[Article], Reading]


@dataclass(frozen=True, slots=True)
class Telling:
    """Which articles are one happening: `happening[article]`, and pairs that may be told either way."""

    happening: Mapping[str, str]
    either_way: frozenset[frozenset[str]]

    def counts(self, one: str, other: str) -> bool:
        """Whether the pair says anything."""
        return frozenset({self.happening[one], self.happening[other]}) not in self.either_way


@dataclass(slots=True)
class Pairs:
    """Pairs of articles: told as one story rightly, wrongly, and those that were torn apart."""

    right: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    torn: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong)) if self.right or self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.torn)) if self.right or self.torn else 1.0


def filed(articles: Iterable[tuple[datetime, Read]]) -> dict[str, str]:
    """The story of each article that has one, when they are filed in the order of time."""
    files = Files(RegionPlaces(Region.load()))
    stories: dict[str, str] = {}
    for seen_at, one in sorted(articles, key=lambda item: (item[0], item[1].reading.id)):
        shifted = Read(one.reading, one.title, seen_at, one.signature, one.names, one.origin, one.blank)
        story_id = files.file(shifted).story_id
        if story_id is not None:
            stories[one.reading.id] = story_id
    return {article: files.today(story) for article, story in stories.items()}


def in_time(reads: Mapping[str, Read], telling: Telling) -> Pairs:
    """All articles in one stream, as they were published."""
    pairs = Pairs()
    stories = filed((one.seen_at, one) for one in reads.values())
    for one, other in combinations(sorted(stories), 2):
        if not telling.counts(one, other):
            continue
        same, told = telling.happening[one] == telling.happening[other], stories[one] == stories[other]
        if same and told:
            pairs.right += 1
        elif told:
            pairs.wrong.append((one, other))
        elif same:
            pairs.torn.append((one, other))
    return pairs


def laid_upon(reads: Mapping[str, Read], telling: Telling) -> dict[tuple[str, str], set[str]]:
    """Of every two happenings begun in the same hours: those that share a story, with the happenings that were torn."""
    groups: dict[str, list[Read]] = {}
    for article, one in reads.items():
        if one.reading.relevant:
            groups.setdefault(telling.happening[article], []).append(one)
    found = {}
    for first, second in combinations(sorted(groups), 2):
        begins = {name: min(one.seen_at for one in groups[name]) for name in (first, second)}
        shift = begins[first] - begins[second] + APART
        stories = filed([(one.seen_at, one) for one in groups[first]] + [(one.seen_at + shift, one) for one in groups[second]])
        told = {name: {stories[one.reading.id] for one in groups[name]} for name in (first, second)}
        marks = {name for name in (first, second) if len(told[name]) > 1}
        if told[first] & told[second]:
            marks.add("merged")
        if marks:
            found[first, second] = marks
    return found


@cache
def documents() -> dict[str, dict[str, Any]]:
    """The annotated articles as they stand in the files."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in ARTICLES.glob("*.yaml") if path.name != "replay.yaml"}


@cache
def the_telling() -> Telling:
    """What `stories.yaml` says."""
    data = yaml.safe_load((HERE / "stories.yaml").read_text(encoding="utf-8"))
    happening = {article: name for name, articles in data["stories"].items() for article in articles}
    for article in documents():
        happening.setdefault(article, article)
    return Telling(happening, frozenset(frozenset(pair) for pair in data["either_way"]))


def annotated(article: Article) -> Reading:
    """The reading of somebody who reads without a fault; places are those that the region knows in the text."""
    document = documents()[article.id]
    gold = document["gold"]
    mentions = [mention.entry for mention in Region.load().find(f"{article.title}\n{article.text}") if mention.entry.kind == "place"]
    counted = sorted({entry.id for entry in mentions}, key=lambda place: (-sum(entry.id == place for entry in mentions), place))
    return Reading(
        id=article.id,
        language=document["lang"],
        relevant=gold["relevant"],
        actors=tuple(ActorTag(code=code) for code in gold["actors"]),
        event_types=tuple(EventTag(type=event) for event in gold["event_types"]),
        casualties=tuple(
            CasualtyClaim.model_validate({**claim, "evidence": _words(claim["quote"])}) for claim in gold.get("casualties") or ()
        ),
        ceasefire=tuple(
            CeasefireStatement.model_validate({**statement, "evidence": _words(statement["quote"])})
            for statement in gold.get("ceasefire") or ()
        ),
        places=tuple(counted),
    )


def reads_of(reader: Reader) -> dict[str, Read]:
    """Every annotated article, read."""
    found = {}
    for article in (one.article() for one in articles_of(ARTICLES).values()):
        if article.published_at is None:
            raise ValueError(f"{article.id} has no time")
        found[article.id] = prepared(
            reader(article), title=article.title, text=article.text, seen_at=article.published_at, outlet=article.outlet
        )
    return found


def hurt_in(reads: Iterable[Read]) -> frozenset[str]:
    """In which of the lands people are hurt now in any of the articles."""
    claims = (claim for one in reads for claim in one.reading.casualties if claim.current and claim.side and (claim.low or claim.high))
    return frozenset(WAR.get(people(claim.side), "RUS") for claim in claims)


def dangerous(reads: Mapping[str, Read], telling: Telling, marks: Mapping[tuple[str, str], set[str]]) -> list[tuple[str, str]]:
    """Of the merged pairs those that would hide one land's victims behind another's: both tell of some, and of none in common."""
    groups: dict[str, list[Read]] = {}
    for article, one in reads.items():
        groups.setdefault(telling.happening[article], []).append(one)
    victims = {name: hurt_in(group) for name, group in groups.items()}
    return [
        (one, other)
        for (one, other), told in marks.items()
        if "merged" in told and victims[one] and victims[other] and not victims[one] & victims[other]
    ]


def _words(text: str) -> Evidence:
    return Evidence(field="text", start=0, end=len(text), text=text)


def main() -> int:
    """Print the measure."""
    reads = reads_of(annotated if "--gold" in sys.argv else read)
    telling = the_telling()
    pairs = in_time(reads, telling)
    print(f"in time: precision {pairs.precision:.3f}, recall {pairs.recall:.3f}; wrong {pairs.wrong}, torn {pairs.torn}")
    marks = laid_upon(reads, telling)
    torn = sorted(name for told in marks.values() for name in told - {"merged"})
    print(f"laid upon each other: {sum('merged' in told for told in marks.values())} pairs merged; torn {torn}")
    print(f"merged, with victims of two lands: {dangerous(reads, telling, marks)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
