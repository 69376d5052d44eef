"""The files of tests/data/feeds, each named by its flaw, and small builders for what the fetcher's tests speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from schemas.article_fetched import OutletRef
from schemas.vocabulary import FeedScope
from services.fetcher.core.entries import Candidate, FeedFacts, candidates
from services.fetcher.core.parsed import ParsedEntry, ParsedFeed
from services.fetcher.core.parsing import parse_feed

FOLDER = Path(__file__).parents[2] / "data" / "feeds"
NOON = datetime(2023, 9, 19, 12, 0, tzinfo=UTC)


def body_of(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def feed_of(name: str, content_type: str = "application/xml") -> ParsedFeed:
    """The feed in a file; the test fails where it is none."""
    parsed = parse_feed(body_of(name), content_type=content_type, address="https://wire.example/rss")
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed


def entry_of(name: str, content_type: str = "application/xml") -> ParsedEntry:
    (entry,) = feed_of(name, content_type).entries
    return entry


def a_feed(
    feed_id: str = "wire-en",
    *,
    scope: FeedScope = FeedScope.REGION,
    timezone: str = "Asia/Yerevan",
    content: str = "unknown",
    aggregator: bool = False,
) -> FeedFacts:
    return FeedFacts(
        feed_id, OutletRef(id="wire", name="Border Wire", family="wire", country="ARM"), scope, "en", timezone, content, aggregator
    )


def an_entry(
    link: str | None = "https://wire.example/news/1",
    *,
    title: str = "Fire near Lachin",
    text: str = "Two were wounded.",
    date: str = "Tue, 19 Sep 2023 14:00:00 +0400",
    guid: str = "",
) -> ParsedEntry:
    return ParsedEntry(link=link, guid=guid, title=title, text=text, dates=(date,) if date else ())


def a_candidate(entry: ParsedEntry | None = None, feed: FeedFacts | None = None, now: datetime = NOON) -> Candidate:
    (found,) = candidates([entry or an_entry()], feed or a_feed(), now)
    assert isinstance(found, Candidate), found
    return found


@dataclass(frozen=True)
class Named:
    id: str
    watched: bool


@dataclass(frozen=True)
class Mentioned:
    entry: Named
    surface: str
    code: str | None = None
    tail: str = ""
    language: str = ""


def finds(*words: str) -> object:
    """A stand-in for the region's automaton that knows these words only; the real one has tests of its own."""

    def find(text: str) -> Sequence[Mentioned]:
        return [Mentioned(Named(word.lower(), watched=True), word) for word in words if word in text]

    return find
