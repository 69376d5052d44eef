"""What people did at the desk, read from its tables: silences, hands on alerts, and those hands that ask the alerter for something."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.alert_raised import AlertRaised
from schemas.hands import Hand, Silence, subject_of
from schemas.matchers import MatcherFault, matchers_of
from schemas.tables import alerts, handled_hands, hands, silences, story_aliases
from schemas.vocabulary import HandAction, HandOutcome
from services.runtime.telemetry import get_logger

AHEAD = timedelta(minutes=5)
"""Silences that begin so soon are read too, so that one reading serves for a while."""

log = get_logger("hands")


@dataclass(frozen=True, slots=True)
class Asked:
    """A hand that asks the alerter for something, with the alert that it is on; None where there is no such alert."""

    hand_id: str
    action: HandAction
    alert: AlertRaised | None
    words: str
    done_by: str


async def silences_at(connection: AsyncConnection, now: datetime) -> tuple[Silence, ...]:
    """The silences that hold now or soon. One whose matchers this version cannot read is passed over, with a log line."""
    table = silences
    found = await connection.execute(
        sa.select(table)
        .where(table.c.begins_at <= now + AHEAD, table.c.ends_at > now, sa.or_(table.c.expired_at.is_(None), table.c.expired_at > now))
        .order_by(table.c.created_at, table.c.id)
    )
    read: list[Silence] = []
    for row in found:
        try:
            read.append(Silence(row.id, matchers_of(row.matchers), row.begins_at, row.ends_at, row.why, row.created_by, row.expired_at))
        except MatcherFault as fault:
            log.error("silence_unreadable", silence=row.id, detail=str(fault))  # noqa: TRY400 - the fault says it all
    return tuple(read)


async def hands_of(connection: AsyncConnection, stories: Iterable[str]) -> Mapping[str, Sequence[Hand]]:
    """The hands laid on alerts of these stories, and of stories merged into them, by the story's id today."""
    wanted = sorted(set(stories))
    laid: dict[str, list[Hand]] = defaultdict(list)
    if not wanted:
        return laid
    # Two questions that indexes answer, in place of one that reads every hand.
    aliases = await connection.execute(
        sa.select(story_aliases.c.alias, story_aliases.c.story_id).where(story_aliases.c.story_id.in_(wanted))
    )
    today: dict[str, str] = {row.alias: row.story_id for row in aliases} | {story: story for story in wanted}
    asked = (
        sa.select(hands, alerts.c.kind, alerts.c.effect, alerts.c.side, alerts.c.raised_at, alerts.c.headline)
        .join(alerts, alerts.c.id == hands.c.alert_id)
        .where(hands.c.story_id.in_(list(today)), hands.c.action.not_in([HandAction.NOTE, HandAction.RESEND]))
        .order_by(hands.c.number)
    )
    for row in await connection.execute(asked):
        story = today[row.story_id]
        laid[story].append(_hand(row, story))
    return laid


async def asking(connection: AsyncConnection, *, at_most: int) -> Sequence[Asked]:
    """The hands that ask for something and were not handled yet, oldest first."""
    found = await connection.execute(
        sa.select(hands.c.id, hands.c.action, hands.c.words, hands.c.done_by, alerts.c.body)
        .outerjoin(alerts, alerts.c.id == hands.c.alert_id)
        .where(hands.c.action.in_([HandAction.WRONG, HandAction.RESEND]))
        .where(~sa.exists().where(handled_hands.c.hand_id == hands.c.id))
        .order_by(hands.c.number)
        .limit(at_most)
    )
    return [
        Asked(row.id, HandAction(row.action), AlertRaised.model_validate(row.body) if row.body else None, row.words, row.done_by)
        for row in found
    ]


async def handled(connection: AsyncConnection, hand_id: str, outcome: HandOutcome, now: datetime, alert_id: str | None = None) -> None:
    """Keep what came of a hand."""
    row = {"hand_id": hand_id, "outcome": outcome, "alert_id": alert_id, "handled_at": now}
    await connection.execute(insert(handled_hands).values(row).on_conflict_do_nothing())


def _hand(row: sa.Row[Any], story: str) -> Hand:
    return Hand(
        number=row.number,
        action=HandAction(row.action),
        alert_id=row.alert_id,
        story_id=story,
        subject=subject_of(row.kind, row.effect, row.side),
        raised_at=row.raised_at,
        headline=row.headline,
        done_by=row.done_by,
        done_at=row.done_at,
        whole_story=row.whole_story,
        until=row.until,
        words=row.words,
    )
