"""The desk as a process would serve it: a real server, the stream of alerts, its resumption, and its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import DeskRole
from services.desk.adapters.tokens import revoke
from services.desk.api import stream
from services.desk.app import run
from services.desk.settings import DeskSettings
from services.runtime.lifecycle import Lifecycle
from services.runtime.postgres import transaction
from services.runtime.settings import SettingsFault
from tests.integration.desks import BOSS, a_raised_alert, a_token, raise_alerts, the_clock
from tests.rows import named

pytestmark = pytest.mark.stack

PATIENCE = 15.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(stream, "WELCOME_SECONDS", 0.3)


@asynccontextmanager
async def served(database_url: str, *, streams: int = 5) -> AsyncIterator[tuple[str, Lifecycle]]:
    """The desk on a free port, and its life."""
    settings = DeskSettings(database=SecretStr(database_url), desk_port=0, desk_streams=streams)
    addresses: asyncio.Queue[str] = asyncio.Queue()
    async with Lifecycle("desk", signals=False) as life:
        running = asyncio.create_task(run(settings, clock=the_clock(), life=life, at=addresses.put_nowait))
        yield await asyncio.wait_for(addresses.get(), PATIENCE), life
        life.stop()
        await asyncio.wait_for(running, PATIENCE)


@asynccontextmanager
async def listening(address: str, token: str, *, after: str | None = None, match: str | None = None) -> AsyncIterator[AsyncIterator[str]]:
    """The lines of the stream, once it is open."""
    headers = {"authorization": f"Bearer {token}"} | ({"last-event-id": after} if after else {})
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("GET", f"{address}/stream/alerts", headers=headers, params={"match": match} if match else {}) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 3000"
        yield lines


async def next_alert(lines: AsyncIterator[str]) -> tuple[str, AlertRaised]:
    """The next event: its id and its alert."""
    async with asyncio.timeout(PATIENCE):
        name = ""
        async for line in lines:
            if line.startswith("id: "):
                name = line.removeprefix("id: ")
            if line.startswith("data: "):
                return name, AlertRaised.model_validate_json(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_alerts_come_as_they_are_raised_and_a_listener_who_was_away_is_given_what_was_missed(
    database_url: str, engine: AsyncEngine
) -> None:
    token = await a_token(engine, DeskRole.VIEWER)
    async with served(database_url) as (address, _):
        async with listening(address, token) as lines:
            # Raised in the present of the desk's clock, which began at the morning and an hour.
            await raise_alerts(engine, a_raised_alert("one", 61))
            mark, alert = await next_alert(lines)
            assert alert.alert_id == named("one")
        await raise_alerts(engine, a_raised_alert("two", 64), a_raised_alert("three", 65))
        async with listening(address, token, after=mark) as lines:
            missed = [(await next_alert(lines))[1].alert_id for _ in range(2)]
            assert missed == [named("two"), named("three")]
            await raise_alerts(engine, a_raised_alert("four", 66))
            assert (await next_alert(lines))[1].alert_id == named("four")


async def test_a_listener_is_given_what_it_asked_for_alone(database_url: str, engine: AsyncEngine) -> None:
    token = await a_token(engine, DeskRole.VIEWER)
    async with served(database_url) as (address, _), listening(address, token, match='severity="critical"') as lines:
        await raise_alerts(engine, a_raised_alert("quiet", 61), a_raised_alert("loud", 62, severity="critical"))
        assert (await next_alert(lines))[1].alert_id == named("loud")


async def test_a_silent_stream_beats_and_ends_when_the_desk_stops(database_url: str, engine: AsyncEngine) -> None:
    token = await a_token(engine, DeskRole.VIEWER)
    async with served(database_url) as (address, life), listening(address, token) as lines:
        async with asyncio.timeout(PATIENCE):
            while await anext(lines) != ": still here":
                pass
            life.stop()
            with contextlib.suppress(httpx.RemoteProtocolError):
                async for line in lines:
                    assert line in {"", ": still here"}


async def test_a_token_that_is_revoked_ends_the_stream_that_it_opened(database_url: str, engine: AsyncEngine) -> None:
    token = await a_token(engine, DeskRole.VIEWER, name="Anna")
    async with served(database_url) as (address, _), listening(address, token) as lines:
        async with transaction(engine) as connection:
            await revoke(connection, BOSS, "Anna", the_clock().now())
        async with asyncio.timeout(PATIENCE):
            assert {line async for line in lines} <= {"", ": still here"}


async def test_too_many_listeners_are_refused_and_one_that_goes_makes_room(database_url: str, engine: AsyncEngine) -> None:
    token = await a_token(engine, DeskRole.VIEWER)
    async with served(database_url, streams=1) as (address, _):
        async with listening(address, token), httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as client:
            refused = await client.get(f"{address}/stream/alerts")
            assert (refused.status_code, refused.json()["type"]) == (503, "urn:caucasus-watch:problem:too_many")
            assert "CAUCASUS_WATCH_DESK_STREAMS" in refused.json()["mend"]
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with listening(address, token):
                        return
                except AssertionError:
                    await asyncio.sleep(0.05)


async def test_a_port_that_is_taken_is_said_with_the_mend(database_url: str) -> None:
    async with served(database_url) as (address, _):
        port = int(address.rpartition(":")[2])
        with pytest.raises(SettingsFault, match=r"CAUCASUS_WATCH_DESK_PORT: .* cannot be had"):
            await run(DeskSettings(database=SecretStr(database_url), desk_port=port), life=Lifecycle("second", signals=False))
