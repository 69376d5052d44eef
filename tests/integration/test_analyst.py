"""The role `analyst` reads what it may and writes nothing; where it cannot be made, the migration goes on and says so."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import Select, column, make_url, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from migrations.upgrade import current, downgrade, head, upgrade
from schemas.tables import METADATA
from schemas.tables.views import VIEWS
from services.standalone.postgres import SUPERUSER, EmbeddedPostgres
from tests.integration.databases import connected, empty_database, role

pytestmark = pytest.mark.stack

CLOSED = {"fetcher_outbox", "classifier_outbox", "alerter_outbox", "desk_tokens", "audit"}
IN_PART = {"deliveries"}


@pytest.fixture
async def migrated(embedded_postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A database that one who may make roles has migrated, so that the role is surely there."""
    async with empty_database(embedded_postgres, SUPERUSER) as url:
        await upgrade(url)
        yield url


@asynccontextmanager
async def as_analyst(url: str) -> AsyncIterator[AsyncConnection]:
    async with connected(url, autocommit=True) as connection:
        await connection.execute(text("SET ROLE analyst"))
        yield connection


def everything_of(name: str) -> Select[tuple[object]]:
    return select(column("*", is_literal=True)).select_from(table(name))


async def test_it_reads_every_table_and_view_that_is_open_to_it(migrated: str) -> None:
    async with as_analyst(migrated) as connection:
        for name in sorted((METADATA.tables.keys() - CLOSED - IN_PART) | {view.name for view in VIEWS}):
            assert (await connection.execute(everything_of(name))).all() == []


async def test_what_may_hold_secrets_is_closed_to_it(migrated: str) -> None:
    async with as_analyst(migrated) as connection:
        for name in sorted(CLOSED | IN_PART):
            with pytest.raises(DBAPIError, match=f"permission denied for table {name}"):
                await connection.execute(everything_of(name))


async def test_of_the_deliveries_only_the_errors_are_closed(migrated: str) -> None:
    deliveries = METADATA.tables["deliveries"]
    open_ones = select(*(one for one in deliveries.columns if one.name != "last_error"))
    async with as_analyst(migrated) as connection:
        assert (await connection.execute(open_ones)).all() == []
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("SELECT last_error FROM deliveries"))


WRITING = (
    "INSERT INTO outlets (id, name) VALUES ('x', 'X')",
    "UPDATE alerts SET headline = 'nothing happened'",
    "DELETE FROM claims",
    "TRUNCATE ledger_figures",
    "DROP TABLE polls",
    "DELETE FROM casualty_timeline",
    "CREATE TABLE mine (id int)",
    "ALTER TABLE articles ADD COLUMN mine int",
    "COMMENT ON TABLE articles IS 'mine'",
)


async def test_it_writes_nothing(migrated: str) -> None:
    async with as_analyst(migrated) as connection:
        for statement in WRITING:
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner|cannot delete from view"):
                await connection.execute(text(statement))


async def test_tables_of_later_releases_are_open_to_it(migrated: str) -> None:
    async with connected(migrated) as connection:
        await connection.execute(text("CREATE TABLE of_a_later_release (id int)"))
    async with as_analyst(migrated) as connection:
        assert (await connection.execute(text("SELECT * FROM of_a_later_release"))).all() == []


async def test_a_login_in_the_group_reads_too(embedded_postgres: EmbeddedPostgres, migrated: str) -> None:
    async with (
        role(embedded_postgres, "IN ROLE analyst") as maria,
        connected(make_url(migrated).set(username=maria).render_as_string(hide_password=False)) as connection,
    ):
        assert (await connection.execute(text("SELECT * FROM casualty_timeline"))).all() == []
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("DELETE FROM claims"))


async def test_a_role_that_is_there_already_serves_a_further_database(embedded_postgres: EmbeddedPostgres, migrated: str) -> None:
    assert await current(migrated) == head()
    async with empty_database(embedded_postgres, SUPERUSER) as further:
        await upgrade(further)
        async with as_analyst(further) as connection:
            assert (await connection.execute(text("SELECT * FROM articles"))).all() == []


async def test_the_way_back_takes_its_rights(migrated: str) -> None:
    await downgrade(migrated, "0002")
    async with as_analyst(migrated) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("SELECT * FROM articles"))
    async with connected(migrated) as connection:
        await connection.execute(text("CREATE TABLE of_a_later_release (id int)"))
    async with as_analyst(migrated) as connection:
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("SELECT * FROM of_a_later_release"))


async def test_one_who_may_not_make_roles_migrates_all_the_same(embedded_postgres: EmbeddedPostgres) -> None:
    async with role(embedded_postgres) as plain, empty_database(embedded_postgres, plain) as url:
        assert await upgrade(url) == (None, head())


async def test_a_role_that_cannot_be_made_is_said(embedded_postgres: EmbeddedPostgres) -> None:
    # The role belongs to the whole server and other tests use it: here the migration's statement makes one of another name.
    absent = f"analyst_{uuid.uuid4().hex}"
    statement = importlib.import_module("migrations.versions.0003_analyst").MAKE_THE_ROLE.replace("analyst", absent)
    notices: list[str] = []
    async with role(embedded_postgres) as plain, empty_database(embedded_postgres, plain) as url:
        address = make_url(url)
        connection = await asyncpg.connect(
            host=str(address.query["host"]), port=int(str(address.query["port"])), user=plain, database=address.database
        )
        try:
            connection.add_log_listener(lambda _, message: notices.append(str(message)))
            await connection.execute(statement)
        finally:
            await connection.close()
    assert len(notices) == 1
    assert f"role {absent} is missing and {plain} may not make it" in notices[0]
