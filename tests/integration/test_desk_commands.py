"""Hands by command, on a real Postgres: the same rows and the same audit as by the interface, and faults with their mend."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from schemas.tables import audit, desk_tokens, hands, silences, watches
from services.cli import app
from services.runtime.postgres import open_engine
from tests.integration.desks import a_raised_alert, a_whole_story, raise_alerts
from tests.rows import hour, named

pytestmark = pytest.mark.stack

FIVE, NINE = named("five"), named("nine")


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", database_url)
    # The story's own time, as slow as ours.
    monkeypatch.setenv("CAUCASUS_WATCH_CLOCK", "2026-01-01T12:00:00Z|2023-09-19T13:00:00Z|0.000001")

    async def fill() -> None:
        engine = open_engine(database_url, application="test")
        await a_whole_story(engine)
        await raise_alerts(engine, a_raised_alert("wounded", 5, effect="wounded", headline="3 wounded"))
        await engine.dispose()

    asyncio.run(fill())


def told(*arguments: str, code: int = 0) -> str:
    """What the command says, on both streams, after it has ended with that code."""
    ended = CliRunner().invoke(app, list(arguments))
    assert ended.exit_code == code, ended.output
    return ended.output


def rows(database_url: str, table: sa.Table) -> list[Any]:
    async def ask() -> list[Any]:
        engine = open_engine(database_url, application="test")
        async with engine.connect() as connection:
            found = (await connection.execute(sa.select(table))).all()
        await engine.dispose()
        return list(found)

    return asyncio.run(ask())


def test_an_alert_is_listed_taken_shown_and_given_back(database_url: str) -> None:
    listed = told("alerts", "list")
    assert [line.rpartition("]  ")[2] for line in listed.splitlines()] == ["9 killed, was 5", "3 wounded", "5 killed"]
    assert "[acknowledged by Anna]" in told("alerts", "ack", NINE[:8], "--note", "calling Yerevan", "--as", "Anna")
    shown = told("alerts", "show", FIVE)
    assert "stands       acknowledged by Anna" in shown
    assert told("alerts", "list", "--standing", "open").count("\n") == 1
    assert "[open]" in told("alerts", "unack", NINE, "--as", "Boris")
    assert [(row.done_by, row.via, row.action) for row in rows(database_url, audit)] == [
        ("Anna", "command", "alert.acknowledge"),
        ("Boris", "command", "alert.unacknowledge"),
    ]


def test_a_wrong_one_a_note_a_snooze_and_a_resolution_are_hands(database_url: str) -> None:
    told("alerts", "snooze", NINE, "2h", "--story")
    told("alerts", "resolve", NINE)
    told("alerts", "note", NINE, "seen on television")
    told("alerts", "resend", FIVE)
    assert "[withdrawn by Anna]" in told("alerts", "wrong", NINE, "those were wounded", "--as", "Anna")
    assert [row.action for row in sorted(rows(database_url, hands), key=lambda row: int(row.number))] == [
        "snooze", "resolve", "note", "resend", "wrong",
    ]  # fmt: skip


def test_a_silence_is_made_listed_and_expired(database_url: str) -> None:
    made = told("alerts", "silence", "side=ARM", 'severity!="critical"', "--for", "2h", "--why", "an exercise", "--as", "Anna")
    name = made.split()[0]
    assert "active" in told("alerts", "silences")
    drill = told("alerts", "silence", "side=NKR", "--for", "1h", "--why", "a drill").split()[0]
    assert "[open, silenced]  5 killed" in told("alerts", "list")
    told("alerts", "expire", drill)
    assert "expired" in told("alerts", "expire", name)
    assert told("alerts", "silences") == ""
    assert name in {json.loads(line)["id"] for line in told("alerts", "silences", "--all", "--json").splitlines()}
    assert len(rows(database_url, silences)) == 2


def test_a_story_is_found_by_its_words_and_shown_with_its_ledger() -> None:
    listed = told("story", "list", "SHELLS")
    assert listed.split()[0] == named("shelling")
    assert told("story", "list", "weather") == ""
    shown = told("story", "show", named("shelling"))
    assert "killed, ARM" in shown
    assert "9  NKR.GOV, 2023-09-19 10:00 UTC  «Five people were killed»" in shown
    assert "alert.raised" in shown
    assert json.loads(told("story", "show", named("shelling"), "--json"))["ledger"][0]["figures"][0]["low"] == 9
    assert "look for its id" in told("story", "show", named("none"), code=1)


def test_the_watches_are_shown_and_something_wrong_is_an_exit_code(database_url: str) -> None:
    assert "has not looked yet" in told("alerts", "watches")

    async def look() -> None:
        engine = open_engine(database_url, application="test")
        async with engine.begin() as connection:
            row = {
                "name": "feeds-blocked",
                "subject": "feeds",
                "firing": True,
                "since": hour(9),
                "detail": "3 of 6 are blocked",
                "checked_at": hour(10),
            }
            await connection.execute(sa.insert(watches).values(row))
        await engine.dispose()

    asyncio.run(look())
    assert "WRONG  since 2023-09-19 09:00 UTC  feeds-blocked" in told("alerts", "watches", code=1)
    assert json.loads(told("alerts", "watches", "--json", code=1))["detail"] == "3 of 6 are blocked"


def test_a_token_is_shown_once_listed_and_revoked(database_url: str) -> None:
    text = told("desk", "token", "add", "Anna", "--role", "desk", "--expires", "30d").split()[-1]
    assert text.startswith("cwd_")
    (row,) = rows(database_url, desk_tokens)
    assert text not in str(row)
    assert "open     desk" in told("desk", "token", "list")
    assert "is there already" in told("desk", "token", "add", "Anna", code=1)
    told("desk", "token", "revoke", "Anna")
    assert "revoked  desk" in told("desk", "token", "list")
    told("desk", "token", "add", "Anna")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["alerts", "show", named("none")], 1, "look for its id in the list of alerts"),
        (["alerts", "ack", "zzzz"], 1, "there is no alert 'zzzz'"),
        (["alerts", "snooze", NINE, "soon"], 2, "write a span such as 30m"),
        (["alerts", "wrong", NINE, ""], 2, "nobody says why"),
        (["alerts", "list", "--match", "colour=blue"], 2, "alerts have no label 'colour'"),
        (["alerts", "silence", "side=", "--for", "-1h", "--why", "x"], 2, "no span of time"),
        (["desk", "token", "revoke", "nobody"], 1, "caucasus-watch desk token list"),
        (["desk", "token", "add", "Anna", "--role", "admin", "--feeds-only"], 2, "--role viewer"),
    ],
)
def test_a_fault_is_told_with_its_mend(arguments: list[str], code: int, says: str) -> None:
    assert says in told(*arguments, code=code)


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", "postgresql+asyncpg://nobody@127.0.0.1:1/none")
    assert "caucasus-watch doctor" in told("alerts", "list", code=1)


def test_without_a_database_it_says_which_one_is_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("CAUCASUS_WATCH_DATABASE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert "start `caucasus-watch up` first" in told("alerts", "list", code=2)
