"""The alerter takes changed routes, policy and watches while it runs, and keeps the old ones where the new are faulty."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.envelope import seal
from schemas.tables import alerts
from schemas.topics import ARTICLES_CLASSIFIED
from schemas.vocabulary import AlertReason
from services.alerter import reloading
from services.alerter.app import run
from services.alerter.settings import AlerterSettings
from services.runtime.bus import Outgoing
from services.runtime.lifecycle import Lifecycle
from services.runtime.memory import MemoryBus
from services.runtime.topics import SPECS
from tests.builders import a_claim, a_classified
from tests.integration.test_alerter import PATIENCE, rows, the_clock
from tests.unit.alerter.receivers import Receiver, receiver

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "LOOK_SECONDS", 0.02)


def routes(*servers: Receiver) -> str:
    """One receiver with a webhook for each server."""
    hooks = "".join(f"\n      - {{url: '{server.url}', secret: a-secret-of-the-desk}}" for server in servers)
    return f"route: {{receiver: desk}}\nreceivers:\n  - name: desk\n    webhook_configs:{hooks}\n"


def successful() -> float | None:
    return REGISTRY.get_sample_value("caucasus_watch_alerter_config_last_reload_successful")


class Service:
    """An alerter that runs on files that a test may change."""

    def __init__(self, folder: Path, engine: AsyncEngine, bus: MemoryBus) -> None:
        self.routes, self.policy = folder / "routes.yaml", folder / "policy.yaml"
        self.engine = engine
        self.bus = bus

    def write(self, file: Path, text: str) -> None:
        """Replace the file in one step, as an editor or a mounted map does."""
        new = file.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(file)

    async def hears(self, toll: int, story: str) -> None:
        article = a_classified(f"{story}-{toll}", story=story, claims=[a_claim(toll)])
        sealed = seal(ARTICLES_CLASSIFIED, article.story_id or "", article, event_id=article.article_id, now=article.classified_at)
        async with self.bus.sender() as sender:
            await sender.send([Outgoing(sealed.topic, sealed.key, sealed.value, sealed.headers)])

    async def until_raised(self, reason: AlertReason) -> str:
        """The headline of the alert with this reason, once there is one."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for row in await rows(self.engine, alerts):
                    if row.reason == reason:
                        return str(row.body["headline"])
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(folder: Path, engine: AsyncEngine, url: str, first: str) -> AsyncIterator[Service]:
    bus = MemoryBus()
    await bus.create_topics(SPECS)
    service = Service(folder, engine, bus)
    service.write(service.routes, first)
    settings = AlerterSettings(database=url, routes_file=service.routes, terminal=False, allow_private=True)
    async with Lifecycle("alerter", grace=2.0) as life:
        task = asyncio.create_task(run(settings, bus=bus, life=life, clock=the_clock()))
        try:
            yield service
        finally:
            life.stop("the test is over")
            await task


async def told(server: Receiver, count: int, read: Callable[[dict[str, object]], object]) -> list[object]:
    await server.until(count)
    return [read(json.loads(request.body)["data"]) for request in server.requests]


async def test_a_changed_file_is_taken_and_the_next_alert_goes_by_it(engine: AsyncEngine, database_url: str, tmp_path: Path) -> None:
    async with receiver() as old, receiver() as new, running(tmp_path, engine, database_url, routes(old)) as service:
        await service.hears(5, "one")
        assert await told(old, 1, lambda data: data["low"]) == [5]
        service.write(service.routes, routes(new))
        await _taken(service, lambda: new.requests)
        before = len(old.requests)
        await service.hears(900, "one")
        while 900 not in await told(new, len(new.requests), lambda data: data["low"]):
            await new.until(len(new.requests) + 1)
        assert len(old.requests) == before


async def _taken(service: Service, heard: Callable[[], object]) -> None:
    """Articles come, each a change, until the new receiver has heard of one."""
    async with asyncio.timeout(PATIENCE):
        toll = 10
        while not heard():
            toll += 1
            await service.hears(toll, "one")
            await asyncio.sleep(0.05)


async def test_a_faulty_file_keeps_the_old_one_and_is_told_and_told_to_be_mended(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    async with receiver() as server, running(tmp_path, engine, database_url, routes(server)) as service:
        await service.hears(5, "one")
        await server.until(1)
        assert successful() == 1
        service.write(service.routes, routes(server).replace("receiver: desk", "receiver: dsek"))
        headline = await service.until_raised(AlertReason.CONFIG_REFUSED)
        assert f"{service.routes}:1:" in headline
        assert "dsek" in headline
        assert successful() == 0
        await service.hears(7, "one")
        await server.until(3)
        service.write(service.routes, routes(server))
        await service.until_raised(AlertReason.WATCH_ENDED)
        assert successful() == 1
        heard = await told(server, 4, lambda data: data["reason"])
    assert heard == ["first_figure", "config_refused", "raised", "watch_ended"]


async def test_a_hangup_takes_a_secret_anew_that_lies_in_a_file_of_its_own(engine: AsyncEngine, database_url: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("first-secret-of-the-desk", encoding="utf-8")
    async with receiver() as server:
        text = routes(server).replace("secret: a-secret-of-the-desk", f"secret_file: {secret}")
        async with running(tmp_path, engine, database_url, text) as service:
            await service.hears(5, "one")
            await server.until(1)
            secret.write_text("", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGHUP)
            headline = await service.until_raised(AlertReason.CONFIG_REFUSED)
            await service.hears(7, "one")
            await server.until(3)
    assert "the secret of the webhook of desk is empty" in headline
    assert [json.loads(request.body)["data"]["reason"] for request in server.requests] == ["first_figure", "config_refused", "raised"]
