"""`story plot`: the figures of a story out of the database, or of articles that are given, drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from schemas.tables import ledger_figures, stories, story_aliases
from schemas.vocabulary import Bound, Effect
from services.alerter.core.ledger import Ledger
from services.alerter.core.wording import Wording
from services.desk.adapters.alerts import canonical, checked_id
from services.desk.core.refusals import Refused
from services.runtime.postgres import open_engine, transaction
from services.runtime.settings import WatchSettings
from services.standalone.backtest import Wish, arrivals
from services.standalone.database import database_url
from services.standalone.replay import Replaying
from services.standalone.tollcurve import Stated, curves, draw

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plot:
    """What was asked for on the command line."""

    story: str | None
    sources: tuple[str, ...]
    out: Path
    effect: Effect
    language: str


async def plot(wish: Plot, say: Say) -> int:
    """Draw, and say where it lies; 1 where there is nothing to draw, no such story, or no place for the picture.

    Raises:
        SettingsFault: no database is set.
    """
    if wish.sources:
        title, stated = await _given(wish.story, wish.sources, say)
    else:
        try:
            title, stated = await _stored(wish.story or "")
        except Refused as refused:
            say(str(refused))
            return 1
    drawn = curves(stated, wish.effect)
    if not drawn:
        say(f"nothing to draw: nobody stated a number of {wish.effect}; --effect takes {', '.join(Effect)}")
        return 1
    picture = draw(title, drawn, wish.effect, wording=Wording.packaged(wish.language))
    try:
        await asyncio.to_thread(wish.out.write_bytes, picture)
    except OSError as fault:
        say(f"{wish.out} cannot be written ({fault.strerror}); name another file with --out")
        return 1
    say(f"{wish.out}: {len(drawn)} curves, {sum(len(curve.steps) for curve in drawn)} steps")
    return 0


async def _stored(story: str) -> tuple[str, list[Stated]]:
    engine = open_engine(database_url(WatchSettings.load()), application="caucasus-watch story", pool_size=1)
    try:
        async with transaction(engine) as connection:
            asked = checked_id(story, "story")
            today = (await canonical(connection, [asked]))[asked]
            title = await connection.scalar(sa.select(stories.c.title).where(stories.c.id == today))
            same = sa.select(story_aliases.c.alias).where(story_aliases.c.story_id == today)
            table = ledger_figures
            rows = await connection.execute(
                sa.select(table)
                .where(sa.or_(table.c.story_id == today, table.c.story_id.in_(same)), table.c.withdrawn_at.is_(None))
                .where(~table.c.subset, ~table.c.addition, ~table.c.joint)
                .order_by(table.c.stated_at, table.c.id)
            )
            return title or story, [
                Stated(
                    Effect(row.effect), row.side, row.claimant, row.low, row.high, Bound(row.bound), row.stated_at, row.outlet, row.quote
                )
                for row in rows
            ]
    finally:
        await engine.dispose()


async def _given(story: str | None, sources: Sequence[str], say: Say) -> tuple[str, list[Stated]]:
    """The story that was asked for, by its id or by words of its first title; else the one with the most figures."""
    replaying = Replaying()
    titles: dict[str, str] = {}
    async for arrival in arrivals(Wish(sources=tuple(sources)), say, say):
        step = replaying.hear(arrival)
        if step is not None and step.filed.story_id is not None:
            titles.setdefault(step.filed.story_id, arrival.article.title)
    wanted = [
        ledger
        for ledger in replaying.ledgers.values()
        if story is None or story == ledger.story_id or story.lower() in titles.get(ledger.story_id, "").lower()
    ]
    if not wanted:
        return story or "", []
    ledger: Ledger = max(wanted, key=lambda one: (len(one.figures), one.story_id))
    figures = [figure for figure in ledger.figures if not figure.subset and not figure.addition and not figure.joint]
    return titles.get(ledger.story_id, ""), [
        Stated(
            figure.effect,
            figure.side,
            figure.claimant,
            figure.low,
            figure.high,
            figure.bound,
            figure.stated_at,
            figure.outlet,
            figure.quote,
        )
        for figure in figures
    ]
