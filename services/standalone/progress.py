"""How far each article of the demo has come, read from the database as an analyst would.

Each question raises `DatabaseUnavailable` while Postgres is away: the supervisor is about to bring it back.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables.alerts import alerts, deliveries
from schemas.tables.articles import articles, revisions
from schemas.tables.claims import claims
from schemas.tables.feeds import entries
from schemas.tables.ledgers import decisions
from schemas.vocabulary import FetchReason
from services.runtime.postgres import transaction

ON_ITS_WAY = (FetchReason.PUBLISHED, FetchReason.REVISED)


@dataclass(frozen=True, slots=True)
class Stages:
    """When one article reached each stage, by the services' clock; None where it has not."""

    fetched_at: datetime | None = None
    classified_at: datetime | None = None
    decided_at: datetime | None = None
    delivered_at: datetime | None = None


async def outcome(engine: AsyncEngine, article_id: str) -> str | None:
    """What became of an article: the reason at the last stage it reached, or None while it is still on its way."""
    key = uuid.UUID(article_id)
    async with transaction(engine) as connection:
        decided = (await connection.execute(select(decisions.c.reason).where(decisions.c.article_id == key))).scalars().first()
        if decided is not None:
            return str(decided)
        read = (await connection.execute(select(articles.c.relevant, articles.c.reason).where(articles.c.id == key))).one_or_none()
        if read is not None and not read.relevant:
            return str(read.reason)
        entry = (await connection.execute(select(entries.c.reason).where(entries.c.article_id == key))).scalar_one_or_none()
    return str(entry) if entry is not None and entry not in ON_ITS_WAY else None


async def stages(engine: AsyncEngine, article_ids: Sequence[str]) -> Mapping[str, Stages]:
    """The stage times of the articles, by id."""
    keys = [uuid.UUID(article_id) for article_id in article_ids]
    told = (
        select(alerts.c.article_id, func.max(deliveries.c.delivered_at).label("delivered_at"))
        .join(deliveries, deliveries.c.alert_id == alerts.c.id)
        .group_by(alerts.c.article_id)
        .subquery()
    )
    fetched = (
        select(revisions.c.article_id, func.min(revisions.c.fetched_at).label("fetched_at")).group_by(revisions.c.article_id).subquery()
    )
    question = (
        select(articles.c.id, fetched.c.fetched_at, articles.c.classified_at, decisions.c.decided_at, told.c.delivered_at)
        .outerjoin(fetched, fetched.c.article_id == articles.c.id)
        .outerjoin(decisions, decisions.c.article_id == articles.c.id)
        .outerjoin(told, told.c.article_id == articles.c.id)
        .where(articles.c.id.in_(keys))
    )
    async with transaction(engine) as connection:
        rows = (await connection.execute(question)).all()
    return {str(row.id): Stages(row.fetched_at, row.classified_at, row.decided_at, row.delivered_at) for row in rows}


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the database holds."""

    articles: int
    relevant: int
    copies: int
    claims: int
    stories: int
    alerts: int


async def counts(engine: AsyncEngine) -> Counts:
    """Count articles, claims, stories and alerts."""
    async with transaction(engine) as connection:
        row = (
            await connection.execute(
                select(
                    func.count(),
                    func.count().filter(articles.c.relevant),
                    func.count(articles.c.copy_of),
                    func.count(articles.c.story_id.distinct()),
                ).select_from(articles)
            )
        ).one()
        said = (await connection.execute(select(func.count()).select_from(claims))).scalar_one()
        raised = (await connection.execute(select(func.count()).select_from(alerts))).scalar_one()
    return Counts(row[0], row[1], row[2], said, row[3], raised)


def spans(released: Mapping[str, datetime], reached: Mapping[str, Stages], speed: float) -> Mapping[str, Sequence[float]]:
    """Real seconds that each stage took, per article that went through it; `speed` is how much faster the story's clock runs."""
    found: dict[str, list[float]] = {
        "released to fetched": [],
        "fetched to classified": [],
        "classified to decided": [],
        "decided to told": [],
    }

    def add(stage: str, since: datetime | None, until: datetime | None) -> None:
        if since is not None and until is not None:
            found[stage].append((until - since) / timedelta(seconds=1) / speed)

    for article_id, at in reached.items():
        add("released to fetched", released.get(article_id), at.fetched_at)
        add("fetched to classified", at.fetched_at, at.classified_at)
        add("classified to decided", at.classified_at, at.decided_at)
        add("decided to told", at.decided_at, at.delivered_at)
    return found
