"""The fetcher on a real Postgres against a real server: each article once, whatever feeds, servers and crashes do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.tables import entries, feeds, outlets, polls
from schemas.topics import ARTICLES_FETCHED
from schemas.vocabulary import FeedState, FetchReason, PollReason
from services.fetcher import poll
from services.fetcher.adapters import writing
from services.fetcher.adapters.store import Ours
from services.fetcher.adapters.writing import Brought, LeaseLost, Writer
from services.fetcher.app import facts, run
from services.fetcher.core.feedlist import FeedList, written
from services.fetcher.poll import FeedPoll
from services.fetcher.settings import FetcherSettings, FullText
from services.runtime.lifecycle import Lifecycle
from services.runtime.memory import MemoryBus
from services.runtime.postgres import DatabaseUnavailable
from services.runtime.settings import SettingsFault
from tests.integration.fetcher_desk import NEWS, a_desk, a_list, rss
from tests.unit.fetcher.local_server import LocalServer, drips, never_answers, never_ends
from tests.unit.fetcher.samples import NOON, body_of

pytestmark = pytest.mark.stack


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


async def test_articles_are_owed_once_oldest_first(engine: AsyncEngine, server: LocalServer) -> None:
    server.gives("/rss", rss(*NEWS))
    async with a_desk(engine, server, a_list(server, "/rss")) as desk:
        outcome = (await desk.poll())["rss"].outcome
        assert (outcome.reason, outcome.entries, outcome.new) == (PollReason.FRESH, 3, 3)
        owed = await desk.owed()
        assert [article.url for article in owed] == ["https://wire.example/1", "https://wire.example/2", "https://wire.example/3"]
        assert owed[0].published_at == datetime(2023, 9, 19, 10, 1, tzinfo=UTC)
        assert "lachin" in owed[0].keywords

        assert await desk.reason() is PollReason.UNCHANGED
        server.gives("/rss", rss(("https://wire.example/4", "Shots near Goris", "One was hurt."), *NEWS))
        assert (await desk.poll())["rss"].outcome.new == 1
        assert [article.url for article in (await desk.owed())[3:]] == ["https://wire.example/4"]


async def test_a_server_with_validators_is_asked_by_them(engine: AsyncEngine, server: LocalServer) -> None:
    server.gives("/rss", rss(*NEWS), etag='"a"', last_modified="Tue, 19 Sep 2023 10:00:00 GMT")
    async with a_desk(engine, server, a_list(server, "/rss")) as desk:
        await desk.poll()
        outcome = (await desk.poll())["rss"].outcome
        assert (outcome.reason, outcome.status) == (PollReason.UNCHANGED, 304)
        assert (await desk.poll())["rss"].outcome.status == 304


async def test_a_revised_text_is_owed_as_a_revision(engine: AsyncEngine, server: LocalServer) -> None:
    server.gives("/rss", rss(*NEWS))
    async with a_desk(engine, server, a_list(server, "/rss")) as desk:
        await desk.poll()
        server.gives("/rss", rss(*NEWS[:2], ("https://wire.example/1", "Four wounded near Lachin", "The ministry said so.")))
        await desk.poll()
        owed = await desk.owed()
        assert (len(owed), owed[3].article_id, owed[3].title) == (4, owed[0].article_id, "Four wounded near Lachin")
        assert owed[3].revision != owed[0].revision
        row = (await desk.rows(entries))[owed[0].article_id]
        assert (row.reason, row.title, row.first_seen_at < row.last_seen_at) == (FetchReason.REVISED, "Four wounded near Lachin", True)


async def test_the_same_article_through_two_feeds_at_once_is_owed_once(engine: AsyncEngine, server: LocalServer) -> None:
    server.gives("/a", rss(*NEWS))
    server.gives("/b", rss(*reversed(NEWS)))
    async with a_desk(engine, server, a_list(server, "/a", "/b")) as desk:
        records = await desk.poll()
        assert sum(polled.outcome.new for polled in records.values()) >= 3
        await desk.poll()
        assert sorted(article.url for article in await desk.owed()) == [f"https://wire.example/{n}" for n in (1, 2, 3)]


FLAWS: dict[str, tuple[str, PollReason, FeedState]] = {
    "not-xml.txt": ("text/plain", PollReason.NOT_A_FEED, FeedState.BROKEN),
    "html-error-page.html": ("text/html", PollReason.CHALLENGE, FeedState.BLOCKED),
    "json-body.json": ("application/json", PollReason.JSON_BODY, FeedState.BROKEN),
    "empty-body.xml": ("application/rss+xml", PollReason.EMPTY_BODY, FeedState.BROKEN),
    "empty-feed.xml": ("application/rss+xml", PollReason.EMPTY, FeedState.EMPTY),
}


async def test_every_failing_feed_has_its_reason_and_the_others_go_on(
    engine: AsyncEngine, server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    expected: dict[str, tuple[PollReason, FeedState]] = {}
    paths = ["/good"]
    server.gives("/good", rss(*NEWS))
    for name, (content_type, reason, state) in FLAWS.items():
        server.gives(f"/{name}", body_of(name), content_type=content_type)
        paths.append(f"/{name}")
        expected[name.replace(".", "-")] = (reason, state)
    server.gives("/gone", "gone", status=410)
    server.gives("/forbidden", "no", status=403)
    server.gives("/out-of-order", "oops", status=500)
    server.gives("/gzip-bomb", body_of("gzip-bomb.xml.gz"), headers={"Content-Encoding": "gzip"})
    server.plays("/never-answers", never_answers)
    server.plays("/drips", drips)
    server.plays("/never-ends", never_ends)
    expected |= {
        "missing": (PollReason.NOT_FOUND, FeedState.BROKEN),
        "gone": (PollReason.GONE, FeedState.GONE),
        "forbidden": (PollReason.REFUSED, FeedState.BLOCKED),
        "out-of-order": (PollReason.SERVER_ERROR, FeedState.UNREACHABLE),
        "gzip-bomb": (PollReason.TOO_LARGE, FeedState.BROKEN),
        "never-answers": (PollReason.TIMED_OUT, FeedState.SLOW),
        "drips": (PollReason.TIMED_OUT, FeedState.SLOW),
        "never-ends": (PollReason.TOO_LARGE, FeedState.BROKEN),
    }
    paths += ["/missing", "/gone", "/forbidden", "/out-of-order", "/gzip-bomb", "/never-answers", "/drips", "/never-ends"]
    async with a_desk(engine, server, a_list(server, *paths)) as desk:
        with caplog.at_level("INFO"):
            records = await desk.poll()
        rows = await desk.rows(feeds)
        assert {name: (polled.outcome.reason, FeedState(rows[name].state)) for name, polled in records.items()} == expected | {
            "good": (PollReason.FRESH, FeedState.HEALTHY)
        }
        assert len(await desk.owed()) == 3
        kept = {row.feed_id: PollReason(row.reason) for row in (await desk.rows(polls)).values()}
        assert kept == {name: polled.outcome.reason for name, polled in records.items()}
        # A failed feed waits twice as long, one that is not wanted four times, one that is gone a day; each is asked again.
        waits = {name: row.next_poll_at - desk.clock.now() for name, row in rows.items()}
        assert (waits["missing"], waits["forbidden"], waits["gone"]) == (timedelta(minutes=10), timedelta(minutes=20), timedelta(days=1))
        assert set(await desk.poll(after=timedelta(days=2))) == set(records)


async def test_a_feed_recovers_as_soon_as_it_behaves(engine: AsyncEngine, server: LocalServer) -> None:
    server.plays("/rss", never_answers)
    async with a_desk(engine, server, a_list(server, "/rss")) as desk:
        assert (await desk.poll())["rss"].standing.failures == 1
        server.gives("/rss", rss(*NEWS))
        polled = (await desk.poll())["rss"]
        assert (polled.outcome.reason, polled.standing.failures, polled.standing.state) == (PollReason.FRESH, 0, FeedState.HEALTHY)


async def test_the_article_is_read_on_its_page_where_the_feed_says_too_little(engine: AsyncEngine, server: LocalServer) -> None:
    sentence = "Five soldiers were wounded near Lachin on Tuesday, the defence ministry of Armenia said in a statement."
    page = f"<html><body><nav>Home News</nav><article><h1>Fire</h1><p>{sentence}</p><p>{sentence} More is not known.</p></article></body></html>"
    server.gives("/news/1", page, content_type="text/html; charset=utf-8")
    server.gives("/news/private/2", page, content_type="text/html; charset=utf-8")
    server.gives("/robots.txt", "User-agent: *\nDisallow: /news/private/\n", content_type="text/plain")
    paths = ("/news/3", "/news/private/2", "/news/1")
    server.gives("/rss", rss(*((server.url(path), f"Fire, told at {path}", "") for path in paths)))
    async with a_desk(engine, server, a_list(server, "/rss", full=False), full_text=FullText.WHEN_SHORT) as desk:
        await desk.poll()
        told = {article.url.removeprefix(server.address): (article.text_source, sentence in article.text) for article in await desk.owed()}
        assert told == {"/news/1": ("page", True), "/news/private/2": ("feed", False), "/news/3": ("feed", False)}
        assert "/news/private/2" not in server.paths()
        details = {row.url.removeprefix(server.address): row.detail for row in (await desk.rows(entries)).values()}
        assert "page_forbidden" in details["/news/private/2"]
        assert "page_unavailable" in details["/news/3"]
        # The page is not read again for a feed that shows the same.
        server.asked.clear()
        server.gives("/rss", rss(*((server.url(path), f"Fire, told at {path}", "") for path in paths)) + "<!-- changed -->")
        await desk.poll()
        assert server.paths() == ["/rss"]
        assert len(await desk.owed()) == 3


async def test_seeding_twice_changes_nothing_and_a_removed_feed_is_retired(engine: AsyncEngine, server: LocalServer) -> None:
    server.gives("/a", rss(*NEWS))
    async with a_desk(engine, server, a_list(server, "/a", "/b")) as desk:
        await desk.poll()
        before = (await desk.rows(feeds), await desk.rows(outlets))
        await desk.seed()
        assert (await desk.rows(feeds), await desk.rows(outlets)) == before

        assert await desk.lists(a_list(server, "/a")) == (1, 1)
        rows = await desk.rows(feeds)
        assert (rows["a"].retired_at, rows["b"].retired_at) == (None, desk.clock.now())
        desk.clock.later(days=2)
        assert [claim.feed_id for claim in await desk.claim()] == ["a"]

        await desk.seed()
        assert (await desk.rows(feeds))["b"].retired_at is None


async def test_feeds_may_change_addresses_with_each_other(engine: AsyncEngine, server: LocalServer) -> None:
    listed = a_list(server, "/a", "/b")
    one, other = (outlet.feeds[0] for outlet in listed.outlets)
    swapped = FeedList(
        outlets=tuple(
            outlet.model_copy(update={"feeds": (feed.model_copy(update={"url": url}),)})
            for outlet, feed, url in zip(listed.outlets, (one, other), (other.url, one.url), strict=True)
        )
    )
    async with a_desk(engine, server, listed) as desk:
        await desk.lists(swapped)
        assert {key: row.url for key, row in (await desk.rows(feeds)).items()} == {"a": other.url, "b": one.url}


async def test_two_replicas_share_the_feeds_and_a_dead_ones_are_taken_over(engine: AsyncEngine, server: LocalServer) -> None:
    for path in ("/a", "/b", "/c"):
        server.gives(path, rss())
    port = server.address.rpartition(":")[2]
    # Each at a host of its own: two replicas never ask one host at the same time.
    listed = on_hosts(a_list(server, "/a", "/b", "/c"), [f"127.0.0.1:{port}", f"localhost:{port}", f"127.0.0.1.:{port}"])
    async with a_desk(engine, server, listed) as one, a_desk(engine, server, listed, replica="two") as two:
        mine = await one.claim(at_most=2)
        others = await two.claim()
        assert (len(mine), len(others)) == (2, 1)
        held = tuple(claim.feed_id for claim in others)
        assert await two.claim(besides=held) == []

        # The first one dies: its leases run out.
        async with engine.begin() as connection:
            await connection.execute(
                sa.update(feeds).where(feeds.c.leased_by == "one").values(leased_until=sa.func.now() - timedelta(seconds=1))
            )
        taken = await two.claim(besides=held)
        assert {claim.feed_id for claim in taken} == {claim.feed_id for claim in mine}
        # It was not dead but slow: what it brings now is too late, and is not written.
        assert await one.polls.once(mine[0]) is None
        with pytest.raises(LeaseLost):
            await Writer(one.store).write(Brought(mine[0], facts(listed)[mine[0].feed_id], (), NOON))


async def test_one_host_is_asked_by_one_replica_at_a_time(engine: AsyncEngine, server: LocalServer) -> None:
    listed = a_list(server, "/a", "/b")
    async with a_desk(engine, server, listed) as one, a_desk(engine, server, listed, replica="two") as two:
        (mine,) = await one.claim(at_most=1)
        assert await two.claim() == []
        assert await two.store.next_due(Ours(list(facts(listed)))) is None
        await one.store.release([mine.feed_id])
        assert len(await two.claim()) == 2


def on_hosts(listed: FeedList, hosts: list[str]) -> FeedList:
    """The same feeds, each at another host."""
    return FeedList(
        outlets=tuple(
            outlet.model_copy(update={"feeds": tuple(feed.model_copy(update={"url": f"http://{host}/{feed.id}"}) for feed in outlet.feeds)})
            for outlet, host in zip(listed.outlets, hosts, strict=True)
        )
    )


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("step", range(14))
async def test_a_crash_between_any_two_steps_neither_loses_nor_repeats(
    engine: AsyncEngine, server: LocalServer, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    news = [(f"https://wire.example/{n}", f"Report {n} from Lachin", "The ministry said so.") for n in range(20, 0, -1)]
    server.gives("/rss", rss(*news), etag='"a"')
    listed = a_list(server, "/rss")
    crossed = 0

    def dying(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The call, with a death before it and one after it, counted over all such calls of the poll."""

        async def crossing(*args: Any, **options: Any) -> Any:
            nonlocal crossed
            crossed += 1
            if crossed - 1 == step:
                raise Crash
            result = await call(*args, **options)
            crossed += 1
            if crossed - 1 == step:
                raise Crash
            return result

        return crossing

    # Three transactions, each of several writes.
    monkeypatch.setattr(poll, "AT_ONCE", 8)
    async with a_desk(engine, server, listed) as desk:
        desk.clock.later(days=1)
        with monkeypatch.context() as patched:
            # Within the transaction of a batch: around the feed's state, the entries and the outbox.
            patched.setattr(Writer, "_ended", dying(Writer._ended))
            patched.setattr(writing, "_write_entries", dying(writing._write_entries))
            patched.setattr(desk.polls._writer._outbox, "put", dying(desk.polls._writer._outbox.put))
            (claim,) = await desk.claim()
            with pytest.raises(Crash):
                await desk.polls.once(claim)
    async with a_desk(engine, server, listed) as again:
        await again.poll()
        await again.poll()
        owed = [article.url for article in await again.owed()]
        assert owed == [f"https://wire.example/{n}" for n in range(1, 21)]


async def test_a_commit_whose_answer_was_lost_is_not_repeated(
    engine: AsyncEngine, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.gives("/rss", rss(*NEWS))
    async with a_desk(engine, server, a_list(server, "/rss")) as desk:
        written = desk.polls._writer.write

        async def deaf(*args: Any, **options: Any) -> Any:
            await written(*args, **options)
            raise DatabaseUnavailable("the answer was lost")

        desk.clock.later(days=1)
        (claim,) = await desk.claim()
        with monkeypatch.context() as patched:
            patched.setattr(desk.polls._writer, "write", deaf)
            with pytest.raises(DatabaseUnavailable):
                await desk.polls.once(claim)
        await desk.poll()
        assert len(await desk.owed()) == 3


async def test_a_fault_of_ours_in_one_feed_is_logged_and_slows_that_feed_only(
    database_url: str, engine: AsyncEngine, server: LocalServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    server.gives("/bad", rss(*NEWS))
    server.gives("/good", rss(*NEWS))
    brought = FeedPoll._brought

    async def failing(self: FeedPoll, claim: Any, *rest: Any) -> Any:
        if claim.feed_id == "bad":
            raise ZeroDivisionError
        return await brought(self, claim, *rest)

    monkeypatch.setattr(FeedPoll, "_brought", failing)
    async with running(database_url, a_list(server, "/bad", "/good"), tmp_path) as bus:
        assert len(await received(bus, 3)) == 3

        async def slowed(connection: AsyncConnection) -> bool:
            return await connection.scalar(sa.select(feeds.c.failures).where(feeds.c.id == "bad")) == 1

        await until(engine, slowed)


async def test_the_service_puts_articles_on_the_bus_and_ends_when_it_is_told(database_url: str, server: LocalServer, tmp_path: Any) -> None:
    server.gives("/rss", rss(*NEWS))
    async with running(database_url, a_list(server, "/rss"), tmp_path, interval_floor=1, interval=1) as bus:
        first = await received(bus, 3)
        assert [json.loads(message)["url"] for message in first] == [f"https://wire.example/{n}" for n in (1, 2, 3)]
        server.gives("/rss", rss(("https://wire.example/4", "Shots near Goris", "One was hurt."), *NEWS))
        assert [json.loads(message)["url"] for message in await received(bus, 1, group="later", skip=3)] == ["https://wire.example/4"]


async def test_many_feeds_of_one_host_are_polled_one_after_the_other_without_a_pause(
    database_url: str, server: LocalServer, tmp_path: Any
) -> None:
    paths = [f"/feed{number}" for number in range(20)]
    for number, path in enumerate(paths):
        server.gives(path, rss((f"https://wire.example/{number}", f"Report {number} from Lachin", "The ministry said so.")))
    loop = asyncio.get_running_loop()
    async with running(database_url, a_list(server, *paths), tmp_path) as bus:
        began = loop.time()
        assert len(await received(bus, 20)) == 20
        # A loop that looks again only every two seconds would need ten.
        assert loop.time() - began < 8
    assert (server.most_at_once, len(server.asked)) == (1, 20)


async def test_credentials_of_a_feed_that_is_not_there_are_a_fault(server: LocalServer, tmp_path: Any) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(written(a_list(server, "/rss")), encoding="utf-8")
    with pytest.raises(SettingsFault, match="no feed 'wrong' in the list"):
        await run(FetcherSettings(feeds_file=path, feed_credentials={"wrong": SecretStr("a:b")}), bus=MemoryBus())


@asynccontextmanager
async def running(database_url: str, listed: FeedList, folder: Any, **options: Any) -> AsyncIterator[MemoryBus]:
    """The whole service, wired as a process wires it, on a bus in memory."""
    path = folder / "feeds.yaml"
    path.write_text(written(listed), encoding="utf-8")
    settings = FetcherSettings(
        database=database_url, feeds_file=path, allow_private=True, host_gap=0.0, full_text=FullText.NEVER, parsers=1, **options
    )
    bus = MemoryBus()
    async with Lifecycle("fetcher", signals=False) as life:
        service = asyncio.create_task(run(settings, bus=bus, life=life))
        try:
            yield bus
        finally:
            life.stop()
            await service


async def received(bus: MemoryBus, count: int, *, group: str = "test", skip: int = 0) -> list[bytes]:
    """The next messages of the topic, in the order of their times; the test fails where they do not come."""
    got: list[Any] = []
    async with asyncio.timeout(20), bus.receiver(group, [ARTICLES_FETCHED.name]) as receiver:
        while len(got) < count + skip:
            got += await receiver.receive(at_most=count + skip, within=1.0)
    return [message.value for message in sorted(got, key=_time)][skip:]


def _time(message: Any) -> str:
    return str(json.loads(message.value)["published_at"]) + str(json.loads(message.value)["url"])


async def until(engine: AsyncEngine, holds: Callable[[AsyncConnection], Awaitable[bool]]) -> None:
    """Wait for the state of the database, looking again and again; the test fails where it does not come."""
    async with asyncio.timeout(20):
        while True:
            async with engine.connect() as connection:
                if await holds(connection):
                    return
            await asyncio.sleep(0.02)
