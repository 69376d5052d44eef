"""Articles as they were read, out of the tables, and the rows of another reading of the same text beside them.

What another version of the rules reads is added; what the older one read stays. Nothing is put into the outbox: nobody is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article_fetched import ArticleFetched, OutletRef
from schemas.reading import ActorTag, CasualtyClaim, CeasefireStatement, EventTag, Evidence, Reading
from schemas.tables import article_actors, article_events, articles, ceasefire_statements, claims, revisions, story_aliases
from schemas.vocabulary import Bound, CeasefireStatus, ClassifyReason, Effect, EventType, Group, TextSource
from services.classifier.adapters.rows import Row, actors_of, claims_of, events_of, statements_of


@dataclass(frozen=True, slots=True)
class Known:
    """An article as it stands: its present text, how it was read, and where it was filed."""

    fetched: ArticleFetched
    reading: Reading
    reason: ClassifyReason
    story_id: str | None
    copy_of: str | None
    origin: str | None


async def count(connection: AsyncConnection, which: Sequence[sa.ColumnElement[bool]]) -> int:
    """How many articles there are; `which` speaks of `revisions`, the present ones."""
    asked = sa.select(sa.func.count()).select_from(articles.join(revisions, _PRESENT)).where(*which)
    return int((await connection.execute(asked)).scalar_one())


async def known(
    connection: AsyncConnection, which: Sequence[sa.ColumnElement[bool]], *, at_most: int, after: tuple[datetime, str] | None = None
) -> list[Known]:
    """A page of articles, in the order in which the service had their present texts."""
    story = sa.func.coalesce(story_aliases.c.story_id, articles.c.story_id).label("story")
    asked = (
        sa.select(articles, story, *(revisions.c[name].label(f"text_{name}") for name in _TEXT))
        .select_from(articles.join(revisions, _PRESENT).outerjoin(story_aliases, story_aliases.c.alias == articles.c.story_id))
        .where(*which)
        .order_by(revisions.c.fetched_at, articles.c.id)
        .limit(at_most)
    )
    if after is not None:
        last = sa.tuple_(sa.literal(after[0]), sa.cast(after[1], articles.c.id.type))
        asked = asked.where(sa.tuple_(revisions.c.fetched_at, articles.c.id) > last)
    rows = (await connection.execute(asked)).all()
    read = await _readings(connection, rows)
    return [
        Known(
            fetched=ArticleFetched(
                article_id=row.id,
                revision=row.revision,
                url=row.url,
                title=row.text_title,
                text=row.text_text,
                published_at=row.text_published_at,
                fetched_at=row.text_fetched_at,
                outlet=OutletRef(id=row.outlet_id, name=row.outlet_name, family=row.outlet_family),
                feed_id=row.text_feed_id,
                text_source=TextSource(row.text_text_source),
            ),
            reading=read[row.id],
            reason=ClassifyReason(row.reason),
            story_id=row.story,
            copy_of=row.copy_of,
            origin=row.origin,
        )
        for row in rows
    ]


async def add(connection: AsyncConnection, read: Collection[tuple[Known, Reading]], now: datetime) -> int:
    """Write these readings beside those that are there, and let them be the present ones; how many were written.

    An article whose text has changed since it was read, and one that these rules have read meanwhile, stays as it is.
    """
    written = 0
    for one, reading in read:
        row = Row(one.fetched, reading, one.reason, one.story_id, one.copy_of, one.origin, (), now)
        stands = sa.and_(
            articles.c.id == one.fetched.article_id,
            articles.c.revision == one.fetched.revision,
            articles.c.rules_version == one.reading.rules_version,
            articles.c.rules_version != reading.rules_version,
        )
        # An article keeps its story and its copies: what was told of them stays true.
        relevant = reading.relevant if one.story_id is not None else False
        changed = await connection.execute(
            sa.update(articles)
            .where(stands)
            .values(rules_version=reading.rules_version, language=reading.language, relevant=relevant, classified_at=now)
        )
        if not changed.rowcount:
            continue
        for table, values in (
            (article_actors, actors_of(row)),
            (article_events, events_of(row)),
            (claims, claims_of(row)),
            (ceasefire_statements, statements_of(row)),
        ):
            if values:
                await connection.execute(insert(table).on_conflict_do_nothing(), values)
        written += 1
    return written


_PRESENT = sa.and_(revisions.c.article_id == articles.c.id, revisions.c.revision == articles.c.revision)
_TEXT = ("title", "text", "published_at", "fetched_at", "text_source", "feed_id")


async def _readings(connection: AsyncConnection, rows: Sequence[sa.Row[Any]]) -> dict[str, Reading]:
    ids = [row.id for row in rows]

    async def of(table: sa.Table, *order: sa.ColumnElement[Any]) -> dict[str, list[Any]]:
        present = sa.and_(
            articles.c.id == table.c.article_id,
            articles.c.revision == table.c.revision,
            articles.c.rules_version == table.c.rules_version,
        )
        asked = sa.select(table).join(articles, present).where(articles.c.id.in_(ids)).order_by(*order)
        parts: defaultdict[str, list[Any]] = defaultdict(list)
        for found in await connection.execute(asked):
            parts[found.article_id].append(found)
        return parts

    actors = await of(article_actors, article_actors.c.position)
    events = await of(article_events, article_events.c.position)
    figures = await of(claims, claims.c.field.desc(), claims.c.start_offset, claims.c.id)
    truces = await of(ceasefire_statements, ceasefire_statements.c.field.desc(), ceasefire_statements.c.start_offset)
    return {
        row.id: Reading(
            id=row.id,
            language=row.language,
            relevant=row.relevant,
            rules_version=row.rules_version,
            actors=tuple(
                ActorTag(code=one.code, role=one.role, confidence=one.confidence, evidence=_evidence(one)) for one in actors.get(row.id, ())
            ),
            event_types=tuple(
                EventTag(type=EventType(one.type), place=one.place, confidence=one.confidence, evidence=_evidence(one))
                for one in events.get(row.id, ())
            ),
            casualties=tuple(_claim(one) for one in figures.get(row.id, ())),
            ceasefire=tuple(_statement(one) for one in truces.get(row.id, ())),
        )
        for row in rows
    }


def _claim(row: Any) -> CasualtyClaim:
    return CasualtyClaim(
        effect=Effect(row.effect),
        low=row.low,
        high=row.high,
        bound=Bound(row.bound),
        side=row.side,
        group=Group(row.group),
        claimant=row.claimant,
        subset=row.subset,
        current=row.current,
        joint=row.joint,
        addition=row.addition,
        confidence=row.confidence,
        rule=row.rule,
        reasons=tuple(row.reasons),
        evidence=_span(row),
    )


def _statement(row: Any) -> CeasefireStatement:
    return CeasefireStatement(
        status=CeasefireStatus(row.status),
        current=row.current,
        parties=tuple(row.parties),
        claimant=row.claimant,
        confidence=row.confidence,
        rule=row.rule,
        reasons=tuple(row.reasons),
        evidence=_span(row),
    )


def _evidence(row: Any) -> Evidence | None:
    return None if row.field is None else _span(row)


def _span(row: Any) -> Evidence:
    return Evidence(field=cast('Literal["title", "text"]', row.field), start=row.start_offset, end=row.end_offset, text=row.quote)
