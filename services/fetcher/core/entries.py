"""What becomes of each entry of a feed: new, revised, known, or dropped, and why. Pure: all that is known is an argument.

An entry is the article at its canonical address, whatever its guid says (`core.moved` tells where an article has come back
under another). The feed that brought it first keeps it: its
changes are revisions, other feeds that carry the same article change nothing. What was dropped for want of a keyword is
taken when another feed, or a changed text, gives it one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote
from zoneinfo import ZoneInfo

import xxhash

from schemas.article_fetched import ArticleFetched, OutletRef
from schemas.vocabulary import EntryNote, FeedScope, FetchReason
from services.fetcher.core.addresses import absolute, article_id, site_of, tidy
from services.fetcher.core.dates import calls_local_time_utc, published
from services.fetcher.core.keywords import Finder, Match, matched
from services.fetcher.core.pagetext import NO_HINTS, Hints
from services.fetcher.core.parsed import ParsedEntry

DROPPED = frozenset({FetchReason.NO_KEYWORD, FetchReason.NO_COMPANY})
"""Reasons of entries that were put aside and may still be wanted."""
WANTED = frozenset({FetchReason.PUBLISHED, FetchReason.REVISED})
MARKED = 120
"""Characters from which on a text is that of one article alone."""
LONGEST_GUID = 300
CUT = ("...", "…", "[…]", "[...]")


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What of a feed and its outlet its entries need."""

    id: str
    outlet: OutletRef
    scope: FeedScope = FeedScope.REGION
    language: str | None = None
    timezone: str = "UTC"
    content: str = "unknown"
    aggregator: bool = False
    page: Hints = NO_HINTS
    publishers: Mapping[str, OutletRef] = field(default_factory=dict)
    """The outlets of the whole list, by their site and by their name in small letters: whom an aggregator quotes."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of an article. `fingerprint` is of what its feed last showed, not of the page."""

    feed_id: str
    fingerprint: str
    reason: FetchReason


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry as an article: `text` is the feed's until the page's takes its place (`text_source`)."""

    article_id: str
    url: str
    title: str
    text: str
    published_at: datetime | None
    outlet: OutletRef
    fingerprint: str
    text_source: str = "feed"
    keywords: tuple[str, ...] = ()
    notes: tuple[EntryNote, ...] = ()
    link: str = ""
    """The address as the feed gives it, made absolute."""
    guid: str = ""
    """What the feed calls the entry, where that is not its address."""
    mark: str = ""
    """Of the feed's text, where it is long enough to be that of one article alone."""

    def with_page(self, text: str) -> Candidate:
        """The same article with the text of its page, its title not repeated at the top."""
        first, _, rest = text.partition("\n\n")
        return replace(self, text=rest if rest and " ".join(first.split()) == self.title else text, text_source="page")

    def noted(self, *notes: EntryNote) -> Candidate:
        """The same with something more to say of it."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one entry. `candidate` is None where the entry has no identity."""

    reason: FetchReason
    candidate: Candidate | None
    previous: str | None = None
    """Fingerprint that the store had; the write makes sure that it is still the same."""
    detail: str = ""


def revision_of(title: str, text: str) -> str:
    """The SHA-256, in hex, that tells one revision of an article from another."""
    return sha256(f"{title}\x1f{text}".encode("utf-8", "replace")).hexdigest()


def mark_of(text: str) -> str:
    """A mark by which the same text is known again; empty for a short one, which may stand under many titles."""
    return xxhash.xxh3_64_hexdigest(text.encode("utf-8", "replace")) if len(text) >= MARKED else ""


def candidates(entries: Sequence[ParsedEntry], feed: FeedFacts, now: datetime) -> tuple[Candidate | FetchReason, ...]:
    """Each entry as an article with identity and date, or the reason why it can be none."""
    zone = ZoneInfo(feed.timezone)
    utc_is_local = any(calls_local_time_utc(entry.dates, zone=zone, now=now) for entry in entries)
    seen: set[str] = set()
    found: list[Candidate | FetchReason] = []
    for entry in entries:
        candidate = _candidate(entry, feed, now, utc_is_local=utc_is_local)
        if isinstance(candidate, Candidate):
            if candidate.article_id in seen:
                candidate = FetchReason.REPEATED
            else:
                seen.add(candidate.article_id)
        found.append(candidate)
    return tuple(found)


def decide(found: Sequence[Candidate | FetchReason], feed: FeedFacts, known: Mapping[str, Known], find: Finder) -> tuple[Verdict, ...]:
    """One verdict for each entry, in their order. `known` holds what the store has of these articles, by id."""
    return tuple(_verdict(one, feed, known, find) for one in found)


def wants_page(candidate: Candidate, feed: FeedFacts, policy: str, short: int) -> bool:
    """Whether the article's page is to be read: always, never, or when the feed's text is short or visibly cut."""
    if policy == "never" or feed.content == "links" or feed.aggregator:
        return False
    if policy == "always":
        return True
    return len(candidate.text) < short or candidate.text.endswith(CUT)


def settled(verdict: Verdict, feed: FeedFacts, find: Finder) -> Verdict:
    """The verdict once the page was read: its text may hold the keyword that the summary lacked, and names to pass on."""
    candidate = verdict.candidate
    if candidate is None or verdict.reason not in WANTED or candidate.text_source == "feed":
        return verdict
    match = matched(find, feed.scope, candidate.title, candidate.text)
    return replace(verdict, candidate=replace(candidate, keywords=tuple(dict.fromkeys((*candidate.keywords, *match.words)))))


def oldest_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """In the order of publication, so that a later figure comes later; feeds have the newest on top, which orders the undated."""
    upwards = verdicts[::-1]
    dates = [verdict.candidate.published_at for verdict in upwards if verdict.candidate and verdict.candidate.published_at]
    latest = max(dates, default=None)
    if latest is None:
        return list(upwards)
    return sorted(upwards, key=lambda verdict: (verdict.candidate.published_at if verdict.candidate else None) or latest)


def fetched(candidate: Candidate, feed: FeedFacts, now: datetime) -> ArticleFetched:
    """The event that tells of the article."""
    return ArticleFetched(
        article_id=candidate.article_id,
        revision=revision_of(candidate.title, candidate.text),
        url=candidate.url,
        title=candidate.title,
        text=candidate.text,
        published_at=candidate.published_at,
        fetched_at=now,
        outlet=candidate.outlet,
        feed_id=feed.id,
        language_hint=feed.language,
        text_source="page" if candidate.text_source == "page" else "feed",
        keywords=candidate.keywords,
    )


def identity(entry: ParsedEntry) -> tuple[str, str] | None:
    """The id of the article that an entry is, and its address; None where it has neither link nor address.

    Where every entry has the link of the whole site, its guid says which article it is.
    """
    if entry.link is None:
        return None
    if not entry.of_site or not entry.guid:
        return article_id(entry.link), tidy(entry.link)
    own = absolute(entry.guid) if entry.guid.startswith(("http://", "https://")) else None
    if own is not None:
        return article_id(own), tidy(own)
    return article_id(f"{entry.link.partition('#')[0]}#!{quote(entry.guid)}"), tidy(entry.link)


def _candidate(entry: ParsedEntry, feed: FeedFacts, now: datetime, *, utc_is_local: bool) -> Candidate | FetchReason:
    found = identity(entry)
    if found is None or entry.link is None:
        return FetchReason.NO_LINK
    # What stands under a headline in a feed of links is other headlines, or the same one again.
    text = "" if feed.content == "links" else entry.text
    if not entry.title and not text:
        return FetchReason.NO_TEXT
    dating = published(entry.dates, zone=ZoneInfo(feed.timezone), now=now, fallback=entry.fallback, utc_is_local=utc_is_local)
    notes = [
        *([dating.note] if dating.note else []),
        *([EntryNote.NO_TITLE] if not entry.title else []),
        *([EntryNote.NO_TEXT] if not text else []),
    ]
    outlet, title = _publisher(entry, feed)
    return Candidate(
        article_id=found[0],
        url=found[1],
        title=title,
        text=text,
        published_at=dating.at,
        outlet=outlet,
        fingerprint=revision_of(title, text),
        notes=tuple(notes),
        link=entry.link,
        guid="" if absolute(entry.guid) == entry.link else entry.guid[:LONGEST_GUID],
        mark=mark_of(text),
    )


def _publisher(entry: ParsedEntry, feed: FeedFacts) -> tuple[OutletRef, str]:
    """The true publisher of an entry of an aggregator, and the title without its name at the end."""
    if not feed.aggregator or not entry.source:
        return feed.outlet, entry.title
    name = entry.source
    known = feed.publishers.get(site_of(entry.source_url)) if entry.source_url else None
    known = known or feed.publishers.get(name.casefold()) or OutletRef(id=_slug(name), name=name, family=_slug(name))
    return known, entry.title.removesuffix(f" - {name}").strip() or entry.title


def _slug(name: str) -> str:
    plain = "-".join(part for part in "".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
    return plain[:63] or "unnamed"


def _verdict(one: Candidate | FetchReason, feed: FeedFacts, known: Mapping[str, Known], find: Finder) -> Verdict:
    if not isinstance(one, Candidate):
        return Verdict(one, None)
    before = known.get(one.article_id)
    if before is None:
        return _judged(one, feed, find, None)
    same_feed = before.feed_id == feed.id
    if same_feed and before.fingerprint == one.fingerprint:
        # What was not wanted is not wanted now, with the same words in the same feed.
        return Verdict(FetchReason.UNCHANGED, one, before.fingerprint)
    if before.reason in DROPPED:
        verdict = _judged(one, feed, find, before.fingerprint)
        return verdict if same_feed or verdict.reason is FetchReason.PUBLISHED else replace(verdict, reason=FetchReason.KNOWN_ELSEWHERE)
    if not same_feed:
        return Verdict(FetchReason.KNOWN_ELSEWHERE, one, before.fingerprint, detail=before.feed_id)
    # What the desk has been shown is followed further, whatever words the new text holds.
    match = matched(find, FeedScope.REGION, one.title, one.text)
    return Verdict(FetchReason.REVISED, replace(one, keywords=match.words), before.fingerprint)


def _judged(one: Candidate, feed: FeedFacts, find: Finder, previous: str | None) -> Verdict:
    """Whether an article that nobody was shown yet is wanted."""
    match: Match = matched(find, feed.scope, one.title, one.text)
    candidate = replace(one, keywords=match.words)
    if not match.kept:
        return Verdict(FetchReason.NO_COMPANY if match.words else FetchReason.NO_KEYWORD, candidate, previous)
    return Verdict(FetchReason.PUBLISHED, candidate, previous, detail=" ".join(match.words))
