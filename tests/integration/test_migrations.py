"""The migrations make the database that `schemas.tables` promises, from any state, also when several migrate at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from migrations.upgrade import UnknownRevision, configuration, current, downgrade, head, upgrade
from schemas.tables import METADATA
from schemas.tables.views import VIEWS
from services.standalone.postgres import SUPERUSER, EmbeddedPostgres
from tests.exports.catalogue import Relation, relations
from tests.integration.databases import connected, empty_database

pytestmark = pytest.mark.stack


@pytest.fixture
async def empty(embedded_postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with empty_database(embedded_postgres) as url:
        yield url


async def what_is_in(url: str) -> tuple[Relation, ...]:
    async with connected(url) as connection:
        return await relations(connection)


async def made_from_the_code(url: str) -> tuple[Relation, ...]:
    async with connected(url) as connection:
        await connection.run_sync(METADATA.create_all)
        for view in VIEWS:
            await connection.execute(text(f"CREATE VIEW {view.name} AS {view.query}"))
            await connection.execute(text(f"COMMENT ON VIEW {view.name} IS {quoted(view.comment)}"))
            for column, comment in view.columns.items():
                await connection.execute(text(f'COMMENT ON COLUMN {view.name}."{column}" IS {quoted(comment)}'))
        return await relations(connection)


def quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


async def test_an_empty_database_becomes_what_the_tables_say(embedded_postgres: EmbeddedPostgres, empty: str) -> None:
    assert await upgrade(empty) == (None, head())
    migrated = {relation.name: relation for relation in await what_is_in(empty)}
    async with empty_database(embedded_postgres) as other:
        promised = {relation.name: relation for relation in await made_from_the_code(other)}
    assert migrated.keys() == promised.keys()
    for name, relation in promised.items():
        assert migrated[name] == relation


async def test_alembic_itself_finds_nothing_to_do(empty: str) -> None:
    await upgrade(empty)
    async with connected(empty) as connection:
        found = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"compare_type": True, "compare_server_default": True}), METADATA
            )
        )
    assert found == []


async def test_every_table_view_and_column_says_what_it_means(empty: str) -> None:
    await upgrade(empty)
    found = await what_is_in(empty)
    assert len(found) > 20
    silent = [relation.name for relation in found if not relation.comment]
    silent += [f"{relation.name}.{column.name}" for relation in found for column in relation.columns if not column.comment]
    assert silent == []


async def test_a_second_upgrade_does_nothing(empty: str) -> None:
    await upgrade(empty)
    before = await what_is_in(empty)
    assert await upgrade(empty) == (head(), head())
    assert await what_is_in(empty) == before


async def test_the_way_back_leaves_nothing_and_can_be_gone_again(empty: str) -> None:
    await upgrade(empty)
    assert await downgrade(empty) == (head(), None)
    assert await what_is_in(empty) == ()
    assert await current(empty) is None
    assert await upgrade(empty) == (None, head())


async def test_each_step_can_be_gone_up_down_and_up_again(empty: str) -> None:
    steps = [script.revision for script in reversed(list(ScriptDirectory.from_config(configuration()).walk_revisions()))]
    await upgrade(empty)
    whole = await what_is_in(empty)
    for revision in [*reversed(steps[:-1]), "base"]:
        await downgrade(empty, revision)
        assert await current(empty) == (None if revision == "base" else revision)
        await upgrade(empty)
        assert await what_is_in(empty) == whole


async def test_two_at_once_queue_and_both_succeed(empty: str) -> None:
    results = await asyncio.gather(*(asyncio.to_thread(asyncio.run, upgrade(empty)) for _ in range(2)), upgrade(empty), upgrade(empty))
    assert sorted(before or "" for before, _ in results) == ["", head(), head(), head()]
    assert {after for _, after in results} == {head()}


async def test_two_databases_at_once_do_not_meet(embedded_postgres: EmbeddedPostgres, empty: str) -> None:
    async with empty_database(embedded_postgres) as other:
        await asyncio.gather(upgrade(empty), upgrade(other))
        assert await what_is_in(empty) == await what_is_in(other)


async def test_a_step_that_fails_leaves_the_database_as_it_was(empty: str) -> None:
    async with connected(empty) as connection:
        await connection.execute(text("CREATE TABLE deliveries (somebody_elses int)"))
    before = await what_is_in(empty)
    with pytest.raises(SQLAlchemyError, match="deliveries"):
        await upgrade(empty)
    assert await what_is_in(empty) == before
    assert await current(empty) is None


async def test_a_database_of_a_newer_release_is_left_alone_and_said_so(empty: str) -> None:
    await upgrade(empty)
    async with connected(empty) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownRevision, match=f"revision 9999, which this release \\(newest: {head()}\\) does not know"):
        await upgrade(empty)
    assert await current(empty) == "9999"


async def test_what_the_database_says_on_the_way_is_logged(embedded_postgres: EmbeddedPostgres, caplog: pytest.LogCaptureFixture) -> None:
    speaking = """
        CREATE FUNCTION speak() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'something is missing'; END $$;
        CREATE EVENT TRIGGER speak ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION speak();
    """
    async with empty_database(embedded_postgres, SUPERUSER) as url:
        async with connected(url) as connection:
            for statement in filter(str.strip, speaking.split("\n")):
                await connection.execute(text(statement))
        await upgrade(url)
    assert [record.message for record in caplog.records if record.name == "migrations.upgrade"] == [
        "the database says: something is missing"
    ] * len(VIEWS)


async def test_the_alembic_command_works_in_a_checkout(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "alembic",
        "-x",
        f"url={empty}",
        "upgrade",
        "head",
        cwd=Path(__file__).parents[2],
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert await current(empty) == head()
