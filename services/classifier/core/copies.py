"""Which articles retell another one: near-copies by their words, and the outlet that a text credits.

Five scrapes of one wire report are one source. A near-copy is found within a language by MinHash over shingles of
three words: of the articles that people wrote themselves no two reach a Jaccard similarity of 0.07, light rewrites
of one text start at 0.47. A near-copy that tells *other figures* is no copy: the same words with a raised toll are the
news itself, so such an article only belongs to the same story. One that leaves figures out tells nothing new and is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from rensa import RMinHash

from schemas.reading import Reading
from schemas.vocabulary import SAME_PEOPLE, CeasefireStatus, Effect

PERMUTATIONS = 128
"""Length of a signature; the estimate of a similarity of 0.35 is then right to within 0.09, nineteen times in twenty."""
SEED = 20230919
SHINGLE = 3
FEWEST_SHINGLES = 12
"""A shorter text (a flash, a caption) is like too many others to be called a copy of one."""
ROWS = 2
"""Signature values per band of the index: pairs of a similarity of 0.35 meet in a band with a chance above 0.999."""

Signature = tuple[int, ...]
Told = frozenset[tuple[Effect | CeasefireStatus, int | None, int | None, str | None]]
"""What an article says is happening now, without claimants and words: two copies tell the same."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class CopyPolicy:
    """When an article is a copy: how alike, and how soon after the first."""

    alike: float = 0.35
    """Estimated Jaccard similarity of the shingles from which two texts are one."""
    within: timedelta = timedelta(hours=72)
    """A daily bulletin repeats its words each day; beyond this distance in time likeness says nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """An article as the search for copies sees it. `root` is the article that it retells itself, else its own id."""

    article_id: str
    language: str
    signature: Signature
    told: Told
    seen_at: datetime
    story_id: str | None = None
    root: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The most alike of the earlier articles, and whether the new one is a copy of it."""

    known: Known
    similarity: float
    copy: bool


def signature(text: str) -> Signature:
    """The MinHash of the text's shingles, or empty where the text is too short to be told from others."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    shingles = {" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)}
    if len(shingles) < FEWEST_SHINGLES:
        return ()
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    sketch.update(sorted(shingles))
    return tuple(int(value) for value in sketch.digest())


def similarity(one: Signature, other: Signature) -> float:
    """The estimated Jaccard similarity of the two texts; 0 where either is too short for a signature."""
    if not one or len(one) != len(other):
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def told(reading: Reading) -> Told:
    """The current figures and truce statuses of an article."""
    figures = {
        (claim.effect, claim.low, claim.high, SAME_PEOPLE.get(claim.side or "", claim.side))
        for claim in reading.casualties
        if claim.current
    }
    truces = {(statement.status, None, None, None) for statement in reading.ceasefire if statement.current}
    return frozenset(figures | truces)


@dataclass(slots=True)
class Shelf:
    """The recent articles, found by likeness without comparing with each of them.

    It is a plain value in memory: the runner fills it from the database, `replay` from the articles before.
    """

    policy: CopyPolicy = field(default_factory=CopyPolicy)
    _known: dict[str, Known] = field(default_factory=dict)
    _bands: dict[tuple[str, int, Signature], list[str]] = field(default_factory=lambda: defaultdict(list))

    def put(self, known: Known) -> None:
        """Add an article, or replace its former revision."""
        self.drop(known.article_id)
        self._known[known.article_id] = known
        for band in _bands(known):
            self._bands[band].append(known.article_id)

    def drop(self, article_id: str) -> None:
        """Forget an article; nothing happens where it is not known."""
        known = self._known.pop(article_id, None)
        if known is None:
            return
        for band in _bands(known):
            members = self._bands[band]
            members.remove(article_id)
            if not members:
                del self._bands[band]

    def forget_before(self, moment: datetime) -> None:
        """Forget the articles seen before `moment`."""
        for article_id in [known.article_id for known in self._known.values() if known.seen_at < moment]:
            self.drop(article_id)

    def __len__(self) -> int:
        """How many articles are remembered."""
        return len(self._known)

    def __contains__(self, article_id: object) -> bool:
        """Whether the article is remembered."""
        return article_id in self._known

    def alike(self, article: Known) -> list[Likeness]:
        """The earlier articles that share words with this one, the most alike first; among equals the earliest."""
        met = {article_id for band in _bands(article) for article_id in self._bands.get(band, ()) if article_id != article.article_id}
        found = [self._compared(article, self._known[article_id]) for article_id in met]
        return sorted(found, key=lambda one: (-one.similarity, one.known.seen_at, one.known.article_id))

    def _compared(self, article: Known, other: Known) -> Likeness:
        degree = similarity(article.signature, other.signature)
        near = abs(article.seen_at - other.seen_at) <= self.policy.within
        return Likeness(other, degree, copy=near and degree >= self.policy.alike and article.told <= other.told)


def copy_of(article: Known, likenesses: Iterable[Likeness]) -> str | None:
    """The first article of the chain that this one retells, or None."""
    for likeness in likenesses:
        if likeness.copy:
            root = likeness.known.root or likeness.known.article_id
            return root if root != article.article_id else None
    return None


def origin_of(text: str, *, outlet: str = "") -> str | None:
    """The id of the outlet that the text credits, or None; `outlet` is the publisher's own name, which credits nobody.

    A credit line counts more than a dateline, a dateline more than "reports X" or "told X" in the running text; where
    the running text names several outlets alike it retells none of them in particular, and the first named is taken
    only if it is named twice as often as the next.
    """
    if not _any_outlet().search(text):
        return None
    for credit in _credits():
        stretch = credit.stretch(text)
        named = [_outlet_named(match.group("outlet")) for match in credit.pattern.finditer(stretch)]
        counted = _by_count(one for one in named if one and not _is_own(one, outlet))
        if not counted:
            continue
        if len(counted) == 1 or counted[0][1] >= 2 * counted[1][1]:
            return counted[0][0]
        return None
    return None


@dataclass(frozen=True, slots=True)
class _Credit:
    where: str
    pattern: re.Pattern[str]

    def stretch(self, text: str) -> str:
        return {"first": text[:400], "last": text[-500:]}.get(self.where, text)


def _bands(known: Known) -> Iterator[tuple[str, int, Signature]]:
    values = known.signature
    return ((known.language, start, values[start : start + ROWS]) for start in range(0, len(values), ROWS))


def _by_count(named: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for one in named:
        counts[one] = counts.get(one, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(files("services.classifier").joinpath("origins.yaml").read_text(encoding="utf-8"))
    return data


@cache
def _spellings() -> dict[str, str]:
    return {spelling: outlet for outlet, spellings in _data()["outlets"].items() for spelling in spellings}


@cache
def _any_outlet() -> re.Pattern[str]:
    return re.compile(_outlet_pattern())


@cache
def _credits() -> tuple[_Credit, ...]:
    outlet = _outlet_pattern()
    return tuple(_Credit(credit["where"], re.compile(credit["match"].replace("{outlet}", outlet))) for credit in _data()["credits"])


def _outlet_pattern() -> str:
    longest_first = sorted(_spellings(), key=len, reverse=True)
    # Names in Cyrillic, Armenian and Georgian take endings; Latin ones are matched whole, with an apostrophe ending at most.
    names = "|".join(re.escape(name) + ("" if name.isascii() else r"\w{0,3}") for name in longest_first)
    return rf"(?<!\w)(?P<outlet>{names})(?!\w)"


def _outlet_named(surface: str) -> str | None:
    spellings = _spellings()
    for cut in range(4):
        stem = surface[: len(surface) - cut]
        if stem in spellings:
            return spellings[stem]
    return None


def _is_own(outlet_id: str, own_name: str) -> bool:
    folded = own_name.casefold()
    return bool(folded) and (outlet_id == folded or any(spelling.casefold() == folded for spelling in _data()["outlets"][outlet_id]))
