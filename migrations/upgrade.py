"""Bring a database to the newest revision, from the installed package, without any file beside it.

Several processes may call `upgrade` on one database at the same time: they queue at an advisory lock, and those who come
later find nothing left to do. All steps are one transaction: a migration that fails leaves the database as it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

log = logging.getLogger(__name__)

# Any number will do, as long as it stays: releases of different age must queue at the same one.
ADVISORY_LOCK = 0x0CA0_CA50

# Alembic keeps what it is doing in module globals, so that one process must do one migration after the other.
_guards: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class UnknownRevision(RuntimeError):  # noqa: N818 - it names the state of the database
    """The database is at a revision that this release does not know: a newer release made it."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration for the scripts of this package."""
    config = Config()
    # ConfigParser gives the percent sign a meaning.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision of this release."""
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    if newest is None:
        raise RuntimeError("the package holds no migrations: it was built without migrations/versions")
    return newest


async def current(url: str) -> str | None:
    """The revision of the database; None where it is empty of any.

    Raises:
        OSError, sqlalchemy.exc.SQLAlchemyError: it cannot be reached.
    """
    async with _connected(url) as connection:
        return await connection.run_sync(_revision)


async def upgrade(url: str) -> tuple[str | None, str]:
    """Bring the database to the newest revision; the revision before and the one after.

    Raises:
        UnknownRevision: a newer release has migrated it already.
        OSError, sqlalchemy.exc.SQLAlchemyError: it cannot be reached, or a step failed; nothing was changed.
    """
    return await _moved(url, lambda config: command.upgrade(config, "head"))


async def downgrade(url: str, revision: str = "base") -> tuple[str | None, str | None]:
    """Take the database back to `revision`, with the data that only later ones hold; the revision before and after."""
    before, _ = await _moved(url, lambda config: command.downgrade(config, revision))
    return before, await current(url)


async def _moved(url: str, move: Callable[[Config], None]) -> tuple[str | None, str]:
    newest = head()
    async with _guard(), _connected(url) as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        before = await connection.run_sync(_revision)
        try:
            await connection.run_sync(lambda sync: move(configuration(sync)))
        except CommandError as fault:
            raise UnknownRevision(
                f"the database is at revision {before}, which this release (newest: {newest}) does not know: use the release that made it"
            ) from fault
        return before, newest


def _guard() -> asyncio.Lock:
    return _guards.setdefault(asyncio.get_running_loop(), asyncio.Lock())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _pass_on(_: object, notice: Any) -> None:
    """Log what a step had to say, such as a role that it may not make; else it would end with the connection."""
    log.warning("the database says: %s", notice.message)


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that is committed at the end."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            if driver is not None:
                driver.add_log_listener(_pass_on)
            yield connection
    finally:
        await engine.dispose()
