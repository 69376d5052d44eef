"""The embedded Postgres: comes up, keeps what it was told, is had by one process at a time, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.standalone.child import StartFailed
from services.standalone.folder import FolderTaken
from services.standalone.postgres import OWNER, SOCKET_PATH_LIMIT, EmbeddedPostgres

pytestmark = pytest.mark.stack


async def ask(url: str, *statements: str) -> object:
    """The first value that the last of the statements returns, if it returns any."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            value: object = None
            for statement in statements:
                result = await connection.execute(text(statement))
                value = result.scalar() if result.returns_rows else None
            return value
    finally:
        await engine.dispose()


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


async def test_it_starts_on_an_empty_folder_with_a_database_of_its_own(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "pg", durable=False) as server:
        assert await ask(server.url, "SELECT current_user || '/' || current_database()") == "watch/watch"
        assert await ask(server.url, "SHOW server_encoding") == "UTF8"
        assert server.port is None
    assert server.child is None
    assert not (server.data / "postmaster.pid").exists()


async def test_what_was_committed_is_there_after_a_kill_and_under_the_same_address(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "pg") as server:
        url = server.url
        await ask(url, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('Стәпанакәрт')")
        os.kill(postmaster(server), signal.SIGKILL)
        assert server.child is not None
        assert server.child.wait(10)
        assert server.child.status == 128 + signal.SIGKILL

        await asyncio.to_thread(server.restart)

        assert server.url == url
        assert await ask(url, "SELECT word FROM kept") == "Стәпанакәрт"

    async with EmbeddedPostgres(tmp_path / "pg") as again:
        assert await ask(again.url, "SELECT count(*) FROM kept") == 1


async def test_a_second_start_on_the_same_folder_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "pg", durable=False) as server:
        with pytest.raises(FolderTaken, match=rf"in use by process {os.getpid()}"):
            await asyncio.to_thread(EmbeddedPostgres(tmp_path / "pg").start)
        assert await ask(server.url, "SELECT 1") == 1


async def test_a_folder_whose_path_is_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "pg"
    assert len(str(folder)) > SOCKET_PATH_LIMIT
    async with EmbeddedPostgres(folder, durable=False) as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_a_folder_below_a_closed_one_works_and_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    async with EmbeddedPostgres(closed / "pg", durable=False) as server:
        assert await ask(server.url, "SELECT 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700
        assert (server.folder / "socket").stat().st_mode & 0o777 == 0o700


async def test_over_tcp_only_the_password_lets_in_and_the_port_is_remembered(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "pg", port=0, durable=False) as server:
        port = server.port
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host="127.0.0.1", port=port, user=OWNER, database="watch", password="guessed")
        connection = await asyncpg.connect(host="127.0.0.1", port=port, user=OWNER, database="watch", password=server.password)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        assert await ask(server.url, "SELECT 1") == 1
    async with EmbeddedPostgres(tmp_path / "pg", port=0, durable=False) as again:
        assert again.port == port


async def test_a_pid_file_whose_number_belongs_to_another_program_now_does_not_hinder_it(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "pg", durable=False) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    # This process lives, and is no PostgreSQL.
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    async with EmbeddedPostgres(tmp_path / "pg", durable=False) as again:
        assert await ask(again.url, "SELECT 1") == 1


async def test_a_folder_that_is_no_cluster_is_told_with_the_servers_own_words(tmp_path: Path) -> None:
    async with EmbeddedPostgres(tmp_path / "pg", durable=False) as server:
        pass
    (server.data / "global" / "pg_control").unlink()
    with pytest.raises(StartFailed, match="could not find the database system"):
        await asyncio.to_thread(server.start)


async def test_each_test_has_a_migrated_database_of_its_own(engine: AsyncEngine, database_url: str, postgres_url: str) -> None:
    async with engine.begin() as connection:
        found = await connection.scalar(text("SELECT current_database()"))
        assert await connection.scalar(text("SELECT count(*) FROM articles")) == 0
    assert found in database_url
    assert postgres_url not in database_url
