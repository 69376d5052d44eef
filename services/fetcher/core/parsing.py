"""A body of bytes as the entries of a feed, or the name of what it is instead.

This runs in a worker process under a limit on its CPU time (adapters.parser_process), because no check beforehand finds
every body that makes a parser run away. Nothing leaves it but values: valid text without NUL and lone surrogates,
absolute http(s) links, dates as they were written.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.vocabulary import PollReason
from services.fetcher.core.addresses import absolute, canonical, unescaped
from services.fetcher.core.cleaning import body_text, plain_text, title_text, valid
from services.fetcher.core.cutting import cut_feed
from services.fetcher.core.documents import FEED_ROOTS, document_of, instead, root_of, surely_none, tidied
from services.fetcher.core.encodings import decoded, looks_wide, repaired, unpacked
from services.fetcher.core.jsonfeed import JsonItem, read_json_feed
from services.fetcher.core.parsed import MOST_ENTRIES, ParsedEntry, ParsedFeed, ParseFailure

LONG = 1_000_000
"""Characters from which a feed may hold more entries than are wanted, and too many to be parsed in time."""
MOST_BYTES = 50_000_000
LONGEST_DATE = 200
LONGEST_GUID = 500
LONGER = 20
"""Characters that another form of the site's address may have more: a scheme, `www.`, a tracking parameter."""
SHOWN = 160
"""Characters of a body that is no feed, shown to whoever mends it."""

FEED_BYTES = re.compile(rb"<(?:rss|feed|rdf|channel|item|entry)\b", re.IGNORECASE)
DATES = ("published", "updated", "created", "issued", "date")


def parse_feed(body: bytes, *, content_type: str = "", address: str = "", at_most: int = MOST_ENTRIES) -> ParsedFeed | ParseFailure:
    """The feed in `body`, or what it is instead; never raises. `address` is where it came from, for relative links."""
    try:
        body = unpacked(body)
        parsed = _parsed(decoded(body, content_type), len(body), address, at_most)
        if (isinstance(parsed, ParseFailure) or not parsed.entries) and looks_wide(body) and FEED_BYTES.search(body):
            # It looked like UTF-16 at its beginning and is not: what can be read without the zeros is read.
            return _parsed(body.replace(b"\x00", b"").decode("utf-8", "ignore"), len(body), address, at_most)
    except Exception as fault:  # noqa: BLE001 - no body at all may end the worker, whatever its parser trips over
        return ParseFailure(PollReason.NOT_A_FEED, f"{type(fault).__name__}: {fault}"[:SHOWN])
    return parsed


def _parsed(text: str, size: int, address: str, at_most: int) -> ParsedFeed | ParseFailure:
    text = tidied(repaired(text))
    if not text:
        return ParseFailure(PollReason.EMPTY_BODY, f"{size} bytes")
    found = _of_json(text, address, at_most) if text[0] in "{[" else None
    if found is not None:
        return found
    root = root_of(text)
    text, left_out = _first(text, at_most) if len(text) > LONG else (text, 0)
    document = {} if surely_none(text, root) else document_of(text, address)
    entries = document.get("entries") or []
    if not document.get("version") and not entries and root not in FEED_ROOTS:
        return ParseFailure(instead(text, root), " ".join(text[: SHOWN * 4].split())[:SHOWN])
    channel: dict[str, Any] = document.get("feed") or {}
    base = address or _own_address(channel)
    site = absolute(unescaped(valid(_text(_raw(channel, "link"))).strip()), base)
    return ParsedFeed(
        entries=tuple(_entry(entry, base, site) for entry in entries[:at_most]),
        title=title_text(_text(channel.get("title"))),
        language=_language(channel.get("language")),
        ttl=_ttl(channel),
        cut=left_out + max(0, len(entries) - at_most),
    )


def _first(text: str, at_most: int) -> tuple[str, int]:
    """A long feed with its first entries alone, where that can be told without parsing it, and how many were left out."""
    cut = cut_feed(text.encode("utf-8", "replace"), largest=MOST_BYTES, most_elements=MOST_BYTES)
    if cut is None or len(cut.entries) <= at_most:
        return text, 0
    return cut.only(range(at_most)).decode("utf-8"), len(cut.entries) - at_most


def _of_json(text: str, address: str, at_most: int) -> ParsedFeed | None:
    """The JSON Feed in the text; None where it is JSON of another kind, or none."""
    found = read_json_feed(text)
    if found is None:
        return None
    base = address or found.address
    return ParsedFeed(
        entries=tuple(_json_entry(item, base) for item in found.items[:at_most]),
        title=title_text(found.title),
        language=_language(found.language),
        cut=max(0, len(found.items) - at_most),
    )


def _json_entry(item: JsonItem, base: str) -> ParsedEntry:
    title = title_text(item.title)
    text = max((*(body_text(markup) for markup in item.markup), *(plain_text(words) for words in item.plain)), key=len, default="")
    links = (absolute(unescaped(valid(link).strip()), base) for link in item.links if link.strip())
    return ParsedEntry(
        link=next((link for link in links if link), None),
        guid=valid(item.id)[:LONGEST_GUID],
        title=title,
        text="" if " ".join(text.split()) == title else text,
        dates=tuple(dict.fromkeys(valid(date)[:LONGEST_DATE].strip() for date in item.dates)),
    )


def _own_address(channel: Mapping[str, Any]) -> str:
    """What the feed says of its own address, or of the page it belongs to: the base of its links where nothing else is known."""
    links = _raw(channel, "links")
    own = [
        _text(link.get("href"))
        for link in (links if isinstance(links, list) else ())
        if isinstance(link, Mapping) and link.get("rel", "alternate") in {"self", "alternate"}
    ]
    found = (absolute(valid(candidate).strip()) for candidate in (*own, _text(_raw(channel, "link"))))
    return next((address for address in found if address), "")


def _entry(entry: dict[str, Any], address: str, site: str | None) -> ParsedEntry:
    link = _link(entry, address)
    title = title_text(_text(_raw(entry, "title")))
    text = max((body_text(markup) for markup in _bodies(entry)), key=len, default="")
    source = _raw(entry, "source")
    source = source if isinstance(source, Mapping) else {}
    return ParsedEntry(
        link=link,
        guid=valid(_text(_raw(entry, "id")))[:LONGEST_GUID],
        title=title,
        # Feeds of titles repeat the title as description: that is no text.
        text="" if " ".join(text.split()) == title else text,
        dates=tuple(dict.fromkeys(valid(_text(_raw(entry, name)))[:LONGEST_DATE].strip() for name in DATES if _raw(entry, name))),
        fallback=_fallback(entry),
        source=title_text(_text(source.get("title"))),
        source_url=absolute(_text(source.get("href") or source.get("link") or source.get("url")), address),
        # The address of a site is short: most links need no comparison of their canonical forms.
        of_site=link is not None and site is not None and len(link) < len(site) + LONGER and canonical(link) == canonical(site),
    )


def _bodies(entry: dict[str, Any]) -> Iterable[str]:
    summary = _text(_raw(entry, "summary"))
    if summary:
        yield summary
    content = _raw(entry, "content")
    for part in content if isinstance(content, list) else ():
        value = _text(part.get("value")) if isinstance(part, Mapping) else ""
        if value and value != summary:
            yield value


def _link(entry: dict[str, Any], address: str) -> str | None:
    """The address of the article: the link before a redirector's, else an alternate one, else a guid that is an address."""
    links = _raw(entry, "links")
    alternates = [
        _text(link.get("href"))
        for link in (links if isinstance(links, list) else ())
        if isinstance(link, Mapping) and link.get("rel", "alternate") == "alternate"
    ]
    guid = _text(_raw(entry, "id"))
    candidates = [_text(_raw(entry, "feedburner_origlink")), _text(_raw(entry, "link")), *alternates]
    if guid.lower().startswith(("http://", "https://")):
        candidates.append(guid)
    else:
        # Where an entry has no link, feedparser offers the guid as one, be it an address or any other word.
        candidates = [candidate for candidate in candidates if candidate != guid]
    resolved = (absolute(unescaped(valid(candidate).strip()), address) for candidate in candidates if candidate.strip())
    return next((link for link in resolved if link), None)


def _fallback(entry: dict[str, Any]) -> datetime | None:
    for name in DATES:
        parsed = _raw(entry, f"{name}_parsed")
        if isinstance(parsed, tuple):
            try:
                return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
            except (ValueError, OverflowError, OSError, TypeError):
                continue
    return None


def _language(value: object) -> str | None:
    code = _text(value).strip().lower().replace("_", "-").split("-")[0]
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None


def _ttl(channel: dict[str, Any]) -> int | None:
    minutes = _text(_raw(channel, "ttl")).strip()
    return int(minutes) * 60 if re.fullmatch(r"\d{1,6}", minutes) and int(minutes) > 0 else None


def _raw(values: Mapping[str, Any], name: str) -> object:
    """What stands under this very name: feedparser's own look-up gives one date for another."""
    return dict.get(values, name) if isinstance(values, dict) else None


def _text(value: object) -> str:
    """What feedparser gives where it gives text; for anything else nothing."""
    return value if isinstance(value, str) else ""
