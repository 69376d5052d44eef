"""The classifier against a real Postgres: rows and events of what comes in, once each, whatever is repeated or breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched
from schemas.envelope import opened, seal
from schemas.reading import Reading
from schemas.tables import (
    article_actors,
    article_events,
    articles,
    ceasefire_statements,
    claims,
    classifier_outbox,
    revisions,
    stories,
    story_aliases,
)
from schemas.topics import ARTICLES_FETCHED
from schemas.vocabulary import ClassifyReason, DeadLetterReason
from services.classifier.adapters.readers import Job, Unread
from services.classifier.core.comparison import NOWHERE
from services.classifier.core.filing import Read, prepared
from services.classifier.core.reading import RULES_VERSION
from services.classifier.runner import Runner, decode
from services.runtime.bus import Outgoing, Received, TopicSpec
from services.runtime.clock import WallClock
from services.runtime.consumption import Arrival, consume
from services.runtime.memory import MemoryBus
from tests.builders import THE_MORNING, a_claim, a_reading, a_truce, an_id, fetched

pytestmark = pytest.mark.stack

REPORT = """Azerbaijani forces shelled towns in Nagorno-Karabakh on Tuesday, killing five people and wounding dozens, the ombudsman said. Baku called
it a local operation against terrorists. Residents of the main city spent the afternoon in cellars while the electricity failed."""


class Scripted:
    """Readers that were told beforehand what stands in each article, by title."""

    def __init__(self, readings: Mapping[str, Reading] | None = None) -> None:
        self.readings = dict(readings or {})
        self.read_titles: list[str] = []

    async def read(self, jobs: Sequence[Job]) -> list[Read | Unread]:
        return [self._read(job) for job in jobs]

    async def close(self) -> None:
        pass

    def _read(self, job: Job) -> Read | Unread:
        article = job.article
        self.read_titles.append(article.title)
        if article.title == "unreadable":
            return Unread("the test wants it so")
        reading = self.readings.get(article.title) or a_reading(claims=[a_claim(5)])
        mine = reading.model_copy(update={"id": article.id, "rules_version": RULES_VERSION})
        return prepared(mine, title=article.title, text=article.text, seen_at=job.seen_at, outlet=article.outlet)


def runner(engine: AsyncEngine, readings: Mapping[str, Reading] | None = None) -> Runner:
    return Runner(engine, Scripted(readings), WallClock(), NOWHERE)


def arrivals(*events: ArticleFetched) -> list[Arrival[ArticleFetched]]:
    return [Arrival(Received("articles.fetched", 0, number, event.article_id, b""), event) for number, event in enumerate(events)]


async def rows(engine: AsyncEngine, table: sa.Table) -> list[sa.Row[Any]]:
    async with engine.connect() as connection:
        return list((await connection.execute(sa.select(table))).all())


async def events(engine: AsyncEngine) -> list[ArticleClassified]:
    sent = sorted(await rows(engine, classifier_outbox), key=lambda row: row.id)
    return [opened(bytes(row.value), row.headers, ArticleClassified) for row in sent]


THE_SHELLING = a_reading(
    claims=[a_claim(5), a_claim(30_000, current=False)],
    truces=[a_truce("called_for")],
    actors=["AZE.MIL", "NKR.GOV"],
    events=["shelling", "diplomacy"],
)


async def test_an_article_becomes_rows_and_one_event(engine: AsyncEngine) -> None:
    first = fetched("first", title="shelling", text=REPORT)
    await runner(engine, {"shelling": THE_SHELLING}).handle(arrivals(first))

    (article,) = await rows(engine, articles)
    (story,) = await rows(engine, stories)
    assert (article.id, article.reason, article.story_id, article.rules_version) == (an_id("first"), "classified", story.id, RULES_VERSION)
    assert story.began_at == THE_MORNING
    assert [revision.text for revision in await rows(engine, revisions)] == [REPORT]
    assert {(claim.low, claim.current, claim.story_id) for claim in await rows(engine, claims)} == {
        (5, True, story.id),
        (30_000, False, story.id),
    }
    assert [statement.status for statement in await rows(engine, ceasefire_statements)] == ["called_for"]
    assert [actor.code for actor in await rows(engine, article_actors)] == ["AZE.MIL", "NKR.GOV"]
    assert [event.type for event in await rows(engine, article_events)] == ["shelling", "diplomacy"]
    (event,) = await events(engine)
    assert (event.article_id, event.story_id, event.reason) == (article.id, story.id, ClassifyReason.CLASSIFIED)
    assert event.reading.casualties == THE_SHELLING.casualties


async def test_the_same_article_again_changes_nothing(engine: AsyncEngine) -> None:
    first = fetched("first", title="shelling", text=REPORT)
    await runner(engine, {"shelling": THE_SHELLING}).handle(arrivals(first, first))
    before = [await rows(engine, table) for table in (articles, stories, claims, classifier_outbox)]
    again = runner(engine, {"shelling": THE_SHELLING})
    await again.handle(arrivals(first))

    assert [await rows(engine, table) for table in (articles, stories, claims, classifier_outbox)] == before
    assert len(before[-1]) == 1


async def test_a_revision_takes_the_place_of_the_former_one_and_both_are_kept(engine: AsyncEngine) -> None:
    readings = {"five": a_reading(claims=[a_claim(5)]), "seven": a_reading(claims=[a_claim(7)])}
    old, new = fetched("first", title="five", text=REPORT), fetched("first", title="seven", text=REPORT)
    for batch in (arrivals(old), arrivals(new), arrivals(old)):
        await runner(engine, readings).handle(batch)

    (article,) = await rows(engine, articles)
    assert (article.title, article.revision, article.reason) == ("seven", new.revision, "revised")
    assert {revision.title for revision in await rows(engine, revisions)} == {"five", "seven"}
    assert {(claim.low, claim.revision) for claim in await rows(engine, claims)} == {(5, old.revision), (7, new.revision)}
    told = await events(engine)
    assert [event.reason for event in told] == [ClassifyReason.CLASSIFIED, ClassifyReason.REVISED]
    assert told[0].story_id == told[1].story_id


async def test_two_revisions_in_one_batch_are_filed_in_order(engine: AsyncEngine) -> None:
    await runner(engine).handle(arrivals(fetched("first", title="one", text=REPORT), fetched("first", title="two", text=REPORT)))

    assert [event.title for event in await events(engine)] == ["one", "two"]
    assert [article.title for article in await rows(engine, articles)] == ["two"]


async def test_what_has_no_words_or_does_not_concern_us_is_stored_and_not_told(engine: AsyncEngine) -> None:
    readings = {"foreign": a_reading(relevant=False, actors=[], events=[])}
    blank, foreign = fetched("blank", title="", text=""), fetched("foreign", title="foreign")
    undated = fetched("undated", title="undated", text=REPORT, published_at=None)
    await runner(engine, readings).handle(arrivals(blank, foreign, undated))

    by_id = {article.id: article for article in await rows(engine, articles)}
    assert (by_id[an_id("blank")].reason, by_id[an_id("blank")].story_id) == ("no_text", None)
    assert (by_id[an_id("foreign")].reason, by_id[an_id("foreign")].relevant) == ("not_relevant", False)
    assert by_id[an_id("undated")].published_at is None
    assert [event.article_id for event in await events(engine)] == [an_id("undated")]
    (story,) = await rows(engine, stories)
    assert story.began_at == undated.fetched_at


async def test_a_copy_is_found_by_another_replica_and_after_a_restart(engine: AsyncEngine) -> None:
    await runner(engine).handle(arrivals(fetched("first", title="one", text=REPORT)))
    scrape = fetched("scrape", title="two", text=REPORT.replace("on Tuesday", "today"), published_at=THE_MORNING + timedelta(hours=2))
    await runner(engine).handle(arrivals(scrape))

    original, copy = await events(engine)
    assert (copy.reason, copy.copy_of, copy.story_id) == (ClassifyReason.COPY, original.article_id, original.story_id)
    assert {article.copy_of for article in await rows(engine, articles)} == {None, original.article_id}


async def test_a_replica_sees_what_another_has_filed_in_between(engine: AsyncEngine) -> None:
    one, other = runner(engine), runner(engine)
    later = THE_MORNING + timedelta(hours=1)
    await one.handle(arrivals(fetched("first", title="one", text="Guns fell silent. " * 30)))
    await other.handle(arrivals(fetched("second", title="two", text=REPORT)))
    await one.handle(arrivals(fetched("third", title="two", text=REPORT, published_at=later)))

    assert [event.copy_of for event in await events(engine)] == [None, None, an_id("second")]


async def test_two_replicas_that_meet_a_new_story_at_once_file_one(engine: AsyncEngine) -> None:
    texts = {name: f"{name} " + REPORT.replace("five", name) for name in ("one", "two", "three", "four")}
    replicas = [runner(engine) for _ in texts]
    await asyncio.gather(
        *(
            replica.handle(arrivals(fetched(name, title=name, text=text)))
            for replica, (name, text) in zip(replicas, texts.items(), strict=True)
        )
    )

    assert len(await rows(engine, stories)) == 1
    assert len({event.story_id for event in await events(engine)}) == 1
    assert len(await events(engine)) == 4


async def test_stories_found_to_be_one_leave_an_alias(engine: AsyncEngine) -> None:
    battle = a_reading(claims=[a_claim(12, side="AZE")], actors=["AZE.MIL", "NKR.MIL"], events=["armed_clash"], places=["martakert"])
    readings = {"battle": battle, "vague": a_reading(actors=[], events=[])}
    names = ("vague", "battle", "third")
    for name in names[:2]:
        await runner(engine, readings).handle(arrivals(fetched(name, title=name, text=f"{name} " * 30)))
    began = {article.id: article.story_id for article in await rows(engine, articles)}
    # The vague one is read again, by better rules or in its next revision, and now tells the same battle.
    revised = fetched("vague", title="battle", text="Now we know more. " * 30)
    await runner(engine, readings).handle(arrivals(revised))
    await runner(engine, readings).handle(arrivals(fetched("third", title="battle", text="third " * 30)))

    assert len(set(began.values())) == 2
    (alias,) = await rows(engine, story_aliases)
    assert {alias.alias, alias.story_id} == set(began.values())
    assert (await events(engine))[-1].story_id == alias.story_id
    assert alias.story_id == min(await rows(engine, stories), key=lambda story: (story.began_at, story.id)).id


async def test_a_batch_that_cannot_be_written_leaves_nothing_and_the_next_is_filed_anew(engine: AsyncEngine) -> None:
    one = runner(engine)
    taken = fetched("first", title="one", text=REPORT)
    same_address = fetched("second", title="two", text=REPORT).model_copy(update={"url": taken.url})
    with pytest.raises(sa.exc.IntegrityError):
        await one.handle(arrivals(taken, same_address))
    assert await rows(engine, articles) == []

    await one.handle(arrivals(taken))
    assert [event.article_id for event in await events(engine)] == [an_id("first")]


@pytest.fixture
async def bus() -> MemoryBus:
    made = MemoryBus()
    await made.create_topics({ARTICLES_FETCHED.name: TopicSpec(1, 60_000), ARTICLES_FETCHED.dlq: TopicSpec(1, 60_000)})
    return made


def message(event: ArticleFetched) -> Outgoing:
    sealed = seal(ARTICLES_FETCHED, event.article_id, event, event_id=event.revision, now=event.fetched_at)
    return Outgoing(sealed.topic, sealed.key, sealed.value, sealed.headers)


class Died(BaseException):
    """Stands for the end of the process."""


async def consumed(bus: MemoryBus, one: Runner, last: str, *, dies: bool = False) -> None:
    """Run the consumer until it has handled the article `last`; it then stops, or dies before the offsets are committed."""
    stopping = asyncio.Event()

    async def handle(batch: Sequence[Arrival[ArticleFetched]]) -> None:
        await one.handle(batch)
        if an_id(last) in {arrival.event.article_id for arrival in batch}:
            if dies:
                raise Died
            stopping.set()

    await consume(bus, group="classifier", topics=[ARTICLES_FETCHED.name], decode=decode, handle=handle, stopping=stopping, within=0.05)


async def put_aside(bus: MemoryBus) -> list[Received]:
    async with bus.receiver("test", [ARTICLES_FETCHED.dlq]) as receiver:
        return list(await receiver.receive(at_most=10, within=0.05))


async def test_a_death_between_commit_and_offset_tells_nobody_twice(engine: AsyncEngine, bus: MemoryBus) -> None:
    async with bus.sender() as sender:
        await sender.send([message(fetched("first", title="one", text=REPORT))])

    with pytest.raises(Died):
        await consumed(bus, runner(engine), "first", dies=True)
    assert len(await events(engine)) == 1

    async with bus.sender() as sender:
        await sender.send([message(fetched("second", title="two", text="Guns fell silent. " * 30))])
    await consumed(bus, runner(engine), "second")

    assert [event.article_id for event in await events(engine)] == [an_id("first"), an_id("second")]


async def test_what_cannot_be_read_is_put_aside_and_the_rest_goes_on(engine: AsyncEngine, bus: MemoryBus) -> None:
    good, bad = fetched("good", title="one", text=REPORT), fetched("bad", title="unreadable")
    not_ours = fetched("odd").model_copy(update={"article_id": "no-uuid"})
    async with bus.sender() as sender:
        await sender.send([Outgoing(ARTICLES_FETCHED.name, "x", b"<html>"), message(bad), message(not_ours), message(good)])
    readers = Scripted()
    await consumed(bus, Runner(engine, readers, WallClock(), NOWHERE), "good")
    letters = await put_aside(bus)

    assert {letter.headers["dlq-reason"] for letter in letters} == {
        DeadLetterReason.NOT_JSON,
        DeadLetterReason.NOT_OF_SCHEMA,
        DeadLetterReason.POISON,
    }
    assert [article.id for article in await rows(engine, articles)] == [an_id("good")]
    assert readers.read_titles.count("unreadable") == 1
