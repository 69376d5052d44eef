"""How the command shows what became of an article: one heading a stage, and under it what that stage made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from rich.console import Console
from rich.text import Text

from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, open_engine, transaction
from services.runtime.settings import WatchSettings
from services.standalone.commanding import DONE, FAULTS, WRONG_USE, print_line, say
from services.standalone.database import database_url
from services.standalone.tracing import Row, Trace, as_json, trace

SHOWN = 20
"""Claims of one article that are shown; the others are counted."""


async def trace_article(console: Console, address: str, *, as_lines: bool) -> int:
    """Print the trace of the article at the address; 0, 1 where no stage ever had it, 2 where the address is none.

    Raises:
        SettingsFault: no database is named, or a setting is wrong.
    """
    engine = open_engine(database_url(WatchSettings.load()), application="caucasus-watch trace")
    try:
        async with transaction(engine) as connection:
            found = await trace(connection, address)
    except (DatabaseUnavailable, DatabaseUnfit) as fault:
        say(f"the database does not answer: {fault}; `caucasus-watch doctor` tells more")
        return FAULTS
    finally:
        await engine.dispose()
    if found is None:
        say(f"{address!r} is neither the address nor the id of an article: write https://…")
        return WRONG_USE
    if as_lines:
        print_line(as_json(found))
    else:
        for line in lines_of(found):
            console.print(line, highlight=False, soft_wrap=True)
    return DONE if found.known else FAULTS


def lines_of(found: Trace) -> Iterator[Text]:
    """The trace, line by line."""
    yield Text(found.canonical or found.article_id, style="bold")
    yield Text(f"article {found.article_id}", style="dim")
    yield from _stage("fetched", _fetched(found))
    yield from _stage("classified", _classified(found))
    yield from _stage("claims", _claims(found))
    yield from _stage("decided", _decided(found))
    yield from _stage("alerts", _alerts(found))


def _stage(name: str, lines: Iterator[str]) -> Iterator[Text]:
    for place, line in enumerate(lines):
        yield Text.assemble((f"{name if place == 0 else '':<12}", "bold"), line)


def _fetched(found: Trace) -> Iterator[str]:
    entry = found.entry
    if entry is None:
        yield "no feed ever brought it"
        for feed in found.feeds:
            state = "retired" if feed["retired_at"] else feed["state"] if feed["enabled"] else "off"
            yield f"feed of this site: {feed['id']} ({state}, last polled {_time(feed['last_polled_at'])}) {feed['url']}"
        if not found.feeds and found.canonical:
            yield "no feed of this site is in the list: `caucasus-watch feeds add URL` adds one"
        return
    yield f"{entry['reason']} by feed {entry['feed_id']} ({entry['feed_scope']}), outlet {entry['outlet_name'] or entry['outlet_id']}"
    yield f"title      {entry['title'] or 'none'}"
    yield f"published  {_time(entry['published_at'])}"
    yield f"first seen {_time(entry['first_seen_at'])}, last {_time(entry['last_seen_at'])}"
    if entry["detail"]:
        yield f"detail     {entry['detail']}"
    for revision in found.revisions:
        yield f"revision   {_time(revision['fetched_at'])} text of the {revision['text_source']}: {revision['title']}"


def _classified(found: Trace) -> Iterator[str]:
    article = found.article
    if article is None:
        yield "not yet" if found.entry is not None and found.entry["reason"] in {"published", "revised"} else "never"
        return
    yield f"{article['reason']} at {_time(article['classified_at'])}, language {article['language']}, " + (
        "concerns the region" if article["relevant"] else "does not concern the region"
    )
    if article["copy_of"] is not None:
        yield f"copy of {article['copy_of_outlet']}: {article['copy_of_url']}"
    elif article["origin"]:
        yield f"its text comes from {article['origin']}"
    if article["story"] is not None:
        yield f"story {article['story']}, begun {_time(article['story_began_at'])}: {article['story_title']}"
    for copy in found.copies:
        yield f"copied by {copy['outlet_name']}, {_time(copy['published_at'])}: {copy['url']}"


def _claims(found: Trace) -> Iterator[str]:
    if found.article is None:
        return
    for claim in found.claims[:SHOWN]:
        yield f"{_figure(claim)}: “{claim['quote']}”"
    for truce in found.truces[:SHOWN]:
        parties = f" between {', '.join(truce['parties'])}" if truce["parties"] else ""
        now = "" if truce["current"] else ", of another time"
        yield f"ceasefire {truce['status']}{parties}{now}, says {truce['claimant'] or 'the outlet'}: “{truce['quote']}”"
    left = max(0, len(found.claims) - SHOWN) + max(0, len(found.truces) - SHOWN)
    if left:
        yield f"and {left} more"
    if not found.claims and not found.truces:
        yield "none"


def _figure(claim: Row) -> str:
    low, high = claim["low"], claim["high"]
    number = str(low) if low == high else f"{'?' if low is None else low} to {'?' if high is None else high}"
    of = " ".join(part for part in (claim["side"], claim["group"]) if part)
    marks = [word for word, is_so in (("subset", claim["subset"]), ("of another time", not claim["current"])) if is_so]
    return ", ".join([f"{claim['effect']} {number} ({claim['bound']}) {of}".rstrip(), f"says {claim['claimant'] or 'the outlet'}", *marks])


def _decided(found: Trace) -> Iterator[str]:
    for decision in found.decisions:
        verdicts = Counter(str(verdict.get("reason")) for verdict in decision["detail"].get("verdicts", ()))
        told = ", ".join(f"{count} × {reason}" for reason, count in verdicts.items())
        yield f"{decision['reason']} at {_time(decision['decided_at'])}" + (f": {told}" if told else "")
    if not found.decisions:
        yield "not yet" if found.article is not None and found.article["relevant"] else "never"


def _alerts(found: Trace) -> Iterator[str]:
    for alert in found.alerts:
        yield f"{alert['severity']} {alert['reason']} at {_time(alert['raised_at'])}: {alert['headline']}"
        for delivery in found.deliveries:
            if delivery["alert_id"] == alert["id"]:
                yield f"  {_delivery(delivery)}"
    if not found.alerts:
        yield "none"


def _delivery(delivery: Row) -> str:
    when = f" at {_time(delivery['delivered_at'])}" if delivery["delivered_at"] else ""
    tries = f", tried {delivery['attempts']} times" if delivery["attempts"] > 1 else ""
    why = f", {delivery['last_error']}" if delivery["last_error"] and not delivery["delivered_at"] else ""
    held = f", held: {delivery['held_reason']}" if delivery.get("held_reason") else ""
    return f"{delivery['state']} to {delivery['channel']} {delivery['target']}{when}{tries}{why}{held}"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment is not None else "unknown"
