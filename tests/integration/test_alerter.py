"""The alerter against a real Postgres: decided once, told once, whatever is repeated, breaks or dies in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.envelope import opened, seal
from schemas.tables import alerter_outbox, alerts, decisions, deliveries, ledger_figures, ledgers, stories, story_aliases
from schemas.topics import ALERTS_RAISED, ARTICLES_CLASSIFIED
from schemas.vocabulary import DeadLetterReason, DecisionReason, DeliveryReason, DeliveryState
from services.alerter.adapters.channels import Parcel, Router, Target
from services.alerter.adapters.deliverer import Bell, Deliverer
from services.alerter.adapters.deliveries import Batch, Deliveries
from services.alerter.adapters.webhook import WebhookChannel
from services.alerter.app import run
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from services.alerter.core.retries import Outcome, RetryPolicy
from services.alerter.runner import Runner, decode
from services.alerter.settings import AlerterSettings
from services.runtime.bus import Outgoing, Received, TopicSpec
from services.runtime.clock import StoryClock, WallClock
from services.runtime.consumption import Arrival
from services.runtime.lifecycle import Lifecycle
from services.runtime.memory import MemoryBus
from services.runtime.postgres import open_engine
from tests.builders import THE_MORNING, a_claim, a_classified, a_truce
from tests.unit.alerter.receivers import OK, Receiver, answer, receiver

pytestmark = pytest.mark.stack

POLICY = Policy.packaged()
DESK = Target("webhook", "desk")
PATIENCE = 20.0
AT_ONCE = RetryPolicy(first=0.02, longest=0.1, give_up=3600.0)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url, application="test", pool_size=10)
    yield made
    await made.dispose()


def the_clock() -> StoryClock:
    """Five minutes after the article of the builders; runs as fast as ours."""
    return StoryClock(anchor=WallClock().now(), begins=THE_MORNING + timedelta(minutes=5))


def runner(engine: AsyncEngine, *targets: Target, bell: Bell | None = None) -> Runner:
    return Runner(engine, the_clock(), POLICY, Router.to(*(targets or (DESK,))), bell or Bell())


def arrivals(*events: ArticleClassified) -> list[Arrival[ArticleClassified]]:
    return [Arrival(Received(ARTICLES_CLASSIFIED.name, 0, number, event.story_id or "", b""), event) for number, event in enumerate(events)]


async def rows(engine: AsyncEngine, table: sa.Table, *order: str) -> list[sa.Row[Any]]:
    async with engine.connect() as connection:
        return list((await connection.execute(sa.select(table).order_by(*(table.c[name] for name in order)))).all())


async def until(engine: AsyncEngine, count: int, **wanted: object) -> list[sa.Row[Any]]:
    """The deliveries, once so many are as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [
                row for row in await rows(engine, deliveries, "id") if all(getattr(row, name) == value for name, value in wanted.items())
            ]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)


async def pass_time(engine: AsyncEngine, span: timedelta) -> None:
    """As if everything that is owed had been owed so much earlier."""
    moved = {name: deliveries.c[name] - span for name in ("due_at", "next_attempt_at", "leased_until", "repeat_at", "delivered_at")}
    async with engine.begin() as connection:
        await connection.execute(sa.update(deliveries).values(moved))


@asynccontextmanager
async def delivering(
    engine: AsyncEngine, *channels: Any, bell: Bell | None = None, replica: str = "one", retries: RetryPolicy = AT_ONCE
) -> AsyncIterator[Deliverer]:
    """A replica's deliverer at work; its end is a kill, not a goodbye."""
    stopping = asyncio.Event()
    deliverer = Deliverer(
        Deliveries(engine, replica), channels, bell=bell or Bell(), clock=the_clock(), retries=retries,
        chance=lambda: 0.5, poll_seconds=0.05, lease_margin=0.3,
    )  # fmt: skip
    tasks = [asyncio.create_task(deliverer.serve(channel, stopping)) for channel in channels]
    try:
        yield deliverer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def desk_at(to: Receiver, name: str = "desk", *, seconds: float = 5.0, allow_private: bool = True) -> AsyncIterator[WebhookChannel]:
    channel = WebhookChannel(name, to.url, b"secret", allow_private=allow_private, seconds=seconds, parallel=4)
    yield channel
    await channel.close()


class Test_deciding:  # noqa: N801 - reads as a heading
    async def test_one_article_writes_decision_ledger_figures_alerts_deliveries_and_outbox_at_once(self, engine: AsyncEngine) -> None:
        article = a_classified(claims=[a_claim(5), a_claim(6500, current=False)], truces=[a_truce("agreed")])
        await runner(engine, DESK, Target("terminal", "terminal")).handle(arrivals(article))
        (decision,) = await rows(engine, decisions)
        assert (decision.reason, decision.story_id) == (DecisionReason.ALERTED, article.story_id)
        assert [verdict["reason"] for verdict in decision.detail["verdicts"]] == ["alerted", "background", "alerted"]
        (ledger,) = await rows(engine, ledgers)
        assert [figure.number for figure in Ledger.from_json(ledger.story_id, ledger.state).figures] == [5]
        assert [(row.effect, row.low, row.outlet) for row in await rows(engine, ledger_figures)] == [("killed", 5, "Example Wire")]
        raised = await rows(engine, alerts, "reason")
        assert [row.reason for row in raised] == ["ceasefire_agreed", "first_figure"]
        assert len(await rows(engine, deliveries)) == 4
        sent = await rows(engine, alerter_outbox, "id")
        assert [row.key for row in sent] == [article.story_id] * 2
        events = [opened(bytes(row.value), row.headers, AlertRaised) for row in sent]
        assert {event.alert_id for event in events} == {row.id for row in raised}
        assert all(row.headers["ce_id"] == event.alert_id for row, event in zip(sent, events, strict=True))

    async def test_the_same_article_again_changes_nothing(self, engine: AsyncEngine) -> None:
        article = a_classified(claims=[a_claim(5)])
        for _ in range(2):
            await runner(engine).handle(arrivals(article, article))
        assert [len(await rows(engine, table)) for table in (decisions, ledger_figures, alerts, deliveries, alerter_outbox)] == [1] * 5

    async def test_what_fails_in_the_middle_leaves_nothing_behind(self, engine: AsyncEngine) -> None:
        good, bad = a_classified("good", claims=[a_claim(5)]), a_classified("bad", claims=[a_claim(9, quote="a nought byte: \x00")])
        with pytest.raises(Exception, match=r"0x00|u0000|unsupported Unicode escape"):
            await runner(engine).handle(arrivals(good, bad))
        assert [await rows(engine, table) for table in (decisions, ledgers, alerts, deliveries, alerter_outbox)] == [[]] * 5

    async def test_two_replicas_on_one_story_tell_each_change_once(self, engine: AsyncEngine) -> None:
        articles = [a_classified(f"article-{number}", claims=[a_claim(5)]) for number in range(12)]
        await asyncio.gather(*(runner(engine).handle(arrivals(*articles[part::4])) for part in range(4)))
        assert len(await rows(engine, decisions)) == 12
        assert len(await rows(engine, alerts)) == 1

    async def test_a_batch_over_several_stories_in_any_order_does_not_lock_up(self, engine: AsyncEngine) -> None:
        articles = [a_classified(f"{story}-{number}", story=story, claims=[a_claim(5)]) for story in "abcdef" for number in range(3)]
        await asyncio.gather(*(runner(engine).handle(arrivals(*batch)) for batch in (articles, articles[::-1], articles[1::2])))
        assert len(await rows(engine, alerts)) == 6

    async def test_stories_found_to_be_one_share_a_ledger(self, engine: AsyncEngine) -> None:
        first = a_classified("first", story="first", claims=[a_claim(5)])
        second = a_classified("second", story="second", claims=[a_claim(12)])
        await runner(engine).handle(arrivals(first, second))
        assert first.story_id is not None
        assert second.story_id is not None
        await merge(engine, second.story_id, into=first.story_id)
        later = [a_classified(name, story=story, claims=[a_claim(12)]) for name, story in (("third", "first"), ("fourth", "second"))]
        await runner(engine).handle(arrivals(*later))
        states = {row.story_id: Ledger.from_json(row.story_id, row.state) for row in await rows(engine, ledgers)}
        assert [figure.number for figure in states[first.story_id].figures] == [5, 12]
        assert states[second.story_id].figures == ()
        assert len(await rows(engine, alerts)) == 2
        assert {row.story_id for row in await rows(engine, decisions) if row.article_id in {one.article_id for one in later}} == {
            first.story_id
        }

    async def test_mergers_of_mergers_are_followed(self, engine: AsyncEngine) -> None:
        a, b, c = (a_classified(name, story=name, claims=[a_claim(5)]) for name in "abc")
        assert a.story_id and b.story_id and c.story_id  # noqa: PT018 - for the types
        await merge(engine, a.story_id, into=b.story_id)
        await merge(engine, b.story_id, into=c.story_id)
        await runner(engine).handle(arrivals(a, b, c))
        assert [row.story_id for row in await rows(engine, alerts)] == [c.story_id]


async def merge(engine: AsyncEngine, story: str, *, into: str) -> None:
    async with engine.begin() as connection:
        for one in (story, into):
            there = sa.select(stories.c.id).where(stories.c.id == one)
            if (await connection.execute(there)).first() is None:
                values = {"id": one, "title": "", "began_at": THE_MORNING, "last_at": THE_MORNING, "profile": {}}
                await connection.execute(sa.insert(stories).values(**values))
        await connection.execute(sa.insert(story_aliases).values(alias=story, story_id=into))


class Test_telling:  # noqa: N801 - reads as a heading
    async def test_what_is_committed_is_told_at_once(self, engine: AsyncEngine) -> None:
        bell = Bell()
        async with receiver() as server, desk_at(server) as desk, delivering(engine, desk, bell=bell):
            await runner(engine, bell=bell).handle(arrivals(a_classified(claims=[a_claim(5)])))
            await server.until(1)
            (row,) = await until(engine, 1, state=DeliveryState.DELIVERED)
        assert (row.attempts, row.last_error, row.leased_by, row.next_attempt_at) == (1, None, None, None)
        assert row.delivered_at is not None
        assert server.requests[0].headers["idempotency-key"] == row.idempotency_key

    async def test_a_receiver_that_fails_is_tried_again_under_the_same_key(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        replies = (answer("500 Oops"), b"", answer("429 Slow", b"", "retry-after: 0"), answer("200 OK", b"<html>login"), OK)
        async with receiver(*replies) as server, desk_at(server) as desk, delivering(engine, desk):
            (row,) = await until(engine, 1, state=DeliveryState.DELIVERED)
        assert row.attempts == 5
        assert {request.headers["idempotency-key"] for request in server.requests} == {row.idempotency_key}

    async def test_a_retry_after_is_obeyed(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        reply = answer("429 Slow", b"", "retry-after: 600")
        async with receiver(reply) as server, desk_at(server) as desk, delivering(engine, desk):
            (row,) = await until(engine, 1, last_error="rate_limited: HTTP 429")
        async with engine.connect() as connection:
            wait = await connection.scalar(
                sa.select(sa.func.extract("epoch", sa.cast(row.next_attempt_at, sa.DateTime(timezone=True)) - sa.func.now()))
            )
        assert wait is not None
        assert 570 < wait <= 600

    async def test_what_no_second_attempt_mends_is_given_up_visibly(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        async with receiver(answer("410 Gone")) as server, desk_at(server) as desk, delivering(engine, desk):
            (row,) = await until(engine, 1, state=DeliveryState.GIVEN_UP)
        assert (row.attempts, row.last_error, row.next_attempt_at) == (1, "gone: HTTP 410", None)

    async def test_a_redirect_to_a_private_address_is_not_followed(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        async with receiver() as inside:
            reply = answer("307 Temporary Redirect", b"", f"location: {inside.url}")
            async with receiver(reply) as server, desk_at(server) as desk, delivering(engine, desk):
                (row,) = await until(engine, 1, state=DeliveryState.GIVEN_UP)
        assert row.last_error.startswith("redirected: HTTP 307 to ")
        assert inside.requests == []

    async def test_a_private_address_is_given_up_with_the_mend(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        async with receiver() as server, desk_at(server, allow_private=False) as desk, delivering(engine, desk):
            (row,) = await until(engine, 1, state=DeliveryState.GIVEN_UP)
        assert row.last_error.startswith("address_refused: 127.0.0.1 is at 127.0.0.1")
        assert "allow_private" in row.last_error

    async def test_what_is_too_old_is_given_up_with_its_history(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        short = RetryPolicy(first=0.02, longest=0.02, give_up=0.2)
        async with receiver(answer("500 Oops")) as server, desk_at(server) as desk, delivering(engine, desk, retries=short):
            (row,) = await until(engine, 1, state=DeliveryState.GIVEN_UP)
        assert row.last_error.startswith("too_old: ")
        assert row.last_error.endswith("last server_error: HTTP 500")

    async def test_a_receiver_that_hangs_delays_no_other(self, engine: AsyncEngine) -> None:
        articles = [a_classified(f"article-{number}", story=f"story-{number}", claims=[a_claim(5)]) for number in range(20)]
        await runner(engine, DESK, Target("webhook", "stuck")).handle(arrivals(*articles))
        async with (
            receiver() as quick,
            receiver(None) as hanging,
            desk_at(quick) as desk,
            desk_at(hanging, "stuck", seconds=30.0) as stuck,
            delivering(engine, stuck, desk),
        ):
            await hanging.until(4)
            await until(engine, 20, target="desk", state=DeliveryState.DELIVERED)
            assert len(hanging.requests) == 4

    async def test_several_replicas_send_each_alert_once(self, engine: AsyncEngine) -> None:
        articles = [a_classified(f"article-{number}", story=f"story-{number}", claims=[a_claim(5)]) for number in range(30)]
        await runner(engine).handle(arrivals(*articles))
        async with (
            receiver() as server,
            desk_at(server) as desk,
            delivering(engine, desk, replica="one"),
            delivering(engine, desk, replica="two"),
            delivering(engine, desk, replica="three"),
        ):
            await until(engine, 30, state=DeliveryState.DELIVERED)
        keys = [request.headers["idempotency-key"] for request in server.requests]
        assert len(keys) == len(set(keys)) == 30

    async def test_a_replica_that_dies_between_sending_and_marking_costs_one_repeat_with_the_same_key(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        deliveries_of_the_dead = Deliveries(engine, "the dead")
        async with receiver() as server, desk_at(server) as desk:
            (taken,) = (await deliveries_of_the_dead.take(DESK, at_most=10, lease=0.3)).messages
            await desk.send(taken.parcel)
            # It dies here. The lease keeps the others away until it runs out.
            assert await Deliveries(engine, "the heir").take(DESK, at_most=10, lease=5.0) == Batch(())
            async with delivering(engine, desk, replica="the heir"):
                (row,) = await until(engine, 1, state=DeliveryState.DELIVERED)
        assert [request.headers["idempotency-key"] for request in server.requests] == [row.idempotency_key] * 2
        assert row.attempts == 2

    async def test_nothing_is_told_that_was_not_committed(self, engine: AsyncEngine) -> None:
        bell = Bell()
        bad = a_classified("bad", claims=[a_claim(9, quote="a nought byte: \x00")])
        async with receiver() as server, desk_at(server) as desk, delivering(engine, desk, bell=bell):
            with pytest.raises(Exception, match=r"0x00|u0000|unsupported Unicode escape"):
                await runner(engine, bell=bell).handle(arrivals(a_classified(claims=[a_claim(5)]), bad))
            await runner(engine, bell=bell).handle(arrivals(a_classified("good", claims=[a_claim(7)])))
            await server.until(1)
            await until(engine, 1, state=DeliveryState.DELIVERED)
        assert [json.loads(request.body)["data"]["low"] for request in server.requests] == [7]

    async def test_what_is_owed_to_a_receiver_that_left_the_settings_is_given_up_when_old(self, engine: AsyncEngine) -> None:
        await runner(engine, DESK, Target("webhook", "gone")).handle(arrivals(a_classified(claims=[a_claim(5)])))
        books = Deliveries(engine, "one")
        assert await books.give_up_abandoned([DESK], timedelta(hours=6)) == 0
        await pass_time(engine, timedelta(hours=7))
        assert await books.give_up_abandoned([DESK], timedelta(hours=6)) == 1
        (row,) = await until(engine, 1, state=DeliveryState.GIVEN_UP)
        assert row.target == "gone"

    async def test_a_fault_of_the_channel_itself_is_tried_again(self, engine: AsyncEngine) -> None:
        await runner(engine).handle(arrivals(a_classified(claims=[a_claim(5)])))
        async with delivering(engine, Clumsy()):
            (row,) = await until(engine, 1, state=DeliveryState.DELIVERED)
        assert row.attempts == 2


class Clumsy:
    """A channel with a fault of its own at the first attempt."""

    target = DESK
    parallel = 1
    seconds = 1.0

    def __init__(self) -> None:
        self.tried = 0

    async def send(self, parcel: Parcel) -> Outcome:
        self.tried += 1
        if self.tried == 1:
            raise RuntimeError(f"it stumbles over {parcel.key}")
        return Outcome(DeliveryReason.DELIVERED)

    async def close(self) -> None:
        pass


class Test_the_whole_service:  # noqa: N801 - reads as a heading
    async def test_from_a_message_to_the_desk_and_to_the_topic_of_alerts(self, database_url: str) -> None:
        bus = MemoryBus()
        async with receiver() as server, running(database_url, bus, server):
            await send(bus, a_classified(claims=[a_claim(25)]), a_classified("copy", claims=[a_claim(25)], copy_of="x" * 8))
            await send(bus, a_classified("later", claims=[a_claim(34)], published_at=THE_MORNING + timedelta(minutes=3)))
            await server.until(2)
            (first, second) = await received(bus, ALERTS_RAISED.name, 2)
        assert [json.loads(request.body)["data"]["headline"] for request in server.requests] == [
            "25 killed on the Karabakh Armenian side (Karabakh authorities)",
            "34 killed on the Karabakh Armenian side, was 25 (Karabakh authorities)",
        ]
        assert [opened(one.value, one.headers, AlertRaised).low for one in (first, second)] == [25, 34]

    async def test_messages_that_cannot_be_read_are_put_aside_with_their_reason_and_nothing_else_stops(self, database_url: str) -> None:
        bus = MemoryBus()
        no_uuid = seal(ARTICLES_CLASSIFIED, "s", a_classified().model_copy(update={"article_id": "seed-1"}), event_id="1", now=THE_MORNING)
        async with receiver() as server, running(database_url, bus, server):
            await put(bus, Outgoing(ARTICLES_CLASSIFIED.name, "k", b"{not json"))
            await put(bus, Outgoing(ARTICLES_CLASSIFIED.name, "k", b'{"article_id": "x"}'))
            await put(bus, Outgoing(no_uuid.topic, no_uuid.key, no_uuid.value, no_uuid.headers))
            await put(bus, Outgoing(ARTICLES_CLASSIFIED.name, "k", b"{}", {"ce_type": "org.example.other"}))
            await send(bus, a_classified(claims=[a_claim(5)]))
            await server.until(1)
            aside = await received(bus, ARTICLES_CLASSIFIED.dlq, 4)
        assert [message.headers["dlq-reason"] for message in aside] == [
            DeadLetterReason.NOT_JSON, DeadLetterReason.NOT_OF_SCHEMA, DeadLetterReason.NOT_OF_SCHEMA, DeadLetterReason.UNKNOWN_TYPE,
        ]  # fmt: skip

    async def test_a_restart_tells_nobody_twice(self, database_url: str) -> None:
        bus = MemoryBus()
        article = a_classified(claims=[a_claim(5)])
        async with receiver() as server:
            async with running(database_url, bus, server):
                await send(bus, article)
                await server.until(1)
            async with running(database_url, bus, server):
                await send(bus, article, a_classified("next", claims=[a_claim(9)]))
                await server.until(2)
        assert [json.loads(request.body)["data"]["low"] for request in server.requests] == [5, 9]


@asynccontextmanager
async def running(database_url: str, bus: MemoryBus, server: Receiver) -> AsyncIterator[None]:
    """The alerter as a whole, with one webhook."""
    settings = AlerterSettings.model_validate(
        {
            "database": database_url,
            "terminal": False,
            "allow_private": True,
            "replica": str(uuid5(NAMESPACE_URL, server.url))[:8],
            "webhooks": [{"name": "desk", "url": server.url, "secret": "secret"}],
        }
    )
    topics = (ARTICLES_CLASSIFIED.name, ARTICLES_CLASSIFIED.dlq, ALERTS_RAISED.name)
    await bus.create_topics(dict.fromkeys(topics, TopicSpec(partitions=2, retention_ms=3_600_000)))
    async with Lifecycle("alerter", signals=False) as life:
        service = asyncio.create_task(run(settings, bus=bus, clock=the_clock(), life=life))
        yield
        life.stop()
        await service


async def put(bus: MemoryBus, *messages: Outgoing) -> None:
    async with bus.sender() as sender:
        await sender.send(messages)


async def send(bus: MemoryBus, *articles: ArticleClassified) -> None:
    envelopes = [seal(ARTICLES_CLASSIFIED, one.story_id or "", one, event_id=one.article_id, now=THE_MORNING) for one in articles]
    await put(bus, *(Outgoing(envelope.topic, envelope.key, envelope.value, envelope.headers) for envelope in envelopes))


async def received(bus: MemoryBus, topic: str, count: int) -> Sequence[Received]:
    found: list[Received] = []
    async with asyncio.timeout(PATIENCE), bus.receiver("test", [topic]) as ear:
        while len(found) < count:
            found += await ear.receive(at_most=10, within=1.0)
    return found


async def test_a_message_without_a_story_is_decided_too(engine: AsyncEngine) -> None:
    article = a_classified().model_copy(update={"story_id": None})
    message = seal(ARTICLES_CLASSIFIED, "", article, event_id="1", now=THE_MORNING)
    event = decode(Received(message.topic, 0, 0, "", message.value, message.headers))
    await runner(engine).handle(arrivals(event))
    (row,) = await rows(engine, decisions)
    assert (row.reason, row.story_id) == (DecisionReason.NOT_RELEVANT, None)
