"""What people do, written down: hands on alerts and silences, each with its line in the audit, in one transaction.

The interface and the commands do the same things through these functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.matchers import MatcherFault, matchers_of
from schemas.tables import hands, silences
from schemas.vocabulary import AlertKind, AlertReason, HandAction, Standing
from services.desk.adapters.alerts import checked_id, in_full, not_found
from services.desk.adapters.audit import Author, record
from services.desk.core.forms import AlertInFull, ShownSilence, SilencePage
from services.desk.core.refusals import Refusal, Refused
from services.desk.core.spans import LONGEST
from services.runtime.postgres import advisory_lock

LONGEST_WORDS = 2000
MOST_SILENCES = 500


async def lay(
    connection: AsyncConnection,
    author: Author,
    alert_id: str,
    action: HandAction,
    now: datetime,
    *,
    words: str = "",
    until: datetime | None = None,
    whole_story: bool = False,
    key: str | None = None,
) -> AlertInFull:
    """Do something with an alert; how it stands then. Asked again by the same author with the same `key` nothing is done.

    Raises:
        Refused: there is no such alert, it does not bear this action, or words are missing or too long.
    """
    words = _words(words, needed=action in {HandAction.NOTE, HandAction.WRONG})
    before = await in_full(connection, alert_id, now)
    if before.standing is Standing.WITHDRAWN and action in {HandAction.WRONG, HandAction.RESEND, HandAction.SNOOZE}:
        raise Refused(Refusal.CONFLICT, "this alert was marked as wrong", "nothing is left to do with it; a note can still be added")
    if action is HandAction.WRONG and (before.alert.reason is AlertReason.WITHDRAWN or before.alert.kind is AlertKind.WATCH):
        raise Refused(Refusal.CONFLICT, "this alert tells of no claim", "acknowledge or resolve it instead")
    hand_id = str(uuid5(NAMESPACE_URL, f"hand|{author.name}|{key}")) if key else str(uuid4())
    row = {
        "id": hand_id, "alert_id": before.alert.alert_id, "story_id": before.alert.story_id, "action": action, "whole_story": whole_story,
        "until": until, "words": words, "done_by": author.name, "done_at": now,
    }  # fmt: skip
    written = await connection.execute(insert(hands).values(row).on_conflict_do_nothing(index_elements=[hands.c.id]).returning(hands.c.id))
    if written.one_or_none() is None:
        return before
    after = await in_full(connection, alert_id, now)
    await record(
        connection,
        author,
        f"alert.{action}",
        before.alert.alert_id,
        now,
        before=_stands(before),
        after=_stands(after) | ({"words": words} if words else {}) | ({"whole_story": True} if whole_story else {}),
    )
    return after


async def silence(
    connection: AsyncConnection, author: Author, matchers: Sequence[str], now: datetime, *, begins_at: datetime, ends_at: datetime, why: str
) -> ShownSilence:
    """Make a silence.

    Raises:
        Refused: a matcher cannot be read, there is none, the times do not fit, nobody says why, or one like it holds already.
    """
    why = _words(why, needed=True)
    try:
        read = matchers_of(matchers)
    except MatcherFault as fault:
        raise Refused(Refusal.NOT_VALID, "the matchers cannot be read", str(fault)) from fault
    if not read:
        raise Refused(Refusal.NOT_VALID, "a silence without matchers would keep everything back", 'name at least one, such as side="ARM"')
    if ends_at <= max(begins_at, now):
        raise Refused(Refusal.NOT_VALID, "the silence would be over before it begins", "let it end after its beginning, and ahead of now")
    if ends_at - begins_at > LONGEST:
        raise Refused(Refusal.NOT_VALID, "the silence would last longer than a year", "make it shorter; it can be made again")
    standing = await connection.scalar(
        sa.select(sa.func.count()).select_from(silences).where(silences.c.ends_at > now, silences.c.expired_at.is_(None))
    )
    if (standing or 0) >= MOST_SILENCES:
        raise Refused(
            Refusal.CONFLICT, f"there are {standing} silences already", "expire those that are not needed: caucasus-watch alerts silences"
        )
    await advisory_lock(connection, "desk silences")
    await _alone(connection, sorted(map(str, read)), begins_at, ends_at)
    made = ShownSilence(
        id=str(uuid4()), matchers=tuple(map(str, read)), begins_at=begins_at, ends_at=ends_at, why=why, created_by=author.name, created_at=now,
        state=_state(begins_at, ends_at, None, now),
    )  # fmt: skip
    await connection.execute(sa.insert(silences).values(made.model_dump(exclude={"state"})))
    await record(connection, author, "silence.add", made.id, now, after=made.model_dump(mode="json"))
    return made


async def expire(connection: AsyncConnection, author: Author, silence_id: str, now: datetime) -> ShownSilence:
    """End a silence before its time; one that is over stays as it is.

    Raises:
        Refused: there is none of that id.
    """
    known = checked_id(silence_id, "silence")
    row = (await connection.execute(sa.select(silences).where(silences.c.id == known).with_for_update())).one_or_none()
    if row is None:
        raise not_found("silence", silence_id)
    before = _silence(row, now)
    if before.state == "expired":
        return before
    await connection.execute(sa.update(silences).where(silences.c.id == known).values(expired_at=now, expired_by=author.name))
    after = before.model_copy(update={"expired_at": now, "expired_by": author.name, "state": "expired"})
    await record(
        connection, author, "silence.expire", known, now, before=before.model_dump(mode="json"), after=after.model_dump(mode="json")
    )
    return after


async def silences_of(connection: AsyncConnection, now: datetime, *, every: bool = False) -> SilencePage:
    """The silences that hold or are to come; with `every`, also those that are over, the last ones."""
    asked = sa.select(silences).order_by(silences.c.ends_at.desc(), silences.c.id).limit(MOST_SILENCES)
    if not every:
        asked = asked.where(silences.c.ends_at > now, sa.or_(silences.c.expired_at.is_(None), silences.c.expired_at > now))
    return SilencePage(items=tuple(_silence(row, now) for row in await connection.execute(asked)))


async def _alone(connection: AsyncConnection, matchers: Sequence[str], begins_at: datetime, ends_at: datetime) -> None:
    """See that no silence of the same matchers holds in that time.

    Raises:
        Refused: one does; two of them would each outlast the other's early end.
    """
    table = silences
    ends = sa.func.least(table.c.ends_at, sa.func.coalesce(table.c.expired_at, table.c.ends_at))
    rows = await connection.execute(sa.select(table, ends.label("ends")).where(table.c.begins_at < ends_at, ends > begins_at))
    for row in rows:
        if sorted(row.matchers) == matchers:
            raise Refused(
                Refusal.CONFLICT,
                f"the silence {row.id} of {row.created_by} has the same matchers and holds until {row.ends:%Y-%m-%d %H:%M} UTC",
                "expire that one first, or let this one begin when it ends",
            )


def _silence(row: sa.Row[Any], now: datetime) -> ShownSilence:
    return ShownSilence(**row._asdict(), state=_state(row.begins_at, row.ends_at, row.expired_at, now))


def _state(begins_at: datetime, ends_at: datetime, expired_at: datetime | None, now: datetime) -> str:
    if now >= ends_at or (expired_at is not None and now >= expired_at):
        return "expired"
    return "pending" if now < begins_at else "active"


def _stands(alert: AlertInFull) -> dict[str, Any]:
    return {"standing": alert.standing, "by": alert.by, "until": alert.until.isoformat() if alert.until else None}


def _words(text: str, *, needed: bool) -> str:
    text = text.strip()
    if needed and not text:
        raise Refused(Refusal.NOT_VALID, "nobody says why", "write a sentence: others will read it months from now")
    if len(text) > LONGEST_WORDS:
        raise Refused(Refusal.NOT_VALID, f"{len(text)} characters are too many", f"write at most {LONGEST_WORDS}")
    if "\x00" in text:
        raise Refused(Refusal.NOT_VALID, "the text holds a nought character", "take it out")
    return text
