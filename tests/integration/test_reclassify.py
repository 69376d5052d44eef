"""Stored articles read again: the difference first, nothing written unasked, never anything sent, and the same rows however often."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from schemas.reading import Article, CasualtyClaim, Reading
from schemas.tables import METADATA, articles, claims
from services.classifier.core.reading import RULES_VERSION
from services.cli import app
from services.standalone.rereading import Rereading
from services.standalone.stored import Stretch
from tests.builders import a_claim as read_claim
from tests.builders import a_reading
from tests.rows import RULES, a_claim, a_story, an_article, named, put

pytestmark = pytest.mark.stack


async def fill(engine: AsyncEngine) -> None:
    """Two articles of a story, an hour apart, each with a claim of five and of nine dead, read by older rules."""
    async with engine.begin() as connection:
        await put(connection, a_story(), *an_article("first"), *an_article("second", at=10))
        await put(connection, a_claim("first", 5), a_claim("second", 9, at=10))


async def everything(engine: AsyncEngine) -> dict[str, list[Any]]:
    async with engine.connect() as connection:
        return {name: sorted(map(str, (await connection.execute(sa.select(table))).all())) for name, table in METADATA.tables.items()}


class Run:
    """One run with readers that were told beforehand what stands in each article, by its name."""

    def __init__(self, engine: AsyncEngine, readings: Mapping[str, CasualtyClaim | None], *, rules: str = RULES_VERSION) -> None:
        self._readings = {named(name): claim for name, claim in readings.items()}
        self._rules = rules
        self.lines: list[str] = []
        self.said: list[str] = []
        self._rereading = Rereading(engine, self.lines.append, self.said.append, reader=self._read)

    async def over(self, *, apply: bool = False) -> int:
        return await self._rereading.over(Stretch(), apply=apply)

    def _read(self, article: Article) -> Reading:
        claim = self._readings[article.id]
        if claim is None:
            raise ValueError("the test wants it so")
        return a_reading(claims=[claim], actors=(), events=()).model_copy(update={"id": article.id, "rules_version": self._rules})


def a_figure(number: int) -> CasualtyClaim:
    return read_claim(number, quote="Five people were killed")


async def test_the_difference_is_printed_and_nothing_is_written(engine: AsyncEngine) -> None:
    await fill(engine)
    before = await everything(engine)
    run = Run(engine, {"first": a_figure(5), "second": a_figure(12)})
    assert await run.over() == 0
    assert run.lines == [
        "https://wire.example/second  Shells fall on Stepanakert",
        "  + claim killed exact 12..12 of NKR (all) by NKR.GOV «Five people were killed»",
        "  - claim killed exact 9..9 of NKR (all) by NKR.GOV «Five people were killed»",
        "alerts that would have been raised:",
        "  - 2023-09-19 10:06  9 killed on the Karabakh Armenian side, was 5 (Karabakh authorities)",
        "  + 2023-09-19 10:06  12 killed on the Karabakh Armenian side, was 5 (Karabakh authorities)",
    ]
    assert run.said[0] == "2 articles read again: 1 otherwise, 2 differences in 2 alerts"
    assert await everything(engine) == before


async def test_applied_it_adds_the_new_rows_keeps_the_old_sends_nothing_and_a_second_time_adds_nothing(engine: AsyncEngine) -> None:
    await fill(engine)
    before = await everything(engine)
    readings = {"first": a_figure(5), "second": a_figure(12)}
    run = Run(engine, readings)
    assert await run.over(apply=True) == 0
    assert run.said[-1] == f"2 articles stand by the rules {RULES_VERSION} now; nothing was sent"
    after = await everything(engine)
    async with engine.connect() as connection:
        found = (
            await connection.execute(sa.select(claims.c.rules_version, claims.c.low).order_by(claims.c.rules_version, claims.c.low))
        ).all()
        standing = set((await connection.execute(sa.select(articles.c.rules_version))).scalars())
    assert sorted(found) == sorted([(RULES, 5), (RULES, 9), (RULES_VERSION, 5), (RULES_VERSION, 12)])
    assert standing == {RULES_VERSION}
    assert {name for name in before if before[name] != after[name]} == {"articles", "claims"}
    again = Run(engine, readings)
    assert await again.over(apply=True) == 0
    assert again.lines == []
    assert again.said[-1] == f"0 articles stand by the rules {RULES_VERSION} now; nothing was sent"
    assert {name: rows for name, rows in (await everything(engine)).items() if name != "articles"} == {
        name: rows for name, rows in after.items() if name != "articles"
    }


async def test_rules_of_the_same_version_cannot_be_told_apart_and_are_not_written(engine: AsyncEngine) -> None:
    await fill(engine)
    before = await everything(engine)
    run = Run(engine, {"first": a_figure(5), "second": a_figure(12)}, rules=RULES)
    assert await run.over(apply=True) == 1
    assert "give the rules a new version" in run.said[-1]
    assert await everything(engine) == before


async def test_an_article_that_cannot_be_read_stays_as_it_is_and_stops_no_other(engine: AsyncEngine) -> None:
    await fill(engine)
    run = Run(engine, {"first": None, "second": a_figure(9)})
    assert await run.over(apply=True) == 1
    assert run.said[0] == "https://wire.example/first: cannot be read (ValueError: the test wants it so); it stays as it is"
    async with engine.connect() as connection:
        standing = {row.id: row.rules_version for row in await connection.execute(sa.select(articles.c.id, articles.c.rules_version))}
    assert standing == {named("first"): RULES, named("second"): RULES_VERSION}


async def test_a_text_that_changed_meanwhile_is_left_to_the_service(engine: AsyncEngine) -> None:
    await fill(engine)

    class Slow(Run):
        def _read(self, article: Article) -> Reading:
            asyncio.run(self._revise())
            return super()._read(article)

        async def _revise(self) -> None:
            from sqlalchemy.ext.asyncio import create_async_engine

            other = create_async_engine(engine.url)
            async with other.begin() as connection:
                await connection.execute(sa.update(articles).where(articles.c.id == named("second")).values(rules_version="newer"))
            await other.dispose()

    run = Slow(engine, {"first": a_figure(5), "second": a_figure(12)})
    assert await run.over(apply=True) == 0
    async with engine.connect() as connection:
        standing = {row.id: row.rules_version for row in await connection.execute(sa.select(articles.c.id, articles.c.rules_version))}
    assert standing == {named("first"): RULES_VERSION, named("second"): "newer"}


async def test_the_command_reads_with_the_rules_of_today(engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await fill(engine)
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", database_url)
    ended = await asyncio.to_thread(CliRunner().invoke, app, ["reclassify", "--since", "2023-09-19T09:30Z"])
    assert ended.exit_code == 0, ended.output
    assert "1 articles read again" in ended.output
    wrong = await asyncio.to_thread(CliRunner().invoke, app, ["reclassify", "--since", "yesterday"])
    assert (wrong.exit_code, "is no time" in wrong.output) == (2, True)
