"""What a parser makes of a body: values alone, so that whoever handles them need not load the parsers (7 MB of a process)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import PollReason

MOST_ENTRIES = 2_000
"""Entries of one feed that are read."""


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry as the feed gives it. `link` is absolute or None; `dates` are as written, best first.

    `fallback` is what a general parser made of the dates (UTC), for forms that core.dates does not know. `source` and
    `source_url` name the true publisher inside an aggregator's feed.
    """

    link: str | None
    guid: str
    title: str
    text: str
    dates: tuple[str, ...] = ()
    fallback: datetime | None = None
    source: str = ""
    source_url: str | None = None
    of_site: bool = False
    """Whether the link is that of the whole site, as some feeds give it to every entry: it names no article."""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. `cut` entries past the limit were left out. `ttl` is the feed's own wish, in seconds."""

    entries: tuple[ParsedEntry, ...]
    title: str = ""
    language: str | None = None
    ttl: int | None = None
    cut: int = 0


@dataclass(frozen=True, slots=True)
class ParseFailure:
    """The body is no feed: by its name, and with the first words of it."""

    reason: PollReason
    detail: str = ""
