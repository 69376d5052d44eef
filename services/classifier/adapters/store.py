"""The classifier's tables in Postgres: what is known of articles and stories, and the rows of an article that was filed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import (
    article_actors,
    article_events,
    articles,
    ceasefire_statements,
    claims,
    revisions,
    stories,
    story_aliases,
)
from schemas.vocabulary import CeasefireStatus, Effect
from services.classifier.adapters.rows import Row, actors_of, article_of, claims_of, events_of, revision_of, statements_of
from services.classifier.core.copies import Known, Told
from services.classifier.core.profiles import StoryProfile, people


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an article: its current revision, the rules that read it, its story, and all its revisions."""

    revision: str
    rules_version: str
    story_id: str | None
    seen_revisions: frozenset[str]

    def holds(self, revision: str, rules_version: str) -> bool:
        """Whether nothing is left to do: it was read by these rules, or another revision has taken its place since."""
        return revision in self.seen_revisions and (revision != self.revision or rules_version == self.rules_version)


async def standings(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Standing]:
    """What is known of these articles; a story that was merged is given by the id of the one it is now."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for row in await connection.execute(sa.select(revisions.c.article_id, revisions.c.revision).where(revisions.c.article_id.in_(ids))):
        seen[row.article_id].add(row.revision)
    story = sa.func.coalesce(story_aliases.c.story_id, articles.c.story_id).label("story")
    query = (
        sa.select(articles.c.id, articles.c.revision, articles.c.rules_version, story)
        .select_from(articles.outerjoin(story_aliases, story_aliases.c.alias == articles.c.story_id))
        .where(articles.c.id.in_(ids))
    )
    return {
        row.id: Standing(row.revision, row.rules_version, row.story, frozenset(seen[row.id])) for row in await connection.execute(query)
    }


async def open_stories(
    connection: AsyncConnection, since: datetime, until: datetime, *, also: Collection[str], known: Mapping[str, StoryProfile]
) -> dict[str, StoryProfile]:
    """The stories that reach into that stretch of time, and `also` those.

    Those of `known` are taken from there where nothing was added to them since.
    """
    within = sa.and_(stories.c.last_at >= since, stories.c.began_at <= until)
    open_ = sa.and_(sa.or_(within, stories.c.id.in_(also)), ~sa.exists().where(story_aliases.c.alias == stories.c.id))
    size = stories.c.profile["articles"].as_integer()
    versions = {row.id: row.size for row in await connection.execute(sa.select(stories.c.id, size.label("size")).where(open_))}
    found = {story_id: known[story_id] for story_id in versions if story_id in known and known[story_id].articles == versions[story_id]}
    missing = [story_id for story_id in versions if story_id not in found]
    if missing:
        for row in await connection.execute(sa.select(stories).where(stories.c.id.in_(missing))):
            found[row.id] = StoryProfile.restored(row.id, row.title, row.began_at, row.last_at, row.profile)
    return found


async def articles_seen(connection: AsyncConnection, since: datetime, until: datetime, *, at_most: int = 20_000) -> list[Known]:
    """The articles published (or, undated, fetched) in that stretch of time, as the search for copies knows them; the newest at most."""
    seen_at = sa.func.coalesce(articles.c.published_at, articles.c.first_fetched_at)
    return await _known(connection, sa.and_(seen_at >= since, seen_at <= until), at_most)


async def articles_since(connection: AsyncConnection, moment: datetime, *, but: Container[str]) -> list[Known]:
    """The articles classified since, `but` those: what other replicas have added."""
    recent = sa.select(articles.c.id).where(articles.c.classified_at >= moment, articles.c.signature.is_not(None))
    missing = [article_id for article_id in (await connection.execute(recent)).scalars() if article_id not in but]
    return await _known(connection, articles.c.id.in_(missing), len(missing)) if missing else []


async def write(connection: AsyncConnection, rows: Sequence[Row], changed: Iterable[StoryProfile], aliases: Mapping[str, str]) -> None:
    """Write the articles and their stories; `aliases` are stories that were found to be others. Rows that are there stay as they are."""
    await _write_stories(connection, changed)
    await _write_aliases(connection, aliases)
    await _write_articles(connection, rows)
    await _insert(connection, revisions, [revision_of(row) for row in rows])
    await _insert(connection, article_actors, [actor for row in rows for actor in actors_of(row)])
    await _insert(connection, article_events, [event for row in rows for event in events_of(row)])
    await _insert(connection, claims, [claim for row in rows for claim in claims_of(row)])
    await _insert(connection, ceasefire_statements, [statement for row in rows for statement in statements_of(row)])


async def _known(connection: AsyncConnection, which: sa.ColumnElement[bool], at_most: int) -> list[Known]:
    seen_at = sa.func.coalesce(articles.c.published_at, articles.c.first_fetched_at)
    story = sa.func.coalesce(story_aliases.c.story_id, articles.c.story_id)
    columns = (articles.c.id, articles.c.language, articles.c.signature, articles.c.copy_of, seen_at.label("seen_at"), story.label("story"))
    query = (
        sa.select(*columns)
        .select_from(articles.outerjoin(story_aliases, story_aliases.c.alias == articles.c.story_id))
        .where(which, articles.c.signature.is_not(None), articles.c.relevant)
        .order_by(seen_at.desc(), articles.c.id)
        .limit(at_most)
    )
    rows = (await connection.execute(query)).all()
    tales = await _told(connection, [row.id for row in rows])
    return [
        Known(
            article_id=row.id,
            language=row.language,
            signature=tuple(row.signature),
            told=tales.get(row.id, frozenset()),
            seen_at=row.seen_at,
            story_id=row.story,
            root=row.copy_of or row.id,
        )
        for row in rows
    ]


async def _told(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Told]:
    tales: defaultdict[str, set[tuple[Effect | CeasefireStatus, int | None, int | None, str | None]]] = defaultdict(set)
    if not ids:
        return {}

    def current(table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        joined = table.join(
            articles,
            sa.and_(
                articles.c.id == table.c.article_id,
                articles.c.revision == table.c.revision,
                articles.c.rules_version == table.c.rules_version,
            ),
        )
        return sa.select(table.c.article_id, *columns).select_from(joined).where(table.c.current, articles.c.id.in_(ids))

    for row in await connection.execute(current(claims, claims.c.effect, claims.c.low, claims.c.high, claims.c.side)):
        tales[row.article_id].add((Effect(row.effect), row.low, row.high, people(row.side) or None))
    for row in await connection.execute(current(ceasefire_statements, ceasefire_statements.c.status)):
        tales[row.article_id].add((CeasefireStatus(row.status), None, None, None))
    return {article_id: frozenset(tale) for article_id, tale in tales.items()}


async def _insert(connection: AsyncConnection, table: sa.Table, values: list[dict[str, Any]]) -> None:
    if values:
        await connection.execute(insert(table).on_conflict_do_nothing(), values)


async def _write_stories(connection: AsyncConnection, changed: Iterable[StoryProfile]) -> None:
    values = [
        {"id": one.story_id, "title": one.title, "began_at": one.began_at, "last_at": one.last_at, "profile": one.stored()}
        for one in changed
    ]
    if not values:
        return
    statement = insert(stories)
    kept = {name: statement.excluded[name] for name in ("began_at", "last_at", "profile")}
    await connection.execute(statement.on_conflict_do_update(index_elements=[stories.c.id], set_=kept), values)


async def _write_aliases(connection: AsyncConnection, aliases: Mapping[str, str]) -> None:
    for alias, story_id in aliases.items():
        # What was an alias of the one that is gone now leads to the other: no alias leads to an alias.
        older = sa.update(story_aliases).where(story_aliases.c.story_id == alias).values(story_id=story_id)
        await connection.execute(older)
        await connection.execute(insert(story_aliases).values(alias=alias, story_id=story_id).on_conflict_do_nothing())


async def _write_articles(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    if not rows:
        return
    statement = insert(articles)
    first = {"id", "url", "first_fetched_at"}
    values = [article_of(row) for row in rows]
    kept = {name: statement.excluded[name] for name in values[0] if name not in first}
    earliest = sa.func.least(articles.c.first_fetched_at, statement.excluded.first_fetched_at)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=[articles.c.id], set_={**kept, "first_fetched_at": earliest}), values
    )
