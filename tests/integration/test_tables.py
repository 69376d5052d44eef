"""The database itself refuses what no service may write, and takes the rows of one transaction in any order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas import tables
from tests.rows import (
    Row,
    a_claim,
    a_delivery,
    a_figure,
    a_ledger,
    a_statement,
    a_story,
    a_truce_alert,
    an_alias,
    an_article,
    named,
    put,
)

pytestmark = pytest.mark.stack


def but(row: Row, **others: Any) -> Row:
    """The row with other values."""
    return replace(row, values={**row.values, **others})


REFUSED = [
    pytest.param(a_claim(effect="vanished"), "ck_claims_effect", id="a word that is not of the list"),
    pytest.param(a_claim(low=-1, high=5), "ck_claims_figure", id="fewer than none"),
    pytest.param(a_claim(low=9, high=5), "ck_claims_figure", id="a lowest above the highest"),
    pytest.param(but(a_claim(), confidence=1.5), "ck_claims_confidence", id="more than certain"),
    pytest.param(but(a_claim(), start_offset=9, end_offset=5), "ck_claims_span", id="words that end before they begin"),
    pytest.param(but(a_claim(), group="tourists"), "ck_claims_group", id="a group that is not of the list"),
    pytest.param(a_statement(status="considered"), "ck_ceasefire_statements_status", id="a status that is not of the list"),
    pytest.param(an_alias("shelling", of="shelling"), "ck_story_aliases_other", id="a story merged into itself"),
    pytest.param(but(a_truce_alert("told", "first", "agreed"), status=None), "ck_alerts_subject", id="a truce without a status"),
    pytest.param(but(a_truce_alert("told", "first", "agreed"), kind="casualty"), "ck_alerts_subject", id="a figure without an effect"),
    pytest.param(a_delivery("to-the-desk", "told", state="delivered"), "ck_deliveries_delivered_at", id="delivered at no time"),
]


@pytest.mark.parametrize(("row", "constraint"), REFUSED)
async def test_a_wrong_row_is_refused(engine: AsyncEngine, row: Row, constraint: str) -> None:
    async with engine.connect() as connection:
        await put(connection, a_story(), *an_article(), a_truce_alert("another", "first", "agreed"))
        with pytest.raises(IntegrityError, match=constraint):
            await put(connection, row)


async def test_the_rows_of_one_transaction_come_in_any_order(engine: AsyncEngine) -> None:
    rows = [a_story(), *an_article(), a_claim(), a_statement(), a_ledger(), a_figure(), a_truce_alert("told", "first", "agreed")]
    rows.append(a_delivery("to-the-desk", "told"))
    async with engine.begin() as connection:
        await put(connection, *reversed(rows))
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(tables.claims)) == 1


async def test_a_row_without_what_it_belongs_to_is_refused_at_the_commit(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await put(connection, a_figure())
        with pytest.raises(IntegrityError, match="fk_ledger_figures_story_id_ledgers"):
            await connection.commit()


async def test_one_delivery_has_one_key(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await put(connection, a_truce_alert("told", "first", "agreed"), a_delivery("to-the-desk", "told"))
        with pytest.raises(IntegrityError, match="uq_deliveries_idempotency_key"):
            await put(connection, but(a_delivery("again", "told"), idempotency_key="to-the-desk"))


async def test_an_id_is_read_as_text_as_the_messages_carry_it(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await put(connection, a_story(), *an_article())
        assert await connection.scalar(select(tables.articles.c.id)) == named("first")


async def test_the_text_of_an_article_goes_when_the_article_goes(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await put(connection, a_story(), *an_article(), a_claim(), a_statement())
        await connection.execute(text("DELETE FROM articles"))
        for table in (tables.revisions, tables.claims, tables.ceasefire_statements):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("SELECT id FROM fetcher_outbox WHERE sent_at IS NULL ORDER BY id LIMIT 100", "ix_fetcher_outbox_unsent"),
        (
            "SELECT id FROM feeds WHERE enabled AND retired_at IS NULL ORDER BY next_poll_at NULLS FIRST LIMIT 50",
            "ix_feeds_due",
        ),
        (
            "SELECT id FROM deliveries WHERE state = 'pending' AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT 50",
            "ix_deliveries_due",
        ),
        (
            "SELECT * FROM claims WHERE story_id = '00000000-0000-0000-0000-000000000000' AND effect = 'killed' AND side = 'NKR' ORDER BY stated_at",
            "ix_claims_story_id_effect_side_stated_at",
        ),
        (
            "SELECT * FROM articles WHERE story_id = '00000000-0000-0000-0000-000000000000' ORDER BY published_at",
            "ix_articles_story_id_published_at",
        ),
        ("SELECT * FROM ceasefire_statements WHERE parties @> '{AZE}'", "ix_ceasefire_statements_parties"),
    ],
)
async def test_a_question_that_is_asked_all_day_has_its_index(engine: AsyncEngine, question: str, index: str) -> None:
    async with engine.connect() as connection:
        # On empty tables the planner would rather read them whole.
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_sort = off"))
        plan = "\n".join((await connection.scalars(text(f"EXPLAIN {question}"))).all())
    assert index in plan
