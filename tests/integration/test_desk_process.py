"""The desk as a process of its own, and the alerter killed while it obeys: nothing is lost, and nobody is told twice."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import alerts, ledgers
from schemas.vocabulary import DeskRole, HandAction
from services.alerter.core.ledger import Ledger
from services.desk.adapters.audit import Author
from services.desk.adapters.deeds import lay
from services.runtime.clock import WallClock
from services.runtime.kafka import KafkaBus
from services.runtime.postgres import transaction
from tests.integration.desks import a_token
from tests.integration.test_alerter import rows
from tests.integration.test_alerter_process import a_story, an_alerter, environment, send, settled
from tests.processes import wait_until
from tests.unit.alerter.receivers import OK, receiver

pytestmark = pytest.mark.stack

PATIENCE = 60.0


@asynccontextmanager
async def a_desk(log: Path, **given: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process; it is ended where the test has not ended it."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    settings = plain | {
        f"CAUCASUS_WATCH_{name.upper()}": value for name, value in ({"desk_port": "0", "log_format": "json"} | given).items()
    }
    with log.open("ab") as lines:
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "services.desk", env=settings, stderr=lines)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def address_told(log: Path) -> str:
    found = re.search(r'"address": ?"(http://[^"]+)"', log.read_text(encoding="utf-8"))
    return found[1] if found else ""


async def address_in(log: Path) -> str:
    """The address, as soon as the log tells it."""
    await asyncio.to_thread(wait_until, lambda: bool(address_told(log)), within=PATIENCE)
    return address_told(log)


async def test_it_serves_without_kafka_and_ends_promptly_though_somebody_listens(
    database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    token, log = await a_token(engine, DeskRole.VIEWER), tmp_path / "log"
    async with a_desk(log, database=database_url) as process:
        address = await address_in(log)
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=PATIENCE) as client:
            assert (await client.get(f"{address}/healthz")).json() == {"state": "well"}
            async with client.stream("GET", f"{address}/stream/alerts") as stream:
                assert stream.status_code == 200
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), 20) == 0, log.read_text(encoding="utf-8")
    assert token not in log.read_text(encoding="utf-8")


async def test_a_database_that_is_away_is_waited_for_and_said(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with a_desk(log, database="postgresql+asyncpg://nobody@127.0.0.1:1/none") as process:
        address = await address_in(log)
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.get(f"{address}/healthz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert process.returncode is None


async def test_without_a_database_it_ends_with_the_mend(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with a_desk(log) as process:
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 2
    assert "CAUCASUS_WATCH_DATABASE: it is not set" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("step", ["when the withdrawal is sent", "before it is marked"])
async def test_killed_while_it_withdraws_it_takes_back_once_and_tells_under_one_key(
    step: str, kafka_address: str, database_url: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    bus, run, log = KafkaBus(kafka_address, "test"), uuid.uuid4().hex[:8], tmp_path / "log"
    (article,) = a_story(run, "one", range(5, 6))
    await send(bus, article)

    # Time for an answer on a machine that does much else: what is sent again here is sent again for the kill alone.
    settings = {"CAUCASUS_WATCH_WEBHOOK_SECONDS": "6"}

    async def mine(table: Table) -> list[Any]:
        """What the story of this test has there: a test before it may have left messages behind that were never committed."""
        return [row for row in await rows(engine, table) if str(row.story_id) == article.story_id]

    def withdrawals() -> list[str]:
        told = [(request.headers["idempotency-key"], json.loads(request.body)["data"]["reason"]) for request in server.requests]
        return [key for key, reason in told if reason == "withdrawn"]

    async with receiver(OK) as server:
        async with an_alerter(environment(kafka_address, database_url, server) | settings, log) as process:
            await settled(engine, {article.story_id}, 1)

            def kill(*_: object) -> None:
                if withdrawals():
                    with suppress(ProcessLookupError):
                        process.kill()

            server.on_request, server.on_answer = (kill, None) if step == "when the withdrawal is sent" else (None, kill)
            (told,) = await mine(alerts)
            async with transaction(engine) as connection:
                await lay(connection, Author("Anna", "api"), told.id, HandAction.WRONG, WallClock().now(), words="those were wounded")
            assert await asyncio.wait_for(process.wait(), 3 * PATIENCE) == -signal.SIGKILL
        server.on_request = server.on_answer = None
        async with an_alerter(environment(kafka_address, database_url, server) | settings, log) as heir:
            await settled(engine, {article.story_id}, 2)
            heir.kill()  # A goodbye to Kafka would wait until the dead one is missed there.
    assert 1 <= len(withdrawals()) <= 2
    assert len(set(withdrawals())) == 1
    assert sorted(row.reason for row in await mine(alerts)) == ["first_figure", "withdrawn"]
    (ledger,) = await mine(ledgers)
    assert Ledger.from_json(ledger.story_id, ledger.state).figures == ()
