"""`./run bench alerter`: from a message on Kafka to the webhook, with Postgres and Kafka of its own.

Three measurements: 50 articles a second against an empty database; the same with 10,000 open stories and a million ledger
rows; and a thousand alerts at once to seven channels, without and with three more that hang.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from migrations.upgrade import upgrade
from schemas.article_classified import ArticleClassified
from schemas.envelope import seal
from schemas.topics import ARTICLES_CLASSIFIED
from services.runtime.bus import Outgoing
from services.runtime.clock import WallClock
from services.runtime.kafka import KafkaBus
from services.runtime.topics import make_topics
from services.standalone.kafka import EmbeddedKafka
from services.standalone.postgres import EmbeddedPostgres
from tests.builders import a_claim, a_classified

RATE = 50
STORIES = 200
GOOD, HANGING = 7, 3
PARTS = 5
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Desk:
    """Webhooks on loopback: `/hang…` never answers, every other path at once. Keeps when each body came to each path."""

    def __init__(self) -> None:
        self.came: dict[str, dict[str, float]] = defaultdict(dict)
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                path = head.split(b" ", 2)[1].decode()
                if path.startswith("/hang"):
                    await reader.read()
                    break
                self.came[path].setdefault(json.loads(body)["data"]["article_id"], time.perf_counter())
                writer.write(_OK)
                await writer.drain()
        writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Desk]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    def routes(self, *paths: str) -> str:
        channels = "".join(f'  - {{url: "http://127.0.0.1:{self.port}/{path}", secret: secret}}\n' for path in paths)
        return f"route: {{receiver: desk}}\nreceivers:\n- name: desk\n  webhook_configs:\n{channels}"

    async def until(self, path: str, articles: set[str], within: float) -> None:
        async with asyncio.timeout(within):
            while True:
                if articles <= self.came[path].keys():
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def an_alerter(folder: Path, kafka: str, database: str, routes: str) -> AsyncIterator[None]:
    """The alerter as a process of its own, ready when it has its partitions."""
    file = folder / f"routes-{uuid.uuid4().hex[:6]}.yaml"
    file.write_text(routes)
    given = {
        "kafka": kafka, "database": database, "terminal": "false", "allow_private": "true", "routes_file": str(file), "log_level": "error",
    }  # fmt: skip
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    environment = plain | {f"CAUCASUS_WATCH_{name.upper()}": value for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.alerter", env=environment)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def articles(count: int, *, stories: int, first_toll: int = 1, fresh: bool = False) -> list[ArticleClassified]:
    """So many articles on so many stories, each of which raises its story's toll; `fresh`: on stories that nobody knows."""
    begin = WallClock().now() - timedelta(hours=1)
    run = uuid.uuid4().hex[:8]
    return [
        a_classified(
            f"{run}-{number}", story=f"{run if fresh else 'story'}-{number % stories}", published_at=begin + timedelta(milliseconds=10 * number),
            claims=[a_claim(first_toll + number // stories)],
        )
        for number in range(count)
    ]  # fmt: skip


def sealed(article: ArticleClassified) -> Outgoing:
    one = seal(ARTICLES_CLASSIFIED, article.story_id or "", article, event_id=article.article_id, now=article.classified_at)
    return Outgoing(one.topic, one.key, one.value, one.headers)


async def latencies(bus: KafkaBus, desk: Desk, path: str, seconds: int, first_toll: int) -> list[float]:
    """Sends at the rate and returns how long each article took to the webhook; the first two seconds warm up."""
    batch = articles(RATE * (seconds + 2), stories=STORIES, first_toll=first_toll)
    messages = [sealed(article) for article in batch]
    sent: dict[str, float] = {}
    began = time.perf_counter()
    async with bus.sender() as sender, asyncio.TaskGroup() as group:
        for number, (article, message) in enumerate(zip(batch, messages, strict=True)):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            sent[article.article_id] = time.perf_counter()
            group.create_task(sender.send([message]))
    await desk.until(path, set(sent), 60)
    return [desk.came[path][article] - when for article, when in list(sent.items())[2 * RATE :]]


async def warm(bus: KafkaBus, desk: Desk, path: str) -> None:
    """One article through, so that the consumer has its partitions and every connection is open."""
    batch = articles(30, stories=30, fresh=True)
    async with bus.sender() as sender:
        await sender.send([sealed(article) for article in batch])
    await desk.until(path, {article.article_id for article in batch}, 90)


async def fill(database: str, ledgers: int, rows: int) -> None:
    """So many open stories, with ten figures in each ledger, and so many ledger rows; a hundred thousand alerts told before."""
    figures = [{
        "effect": "killed", "side": side, "group": "all", "claimant": claimant, "low": low, "high": low, "bound": "exact", "joint": False,
        "subset": False, "addition": False, "article_id": str(uuid.uuid4()), "stated_at": "2026-01-01T00:00:00+00:00",
        "last_stated_at": "2026-01-01T00:00:00+00:00", "outlet": "Wire", "quote": "so many were killed in the fighting", "heard": True,
        "told": True,
    } for low, (side, claimant) in enumerate([("AZE", "AZE.MIL"), ("AZE", "ARM.MED")] * 5)]  # fmt: skip
    state = {"form": 1, "figures": figures, "turns": [], "decided": [uuid.uuid4().hex[:16] for _ in range(30)], "spoken": {}}
    engine = create_async_engine(database)
    mine = [article.story_id for article in articles(STORIES, stories=STORIES)]
    async with engine.begin() as connection:
        await connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
        await connection.execute(
            sa.text(
                "INSERT INTO ledgers (story_id, state, updated_at) SELECT gen_random_uuid(), CAST(:state AS jsonb), now() "
                "FROM generate_series(1, :count)"
            ),
            {"state": json.dumps(state), "count": ledgers - len(mine)},
        )
        # The stories that are measured are as long as the others.
        await connection.execute(
            sa.text(
                "UPDATE ledgers SET state = jsonb_set(state, '{figures}', (state->'figures') || CAST(:more AS jsonb)) WHERE story_id = ANY(:mine)"
            ),
            {"more": json.dumps(figures), "mine": mine},
        )
        await connection.execute(
            sa.text(
                'INSERT INTO ledger_figures (story_id, effect, side, "group", claimant, low, high, bound, article_id, stated_at, outlet, quote) '
                "SELECT story_id, 'killed', 'AZE', 'all', 'AZE.MIL', n, n, 'exact', gen_random_uuid(), now(), 'Wire', 'so many were killed' "
                "FROM ledgers, generate_series(1, :each) AS n"
            ),
            {"each": rows // ledgers},
        )
        await connection.execute(
            sa.text(
                'INSERT INTO alerts (id, story_id, article_id, kind, reason, severity, effect, side, "group", low, high, bound, headline, quote, '
                "raised_at, body) SELECT gen_random_uuid(), story_id, gen_random_uuid(), 'casualty', 'raised', 'warning', 'killed', 'AZE', 'all', n, n, "
                "'exact', 'n killed', 'so many', now() - interval '1 hour', '{}' FROM ledgers, generate_series(1, 10) AS n"
            )
        )
        await connection.execute(
            sa.text(
                "INSERT INTO deliveries (id, alert_id, channel, target, state, attempts, delivered_at, idempotency_key, created_at) "
                "SELECT id, id, 'webhook', 'desk', 'delivered', 1, now(), id::text, now() FROM alerts WHERE body = '{}'"
            )
        )
    async with create_async_engine(database, isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(sa.text("VACUUM ANALYZE"))
    await engine.dispose()


async def burst(bus: KafkaBus, desk: Desk, count: int, paths: Sequence[str]) -> float:
    """Seconds until every one of the paths has all of so many alerts that come at once."""
    batch = articles(count, stories=count, first_toll=5, fresh=True)
    messages = [sealed(article) for article in batch]
    wanted = {article.article_id for article in batch}
    began = time.perf_counter()
    async with bus.sender() as sender:
        await sender.send(messages)
    for path in paths:
        await desk.until(path, wanted, 300)
    return max(max(desk.came[path][article] for article in wanted) for path in paths) - began


def told(name: str, found: Sequence[float]) -> float:
    """Prints the percentiles; returns the middle of the p99 of five parts of the stream, which a hiccup of the machine moves little."""
    ordered = sorted(found)
    p50, p99 = ordered[len(ordered) // 2], percentile(ordered)
    parts = sorted(
        percentile(sorted(found[part : part + len(found) // PARTS])) for part in range(0, len(found), max(1, len(found) // PARTS))
    )
    middle = parts[len(parts) // 2]
    print(
        f"{name:44} p50 {p50 * 1000:5.0f} ms   p99 {p99 * 1000:5.0f} ms   middle of {len(parts)} p99s {middle * 1000:5.0f} ms   "
        f"longest {ordered[-1] * 1000:5.0f} ms   ({len(found)} articles)",
        flush=True,
    )
    return middle


def percentile(ordered: Sequence[float]) -> float:
    return ordered[int(len(ordered) * 0.99)]


async def measure(seconds: int, count: int, rows: int) -> None:
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)))
        kafka = await stack.enter_async_context(EmbeddedKafka(scratch / "kafka"))
        postgres = await stack.enter_async_context(EmbeddedPostgres(scratch / "postgres"))
        desk = await stack.enter_async_context(Desk().open())
        await upgrade(postgres.url)
        bus = KafkaBus(kafka.address, "bench")
        await make_topics(bus, asyncio.Event())
        async with an_alerter(scratch, kafka.address, postgres.url, desk.routes("one")):
            await warm(bus, desk, "/one")
            small = told(f"{RATE} articles a second, empty database", await latencies(bus, desk, "/one", seconds, 1000))
            began = time.perf_counter()
            await fill(postgres.url, 10_000, rows)
            print(f"(10,000 open stories and {rows:,} ledger rows written in {time.perf_counter() - began:.0f} s)", flush=True)
            large = told(f"{RATE} articles a second, 10,000 open stories", await latencies(bus, desk, "/one", seconds, 2000))
            print(f"{'p99 with them, against without':44} {large / small:.2f} times", flush=True)
        good = [f"good-{number}" for number in range(GOOD)]
        hanging = [f"hang-{number}" for number in range(HANGING)]
        took: list[float] = []
        for paths in (good, [*hanging, *good]):
            async with an_alerter(scratch, kafka.address, postgres.url, desk.routes(*paths)):
                await warm(bus, desk, "/good-0")
                took.append(await burst(bus, desk, count, [f"/{path}" for path in good]))
            named = f"{count} alerts at once to {GOOD} channels" + (f", {HANGING} more hang" if paths is not good else "")
            print(f"{named:44} {took[-1]:.1f} s until the {GOOD} have all", flush=True)
        print(f"{'with the three, against without':44} {took[1] / took[0]:.2f} times", flush=True)


def alerter(arguments: Sequence[str]) -> None:
    """From a message on Kafka to the webhook."""
    parser = argparse.ArgumentParser(prog="./run bench alerter", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="how long each stream of 50 articles a second is measured")
    parser.add_argument("--count", type=int, default=1000, help="alerts that come at once")
    parser.add_argument("--rows", type=int, default=1_000_000, help="ledger rows")
    given = parser.parse_args(arguments)
    asyncio.run(measure(given.seconds, given.count, given.rows))
