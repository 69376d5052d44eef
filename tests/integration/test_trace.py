"""`trace URL`: what became of an article at every stage, on a real Postgres, whatever form of its address is given."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas import tables
from schemas.vocabulary import FetchReason
from services.standalone.traceview import lines_of
from services.standalone.tracing import Trace, as_json, trace
from tests.rows import Row, a_claim, a_delivery, a_statement, a_story, a_truce_alert, an_alias, an_article, hour, named, put

pytestmark = pytest.mark.stack

FEED: tuple[Row, ...] = (
    Row(tables.outlets, {"id": "wire", "name": "Example Wire", "family": "wire"}),
    Row(tables.feeds, {"id": "wire-world", "outlet_id": "wire", "url": "https://wire.example/rss", "scope": "world"}),
)


def an_entry(name: str = "first", reason: FetchReason = FetchReason.PUBLISHED, detail: str | None = None) -> Row:
    values: dict[str, Any] = {
        "article_id": named(name),
        "feed_id": "wire-world",
        "outlet_id": "wire",
        "url": f"https://wire.example/{name}",
        "title": "Shells fall on Stepanakert",
        "published_at": hour(9),
        "first_seen_at": hour(9.1),
        "last_seen_at": hour(10),
        "revision": "first-text",
        "reason": reason,
        "detail": detail,
    }
    return Row(tables.entries, values)


async def traced(engine: AsyncEngine, address: str, *rows: Row) -> Trace:
    async with engine.begin() as connection:
        await put(connection, *rows)
    async with engine.connect() as connection:
        found = await trace(connection, address)
    assert found is not None
    return found


def told(found: Trace) -> str:
    return "\n".join(line.plain for line in lines_of(found))


@pytest.mark.parametrize(
    "address",
    [
        "https://wire.example/first",
        "http://www.wire.example/first/?utm_source=rss#comments",
        "https://m.wire.example/first/amp/",
        "wire.example/first",
        "https://www.google.com/amp/s/wire.example/first",
        "https://wire.example/first#section-2",
        named("first"),
    ],
)
async def test_every_form_of_the_address_leads_to_the_article(engine: AsyncEngine, address: str) -> None:
    found = await traced(engine, address, *FEED, an_entry())
    assert found.known
    assert found.entry is not None
    assert found.entry["reason"] == FetchReason.PUBLISHED


async def test_the_whole_way_of_an_article_is_told(engine: AsyncEngine) -> None:
    decision = {
        "article_id": named("first"),
        "revision": "first-text",
        "story_id": named("shelling"),
        "reason": "alerted",
        "decided_at": hour(9.3),
    }
    found = await traced(
        engine,
        "https://wire.example/first",
        *FEED,
        an_entry(detail="stepanakert nagorno-karabakh"),
        a_story(),
        a_story("war"),
        an_alias("shelling", of="war"),
        *an_article(),
        *an_article("retold", outlet="Other Wire", copy_of="first"),
        a_claim(),
        a_statement(),
        Row(tables.decisions, decision | {"detail": {"verdicts": [{"kind": "casualty", "index": 0, "reason": "alerted"}]}}),
        a_truce_alert("truce", "first", "agreed"),
        a_delivery("told", "truce", state="delivered", next_attempt_at=None, delivered_at=hour(9.4), attempts=2),
    )
    text = told(found)
    for words in (
        "published by feed wire-world (world), outlet Example Wire",
        "stepanakert nagorno-karabakh",
        "text of the feed",
        "classified at 2023-09-19 09:06:00 UTC, language en, concerns the region",
        f"story {named('war')}",
        "copied by Other Wire",
        "killed 5 (exact) NKR all, says NKR.GOV: “Five people were killed”",
        "ceasefire agreed between AZE, NKR, says NKR.GOV",
        "alerted at 2023-09-19 09:18:00 UTC: 1 × alerted",
        "critical ceasefire_agreed at 2023-09-19 09:12:00 UTC: Ceasefire agreed",
        "delivered to webhook the-desk at 2023-09-19 09:24:00 UTC, tried 2 times",
    ):
        assert words in text
    assert len(found.alerts) == 1
    assert len(found.deliveries) == 1
    assert as_json(found)["claims"][0]["low"] == 5


async def test_what_was_dropped_is_found_with_its_reason(engine: AsyncEngine) -> None:
    found = await traced(engine, "https://wire.example/storm", *FEED, an_entry("storm", FetchReason.NO_COMPANY, "georgia"))
    text = told(found)
    assert "no_company by feed wire-world" in text
    assert "georgia" in text
    assert "classified  never" in text


async def test_an_article_that_retells_another_names_it(engine: AsyncEngine) -> None:
    found = await traced(engine, "https://wire.example/retold", *FEED, a_story(), *an_article(), *an_article("retold", copy_of="first"))
    assert "copy of Example Wire: https://wire.example/first" in told(found)


async def test_an_article_that_no_feed_brought_names_the_feeds_of_its_site(engine: AsyncEngine) -> None:
    found = await traced(engine, "https://www.wire.example/unseen", *FEED)
    assert not found.known
    assert "no feed ever brought it" in told(found)
    assert "feed of this site: wire-world (new, last polled unknown) https://wire.example/rss" in told(found)
    elsewhere = await traced(engine, "https://elsewhere.example/1")
    assert "no feed of this site is in the list" in told(elsewhere)


async def test_what_is_no_address_is_none(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await trace(connection, "javascript:alert(1)") is None
