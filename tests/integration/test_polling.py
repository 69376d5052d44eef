"""Polling on a real Postgres: how feeds are told apart, moved, slowed and retired, and what is kept of their polls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO

import pytest
import sqlalchemy as sa
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import feed_memories, feeds, polls
from schemas.vocabulary import FeedState, PollReason
from services.fetcher.adapters.writing import KEPT_POLLS
from services.fetcher.core.standing import GONE_POLLS, HELD_POLLS, LOST_POLLS, TRUST
from services.standalone.feedstates import WELL, feed_states, table_of
from services.standalone.tracing import trace
from tests.integration.fetcher_desk import NEWS, Desk, a_desk, a_list, rss
from tests.unit.fetcher.local_server import LocalServer

pytestmark = pytest.mark.stack
DAY = timedelta(days=1)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


@pytest.fixture
async def desk(engine: AsyncEngine, server: LocalServer) -> AsyncIterator[Desk]:
    """The desk of one feed, /rss."""
    async with a_desk(engine, server, a_list(server, "/rss")) as made:
        yield made


async def test_the_last_polls_are_kept_and_no_more(desk: Desk, server: LocalServer) -> None:
    server.gives("/rss", rss(*NEWS))
    for _ in range(KEPT_POLLS + 5):
        await desk.poll()
    async with desk.engine.connect() as connection:
        kept = (await connection.execute(sa.select(polls.c.polled_at).order_by(polls.c.id))).scalars().all()
    assert (len(kept), kept[-1]) == (KEPT_POLLS, desk.clock.now())
    assert kept == sorted(kept)


async def test_each_state_stands_with_since_when(desk: Desk, server: LocalServer) -> None:
    seen: list[tuple[FeedState, bool]] = []
    began = desk.clock.now()

    async def then(**answer: object) -> None:
        server.gives("/rss", **answer)  # type: ignore[arg-type]  # Each call gives what the server's method takes.
        await desk.poll(after=DAY)
        row = (await desk.rows(feeds))["rss"]
        seen.append((FeedState(row.state), row.state_since == desk.clock.now()))

    await then(body=rss(*NEWS))
    await then(body=rss(*NEWS))
    await then(body=rss())
    await then(body="<html><title>Just a moment...</title></html>", content_type="text/html")
    await then(body="no", status=403)
    await then(body="<html><p>Welcome</p></html>", content_type="text/html")
    await then(body="oops", status=502)
    await then(body=rss(*NEWS))
    assert seen == [
        (FeedState.HEALTHY, True),
        (FeedState.UNCHANGED, True),
        (FeedState.EMPTY, True),
        (FeedState.BLOCKED, True),
        # Still blocked, in another way.
        (FeedState.BLOCKED, False),
        (FeedState.BROKEN, True),
        (FeedState.UNREACHABLE, True),
        (FeedState.UNCHANGED, True),
    ]
    assert desk.clock.now() > began
    reasons = [PollReason(row.reason) for row in sorted((await desk.rows(polls)).values(), key=lambda row: row.id)]
    assert reasons[3:7] == [PollReason.CHALLENGE, PollReason.REFUSED, PollReason.HTML_PAGE, PollReason.SERVER_ERROR]


async def test_a_feed_that_falls_silent_is_stale_and_asked_on(desk: Desk, server: LocalServer) -> None:
    server.gives("/rss", rss(*NEWS))
    await desk.poll()
    await desk.poll(after=timedelta(days=8))
    assert (await desk.rows(feeds))["rss"].state == FeedState.STALE
    server.gives("/rss", rss(("https://wire.example/4", "Shots near Goris", "One was hurt."), *NEWS))
    assert await desk.reason() is PollReason.FRESH


async def test_a_permanent_redirect_that_holds_changes_the_address(desk: Desk, server: LocalServer) -> None:
    server.gives("/rss", status=301, headers={"Location": "/new"})
    server.gives("/new", rss(*NEWS))
    for _ in range(HELD_POLLS):
        await desk.poll()
    server.asked.clear()
    await desk.poll()
    assert server.paths() == ["/new"]
    # The same list again changes nothing; another address in the list does.
    await desk.seed()
    await desk.poll()
    assert server.paths() == ["/new", "/new"]
    # Where the new address fails the old one is asked again.
    del server.scripts["/new"]
    server.gives("/rss", rss(*NEWS))
    for _ in range(LOST_POLLS):
        await desk.poll(after=DAY)
    assert await desk.reason(days=2) is PollReason.UNCHANGED
    assert server.paths()[-1] == "/rss"
    assert len(await desk.owed()) == 3


async def test_what_is_gone_is_retired_until_the_list_names_another_address(desk: Desk, server: LocalServer) -> None:
    server.gives("/rss", "gone", status=410)
    for _ in range(GONE_POLLS):
        assert await desk.reason(days=2) is PollReason.GONE
    assert await desk.poll(after=DAY * 30) == {}
    await desk.seed()
    assert await desk.poll(after=DAY) == {}
    server.gives("/moved", rss(*NEWS))
    (outlet,) = desk.listed.outlets
    moved = outlet.model_copy(update={"feeds": (outlet.feeds[0].model_copy(update={"url": server.url("/moved")}),)})
    await desk.lists(desk.listed.model_copy(update={"outlets": (moved,)}))
    assert await desk.reason() is PollReason.FRESH


async def test_a_server_that_says_unchanged_of_everything_is_found_out(desk: Desk, server: LocalServer) -> None:
    server.gives("/rss", rss(*NEWS), etag='"for-ever"')
    await desk.poll()
    server.gives("/rss", rss(("https://wire.example/4", "Shots near Goris", "One was hurt."), *NEWS), etag='"for-ever"')
    assert (await desk.poll())["rss"].outcome.status == 304
    assert await desk.reason(seconds=TRUST.total_seconds()) is PollReason.FRESH
    server.gives("/rss", rss(("https://wire.example/5", "Fire near Goris", "One was hurt."), *NEWS), etag='"for-ever"')
    assert await desk.reason() is PollReason.FRESH
    assert "if-none-match" not in server.asked[-1].headers


async def test_hints_and_wishes_slow_the_polls(desk: Desk, server: LocalServer) -> None:
    async def wait() -> timedelta:
        row = (await desk.rows(feeds))["rss"]
        found: timedelta = row.next_poll_at - desk.clock.now()
        return found

    server.gives("/rss", rss(*NEWS).replace("<title>Wire", "<ttl>10</ttl><title>Wire"))
    await desk.poll()
    assert await wait() == timedelta(minutes=10)
    server.gives("/rss", rss(*NEWS), headers={"Cache-Control": "max-age=840"})
    await desk.poll()
    assert await wait() >= timedelta(minutes=14)
    server.gives("/rss", "later", status=429, headers={"Retry-After": "7200"})
    await desk.poll()
    assert timedelta(hours=2) <= await wait() <= timedelta(hours=2, minutes=1)


async def test_an_interval_is_learnt_within_the_bounds_of_the_outlet(engine: AsyncEngine, server: LocalServer) -> None:
    listed = a_list(server, "/rss")
    (outlet,) = listed.outlets
    bounded = listed.model_copy(update={"outlets": (outlet.model_copy(update={"interval_floor": 120, "interval_ceiling": 1_800}),)})
    async with a_desk(engine, server, bounded) as desk:
        server.gives("/rss", rss(*NEWS))
        for _ in range(40):
            await desk.poll()
        assert (await desk.rows(feeds))["rss"].interval_seconds == 1_800
        for number in range(4, 8):
            server.gives(
                "/rss", rss(*((f"https://wire.example/{n}", f"Report {n}", "More.") for n in range(number * 20, number * 20 - 20, -1)))
            )
            await desk.poll()
        assert (await desk.rows(feeds))["rss"].interval_seconds == 120
        # What was learnt outlives a restart.
        await desk.seed()
        assert (await desk.rows(feeds))["rss"].interval_seconds == 120


async def test_of_a_changed_body_only_new_entries_are_parsed(desk: Desk, server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    parse = desk.polls._parsers.feed

    async def watched(body: bytes, **options: object) -> object:
        sizes.append(body.count(b"<item>"))
        return await parse(body, **options)  # type: ignore[arg-type]  # Passed on as they came.

    monkeypatch.setattr(desk.polls._parsers, "feed", watched)
    server.gives("/rss", rss(*NEWS))
    await desk.poll()
    new = "<item><title>Shots near Goris</title><link>https://wire.example/4</link><description>One was hurt.</description></item>"
    server.gives("/rss", rss(*NEWS).replace("<item>", f"{new}<item>", 1))
    await desk.poll()
    assert (sizes, len(await desk.owed())) == ([3, 1], 4)
    assert len(bytes((await desk.rows(feed_memories))["rss"].remembered)) == 4 * 16


async def test_credentials_of_a_feed_are_shown_and_never_logged(
    engine: AsyncEngine, server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.gives("/rss", "no", status=401)
    async with a_desk(engine, server, a_list(server, "/rss"), feed_credentials={"rss": "desk:s3cret"}) as desk:
        with caplog.at_level("DEBUG"):
            assert await desk.reason() is PollReason.REFUSED
        assert server.asked[0].headers["authorization"] == "Basic ZGVzazpzM2NyZXQ="
        kept = str((await desk.rows(polls)).values()) + str((await desk.rows(feeds)).values()) + caplog.text
    assert "s3cret" not in kept
    assert "ZGVzazpzM2NyZXQ" not in kept


async def test_the_states_are_shown_with_the_reasons_of_the_last_polls(engine: AsyncEngine, server: LocalServer) -> None:
    server.gives("/well", rss(*NEWS))
    server.gives("/shut", "no", status=403)
    async with a_desk(engine, server, a_list(server, "/well", "/shut", "/new")) as desk:
        await desk.poll()
        server.gives("/shut", "oops", status=500)
        await desk.poll(after=DAY)
        async with engine.connect() as connection:
            found = {row["id"]: row for row in await feed_states(connection)}
        assert (found["shut"]["state"], found["shut"]["reasons"]) == ("unreachable", ["server_error", "refused"])
        assert found["shut"]["detail"].startswith("HTTP 500")
        shown = Console(width=200, record=True, file=StringIO())
        shown.print(table_of([row for row in found.values() if row["state"] not in WELL], desk.clock.now() + timedelta(hours=3)))
        counts = await desk.store.states()
        assert {state: count for state, count in counts.items() if count} == {
            FeedState.UNCHANGED: 1,
            FeedState.UNREACHABLE: 1,
            FeedState.BROKEN: 1,
        }
        text = shown.export_text()
        assert ("unreachable" in text, "3 h" in text, "well" in text) == (True, True, False)


async def test_a_new_title_that_changes_the_address_too_is_a_revision(desk: Desk, server: LocalServer) -> None:
    text = (
        "Shots were fired near Goris on Tuesday night, the ministry says; two soldiers were wounded and are treated in the town's hospital."
    )
    old, new = "https://wire.example/shots-near-goris", "https://wire.example/two-wounded-near-goris"
    server.gives("/rss", rss((old, "Shots near Goris", text), *NEWS))
    await desk.poll()
    server.gives("/rss", rss((new, "Two soldiers hurt", text), *NEWS))
    await desk.poll()
    # Its text changes under the new address: it is known by that.
    server.gives("/rss", rss((new, "Two soldiers hurt", text.replace("two", "three")), *NEWS))
    await desk.poll()
    first, second, third = [event for event in await desk.owed() if "goris" in event.url]
    assert first.article_id == second.article_id == third.article_id
    assert len({first.revision, second.revision, third.revision}) == 3
    assert (first.url, third.url) == (old, new)
    async with desk.engine.connect() as connection:
        by_old, by_new = await trace(connection, old), await trace(connection, new)
    assert by_old is not None
    assert by_new is not None
    assert by_old.entry == by_new.entry
    assert by_new.known
