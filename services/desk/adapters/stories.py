"""Stories as the desk sees them: listed, and one with its ledger, figures, claims, articles and timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.hands import subject_of
from schemas.tables import alerts, articles, claims, decisions, deliveries, hands, ledger_figures, stories, story_aliases
from schemas.vocabulary import AlertKind, AlertReason, Effect
from services.desk.adapters.alerts import canonical, checked_id, hands_on, not_found
from services.desk.core.forms import (
    ArticlePage,
    ClaimPage,
    FigurePage,
    LedgerLine,
    Moment,
    ShownArticle,
    ShownClaim,
    ShownFigure,
    StoryInFull,
    StoryPage,
    StorySummary,
    Timeline,
    TurnOfTruce,
)
from services.desk.core.pages import Cursor

MOST = 1000
"""Rows that one answer on a story holds: what is longer is for SQL (docs/how-to/query.md)."""


async def page(connection: AsyncConnection, *, words: str = "", at_most: int = 50, after: Cursor | None = None) -> StoryPage:
    """A page of stories, those last written of first; `words` stand in the title, in any case."""
    table = stories
    asked = sa.select(table).where(table.c.id.not_in(sa.select(story_aliases.c.alias)))
    if words:
        asked = asked.where(sa.func.lower(table.c.title).contains(words.lower(), autoescape=True))
    if after is not None:
        last = checked_id(after.id, "story")
        asked = asked.where(sa.tuple_(table.c.last_at, table.c.id) < sa.tuple_(sa.literal(after.at), sa.cast(last, table.c.id.type)))
    rows = (await connection.execute(asked.order_by(table.c.last_at.desc(), table.c.id.desc()).limit(at_most + 1))).all()
    shown = await _summaries(connection, rows[:at_most])
    more = len(rows) > at_most
    return StoryPage(items=tuple(shown), next=str(Cursor(rows[at_most - 1].last_at, rows[at_most - 1].id)) if more else None)


async def in_full(connection: AsyncConnection, story_id: str) -> StoryInFull:
    """One story, by any id that it has had.

    Raises:
        Refused: there is none of that id.
    """
    today, ids = await _ids(connection, story_id)
    row = (await connection.execute(sa.select(stories).where(stories.c.id == today))).one_or_none()
    if row is None:
        raise not_found("story", story_id)
    (summary,) = await _summaries(connection, [row])
    turns = await connection.execute(
        sa.select(alerts.c.status, alerts.c.raised_at, alerts.c.id)
        .where(alerts.c.story_id.in_(ids), alerts.c.kind == AlertKind.CEASEFIRE, alerts.c.reason != AlertReason.WITHDRAWN)
        .where(alerts.c.id.not_in(sa.select(alerts.c.withdraws).where(alerts.c.withdraws.is_not(None))))
        .order_by(alerts.c.raised_at, alerts.c.id)
    )
    truce = tuple(TurnOfTruce(status=turn.status, at=turn.raised_at, alert_id=turn.id) for turn in turns)
    # Shares and increments are told beside a total; what is known is the totals.
    standing = [
        figure
        for figure in (await figures(connection, today)).items
        if figure.withdrawn_at is None and not figure.subset and not figure.addition
    ]
    return StoryInFull(**dict(summary), aliases=tuple(sorted(set(ids) - {today})), ledger=_ledger(standing), truce=truce)


async def figures(connection: AsyncConnection, story_id: str) -> FigurePage:
    """Every figure that the ledger took, also those withdrawn."""
    _, ids = await _ids(connection, story_id)
    table = ledger_figures
    rows = await connection.execute(
        sa.select(*(table.c[name] for name in ShownFigure.model_fields))
        .where(table.c.story_id.in_(ids))
        .order_by(table.c.stated_at, table.c.id)
        .limit(MOST)
    )
    return FigurePage(items=tuple(ShownFigure.model_validate(row._asdict()) for row in rows))


async def claims_of(connection: AsyncConnection, story_id: str) -> ClaimPage:
    """Every casualty claim of the story's articles, as the rules of today read their present text."""
    _, ids = await _ids(connection, story_id)
    present = sa.and_(
        articles.c.id == claims.c.article_id,
        articles.c.revision == claims.c.revision,
        articles.c.rules_version == claims.c.rules_version,
    )
    own = [claims.c[name] for name in ShownClaim.model_fields if name not in {"outlet", "url"}]
    rows = await connection.execute(
        sa.select(*own, articles.c.outlet_name.label("outlet"), articles.c.url)
        .join(articles, present)
        .where(articles.c.story_id.in_(ids))
        .order_by(claims.c.stated_at.nulls_last(), claims.c.id)
        .limit(MOST)
    )
    return ClaimPage(items=tuple(ShownClaim.model_validate(row._asdict()) for row in rows))


async def articles_of(connection: AsyncConnection, story_id: str) -> ArticlePage:
    """The story's articles, with what the alerter decided on each."""
    _, ids = await _ids(connection, story_id)
    table = articles
    decided = sa.and_(decisions.c.article_id == table.c.id, decisions.c.revision == table.c.revision)
    rows = await connection.execute(
        sa.select(
            table.c.id,
            table.c.url,
            table.c.title,
            table.c.outlet_name.label("outlet"),
            table.c.language,
            table.c.published_at,
            table.c.first_fetched_at.label("fetched_at"),
            table.c.copy_of,
            decisions.c.reason.label("decided"),
        )
        .outerjoin(decisions, decided)
        .where(table.c.story_id.in_(ids))
        .order_by(sa.func.coalesce(table.c.published_at, table.c.first_fetched_at), table.c.id)
        .limit(MOST)
    )
    return ArticlePage(items=tuple(ShownArticle.model_validate(row._asdict()) for row in rows))


async def timeline(connection: AsyncConnection, story_id: str) -> Timeline:
    """Alerts raised, hands laid on and tellings made, in their order."""
    _, ids = await _ids(connection, story_id)
    raised = await connection.execute(
        sa.select(alerts.c.id, alerts.c.raised_at, alerts.c.reason, alerts.c.headline, alerts.c.outlet)
        .where(alerts.c.story_id.in_(ids))
        .limit(MOST)
    )
    moments = [
        Moment(at=row.raised_at, what=f"alert.{row.reason}", words=row.headline, by=row.outlet or None, alert_id=row.id) for row in raised
    ]
    for hand in await hands_on(connection, hands.c.story_id.in_(ids)):
        words = hand.words or (f"until {hand.until:%Y-%m-%d %H:%M} UTC" if hand.until else "")
        moments.append(Moment(at=hand.done_at, what=f"hand.{hand.action}", words=words, by=hand.done_by, alert_id=hand.alert_id))
    told = await connection.execute(
        sa.select(deliveries.c.alert_id, deliveries.c.delivered_at, deliveries.c.channel, deliveries.c.target)
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(alerts.c.story_id.in_(ids), deliveries.c.delivered_at.is_not(None))
        .limit(MOST)
    )
    moments += [Moment(at=row.delivered_at, what="delivered", words=f"{row.channel} {row.target}", alert_id=row.alert_id) for row in told]
    return Timeline(items=tuple(sorted(moments, key=lambda one: (one.at, one.what, one.alert_id or ""))))


async def _ids(connection: AsyncConnection, story_id: str) -> tuple[str, list[str]]:
    """The story's id today, and every id that it has had."""
    asked = checked_id(story_id, "story")
    today = (await canonical(connection, [asked]))[asked]
    rows = await connection.execute(sa.select(story_aliases.c.alias).where(story_aliases.c.story_id == today))
    return today, [today, *(row.alias for row in rows)]


async def _summaries(connection: AsyncConnection, rows: Sequence[sa.Row[Any]]) -> list[StorySummary]:
    ids = [row.id for row in rows]
    aliases = await connection.execute(sa.select(story_aliases).where(story_aliases.c.story_id.in_(ids)))
    today: dict[str, str] = {row.alias: row.story_id for row in aliases} | {story: story for story in ids}
    counts: dict[str, int] = defaultdict(int)
    raised = sa.select(alerts.c.story_id, sa.func.count().label("how_many")).where(alerts.c.story_id.in_(list(today)))
    for row in await connection.execute(raised.group_by(alerts.c.story_id)):
        counts[today[row.story_id]] += row.how_many
    written = await connection.execute(
        sa.select(articles.c.story_id, sa.func.count().label("count")).where(articles.c.story_id.in_(ids)).group_by(articles.c.story_id)
    )
    texts = {row.story_id: row.count for row in written}
    return [
        StorySummary(
            id=row.id,
            title=row.title,
            began_at=row.began_at,
            last_at=row.last_at,
            articles=texts.get(row.id, 0),
            alerts=counts.get(row.id, 0),
        )
        for row in rows
    ]


def _ledger(standing: Sequence[ShownFigure]) -> tuple[LedgerLine, ...]:
    """By effect and people, the last figure of each claimant and group; the highest first."""
    last: dict[tuple[Effect, str | None], dict[tuple[str | None, str, bool], ShownFigure]] = defaultdict(dict)
    for figure in standing:
        _, effect, side = subject_of(AlertKind.CASUALTY, figure.effect, figure.side)
        last[Effect(str(effect)), side][figure.claimant, figure.group, figure.joint] = figure
    order = list(Effect)
    return tuple(
        LedgerLine(effect=effect, side=side, figures=tuple(sorted(found.values(), key=_height, reverse=True)))
        for (effect, side), found in sorted(last.items(), key=lambda item: (order.index(item[0][0]), item[0][1] or ""))
    )


def _height(figure: ShownFigure) -> tuple[int, datetime]:
    return (max(figure.low or 0, figure.high or 0), figure.stated_at)
