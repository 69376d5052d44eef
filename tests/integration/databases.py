"""Databases and roles for tests that are about the database itself."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from services.standalone.postgres import OWNER, SUPERUSER, EmbeddedPostgres


@asynccontextmanager
async def connected(url: str, *, autocommit: bool = False) -> AsyncIterator[AsyncConnection]:
    """A connection: in a transaction that is committed at the end, or with none at all."""
    engine = create_async_engine(url, poolclass=NullPool, **({"isolation_level": "AUTOCOMMIT"} if autocommit else {}))
    try:
        async with engine.connect() as connection:
            yield connection
            await connection.commit()
    finally:
        await engine.dispose()


@asynccontextmanager
async def empty_database(server: EmbeddedPostgres, owner: str = OWNER) -> AsyncIterator[str]:
    """The URL of a database without anything in it, as its owner."""
    name = f"empty_{uuid.uuid4().hex}"
    async with connected(server.url_of("postgres", SUPERUSER), autocommit=True) as administrator:
        await administrator.execute(text(f"CREATE DATABASE {name} OWNER {owner}"))
        try:
            yield server.url_of(name, owner)
        finally:
            await administrator.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@asynccontextmanager
async def role(server: EmbeddedPostgres, rights: str = "") -> AsyncIterator[str]:
    """The name of a login that exists for the length of the test; what it owns must be gone by then."""
    name = f"role_{uuid.uuid4().hex}"
    async with connected(server.url_of("postgres", SUPERUSER), autocommit=True) as administrator:
        await administrator.execute(text(f"CREATE ROLE {name} LOGIN {rights}"))
        try:
            yield name
        finally:
            await administrator.execute(text(f"DROP ROLE {name}"))
