"""Postgres: what is a transaction, what is a lock, and which fault asks for which next step."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.runtime.bus import BusUnavailable
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, advisory_lock, check, open_engine, transaction, try_lock
from services.standalone.postgres import EmbeddedPostgres

pytestmark = pytest.mark.stack


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url, application="test", statement_seconds=0.3, lock_seconds=0.1)
    yield made
    await made.dispose()


async def execute(engine: AsyncEngine, statement: str) -> None:
    async with transaction(engine) as connection:
        await connection.execute(text(statement))


async def test_a_transaction_is_kept_whole_or_not_at_all(engine: AsyncEngine) -> None:
    async def half() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("INSERT INTO notes VALUES (1)"))
            raise KeyError("interrupted")

    await execute(engine, "CREATE TABLE notes (id int)")
    with pytest.raises(KeyError):
        await half()
    await execute(engine, "INSERT INTO notes VALUES (2)")

    async with transaction(engine) as connection:
        assert (await connection.execute(text("SELECT id FROM notes"))).scalars().all() == [2]


async def test_a_lock_is_held_until_the_transaction_ends(engine: AsyncEngine) -> None:
    async def wait_for_it() -> None:
        async with transaction(engine) as other:
            await advisory_lock(other, "stories")

    async with transaction(engine) as one:
        await advisory_lock(one, "stories")
        async with transaction(engine) as other:
            assert not await try_lock(other, "stories")
            assert await try_lock(other, "another")
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            await wait_for_it()
    await wait_for_it()


async def test_the_session_is_named_and_in_utc(engine: AsyncEngine) -> None:
    async with transaction(engine) as connection:
        row = (await connection.execute(text("SELECT current_setting('application_name'), current_setting('timezone')"))).one()
    assert tuple(row) == ("test", "UTC")
    assert (await check(engine)).startswith("PostgreSQL ")


@pytest.mark.parametrize("statement", ["SELECT 1/0", "SELECT pg_sleep(5)"])
async def test_a_fault_of_the_statement_stays_one(engine: AsyncEngine, statement: str) -> None:
    with pytest.raises(DBAPIError):
        await execute(engine, statement)


async def test_a_wrong_argument_is_not_taken_for_a_dead_connection(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError):
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT CAST(:number AS int)"), {"number": 2**40})


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELECT nothing FROM pg_class", "SELECT pg_read_file('/etc/hostname')"])
async def test_what_waiting_does_not_mend_is_told_apart(engine: AsyncEngine, statement: str) -> None:
    with pytest.raises(DatabaseUnfit):
        await execute(engine, statement)


@pytest.mark.parametrize(("old", "new"), [("/test_", "/absent_"), ("//watch@", "//stranger@")])
async def test_a_database_or_role_that_is_not_there_is_unfit(database_url: str, old: str, new: str) -> None:
    stranger = open_engine(database_url.replace(old, new), application="test")
    with pytest.raises(DatabaseUnfit):
        await check(stranger)
    await stranger.dispose()


@pytest.mark.parametrize("url", ["postgresql+asyncpg://watch@/watch?host=/nowhere", "postgresql+asyncpg://watch@127.0.0.1:1/watch"])
async def test_a_server_that_is_not_there_is_unavailable(url: str) -> None:
    engine = open_engine(url, application="test")
    with pytest.raises(DatabaseUnavailable):
        await check(engine)
    await engine.dispose()


async def test_a_fault_of_the_bus_passes_through_a_transaction(engine: AsyncEngine) -> None:
    with pytest.raises(BusUnavailable):
        async with transaction(engine):
            raise BusUnavailable("no broker")


async def test_a_missing_file_passes_through_a_transaction(engine: AsyncEngine, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        async with transaction(engine):
            (tmp_path / "absent").read_text()


async def test_a_connection_that_is_cut_within_a_transaction_is_unavailable_and_the_next_one_works(engine: AsyncEngine) -> None:
    async def cut() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(DatabaseUnavailable):
        await cut()
    await check(engine)


async def test_a_server_that_is_killed_and_started_again_is_found_by_the_same_engine(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    await asyncio.to_thread(server.start)
    engine = open_engine(server.url, application="test")

    async def killed_before_the_commit() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("CREATE TABLE notes (id int)"))
            assert server.child is not None
            os.kill(int((server.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
            assert await asyncio.to_thread(server.child.wait, 20.0)

    try:
        with pytest.raises(DatabaseUnavailable):
            await killed_before_the_commit()
        with pytest.raises(DatabaseUnavailable):
            await check(engine)
        await asyncio.to_thread(server.restart)
        await execute(engine, "CREATE TABLE notes (id int)")
    finally:
        await engine.dispose()
        await asyncio.to_thread(server.stop)
