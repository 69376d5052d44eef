"""What tests share: one real Kafka and one real Postgres per session, and a database of its own for each test.

The servers start when a test first asks for one, and stop with the session; they need no event loop of a test.
Where one does not start, the tests that want it fail: they are never passed over.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from migrations.upgrade import upgrade
from services.standalone.kafka import EmbeddedKafka
from services.standalone.postgres import OWNER, SUPERUSER, EmbeddedPostgres

_TEMPLATE = "template_watch"


@pytest.fixture(scope="session")
def kafka_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a Kafka of this session; tests tell their topics and groups apart by name."""
    server = EmbeddedKafka(tmp_path_factory.mktemp("kafka"))
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


@pytest.fixture(scope="session")
def embedded_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """The Postgres of this session, with a migrated template beside its empty database."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False)
    server.start()
    try:
        _apart(_make_template(server))
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_url(embedded_postgres: EmbeddedPostgres) -> str:
    """SQLAlchemy's URL of an empty database of this session, as its owner."""
    return embedded_postgres.url


@pytest.fixture
def database_url(embedded_postgres: EmbeddedPostgres) -> Iterator[str]:
    """SQLAlchemy's URL of a migrated database that only this test has."""
    name = f"test_{uuid.uuid4().hex}"
    _apart(_administer(embedded_postgres, f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {_TEMPLATE} STRATEGY file_copy"))
    yield embedded_postgres.url_of(name)
    _apart(_administer(embedded_postgres, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a migrated database that only this test has."""
    made = create_async_engine(database_url)
    yield made
    await made.dispose()


async def _make_template(server: EmbeddedPostgres) -> None:
    await _administer(server, f"CREATE DATABASE {_TEMPLATE} OWNER {OWNER}")
    await upgrade(server.url_of(_TEMPLATE))


async def _administer(server: EmbeddedPostgres, statement: str) -> None:
    engine = create_async_engine(server.url_of("postgres", SUPERUSER), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


def _apart(work: Coroutine[None, None, None]) -> None:
    """Do asynchronous work in a thread of its own: a fixture must not touch the loop of the test that asked for it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, work).result()
