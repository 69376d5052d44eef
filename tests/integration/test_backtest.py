"""The back-test on articles of a real Postgres: in the order in which the service had them, each text once, nothing written."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from schemas.tables import METADATA, revisions
from services.cli import app
from services.standalone import stored as module
from services.standalone.stored import Stretch, stored
from tests.builders import THE_MORNING
from tests.rows import a_figure, a_ledger, a_story, an_article, named, put

pytestmark = pytest.mark.stack

TEXT = "{} Azerbaijani soldiers were killed near Lachin on Tuesday, Azerbaijan's defence ministry said."


async def fill(engine: AsyncEngine) -> None:
    """Three articles, an hour apart, the second of which was revised; the ledger of their story."""
    async with engine.begin() as connection:
        await put(connection, a_story())
        for hour, (name, number) in enumerate((("first", "Two"), ("second", "Five"), ("third", "Seven"))):
            article, text = an_article(name, at=12 + hour)
            await put(connection, article, text)
            await connection.execute(
                sa.update(revisions)
                .where(revisions.c.article_id == named(name))
                .values(title=f"{number} soldiers killed", text=TEXT.format(number), fetched_at=THE_MORNING + timedelta(hours=hour))
            )
        later = {"revision": "second-text", "text": TEXT.format("Twelve"), "fetched_at": THE_MORNING + timedelta(hours=5)}
        row = (await connection.execute(sa.select(revisions).where(revisions.c.article_id == named("second")))).one()._asdict()
        await connection.execute(sa.insert(revisions).values(row | later))
        await put(connection, a_ledger(), a_figure(2, at=12), a_figure(7, at=14, article="third"), a_figure(1, at=15, subset=True))


async def counts(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        return {
            name: (await connection.scalar(sa.select(sa.func.count()).select_from(table))) or 0 for name, table in METADATA.tables.items()
        }


async def test_articles_come_in_the_order_in_which_the_service_had_them_page_by_page(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    await fill(engine)
    every = [arrival async for arrival in stored(engine, Stretch())]
    assert [arrival.article.id for arrival in every] == [named(name) for name in ("first", "second", "third", "second")]
    some = [arrival async for arrival in stored(engine, Stretch(THE_MORNING + timedelta(hours=1), THE_MORNING + timedelta(hours=2)))]
    assert [arrival.article.id for arrival in some] == [named("second")]


async def test_the_command_replays_what_is_stored_and_writes_nothing(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import asyncio

    await fill(engine)
    before = await counts(engine)
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", database_url)
    ended = await asyncio.to_thread(CliRunner().invoke, app, ["replay", "--since", "2023-09-19"])
    assert ended.exit_code == 0, ended.output
    lows = [json.loads(line)["low"] for line in ended.stdout.splitlines()]
    assert lows == [2, 5, 7, 12]
    picture = tmp_path / "toll.svg"
    drawn = await asyncio.to_thread(CliRunner().invoke, app, ["story", "plot", named("shelling"), "--out", str(picture)])
    assert drawn.exit_code == 0, drawn.output
    assert "1 curves, 2 steps" in drawn.output
    assert picture.read_bytes().startswith(b"<?xml")
    assert await counts(engine) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["replay"], "one of the two"),
        (["replay", "--since", "yesterday"], "is no time"),
        (["replay", "-", "--until", "2023-09-19"], "one of the two"),
        (["story", "plot"], "name a story"),
        (["story", "plot", "x", "--language", "la"], "there are no words in 'la'"),
    ],
)
def test_wrong_use_is_told_with_the_mend(arguments: list[str], says: str) -> None:
    ended = CliRunner().invoke(app, arguments)
    assert (ended.exit_code, says in ended.output) == (2, True), ended.output


def test_a_story_that_is_not_there_is_told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", database_url)
    for name in ("none", named("none")):
        ended = CliRunner().invoke(app, ["story", "plot", name])
        assert ended.exit_code == 1, ended.output
