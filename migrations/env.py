"""How Alembic reaches the database: through the connection that `upgrade.py` hands over, else by its own from the settings.

The `alembic` command (`alembic upgrade head`, `alembic revision --autogenerate -m ...`) takes the address from
`-x url=...` or from CAUCASUS_WATCH_DATABASE.
"""

from __future__ import annotations

import asyncio
import os

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from schemas.tables import METADATA


def address() -> str:
    """The address of the database as the command line or the environment gives it."""
    given = context.get_x_argument(as_dictionary=True).get("url") or os.environ.get("CAUCASUS_WATCH_DATABASE")
    if not given:
        raise CommandError("no database given: set CAUCASUS_WATCH_DATABASE=postgresql+asyncpg://… or add -x url=…")
    return given


def migrate_over(connection: Connection) -> None:
    """Run what the command asked for over `connection`, in one transaction."""
    context.configure(connection=connection, target_metadata=METADATA, compare_type=True, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate() -> None:
    """Open a connection of our own; asyncpg is the only driver that the project installs."""
    engine = create_async_engine(address(), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(migrate_over)
            await connection.commit()
    finally:
        await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=METADATA, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
elif (handed_over := context.config.attributes.get("connection")) is not None:
    migrate_over(handed_over)
else:
    asyncio.run(connect_and_migrate())
