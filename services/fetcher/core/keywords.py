"""Whether an entry concerns the region: feeds of the region pass whole, world feeds by the names that they contain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.vocabulary import FeedScope
from services.fetcher.core.company import Company

READ = 20_000
"""Characters of a text that are searched: what concerns the region names it before that."""
MOST_WORDS = 12
APART = "\n\n|\n\n"
"""Between title and text: what ends the one and what begins the other are no name together, nor a place and its ministry."""


TURKIC = re.compile("[əğışƏĞİŞ]")
"""Letters without which no text of some words is Azerbaijani or Turkish."""
WATCHED = frozenset({"ARM", "AZE", "GEO", "NKR", "ABK", "OSS", "CHE", "DAG", "ING", "KBR", "SEO", "KCR", "ADY", "STA"})
"""Bodies whose name alone makes a text one of the region; those of neighbours and mediators do not."""


class Named(Protocol):
    """What a mention is of. `watched` tells places of the region under watch from those elsewhere."""

    @property
    def id(self) -> str:
        """Id in the data of the region."""
        ...

    @property
    def watched(self) -> bool:
        """Whether the mention alone makes a text one of the region."""
        ...


class Mentioning(Protocol):
    """One name in a text."""

    @property
    def entry(self) -> Named:
        """What is named."""
        ...

    @property
    def code(self) -> str | None:
        """The body that it stands for."""
        ...

    @property
    def surface(self) -> str:
        """The name as it stands in the text."""
        ...

    @property
    def tail(self) -> str:
        """The ending that the text hung on the name."""
        ...

    @property
    def language(self) -> str:
        """The language that the name is of."""
        ...


Finder = Callable[[str], Sequence[Mentioning]]
"""`Region.find`."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whether an entry is kept, and the ids of what it names, in order, each once.

    What names the region and is not kept has only names that mean it in company, and is alone.
    """

    kept: bool
    words: tuple[str, ...] = ()


def matched(find: Finder, scope: FeedScope, title: str, text: str) -> Match:
    """What of the region the title and text name. An entry of a regional feed is kept whatever it names."""
    searched = title + APART + text[:READ]
    turkic = TURKIC.search(searched) is not None
    mentions = [mention for mention in find(searched) if _of_region(mention) and (turkic or not _turkic(mention))]
    words = tuple(dict.fromkeys(mention.entry.id for mention in mentions))[:MOST_WORDS]
    if scope is FeedScope.REGION or not mentions:
        return Match(scope is FeedScope.REGION, words)
    return Match(Company.packaged().settles({mention.surface for mention in mentions}, searched), words)


def _turkic(mention: Mentioning) -> bool:
    """Whether the name is taken for one with an Azerbaijani or Turkish ending: "Susan" is Şuşa with one, once the marks are off."""
    return mention.language in {"az", "tr"} and mention.tail != ""


def _of_region(mention: Mentioning) -> bool:
    # Of a people and what it does ("tschetschenischer Kämpfer") the first part of the id is the body, whatever the code of the whole.
    bodies = {(mention.code or "").partition(".")[0], mention.entry.id.partition(":")[0]}
    return mention.entry.watched or not bodies.isdisjoint(WATCHED)
