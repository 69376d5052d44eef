"""Builders of rows: each gives a whole, believable row, and the test names only what matters to it.

Stories, articles and alerts go by a short name, from which their id is made. Times may be given as the hour of 19 September
2023 (`9`, `9.5`), which is the day of these stories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas import tables

DAY = datetime(2023, 9, 19, tzinfo=UTC)
REVISION = "first-text"
RULES = "rules-1"


@dataclass(frozen=True, slots=True)
class Row:
    """A row on its way into a table."""

    table: Table
    values: Mapping[str, Any]


async def put(connection: AsyncConnection, *rows: Row) -> None:
    """Insert the rows in their order."""
    for row in rows:
        await connection.execute(insert(row.table).values(**row.values))


def hour(when: float) -> datetime:
    """The time of day, as a moment."""
    return DAY + timedelta(hours=when)


def named(name: str) -> str:
    """The id of the story, article or alert of that name."""
    return str(uuid5(NAMESPACE_URL, f"https://wire.example/{name}"))


def a_story(name: str = "shelling", *, title: str = "Shells fall on Stepanakert") -> Row:
    """A story."""
    return Row(tables.stories, {"id": named(name), "title": title, "began_at": hour(8), "last_at": hour(20)})


def an_alias(name: str, of: str) -> Row:
    """The story `name` was found to be the story `of`."""
    return Row(tables.story_aliases, {"alias": named(name), "story_id": named(of)})


def an_article(
    name: str = "first",
    *,
    at: float | None = 9,
    story: str | None = "shelling",
    outlet: str = "Example Wire",
    copy_of: str | None = None,
    revision: str = REVISION,
    rules: str = RULES,
) -> tuple[Row, Row]:
    """An article and its current revision."""
    published = None if at is None else hour(at)
    fetched = hour((9 if at is None else at) + 0.1)
    article = {
        "id": named(name),
        "url": f"https://wire.example/{name}",
        "outlet_id": outlet.lower().replace(" ", "-"),
        "outlet_name": outlet,
        "title": "Shells fall on Stepanakert",
        "published_at": published,
        "first_fetched_at": fetched,
        "classified_at": fetched,
        "language": "en",
        "relevant": story is not None,
        "reason": "classified",
        "revision": revision,
        "story_id": story and named(story),
        "copy_of": copy_of and named(copy_of),
        "rules_version": rules,
    }
    return Row(tables.articles, article), a_revision(name, revision, at=at)


def a_revision(article: str, revision: str, *, at: float | None = 9) -> Row:
    """A text of an article."""
    return Row(
        tables.revisions,
        {
            "article_id": named(article),
            "revision": revision,
            "title": "Shells fall on Stepanakert",
            "text": "Five people were killed, officials said.",
            "published_at": None if at is None else hour(at),
            "fetched_at": hour((9 if at is None else at) + 0.1),
            "text_source": "feed",
            "feed_id": "example-wire-world",
        },
    )


def a_claim(
    article: str = "first",
    low: int | None = 5,
    *,
    at: float | None = 9,
    high: int | None = None,
    bound: str = "exact",
    effect: str = "killed",
    side: str | None = "NKR",
    group: str = "all",
    claimant: str | None = "NKR.GOV",
    revision: str = REVISION,
    rules: str = RULES,
    quote: str = "Five people were killed",
    **flags: bool,
) -> Row:
    """A figure as an article states it; `flags`: subset, current, joint, addition."""
    told = (article, low, high, bound, effect, side, group, claimant, revision, rules, *sorted(flags.items()))
    return Row(
        tables.claims,
        {
            "id": named("|".join(map(str, told))),
            "article_id": named(article),
            "revision": revision,
            "rules_version": rules,
            "effect": effect,
            "low": low,
            "high": low if high is None and bound in {"exact", "about"} else high,
            "bound": bound,
            "side": side,
            "group": group,
            "claimant": claimant,
            "subset": False,
            "current": True,
            "joint": False,
            "addition": False,
            "confidence": 0.95,
            "rule": "en.passive",
            "field": "text",
            "start_offset": 0,
            "end_offset": len(quote),
            "quote": quote,
            "stated_at": None if at is None else hour(at),
            **flags,
        },
    )


def a_statement(
    article: str = "first",
    status: str = "agreed",
    *,
    at: float | None = 9,
    current: bool = True,
    start: int = 0,
    revision: str = REVISION,
    rules: str = RULES,
    quote: str = "agreed to a full ceasefire",
) -> Row:
    """What an article says of a truce."""
    return Row(
        tables.ceasefire_statements,
        {
            "id": named("|".join(map(str, (article, status, current, start, revision, rules)))),
            "article_id": named(article),
            "revision": revision,
            "rules_version": rules,
            "status": status,
            "current": current,
            "parties": ["AZE", "NKR"],
            "claimant": "NKR.GOV",
            "confidence": 0.95,
            "rule": "en.agree",
            "field": "text",
            "start_offset": start,
            "end_offset": start + len(quote),
            "quote": quote,
            "stated_at": None if at is None else hour(at),
        },
    )


def a_ledger(story: str = "shelling") -> Row:
    """The ledger of a story."""
    return Row(tables.ledgers, {"story_id": named(story), "state": {}, "updated_at": hour(9)})


def a_figure(
    low: int | None = 5,
    *,
    at: float = 9,
    story: str = "shelling",
    article: str = "first",
    high: int | None = None,
    bound: str = "exact",
    effect: str = "killed",
    side: str | None = "NKR",
    group: str = "all",
    claimant: str | None = "NKR.GOV",
    outlet: str = "Example Wire",
    quote: str = "Five people were killed",
    **flags: bool,
) -> Row:
    """A figure that a ledger took; `flags`: subset, joint, addition."""
    return Row(
        tables.ledger_figures,
        {
            "story_id": named(story),
            "effect": effect,
            "side": side,
            "group": group,
            "claimant": claimant,
            "low": low,
            "high": low if high is None and bound in {"exact", "about"} else high,
            "bound": bound,
            "article_id": named(article),
            "stated_at": hour(at),
            "outlet": outlet,
            "quote": quote,
            "recorded_at": hour(at + 0.2),
            **flags,
        },
    )


def a_truce_alert(name: str, article: str, status: str, *, at: float = 9, story: str = "shelling") -> Row:
    """The alert on a change of a truce."""
    return Row(
        tables.alerts,
        {
            "id": named(name),
            "story_id": named(story),
            "article_id": named(article),
            "kind": "ceasefire",
            "reason": f"ceasefire_{status}",
            "severity": "critical",
            "status": status,
            "headline": f"Ceasefire {status}",
            "quote": "agreed to a full ceasefire",
            "raised_at": hour(at + 0.2),
            "body": {},
        },
    )


def a_delivery(name: str, alert: str, **others: Any) -> Row:
    """A delivery that is still to be made."""
    delivery = {
        "id": named(name),
        "alert_id": named(alert),
        "channel": "webhook",
        "target": "the-desk",
        "next_attempt_at": hour(9),
        "idempotency_key": name,
        "created_at": hour(9),
    }
    return Row(tables.deliveries, {**delivery, **others})
