"""Alerts as the desk sees them: listed by filters, page by page, and one in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.alert_raised import AlertRaised
from schemas.hands import Hand, Silence, alert_subject, standing_of, subject_of
from schemas.matchers import Matcher, MatcherFault, labels_of, matchers_of, matches
from schemas.tables import alerts, deliveries, handled_hands, hands, silences, story_aliases
from schemas.vocabulary import AlertKind, AlertReason, DeliveryState, Effect, HandAction, Severity, Standing
from services.desk.core.forms import AlertAtDesk, AlertInFull, AlertPage, LaidHand, RouteAtDesk, RoutePage, Telling
from services.desk.core.pages import Cursor
from services.desk.core.refusals import Refusal, Refused

DELIVERIES_OF_AN_ALERT = 20
"""Deliveries of one alert by one route that are reckoned with."""
BATCH = 200
MOST_TOUCHED = 5000
"""Stories with hands on them that are named in a question; where there are more, all are looked through."""
MOST_BATCHES = 25
"""Batches that one page looks through where filters are asked that the database does not know."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which alerts are asked for; what is None or empty asks for nothing."""

    kind: AlertKind | None = None
    reason: AlertReason | None = None
    severity: Severity | None = None
    effect: Effect | None = None
    side: str | None = None
    story: str | None = None
    route: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    standing: Standing | None = None
    matchers: tuple[Matcher, ...] = ()


def checked_id(text: str, what: str) -> str:
    """The id, as it stands in the database.

    Raises:
        Refused: it is no id of anything.
    """
    try:
        return str(UUID(text))
    except ValueError:
        raise not_found(what, text) from None


def not_found(what: str, text: str) -> Refused:
    """Nothing of that kind has this id."""
    return Refused(Refusal.NOT_FOUND, f"there is no {what} {text[:60]!r}", f"look for its id in the list of {what}s")


async def page(connection: AsyncConnection, wish: Wish, now: datetime, *, at_most: int = 50, after: Cursor | None = None) -> AlertPage:
    """A page of alerts, the newest first.

    Where standing or matchers are asked for, a page may hold fewer than `at_most` and still have a `next`: so far it was looked.
    """
    found: list[AlertAtDesk] = []
    cursor = after
    # Where the database knows every filter the first batch is the page.
    within = await _within(connection, wish.standing)
    size = BATCH if wish.standing is not None or wish.matchers else at_most + 1
    for _ in range(MOST_BATCHES):
        rows = await _batch(connection, wish, within, cursor, size)
        shown = await at_desk(connection, rows, now)
        for row, one in zip(rows, shown, strict=True):
            if (wish.standing is None or one.standing is wish.standing) and matches(wish.matchers, labels_of(one.alert)):
                if len(found) == at_most:
                    return AlertPage(items=tuple(found), next=str(cursor))
                found.append(one)
            cursor = Cursor(row.raised_at, row.id)
        if len(rows) < size:
            return AlertPage(items=tuple(found))
    return AlertPage(items=tuple(found), next=str(cursor))


async def in_full(connection: AsyncConnection, alert_id: str, now: datetime) -> AlertInFull:
    """One alert, with the hands on it and its tellings.

    Raises:
        Refused: there is none of that id.
    """
    known = checked_id(alert_id, "alert")
    row = (await connection.execute(sa.select(*_COLUMNS).where(alerts.c.id == known))).one_or_none()
    if row is None:
        raise not_found("alert", alert_id)
    (shown,) = await at_desk(connection, [row], now)
    laid = await hands_on(connection, hands.c.alert_id == known)
    told = await connection.execute(
        sa.select(*(deliveries.c[name] for name in Telling.model_fields))
        .where(deliveries.c.alert_id == known)
        .order_by(deliveries.c.created_at, deliveries.c.channel, deliveries.c.target)
    )
    tellings = tuple(Telling.model_validate(row._asdict()) for row in told)
    return AlertInFull(**dict(shown), hands=tuple(laid), tellings=tellings)


async def raised_after(connection: AsyncConnection, at: datetime, *, at_most: int) -> Sequence[AlertRaised]:
    """Alerts raised later than that, oldest first."""
    rows = await connection.execute(
        sa.select(alerts.c.body).where(alerts.c.raised_at > at).order_by(alerts.c.raised_at, alerts.c.id).limit(at_most)
    )
    return [AlertRaised.model_validate(row.body) for row in rows]


async def of_route(connection: AsyncConnection, route: str, *, at_most: int) -> Sequence[AlertRaised]:
    """The last alerts that went by a route, the newest first; those that were kept back are not among them."""
    # Several receivers and repeats of one alert are several deliveries: enough of the last ones are looked at.
    last = (
        sa.select(deliveries.c.alert_id)
        .where(deliveries.c.route == route, deliveries.c.state != DeliveryState.HELD)
        .order_by(deliveries.c.created_at.desc())
        .limit(at_most * DELIVERIES_OF_AN_ALERT)
    )
    rows = await connection.execute(
        sa.select(alerts.c.body)
        .where(alerts.c.id.in_(last.scalar_subquery()))
        .order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
        .limit(at_most)
    )
    return [AlertRaised.model_validate(row.body) for row in rows]


async def routes(connection: AsyncConnection) -> RoutePage:
    """The routes by which alerts went."""
    rows = await connection.execute(
        sa.select(
            deliveries.c.route.label("name"),
            sa.func.count(sa.distinct(deliveries.c.alert_id)).label("alerts"),
            sa.func.max(deliveries.c.created_at).label("last_at"),
        )
        .where(deliveries.c.route != "")
        .group_by(deliveries.c.route)
        .order_by(deliveries.c.route)
    )
    return RoutePage(items=tuple(RouteAtDesk.model_validate(row._asdict()) for row in rows))


async def at_desk(connection: AsyncConnection, rows: Iterable[Any], now: datetime) -> list[AlertAtDesk]:
    """Alerts with where they stand."""
    rows = list(rows)
    laid = await hands_by_story(connection, {row.story_id for row in rows})
    ids = [row.id for row in rows]
    taken_back = {
        row.withdraws: row.id
        for row in await connection.execute(sa.select(alerts.c.id, alerts.c.withdraws).where(alerts.c.withdraws.in_(ids)))
    }
    quiet = await _active_silences(connection, now) if rows else ()
    shown: list[AlertAtDesk] = []
    for row in rows:
        alert = AlertRaised.model_validate(row.body)
        stands = standing_of(row.id, alert_subject(alert), row.raised_at, laid[row.story_id], now)
        hand = stands.hand
        shown.append(
            AlertAtDesk(
                alert=alert,
                standing=stands.standing,
                by=hand.done_by if hand else None,
                since=hand.done_at if hand else None,
                until=hand.until if hand and stands.standing is Standing.SNOOZED else None,
                withdrawn_by=taken_back.get(row.id),
                silenced_by=next((silence.id for silence in quiet if silence.covers(alert)), None),
            )
        )
    return shown


async def _active_silences(connection: AsyncConnection, now: datetime) -> Sequence[Silence]:
    """The silences that hold now; one whose matchers this version cannot read holds nothing here either."""
    table = silences
    asked = sa.select(table).where(
        table.c.begins_at <= now, table.c.ends_at > now, sa.or_(table.c.expired_at.is_(None), table.c.expired_at > now)
    )
    found: list[Silence] = []
    for row in await connection.execute(asked.order_by(table.c.created_at, table.c.id)):
        with suppress(MatcherFault):
            matchers = matchers_of(row.matchers)
            found.append(Silence(row.id, matchers, row.begins_at, row.ends_at, row.why, row.created_by, row.expired_at))
    return found


async def hands_by_story(connection: AsyncConnection, stories: Iterable[str]) -> Mapping[str, Sequence[Hand]]:
    """The hands of these stories, and of those that are one with them, by the id that was asked for."""
    wanted = set(stories)
    laid: dict[str, Sequence[Hand]] = defaultdict(list)
    if not wanted:
        return laid
    today = await canonical(connection, wanted)
    mates = {
        row.alias: row.story_id
        for row in await connection.execute(sa.select(story_aliases).where(story_aliases.c.story_id.in_(set(today.values()))))
    }
    mates |= {story: story for story in today.values()}
    rows = await connection.execute(
        sa.select(hands, alerts.c.kind, alerts.c.effect, alerts.c.side, alerts.c.raised_at, alerts.c.headline)
        .join(alerts, alerts.c.id == hands.c.alert_id)
        .where(hands.c.story_id.in_(list(mates)))
        .order_by(hands.c.number)
    )
    by_today: dict[str, list[Hand]] = defaultdict(list)
    for row in rows:
        by_today[mates[row.story_id]].append(
            Hand(
                row.number,
                HandAction(row.action),
                row.alert_id,
                mates[row.story_id],
                subject_of(row.kind, row.effect, row.side),
                row.raised_at,
                row.headline,
                row.done_by,
                row.done_at,
                whole_story=row.whole_story,
                until=row.until,
                words=row.words,
            )
        )
    for story in wanted:
        laid[story] = by_today[today[story]]
    return laid


async def canonical(connection: AsyncConnection, stories: Iterable[str]) -> dict[str, str]:
    """Each story's id today."""
    found = {story: story for story in stories}
    rows = await connection.execute(sa.select(story_aliases).where(story_aliases.c.alias.in_(list(found))))
    return found | {row.alias: row.story_id for row in rows}


async def hands_on(connection: AsyncConnection, which: sa.ColumnElement[bool]) -> Sequence[LaidHand]:
    """Hands, in their order, with what came of them."""
    rows = await connection.execute(
        sa.select(hands, handled_hands.c.outcome)
        .outerjoin(handled_hands, handled_hands.c.hand_id == hands.c.id)
        .where(which)
        .order_by(hands.c.number)
    )
    return [LaidHand.model_validate({name: getattr(row, name) for name in LaidHand.model_fields}) for row in rows]


_COLUMNS = (alerts.c.id, alerts.c.story_id, alerts.c.raised_at, alerts.c.body)


@dataclass(frozen=True, slots=True)
class Within:
    """Where alerts that stand as asked can be: of which stories, and raised by when; None where that is open."""

    stories: Sequence[str] | None = None
    raised_by: datetime | None = None


async def _within(connection: AsyncConnection, standing: Standing | None) -> Within:
    """Without a hand on its story an alert is open; what is acknowledged was raised before the last alert that somebody took."""
    if standing in {None, Standing.OPEN}:
        return Within()
    touched = (await connection.execute(sa.select(hands.c.story_id).distinct().limit(MOST_TOUCHED + 1))).scalars().all()
    last = sa.select(sa.func.max(alerts.c.raised_at)).join(hands, hands.c.alert_id == alerts.c.id)
    later = standing in {Standing.REOPENED, Standing.SNOOZED}
    raised_by = None if later else await connection.scalar(last)
    if len(touched) > MOST_TOUCHED:
        return Within(None, raised_by)
    today = set((await canonical(connection, touched)).values())
    aliases = await connection.execute(sa.select(story_aliases.c.alias).where(story_aliases.c.story_id.in_(list(today))))
    return Within(sorted({*today, *touched, *aliases.scalars()}), raised_by)


def _conditions(matchers: Iterable[Matcher]) -> list[sa.ColumnElement[bool]]:
    """Those of the matchers that the database can ask."""
    found: list[sa.ColumnElement[bool]] = []
    for matcher in matchers:
        if matcher.name in _OF_COLUMNS and matcher.op in {"=", "!="}:
            label = sa.func.coalesce(alerts.c[matcher.name], "")
            found.append(label == matcher.value if matcher.op == "=" else label != matcher.value)
    return found


_OF_COLUMNS = frozenset({"kind", "reason", "severity", "effect", "side", "group", "bound", "claimant", "status", "outlet", "watch"})
"""Labels that are columns: plain conditions on them are for the database, before an alert is looked at here."""


async def _batch(connection: AsyncConnection, wish: Wish, within: Within, after: Cursor | None, size: int) -> Sequence[Any]:
    table = alerts
    asked = sa.select(*_COLUMNS).order_by(table.c.raised_at.desc(), table.c.id.desc()).limit(size)
    asked = asked.where(*_conditions(wish.matchers))
    if within.stories is not None:
        asked = asked.where(table.c.story_id.in_(within.stories))
    if within.raised_by is not None:
        asked = asked.where(table.c.raised_at <= within.raised_by)
    for name in ("kind", "reason", "severity", "effect", "side"):
        value = getattr(wish, name)
        if value is not None:
            asked = asked.where(table.c[name] == value)
    if wish.story is not None:
        story = checked_id(wish.story, "story")
        today = (await canonical(connection, [story]))[story]
        same = sa.select(story_aliases.c.alias).where(story_aliases.c.story_id == today)
        asked = asked.where(sa.or_(table.c.story_id == today, table.c.story_id.in_(same)))
    if wish.route is not None:
        asked = asked.where(table.c.id.in_(sa.select(deliveries.c.alert_id).where(deliveries.c.route == wish.route)))
    if wish.since is not None:
        asked = asked.where(table.c.raised_at >= wish.since)
    if wish.until is not None:
        asked = asked.where(table.c.raised_at < wish.until)
    if after is not None:
        last = checked_id(after.id, "alert")
        asked = asked.where(sa.tuple_(table.c.raised_at, table.c.id) < sa.tuple_(sa.literal(after.at), sa.cast(last, table.c.id.type)))
    return (await connection.execute(asked)).all()
