"""How the command shows feeds: the list as a table, one feed explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from schemas.vocabulary import EntryNote
from services.fetcher.core.feedlist import FeedListFault
from services.fetcher.inspection import EntryReport, FeedLine, FeedReport, feeds_check, feeds_list
from services.fetcher.settings import FetcherSettings
from services.standalone.commanding import plain, print_line

NAMES = 4
DATED = frozenset({EntryNote.DATE_UNREADABLE, EntryNote.DATE_FUTURE, EntryNote.DATE_ABSURD, EntryNote.ZONE_ASSUMED, EntryNote.ZONE_WRONG})
"""What is wrong with a date, told with the date as the feed writes it."""
SHOWN = 12
"""Entries of one feed that are shown; the others are counted."""


def list_feeds(console: Console, *, every: bool, as_json: bool = False) -> int:
    """Print the feeds that are on, or every one with the reason why it is off; 0, or 2 where the list is wrong.

    Raises:
        SettingsFault: a setting is wrong.
    """
    try:
        feeds = feeds_list(FetcherSettings.load())
    except FeedListFault as fault:
        console.print(f"[red]{escape(str(fault))}[/]")
        return 2
    shown = [feed for feed in feeds if every or feed.enabled]
    if as_json:
        for feed in shown:
            print_line(asdict(feed))
        return 0
    console.print(_table(shown))
    on = sum(1 for feed in feeds if feed.enabled)
    console.print(
        f"{on} of {len(feeds)} feeds are on" + ("" if every else "; --all shows the others and why they are off"), highlight=False
    )
    return 0


def _table(feeds: Sequence[FeedLine]) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in ("feed", "outlet", "country", "lang", "scope", "state"):
        table.add_column(name, overflow="fold")
    for feed in feeds:
        state = "on" if feed.enabled else f"off: {feed.reason}"
        table.add_row(
            feed.id,
            escape(feed.outlet),
            feed.country or "",
            feed.language or "",
            feed.scope,
            Text(state, style="" if feed.enabled else "dim"),
        )
    return table


async def check_feed(console: Console, address: str, *, as_json: bool = False) -> int:
    """Fetch one feed once and explain it; 0 where it is a feed, 1 where not, 2 where the list of feeds is wrong.

    Raises:
        SettingsFault: a setting is wrong.
    """
    try:
        report = await feeds_check(address, FetcherSettings.load())
    except FeedListFault as fault:
        console.print(f"[red]{escape(str(fault))}[/]")
        return 2
    if as_json:
        print_line(plain(asdict(report) | {"counts": report.counts}))
        return 0 if report.good else 1
    for line in _lines(report):
        if isinstance(line, Text):
            console.print(line, highlight=False, no_wrap=True, overflow="ellipsis")
        else:
            console.print(line, highlight=False)
    return 0 if report.good else 1


def _lines(report: FeedReport) -> list[str | Text]:
    mark = "[green]feed[/]" if report.good else f"[red]{report.reason}[/]"
    status = f"HTTP {report.status}, " if report.status is not None else ""
    lines: list[str | Text] = [
        f"{mark}  {escape(report.url)}",
        f"[dim]{status}{report.size:,} bytes, {report.seconds:.1f} s, {escape(report.content_type or 'no type named')}[/]",
    ]
    if report.detail:
        lines.append(escape(report.detail))
    if report.moved_to:
        lines.append(f"It has moved to {escape(report.moved_to)}")
    if not report.good:
        lines += [f"the page names a feed: {escape(address)}" for address in report.named]
        return [*lines, f"[bold]{escape(report.advice)}[/]"] if report.advice else lines
    lines.append(
        f"“{escape(report.title)}”, {len(report.entries)} entries; "
        + ("answers conditional requests" if report.conditional else "sends no validators: each poll brings the whole body")
    )
    lines.append(", ".join(f"{count} {reason}" for reason, count in report.counts.items()))
    dated = sorted(entry.published_at for entry in report.entries if entry.published_at)
    if dated:
        lines.append(
            f"dates from {dated[0]:%d %b %Y %H:%M} to {dated[-1]:%d %b %Y %H:%M} UTC, {len(report.entries) - len(dated)} without one"
        )
    for entry in report.entries[:SHOWN]:
        when = f"{entry.published_at:%d %b %Y %H:%M}" if entry.published_at else "no date          "
        lines.append(Text(f"  {when}  {entry.reason:12} {entry.title}", no_wrap=True, overflow="ellipsis"))
        lines.append(Text(f"{'':21}{', '.join(_told(entry))}", style="dim"))
    if len(report.entries) > SHOWN:
        lines.append(f"[dim]  and {len(report.entries) - SHOWN} more[/]")
    return lines


def _told(entry: EntryReport) -> Iterator[str]:
    """What there is to say of one entry."""
    yield f"{entry.characters:,} characters" if entry.characters else "no text"
    for note in entry.notes:
        yield f"{note}: {entry.written}" if note in DATED else str(note)
    if entry.keywords:
        more = len(entry.keywords) - NAMES
        yield "names " + " ".join(entry.keywords[:NAMES]) + (f" and {more} more" if more > 0 else "")
