"""`feeds parse`: files through the parse step of the service, one JSON line each."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.vocabulary import PollReason
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.core.dates import published
from services.fetcher.core.entries import identity
from services.fetcher.core.parsed import MOST_ENTRIES, ParsedEntry, ParseFailure
from services.fetcher.settings import FetcherSettings
from services.standalone.commanding import DONE, FAULTS, WRONG_USE, print_line, say

UNREADABLE = "unreadable"
EVERY = 100_000
"""Entries of one file at most: a file is read whole where a poll stops at the first ones."""
ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)\b", re.IGNORECASE)
AHEAD = 8
"""Files that are under way at a time, so that no worker waits for the printing."""


async def parse_files(names: Sequence[str], *, address: str, content_type: str, timezone: str) -> int:
    """Print a line for each file in their order; 0, 1 where one could not be read, 2 where the zone is none.

    Raises:
        SettingsFault: a setting is wrong.
    """
    settings = FetcherSettings.load()
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        say(f"there is no time zone {timezone!r}: write one such as Asia/Yerevan")
        return WRONG_USE
    code = DONE
    async with ParserPool(settings.parsers, parse_seconds=settings.parse_seconds) as parsers:
        under_way: deque[asyncio.Task[dict[str, Any]]] = deque()
        for name in [*_named(names), *([None] * AHEAD)]:
            if name is not None:
                under_way.append(asyncio.create_task(_parsed(name, parsers, zone, address, content_type)))
            if len(under_way) > AHEAD or (name is None and under_way):
                line = await under_way.popleft()
                code = FAULTS if line["failure"] == UNREADABLE else code
                print_line(line)
    return code


def _named(names: Sequence[str]) -> Iterator[str]:
    """The names of files, those on standard input in the place of a `-`: one a line, for more than a command line holds."""
    for name in names:
        if name == "-":
            yield from (os.fsdecode(line) for line in sys.stdin.buffer.read().splitlines() if line)
        else:
            yield name


async def _parsed(name: str, parsers: ParserPool, zone: ZoneInfo, address: str, content_type: str) -> dict[str, Any]:
    shown = os.fsencode(name).decode("utf-8", "replace")
    try:
        body = await asyncio.to_thread(Path(name).read_bytes)
    except OSError as fault:
        say(f"{shown}: it cannot be read: {fault.strerror}")
        return {"file": shown, "failure": UNREADABLE, "entries": []}
    parsed = await parsers.feed(body, content_type=content_type, address=address, at_most=EVERY)
    if isinstance(parsed, ParseFailure) and parsed.reason is PollReason.PARSE_ABORTED and len(ENTRY.findall(body)) > MOST_ENTRIES:
        # Too many for the time that a parse may take: then as many as the service would read.
        parsed = await parsers.feed(body, content_type=content_type, address=address)
    if isinstance(parsed, ParseFailure):
        return {"file": shown, "failure": parsed.reason, "entries": []}
    now = datetime.now(UTC)
    return {"file": shown, "failure": None, "entries": [_line(entry, zone, now) for entry in parsed.entries]}


def _line(entry: ParsedEntry, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    known = identity(entry)
    at = published(entry.dates, zone=zone, now=now, fallback=entry.fallback).at
    return {
        "title": entry.title,
        "link": entry.link,
        "id": known[0] if known else None,
        "published_at": at.isoformat() if at else None,
        "text": entry.text,
    }
