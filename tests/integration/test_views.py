"""The views tell a story's figures and its truce as an analyst would ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables.views import VIEWS, View
from tests.rows import (
    Row,
    a_claim,
    a_figure,
    a_ledger,
    a_revision,
    a_statement,
    a_story,
    a_truce_alert,
    an_alias,
    an_article,
    hour,
    named,
    put,
)

pytestmark = pytest.mark.stack


async def told(engine: AsyncEngine, question: str, *rows: Row) -> Sequence[tuple[Any, ...]]:
    """The answer to a query over the rows; nothing is kept."""
    async with engine.connect() as connection:
        await put(connection, *rows)
        return [tuple(row) for row in await connection.execute(text(question))]


class TestTheCasualtyTimeline:
    async def test_tells_each_figure_with_the_one_before_it_by_the_same_claimant(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT claimant, previous_figure, figure, outlet, quote FROM casualty_timeline",
            a_story(),
            *an_article(),
            a_ledger(),
            a_figure(2, at=9),
            a_figure(1, at=10, claimant="AZE.MIL", outlet="Baku Example", quote="one was killed"),
            a_figure(5, at=11),
            a_figure(25, at=20, bound="at_least", quote="at least 25 were killed"),
        )
        assert answer == [
            ("NKR.GOV", None, "2", "Example Wire", "Five people were killed"),
            ("AZE.MIL", None, "1", "Baku Example", "one was killed"),
            ("NKR.GOV", "2", "5", "Example Wire", "Five people were killed"),
            ("NKR.GOV", "5", "at least 25", "Example Wire", "at least 25 were killed"),
        ]

    async def test_keeps_groups_apart(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            'SELECT "group", previous_figure, figure FROM casualty_timeline',
            a_story(),
            *an_article(),
            a_ledger(),
            a_figure(5, at=9),
            a_figure(2, at=10, group="civilian"),
        )
        assert answer == [("all", None, "5"), ("civilian", None, "2")]

    async def test_keeps_sides_and_effects_apart(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT effect, side, previous_figure, figure FROM casualty_timeline",
            a_story(),
            *an_article(),
            a_ledger(),
            a_figure(2, at=9),
            a_figure(11, at=10, effect="wounded"),
            a_figure(3, at=11, side="AZE"),
            a_figure(7, at=12, side=None),
        )
        assert answer == [
            ("killed", "NKR", None, "2"),
            ("wounded", "NKR", None, "11"),
            ("killed", "AZE", None, "3"),
            ("killed", None, None, "7"),
        ]

    async def test_keeps_shares_increments_and_joint_figures_apart_and_withdrawn_ones_out(self, engine: AsyncEngine) -> None:
        withdrawn = a_figure(99, at=9.5)
        answer = await told(
            engine,
            "SELECT told_as, previous_figure, figure FROM casualty_timeline",
            a_story(),
            *an_article(),
            a_ledger(),
            a_figure(5, at=9),
            Row(withdrawn.table, {**withdrawn.values, "withdrawn_at": hour(9.6)}),
            a_figure(2, at=10, subset=True),
            a_figure(4, at=11, addition=True),
            a_figure(30, at=12, joint=True),
            a_figure(9, at=13),
        )
        assert answer == [("total", None, "5"), ("share", None, "2"), ("more", None, "4"), ("joint", None, "30"), ("total", "5", "9")]

    async def test_follows_the_time_of_the_statement_not_of_its_arrival(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT previous_figure, figure FROM casualty_timeline",
            a_story(),
            *an_article(),
            a_ledger(),
            a_figure(5, at=11),
            a_figure(2, at=9),
        )
        assert answer == [(None, "2"), ("2", "5")]

    async def test_says_each_bound_in_words(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT figure FROM casualty_timeline",
            a_story(),
            *an_article(),
            a_ledger(),
            a_figure(0, at=1),
            a_figure(5, at=2, bound="at_least"),
            a_figure(100, at=3, bound="more_than"),
            a_figure(None, at=4, high=80, bound="up_to"),
            a_figure(200, at=5, bound="about"),
            a_figure(30, at=6, high=40, bound="about"),
            a_figure(None, at=7, bound="vague"),
        )
        assert [figure for (figure,) in answer] == ["0", "at least 5", "more than 100", "up to 80", "about 200", "about 30 to 40", "some"]

    async def test_tells_merged_stories_as_one(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT story_id::text, story_title, previous_figure, figure FROM casualty_timeline",
            a_story("shelling", title="Shells fall on Stepanakert"),
            a_story("assault", title="Assault on Karabakh"),
            an_alias("assault", of="shelling"),
            *an_article("first", story="shelling"),
            *an_article("second", story="assault"),
            a_ledger("shelling"),
            a_ledger("assault"),
            a_figure(2, at=9, story="shelling"),
            a_figure(5, at=11, story="assault", article="second"),
        )
        title = "Shells fall on Stepanakert"
        assert answer == [(named("shelling"), title, None, "2"), (named("shelling"), title, "2", "5")]

    async def test_does_not_wait_for_what_the_classifier_writes(self, engine: AsyncEngine) -> None:
        answer = await told(engine, "SELECT story_title, url, figure FROM casualty_timeline", a_ledger(), a_figure(2))
        assert answer == [(None, None, "2")]


class TestClaimsSideBySide:
    QUESTION = 'SELECT effect, side, claimants, lowest, highest, differ, figures FROM claims_side_by_side ORDER BY effect, side, "group"'

    async def test_sets_the_latest_figure_of_each_claimant_beside_the_others(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article("morning", at=9),
            *an_article("noon", at=12, outlet="Baku Example"),
            *an_article("evening", at=20),
            a_claim("morning", 5, at=9),
            a_claim("noon", 10, at=12, claimant="AZE.MIL", bound="about"),
            a_claim("evening", 25, at=20, bound="at_least"),
            a_claim("evening", 27, at=20, claimant=None),
        )
        assert answer == [("killed", "NKR", 3, 10, 27, True, "(outlets): 27 | NKR.GOV: at least 25 | AZE.MIL: about 10")]

    async def test_carries_the_words_and_where_they_stand(self, engine: AsyncEngine) -> None:
        (((claim,), last),) = await told(
            engine, "SELECT claims, last_stated_at FROM claims_side_by_side", a_story(), *an_article(), a_claim(low=5)
        )
        assert last == hour(9)
        assert (claim["claimant"], claim["figure"], claim["low"], claim["high"], claim["bound"]) == ("NKR.GOV", "5", 5, 5, "exact")
        assert (claim["outlet"], claim["quote"]) == ("Example Wire", "Five people were killed")
        assert (claim["article_id"], claim["url"]) == (named("first"), "https://wire.example/first")

    async def test_says_when_all_agree(self, engine: AsyncEngine) -> None:
        answer = await told(engine, self.QUESTION, a_story(), *an_article(), a_claim(low=5), a_claim(low=5, claimant="ARM.GOV"))
        assert answer == [("killed", "NKR", 2, 5, 5, False, "ARM.GOV: 5 | NKR.GOV: 5")]

    async def test_passes_over_what_is_no_total_of_now(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article(),
            a_claim(low=6500, current=False),
            a_claim(low=2, subset=True),
            a_claim(low=3, addition=True),
            a_claim(low=207, joint=True),
        )
        assert answer == []

    async def test_passes_over_copies_which_tell_old_figures_late(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article("wire", at=9),
            *an_article("evening", at=20),
            *an_article("scrape", at=22, copy_of="wire"),
            a_claim("wire", 5, at=9),
            a_claim("evening", 25, at=20),
            a_claim("scrape", 5, at=22),
        )
        assert [figures for *_, figures in answer] == ["NKR.GOV: 25"]

    async def test_passes_over_earlier_texts_and_earlier_rules(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article(revision="second-text", rules="rules-2"),
            a_revision("first", "first-text"),
            a_claim(low=5, revision="first-text", rules="rules-2"),
            a_claim(low=6, revision="second-text", rules="rules-1"),
            a_claim(low=7, revision="second-text", rules="rules-2"),
        )
        assert [figures for *_, figures in answer] == ["NKR.GOV: 7"]

    async def test_a_figure_without_a_date_never_covers_a_dated_one(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article("dated", at=9),
            *an_article("undated", at=None),
            a_claim("dated", 5, at=9),
            a_claim("undated", 9, at=None),
        )
        assert [figures for *_, figures in answer] == ["NKR.GOV: 5"]

    async def test_tells_merged_stories_as_one(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT story_id::text, figures FROM claims_side_by_side",
            a_story("shelling"),
            a_story("assault"),
            an_alias("assault", of="shelling"),
            *an_article("first", story="shelling"),
            *an_article("second", story="assault", at=10),
            a_claim("first", 5, at=9),
            a_claim("second", 3, at=10, claimant="ARM.GOV"),
        )
        assert answer == [(named("shelling"), "NKR.GOV: 5 | ARM.GOV: 3")]


class TestTheCeasefireHistory:
    QUESTION = "SELECT previous_status, status FROM ceasefire_history"

    async def test_tells_each_change_once(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article("call", at=8),
            *an_article("deal", at=12),
            *an_article("deal-again", at=13),
            *an_article("breach", at=18),
            a_statement("call", "called_for", at=8),
            a_statement("deal", "agreed", at=12),
            a_statement("deal-again", "agreed", at=13),
            a_statement("breach", "violated", at=18),
        )
        assert answer == [(None, "called_for"), ("called_for", "agreed"), ("agreed", "violated")]

    async def test_two_statements_of_one_article_stand_in_the_order_of_the_text(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article(),
            a_statement(status="violated", start=90),
            a_statement(status="agreed", start=10),
        )
        assert answer == [(None, "agreed"), ("agreed", "violated")]

    async def test_gives_the_words_the_outlet_and_the_alert(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT stated_at, parties, claimant, outlet, quote, url, alert_id::text FROM ceasefire_history",
            a_story(),
            *an_article("deal"),
            *an_article("breach", at=18),
            a_statement("deal", "agreed"),
            a_statement("breach", "violated", at=18),
            a_truce_alert("told-of-the-call", "deal", "called_for", at=8),
            a_truce_alert("told", "deal", "agreed"),
        )
        assert answer[0] == (
            hour(9),
            ["AZE", "NKR"],
            "NKR.GOV",
            "Example Wire",
            "agreed to a full ceasefire",
            "https://wire.example/deal",
            named("told"),
        )
        assert answer[1][-1] is None

    async def test_passes_over_earlier_texts_and_earlier_rules(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article(revision="second-text", rules="rules-2"),
            a_revision("first", "first-text"),
            a_statement(status="called_for", revision="first-text", rules="rules-2"),
            a_statement(status="proposed", revision="second-text", rules="rules-1"),
            a_statement(status="agreed", revision="second-text", rules="rules-2"),
        )
        assert answer == [(None, "agreed")]

    async def test_passes_over_older_truces_copies_and_what_has_no_date(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            self.QUESTION,
            a_story(),
            *an_article("first"),
            *an_article("scrape", at=10, copy_of="first"),
            *an_article("undated", at=None),
            a_statement("first", "in_force", current=False),
            a_statement("scrape", "agreed", at=10),
            a_statement("undated", "agreed", at=None),
        )
        assert answer == []

    async def test_tells_merged_stories_as_one(self, engine: AsyncEngine) -> None:
        answer = await told(
            engine,
            "SELECT story_id::text, previous_status, status FROM ceasefire_history",
            a_story("shelling"),
            a_story("assault"),
            an_alias("assault", of="shelling"),
            *an_article("first", story="shelling"),
            *an_article("second", story="assault", at=10),
            a_statement("first", "agreed", at=9),
            a_statement("second", "violated", at=10),
        )
        assert answer == [(named("shelling"), None, "agreed"), (named("shelling"), "agreed", "violated")]


@pytest.mark.parametrize("view", VIEWS, ids=[view.name for view in VIEWS])
async def test_the_example_of_the_data_page_runs(engine: AsyncEngine, view: View) -> None:
    assert view.name in view.example
    assert await told(engine, view.example) == []
