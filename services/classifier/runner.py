"""One batch of articles: read, filed under one lock, written with what is to be told in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched
from schemas.envelope import Envelope, UnreadableMessage, opened, seal
from schemas.reading import Article
from schemas.tables import classifier_outbox
from schemas.topics import ARTICLES_CLASSIFIED
from schemas.vocabulary import ClassifyReason, DeadLetterReason
from services.classifier.adapters import store
from services.classifier.adapters.readers import Job, Readers, Unread
from services.classifier.adapters.rows import Row
from services.classifier.adapters.store import Standing
from services.classifier.core.candidates import Candidates
from services.classifier.core.comparison import StoryPolicy
from services.classifier.core.copies import Shelf
from services.classifier.core.filing import Filed, Files, Read
from services.classifier.core.profiles import Gazetteer, StoryProfile
from services.classifier.core.reading import RULES_VERSION
from services.classifier.metrics import ARTICLES, CLAIMS, LEFT_OUT, OPEN_STORIES, READING_FAULTS, STORIES, UNDATED
from services.runtime.bus import Received
from services.runtime.clock import Clock
from services.runtime.consumption import Arrival
from services.runtime.outbox import Outbox
from services.runtime.postgres import advisory_lock, transaction
from services.runtime.telemetry import get_logger, measured, trace_of

LOCK = "classifier stories"
"""Two classifiers may meet the same new story at once: whoever files articles holds this lock until the commit."""
OVERLAP = timedelta(minutes=1)
"""How far the clocks of two replicas may differ."""
MOST_REMEMBERED = 30_000
"""Articles kept in memory for the search for copies; beyond, the memory is built anew from those near in time."""

log = get_logger("classifier")


def decode(message: Received) -> ArticleFetched:
    """The article in a message of `articles.fetched`.

    Raises:
        UnreadableMessage: it holds none.
    """
    fetched = opened(message.value, message.headers, ArticleFetched)
    try:
        UUID(fetched.article_id)
    except ValueError as fault:
        raise UnreadableMessage(DeadLetterReason.NOT_OF_SCHEMA, f"article_id {fetched.article_id[:80]!r} is no UUID") from fault
    return fetched


class Runner:
    """Handles batches, one at a time."""

    def __init__(
        self, engine: AsyncEngine, readers: Readers, clock: Clock, gazetteer: Gazetteer, policy: StoryPolicy | None = None
    ) -> None:
        """Nothing is read from the database before the first batch."""
        self._engine = engine
        self._readers = readers
        self._clock = clock
        self._gazetteer = gazetteer
        self._policy = policy or StoryPolicy()
        self._outbox = Outbox(classifier_outbox)
        self._memory = _Memory()
        self._unread: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    async def handle(self, arrivals: Sequence[Arrival[ArticleFetched]]) -> None:
        """Return when every article of the batch is committed; one that is known already changes nothing.

        Raises:
            UnreadableMessage: the only article of the batch cannot be read.
            RuntimeError: one of several cannot be read.
            DatabaseUnavailable: see there.
        """
        async with self._one_at_a_time:
            with measured("classifier_batch"):
                async with transaction(self._engine) as connection:
                    known = await store.standings(connection, [arrival.event.article_id for arrival in arrivals])
                # What is known need not be read; whether it is still unknown is asked again under the lock.
                fresh = [arrival for arrival in arrivals if not _done(arrival.event, known)]
                read = await self._read(fresh)
                if fresh:
                    await self._file(list(zip(fresh, read, strict=True)))
            for arrival in arrivals:
                if arrival not in fresh:
                    self._tell(arrival, ClassifyReason.ALREADY_CLASSIFIED)

    async def _read(self, arrivals: Sequence[Arrival[ArticleFetched]]) -> list[Read]:
        """What was read of each.

        Where one of several cannot be read, the consumer hands over each message alone, so that this one is put aside
        and no other; what made it unreadable is remembered until then, for it may have taken long to find out.
        """
        if len(arrivals) == 1 and arrivals[0].message.name in self._unread:
            raise UnreadableMessage(DeadLetterReason.POISON, self._unread.pop(arrivals[0].message.name))
        with measured("reading"):
            found = await self._readers.read([_job(arrival.event) for arrival in arrivals])
        faults = {arrival.message.name: one.detail for arrival, one in zip(arrivals, found, strict=True) if isinstance(one, Unread)}
        for name, detail in faults.items():
            READING_FAULTS.labels(DeadLetterReason.POISON).inc()
            if len(arrivals) == 1:
                raise UnreadableMessage(DeadLetterReason.POISON, detail)
            self._unread[name] = detail
        if faults:
            raise RuntimeError(f"these cannot be read: {faults}")
        return [one for one in found if isinstance(one, Read)]

    async def _file(self, batch: Sequence[tuple[Arrival[ArticleFetched], Read]]) -> None:
        told: list[tuple[Arrival[ArticleFetched], Read, Filed]] = []
        repeated: list[Arrival[ArticleFetched]] = []
        try:
            async with transaction(self._engine) as connection:
                with measured("waiting_for_stories"):
                    await advisory_lock(connection, LOCK)
                known = await store.standings(connection, [arrival.event.article_id for arrival, _ in batch])
                files = await self._opened(connection, [read for _, read in batch], known)
                for arrival, read in batch:
                    if _done(arrival.event, known):
                        repeated.append(arrival)
                        continue
                    standing = known.get(arrival.event.article_id)
                    filed = files.file(read, story_before=standing.story_id if standing else None, revised=standing is not None)
                    known[arrival.event.article_id] = _standing(arrival.event, filed, standing)
                    told.append((arrival, read, filed))
                # Only now is it known which stories of this batch were found to be one.
                now = self._clock.now()
                rows = [_row(arrival.event, read, filed, files.today(filed.story_id), now) for arrival, read, filed in told]
                touched = {row.story_id for row in rows if row.story_id is not None}
                await store.write(connection, rows, [files.stories[story_id] for story_id in sorted(touched)], files.aliases)
                heads = zip((arrival for arrival, _, _ in told), rows, strict=True)
                await self._outbox.put(connection, [envelope for arrival, row in heads for envelope in _envelopes(arrival, row)])
        except BaseException:
            # What was filed in memory was not kept; the next batch starts from the database.
            self._memory = _Memory()
            raise
        self._memory.stories = files.stories
        OPEN_STORIES.set(len(files.stories))
        for arrival, read, filed in told:
            self._tell(arrival, filed.reason, read, filed)
        for arrival in repeated:
            self._tell(arrival, ClassifyReason.ALREADY_CLASSIFIED)

    async def _opened(self, connection: AsyncConnection, reads: Sequence[Read], known: dict[str, Standing]) -> Files:
        """The files as the database has them now."""
        first, last = min(read.seen_at for read in reads), max(read.seen_at for read in reads)
        window = self._policy.window
        before = {standing.story_id for standing in known.values() if standing.story_id is not None}
        stories = await store.open_stories(connection, first - window, last + window, also=before, known=self._memory.stories)
        shelf = await self._memory.shelf_of(connection, first, last, self._clock.now())
        self._memory.candidates = self._memory.candidates or Candidates(self._gazetteer)
        return Files(self._gazetteer, stories=stories, shelf=shelf, policy=self._policy, candidates=self._memory.candidates)

    def _tell(self, arrival: Arrival[ArticleFetched], reason: ClassifyReason, read: Read | None = None, filed: Filed | None = None) -> None:
        """The closing line of an article, and its counts."""
        fetched = arrival.event
        language = read.reading.language if read else ""
        ARTICLES.labels(reason, language).inc()
        if read is not None:
            for claim in read.reading.casualties:
                CLAIMS.labels(claim.effect, str(claim.current).lower()).inc()
            for note in read.reading.notes:
                LEFT_OUT.labels(note).inc()
            if fetched.published_at is None:
                UNDATED.labels("no_date").inc()
        assignment = filed.assignment if filed else None
        if assignment is not None:
            STORIES.labels(assignment.reason).inc()
        log.info(
            "article_classified",
            reason=reason,
            message=arrival.message.name,
            article=fetched.article_id,
            url=fetched.url,
            language=language or None,
            dated=fetched.published_at is not None,
            story=filed.story_id if filed else None,
            story_reason=assignment.reason if assignment else None,
            copy_of=filed.copy_of if filed else None,
            absorbed=filed.absorbed or None if filed else None,
            claims=len(read.reading.casualties) if read else None,
            ceasefire=len(read.reading.ceasefire) if read else None,
            left_out=[*read.reading.notes] or None if read else None,
        )


class _Memory:
    """What was read from the database before and need not be read again: stories by their size, recent articles."""

    def __init__(self) -> None:
        self.stories: dict[str, StoryProfile] = {}
        self.candidates: Candidates | None = None
        self._shelf: Shelf | None = None
        self._covers: tuple[datetime, datetime] | None = None
        self._read_at: datetime | None = None

    async def shelf_of(self, connection: AsyncConnection, first: datetime, last: datetime, now: datetime) -> Shelf:
        """The articles near that stretch of time, with what other replicas have added."""
        within = Shelf().policy.within
        since, until = first - within, last + within
        shelf, covers, read_at = self._shelf, self._covers, self._read_at
        if shelf is None or covers is None or read_at is None or not covers[0] <= since or len(shelf) > MOST_REMEMBERED:
            shelf = Shelf()
            for known in await store.articles_seen(connection, since, until):
                shelf.put(known)
            covers = (since, until)
        else:
            if until > covers[1]:
                for known in await store.articles_seen(connection, covers[1], until):
                    if known.article_id not in shelf:
                        shelf.put(known)
                covers = (covers[0], until)
            for known in await store.articles_since(connection, read_at - OVERLAP, but=shelf):
                shelf.put(known)
        self._shelf, self._covers, self._read_at = shelf, covers, now
        return shelf


def _done(fetched: ArticleFetched, known: dict[str, Standing]) -> bool:
    standing = known.get(fetched.article_id)
    return standing is not None and standing.holds(fetched.revision, RULES_VERSION)


def _standing(fetched: ArticleFetched, filed: Filed, before: Standing | None) -> Standing:
    """How the article stands once this revision is written."""
    seen = before.seen_revisions if before else frozenset()
    return Standing(fetched.revision, RULES_VERSION, filed.story_id, seen | {fetched.revision})


def _seen_at(fetched: ArticleFetched) -> datetime:
    return fetched.published_at or fetched.fetched_at


def _job(fetched: ArticleFetched) -> Job:
    article = Article(
        id=fetched.article_id,
        url=fetched.url,
        title=fetched.title,
        text=fetched.text,
        published_at=fetched.published_at,
        outlet=fetched.outlet.name,
    )
    return Job(article, _seen_at(fetched))


def _row(fetched: ArticleFetched, read: Read, filed: Filed, story_id: str | None, now: datetime) -> Row:
    return Row(
        fetched=fetched,
        reading=read.reading,
        reason=filed.reason,
        story_id=story_id,
        copy_of=filed.copy_of,
        origin=read.origin,
        signature=read.signature,
        now=now,
    )


def _envelopes(arrival: Arrival[ArticleFetched], row: Row) -> list[Envelope]:
    """What is to be told of the article: nothing where it belongs to no story."""
    if row.story_id is None:
        return []
    fetched = row.fetched
    event = ArticleClassified(
        article_id=fetched.article_id,
        revision=fetched.revision,
        story_id=row.story_id,
        url=fetched.url,
        title=fetched.title,
        published_at=fetched.published_at,
        fetched_at=fetched.fetched_at,
        classified_at=row.now,
        outlet=fetched.outlet,
        reason=row.reason,
        copy_of=row.copy_of,
        origin=row.origin,
        reading=row.reading,
    )
    name = f"classified|{fetched.article_id}|{fetched.revision}|{row.reading.rules_version}"
    with trace_of(arrival.message.headers) as traceparent:
        return [
            seal(
                ARTICLES_CLASSIFIED,
                row.story_id,
                event,
                event_id=str(uuid5(NAMESPACE_URL, name)),
                now=row.now,
                traceparent=traceparent,
            )
        ]
