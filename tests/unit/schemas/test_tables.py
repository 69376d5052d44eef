"""The tables keep the rules that they are read by: comments, one writer, words from the vocabulary, aware times."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest
from sqlalchemy import CheckConstraint, Column, DateTime, Table

from schemas import tables
from schemas.tables import METADATA, outbox_table
from schemas.tables.columns import METADATA as THE_SAME
from schemas.tables.views import VIEWS, View
from schemas.vocabulary import (
    AlertKind,
    AlertReason,
    Bound,
    CeasefireStatus,
    DeliveryState,
    Effect,
    EventType,
    FetchReason,
    Group,
    PollReason,
)

TABLES = sorted(METADATA.tables.values(), key=lambda table: table.name)
WRITERS = {
    "fetcher": {"outlets", "feeds", "feed_memories", "polls", "entries", "feed_reports", "fetcher_outbox"},
    "classifier": {
        "articles",
        "revisions",
        "stories",
        "story_aliases",
        "article_actors",
        "article_events",
        "claims",
        "ceasefire_statements",
        "classifier_outbox",
    },
    "alerter": {
        "ledgers",
        "ledger_figures",
        "decisions",
        "alerts",
        "deliveries",
        "alerter_outbox",
        "handled_hands",
        "watches",
        "channel_states",
        "delivery_groups",
    },
    "desk": {"desk_tokens", "silences", "hands", "audit"},
}


def checked(table: Table, column: str) -> set[str]:
    """The words that the check of the column allows."""
    check = next(one for one in table.constraints if isinstance(one, CheckConstraint) and one.name == f"ck_{table.name}_{column}")
    return set(re.findall(r"'([^']*)'", str(check.sqltext)))


def by_name(table: Table) -> str:
    return table.name


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_a_table_and_each_column_say_what_they_mean(table: Table) -> None:
    assert table.comment
    silent: list[Column[object]] = [column for column in table.columns if not column.comment]
    assert silent == []


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_a_table_has_a_key_and_its_times_carry_a_zone(table: Table) -> None:
    assert list(table.primary_key)
    naive = [column.name for column in table.columns if isinstance(column.type, DateTime) and not column.type.timezone]
    assert naive == []


def test_each_table_has_one_writer() -> None:
    assert sorted(METADATA.tables) == sorted(name for names in WRITERS.values() for name in names)


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_references_stay_within_one_writer_and_wait_for_the_commit(table: Table) -> None:
    (mates,) = (names for names in WRITERS.values() if table.name in names)
    for constraint in table.foreign_key_constraints:
        assert constraint.referred_table.name in mates
        assert (constraint.deferrable, constraint.initially) == (True, "DEFERRED")


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        (tables.polls, "reason", PollReason),
        (tables.entries, "reason", FetchReason),
        (tables.article_events, "type", EventType),
        (tables.claims, "effect", Effect),
        (tables.claims, "bound", Bound),
        (tables.claims, "group", Group),
        (tables.ceasefire_statements, "status", CeasefireStatus),
        (tables.ledger_figures, "effect", Effect),
        (tables.alerts, "kind", AlertKind),
        (tables.alerts, "reason", AlertReason),
        (tables.deliveries, "state", DeliveryState),
    ],
)
def test_a_column_of_a_closed_list_allows_its_words(table: Table, column: str, words: type[StrEnum]) -> None:
    assert checked(table, column) == set(words)


def test_an_outbox_finds_what_is_unsent_without_reading_what_was_sent() -> None:
    unsent = next(index for index in tables.fetcher_outbox.indexes if index.name == "ix_fetcher_outbox_unsent")
    assert [column.name for column in unsent.columns] == ["id"]
    assert str(unsent.dialect_options["postgresql"]["where"]) == "sent_at IS NULL"


def test_the_outboxes_are_alike() -> None:
    shapes = {
        tuple((column.name, str(column.type)) for column in METADATA.tables[f"{name}_outbox"].columns)
        for name in WRITERS
        if f"{name}_outbox" in METADATA.tables
    }
    assert len(shapes) == 1


def test_an_outbox_is_made_once() -> None:
    with pytest.raises(Exception, match="already defined"):
        outbox_table("fetcher_outbox")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_has_words_for_what_it_gives_and_an_example(view: View) -> None:
    assert view.comment
    assert all(view.columns.values())
    assert f"FROM {view.name}" in view.example


def test_there_is_one_metadata() -> None:
    assert METADATA is THE_SAME
