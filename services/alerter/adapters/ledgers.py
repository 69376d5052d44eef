"""The alerter's ledgers in Postgres: stories locked and read, and all that a decision changes, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.tables import alerts, decisions, ledger_figures, ledgers, story_aliases
from schemas.vocabulary import DecisionReason
from services.alerter.core.decision import Verdict
from services.alerter.core.figures import Figure
from services.alerter.core.ledger import Ledger

LONGEST_CHAIN = 16
"""Mergers of mergers that are followed; more would be a fault of the aliases."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One article's decision, as it is written."""

    article: ArticleClassified
    story_id: str | None
    reason: DecisionReason
    verdicts: tuple[Verdict, ...]
    figures: tuple[Figure, ...]
    alerts: tuple[AlertRaised, ...]


async def canonical(connection: AsyncConnection, stories: Iterable[str]) -> dict[str, str]:
    """Each story's id today: that of the story into which it was merged, or its own."""
    found = {story: story for story in stories}
    for _ in range(LONGEST_CHAIN):
        asked = sa.select(story_aliases.c.alias, story_aliases.c.story_id).where(story_aliases.c.alias.in_(set(found.values())))
        merged = {row.alias: row.story_id for row in await connection.execute(asked)}
        if not merged:
            return found
        found = {story: merged.get(today, today) for story, today in found.items()}
    raise RuntimeError(f"the aliases of these stories go in a circle: {', '.join(sorted(set(found.values())))}")


async def locked(connection: AsyncConnection, stories: Iterable[str], now: datetime) -> tuple[dict[str, Ledger], int]:
    """The ledgers of these stories, their rows locked until the transaction ends, and how many of merged stories came into them.

    Rows are locked in the order of their ids, so that two replicas never wait for each other in a circle.
    """
    wanted = sorted(set(stories))
    if not wanted:
        return {}, 0
    asked = sa.select(story_aliases.c.alias, story_aliases.c.story_id).where(story_aliases.c.story_id.in_(wanted))
    aliases: dict[str, str] = {row.alias: row.story_id for row in await connection.execute(asked)}
    fresh = [{"story_id": story, "state": Ledger(story).to_json(), "updated_at": now} for story in wanted]
    await connection.execute(insert(ledgers).on_conflict_do_nothing(), fresh)
    rows = await connection.execute(
        sa.select(ledgers.c.story_id, ledgers.c.state)
        .where(ledgers.c.story_id.in_([*wanted, *aliases]))
        .order_by(ledgers.c.story_id)
        .with_for_update()
    )
    states: Mapping[str, Mapping[str, Any]] = {row.story_id: row.state for row in rows}
    known = {story: Ledger.from_json(story, states[story]) for story in wanted}
    merged = 0
    for alias, story in aliases.items():
        if alias not in states or alias in known:
            continue
        other = Ledger.from_json(alias, states[alias])
        if other == Ledger(alias):
            continue
        merged += 1
        known[story] = known[story].merged(other)
        # What it knew lives on in the other; its figures keep their rows.
        await keep(connection, known[story], now)
        await keep(connection, Ledger(alias), now)
    return known, merged


async def already_decided(connection: AsyncConnection, articles: Iterable[ArticleClassified]) -> set[tuple[str, str]]:
    """Those of the revisions (article id, revision) that have a decision."""
    asked = [(article.article_id, article.revision) for article in articles]
    found = await connection.execute(
        sa.select(decisions.c.article_id, decisions.c.revision).where(sa.tuple_(decisions.c.article_id, decisions.c.revision).in_(asked))
    )
    return {(row.article_id, row.revision) for row in found}


async def write(connection: AsyncConnection, decided: Sequence[Decided], changed: Iterable[Ledger], now: datetime) -> None:
    """Keep decisions, ledgers, figures and alerts."""
    for ledger in changed:
        await keep(connection, ledger, now)
    if not decided:
        return
    await connection.execute(insert(decisions).on_conflict_do_nothing(), [_decision(one, now) for one in decided])
    figures = [_figure(one, figure, now) for one in decided for figure in one.figures]
    if figures:
        await connection.execute(sa.insert(ledger_figures), figures)
    raised = [alert for one in decided for alert in one.alerts]
    if not raised:
        return
    await connection.execute(insert(alerts).on_conflict_do_nothing(), [_alert(alert, now) for alert in raised])


async def put(connection: AsyncConnection, alert: AlertRaised, now: datetime) -> None:
    """Keep one alert that no article brought."""
    await connection.execute(insert(alerts).values(_alert(alert, now)).on_conflict_do_nothing())


async def keep(connection: AsyncConnection, ledger: Ledger, now: datetime) -> None:
    """Write the ledger into its row, which is there and locked."""
    await connection.execute(sa.update(ledgers).where(ledgers.c.story_id == ledger.story_id).values(state=ledger.to_json(), updated_at=now))


def _decision(decided: Decided, now: datetime) -> dict[str, Any]:
    return {
        "article_id": decided.article.article_id,
        "revision": decided.article.revision,
        "story_id": decided.story_id,
        "reason": decided.reason,
        "detail": {"verdicts": [verdict.to_json() for verdict in decided.verdicts]},
        "decided_at": now,
    }


def _figure(decided: Decided, figure: Figure, now: datetime) -> dict[str, Any]:
    return {
        "story_id": decided.story_id,
        "effect": figure.effect,
        "side": figure.side,
        "group": figure.group,
        "claimant": figure.claimant,
        "low": figure.low,
        "high": figure.high,
        "bound": figure.bound,
        "subset": figure.subset,
        "joint": figure.joint,
        "addition": figure.addition,
        "article_id": figure.article_id,
        "stated_at": figure.stated_at,
        "outlet": figure.outlet,
        "quote": figure.quote,
        "recorded_at": now,
    }


def _alert(alert: AlertRaised, now: datetime) -> dict[str, Any]:
    document = alert.model_dump(mode="json")
    plain = {
        name: getattr(alert, name)
        for name in (
            "story_id", "article_id", "kind", "reason", "severity", "effect", "side", "group", "low", "high", "bound", "claimant", "status",
            "previous_status", "headline", "outlet", "url", "title", "published_at", "fetched_at", "withdraws", "watch",
        )
    }  # fmt: skip
    return plain | {
        "id": alert.alert_id,
        "previous": document["previous"],
        "quote": alert.evidence.text,
        "raised_at": alert.raised_at or now,
        "body": document,
    }
