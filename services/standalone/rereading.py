"""`reclassify`: what today's rules read otherwise in stored articles, and which alerts would differ, before anything is written.

It never sends: neither the alerts nor the readings leave the database. Written are, when asked, the rows of the new rules
beside those of the old ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.reading import Article, CasualtyClaim, Reading
from schemas.tables import revisions
from services.alerter.core.decision import decide
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from services.classifier.adapters.rereading import Known, add, count, known
from services.classifier.core.reading import RULES_VERSION, read
from services.runtime.clock import Clock, WallClock
from services.runtime.postgres import open_engine, transaction
from services.runtime.settings import WatchSettings
from services.standalone.backtest import differences
from services.standalone.database import database_url
from services.standalone.stored import Stretch, within

PAGE = 100

Say = Callable[[str], None]
Reader = Callable[[Article], Reading]


@dataclass(slots=True)
class Tally:
    """What was found."""

    articles: int = 0
    changed: int = 0
    alike: int = 0
    """Read otherwise by rules of the same version, which therefore cannot be written beside each other."""
    unfiled: int = 0
    """Of the region by today's rules, and without a story: the service files them when they are revised."""
    unread: int = 0
    written: int = 0
    before: list[AlertRaised] = field(default_factory=list)
    after: list[AlertRaised] = field(default_factory=list)


async def reclassify(stretch: Stretch, *, apply: bool, write: Say, say: Say, console: Console) -> int:
    """Read again, print the difference, and write where asked; 0, or 1 where something could not be written for its version.

    Raises:
        SettingsFault: no database is set.
        DatabaseUnavailable, DatabaseUnfit: see there.
    """
    engine = open_engine(database_url(WatchSettings.load()), application="caucasus-watch reclassify", pool_size=2)
    try:
        return await Rereading(engine, write, say).over(stretch, apply=apply, console=console)
    finally:
        await engine.dispose()


class Rereading:
    """Goes through stored articles with today's rules."""

    def __init__(
        self, engine: AsyncEngine, write: Say, say: Say, *, reader: Reader = read, policy: Policy | None = None, clock: Clock | None = None
    ) -> None:
        """`write` takes the difference, line by line; `say` what is told beside it."""
        self._engine = engine
        self._write = write
        self._say = say
        self._reader = reader
        self._policy = policy or Policy.packaged()
        self._clock = clock or WallClock()

    async def over(self, stretch: Stretch, *, apply: bool, console: Console | None = None) -> int:
        """Read every article of the stretch again; 1 where some could not be read, or not be written."""
        which = within(revisions.c.fetched_at, stretch)
        async with transaction(self._engine) as connection:
            total = await count(connection, which)
        tally = Tally()
        changed: list[tuple[Known, Reading]] = []
        ledgers: tuple[dict[str, Ledger], dict[str, Ledger]] = ({}, {})
        columns = (TextColumn("reading again"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar = Progress(*columns, console=console, transient=True) if console is not None else None
        with bar or nullcontext():
            task = bar.add_task("articles", total=total) if bar is not None else None
            async for one in self._articles(which):
                if bar is not None and task is not None:
                    bar.advance(task)
                try:
                    reading = await asyncio.to_thread(self._reader, _article(one))
                except Exception as fault:  # noqa: BLE001 - one article that no rule bears must not end the reading of the others
                    tally.unread += 1
                    self._say(
                        f"{one.fetched.url or one.fetched.article_id}: cannot be read ({type(fault).__name__}: {fault}); it stays as it is"
                    )
                    continue
                self._look(one, reading, tally, changed)
                tally.before += _alerts(ledgers[0], one, one.reading, self._policy)
                tally.after += _alerts(ledgers[1], one, reading, self._policy)
        self._tell(tally)
        if apply:
            tally.written = await self._apply(changed)
            self._say(f"{tally.written} articles stand by the rules {RULES_VERSION} now; nothing was sent")
        elif changed:
            self._say(f"nothing was written; --apply writes what the rules {RULES_VERSION} read of {len(changed)} articles")
        if tally.alike:
            self._say(
                f"{tally.alike} articles were read by rules of the same version {RULES_VERSION} and are read otherwise now: "
                "give the rules a new version (RULES_VERSION), else they cannot be told apart and are not written"
            )
        return 1 if tally.unread or (tally.alike and apply) else 0

    async def _articles(self, which: Sequence[sa.ColumnElement[bool]]) -> AsyncIterator[Known]:
        after: tuple[datetime, str] | None = None
        while True:
            async with transaction(self._engine) as connection:
                page = await known(connection, which, at_most=PAGE, after=after)
            for one in page:
                yield one
            if len(page) < PAGE:
                return
            after = (page[-1].fetched.fetched_at, page[-1].fetched.article_id)

    def _look(self, one: Known, reading: Reading, tally: Tally, changed: list[tuple[Known, Reading]]) -> None:
        tally.articles += 1
        lines = list(otherwise(one.reading, reading))
        if lines:
            tally.changed += 1
            self._write(f"{one.fetched.url or one.fetched.article_id}  {one.fetched.title[:100]}")
            for line in lines:
                self._write(f"  {line}")
        if reading.relevant and one.story_id is None:
            tally.unfiled += 1
        if one.reading.rules_version != reading.rules_version:
            # Their texts are not needed any more: a long stretch must not fill the memory.
            changed.append((replace(one, fetched=one.fetched.model_copy(update={"title": "", "text": ""})), reading))
        elif lines:
            tally.alike += 1

    def _tell(self, tally: Tally) -> None:
        alerts = list(differences(_lines(tally.before), _lines(tally.after)))
        if alerts:
            self._write("alerts that would have been raised:")
            for line in alerts:
                self._write(f"  {line}")
        self._say(
            f"{tally.articles} articles read again: {tally.changed} otherwise, {len(alerts)} differences in {len(tally.before)} alerts"
            + (f"; {tally.unfiled} would concern the region and have no story" if tally.unfiled else "")
        )

    async def _apply(self, changed: Sequence[tuple[Known, Reading]]) -> int:
        written = 0
        for start in range(0, len(changed), PAGE):
            async with transaction(self._engine) as connection:
                written += await add(connection, changed[start : start + PAGE], self._clock.now())
        return written


def otherwise(before: Reading, after: Reading) -> Iterator[str]:
    """What is read otherwise, as lines: `-` by the old rules, `+` by the new ones."""
    if before.relevant != after.relevant:
        yield f"{'+' if after.relevant else '-'} concerns the region"
    if before.language != after.language:
        yield f"~ language {before.language} -> {after.language}"
    old, new = _tags(before), _tags(after)
    for tag in sorted({*old, *new}):
        difference = new.count(tag) - old.count(tag)
        if difference:
            yield f"{'+' if difference > 0 else '-'} {tag}"


def _tags(reading: Reading) -> list[str]:
    tags = sorted({f"actor {actor.code} {actor.role}" for actor in reading.actors})
    tags += sorted({f"event {event.type}" for event in reading.event_types})
    tags += [f"claim {_words(claim)}" for claim in reading.casualties]
    tags += [
        f"truce {one.status}{'' if one.current else ', of the past'}{f' ({one.claimant})' if one.claimant else ''}: «{one.evidence.text[:120]}»"
        for one in reading.ceasefire
    ]
    return tags


def _words(claim: CasualtyClaim) -> str:
    number = "..".join("" if end is None else str(end) for end in (claim.low, claim.high))
    marks = [name for name in ("subset", "joint", "addition") if getattr(claim, name)]
    if not claim.current:
        marks.append("of the past")
    return " ".join(
        [
            f"{claim.effect} {claim.bound} {number} of {claim.side or 'no side'} ({claim.group}) by {claim.claimant or 'the outlet'}",
            *marks,
            f"«{claim.evidence.text[:120]}»",
        ]
    )


def _article(one: Known) -> Article:
    fetched = one.fetched
    return Article(
        id=fetched.article_id,
        url=fetched.url,
        title=fetched.title,
        text=fetched.text,
        published_at=fetched.published_at,
        outlet=fetched.outlet.name,
    )


def _alerts(ledgers: dict[str, Ledger], one: Known, reading: Reading, policy: Policy) -> tuple[AlertRaised, ...]:
    """What a desk would have been told of the article at the time when the service had it."""
    if one.story_id is None:
        return ()
    fetched = one.fetched
    classified = ArticleClassified(
        article_id=fetched.article_id,
        revision=fetched.revision,
        story_id=one.story_id,
        url=fetched.url,
        title=fetched.title,
        published_at=fetched.published_at,
        fetched_at=fetched.fetched_at,
        classified_at=fetched.fetched_at,
        outlet=fetched.outlet,
        reason=one.reason,
        copy_of=one.copy_of,
        origin=one.origin,
        reading=reading,
    )
    decision = decide(ledgers.get(one.story_id) or Ledger(one.story_id), classified, fetched.fetched_at, policy)
    ledgers[one.story_id] = decision.ledger
    return decision.alerts


def _lines(alerts: Sequence[AlertRaised]) -> list[dict[str, object]]:
    return [{"alert_id": alert.alert_id, "raised_at": alert.raised_at, "headline": alert.headline} for alert in alerts]
