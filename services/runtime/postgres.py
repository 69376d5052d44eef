"""Postgres through SQLAlchemy and asyncpg: engines, transactions, advisory locks, and faults sorted by what to do next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 30.0

_AWAY = ("08", "57P01", "57P02", "57P03", "53", "25006", "55P03", "40001", "40P01")
"""SQLSTATEs (or their classes) that waiting mends: no connection, shutting down, starting up, no resources left, a standby
that is about to be promoted, a lock not had in time, a serialisation fault or deadlock."""

_UNFIT = ("28", "3D000", "3F000", "42P01", "42703", "42883", "42501")
"""SQLSTATEs that no waiting mends: refused, no such database or schema, table, column or function missing, no right to it."""


class DatabaseUnavailable(ConnectionError):  # noqa: N818 - named for the state that the caller waits out
    """Postgres cannot be reached, or is too busy to answer: wait and try the transaction again, nothing of it was kept."""


class DatabaseUnfit(RuntimeError):  # noqa: N818 - named for the state that the operator must mend
    """Postgres refuses us or lacks a table: no waiting mends it and no message is to blame; stop and say so."""


def open_engine(
    url: str, *, application: str, pool_size: int = 5, statement_seconds: float = STATEMENT_SECONDS, lock_seconds: float = 10.0
) -> AsyncEngine:
    """An engine; it connects when it is first used.

    `url` is `postgresql+asyncpg://…`, with `?host=/folder` for a Unix socket. `application` shows in
    `pg_stat_activity`. No statement runs longer than `statement_seconds`, none waits for a lock longer than `lock_seconds`.
    """
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=CONNECT_SECONDS,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "timeout": CONNECT_SECONDS,
            # The server's own limit comes first; this one is for a server that no longer answers at all.
            "command_timeout": statement_seconds + CONNECT_SECONDS,
            "server_settings": {
                "application_name": application[:63],
                "statement_timeout": str(round(statement_seconds * 1000)),
                "lock_timeout": str(round(lock_seconds * 1000)),
                # A process that hangs in the middle of a transaction must not hold a story's lock for ever.
                "idle_in_transaction_session_timeout": "120000",
                "timezone": "UTC",
            },
        },
    )


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction: committed at the end of the block, rolled back where an exception leaves it.

    Raises:
        DatabaseUnavailable: see there; also where it is unknown whether the commit was kept: every write must bear repeating.
        DatabaseUnfit: see there.
    """
    connected = False
    try:
        async with engine.begin() as connection:
            connected = True
            yield connection
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as fault:
        if connected and isinstance(fault, OSError) and not isinstance(fault, ConnectionError | TimeoutError):
            raise  # It is about a file or the like that the block worked with.
        sorted_fault = sort_fault(fault)
        if sorted_fault is fault:
            raise
        raise sorted_fault from fault


def sort_fault(fault: BaseException) -> BaseException:
    """The fault as `DatabaseUnavailable` or `DatabaseUnfit` where it is one of them, else itself."""
    cause = fault
    if isinstance(fault, DBAPIError) and fault.orig is not None:
        cause = fault.orig.__cause__ or fault.orig
    state = str(getattr(cause, "sqlstate", None) or "")
    if state.startswith(_UNFIT):
        return DatabaseUnfit(f"{_first_line(cause)} (SQLSTATE {state})")
    away = (
        state.startswith(_AWAY)
        or isinstance(fault, PoolTimeout | PendingRollbackError)
        or (isinstance(fault, DBAPIError) and fault.connection_invalidated)
        or isinstance(cause, asyncpg.PostgresConnectionError)
        or (isinstance(cause, OSError) and _is_plain(cause))
        or _is_closed(cause)
    )
    return DatabaseUnavailable(_first_line(cause)) if away else fault


async def advisory_lock(connection: AsyncConnection, name: str) -> None:
    """Wait for the advisory lock of that name; it is held until the transaction ends.

    Raises:
        DatabaseUnavailable: (through `transaction`) it was not had within the engine's `lock_seconds`.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


async def try_lock(connection: AsyncConnection, name: str) -> bool:
    """Take the advisory lock of that name until the transaction ends, or say at once that another has it."""
    return bool(await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}))


async def check(engine: AsyncEngine) -> str:
    """One line on the server's state, for `doctor`.

    Raises:
        DatabaseUnavailable: it cannot be reached.
        DatabaseUnfit: it refuses us.
    """
    async with transaction(engine) as connection:
        row = (await connection.execute(text("SELECT current_database(), current_setting('server_version'), current_user"))).one()
    return f"PostgreSQL {row[1]}, database {row[0]}, as {row[2]}"


def _is_closed(fault: BaseException) -> bool:
    """Whether the driver complains of a closed connection; it has one class for that and for wrong arguments of ours."""
    return isinstance(fault, asyncpg.InterfaceError | asyncpg.InternalClientError) and "closed" in str(fault)


def _is_plain(fault: OSError) -> bool:
    """Whether the system, the resolver or the driver raised it.

    A fault of another thing (the bus, say) that passes through a transaction keeps its own meaning.
    """
    return type(fault).__module__ in {"builtins", "socket", "asyncio.exceptions", "ssl"}


def _first_line(fault: BaseException) -> str:
    """What a log line can hold; the driver's messages never carry the password."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0] or type(fault).__name__
