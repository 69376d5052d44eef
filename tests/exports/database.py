"""A migrated database for the length of an export, on a Postgres of its own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from migrations.upgrade import upgrade
from services.standalone.postgres import EmbeddedPostgres


@asynccontextmanager
async def migrated() -> AsyncIterator[AsyncConnection]:
    """A connection to it; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="caucasus-watch-") as folder:
        async with EmbeddedPostgres(Path(folder), durable=False) as server:
            await upgrade(server.url)
            engine = create_async_engine(server.url)
            try:
                async with engine.connect() as connection:
                    yield connection
            finally:
                await engine.dispose()
