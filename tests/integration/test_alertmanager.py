"""A real Alertmanager takes what the channel sends, routes and silences it by its own rules.

Debian and Ubuntu ship it as `prometheus-alertmanager`. Where it is missing this says so and is passed over.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.building import built
from services.alerter.adapters.channels import Channel
from services.alerter.settings import AlerterSettings
from services.runtime.memory import MemoryBus
from tests.unit.alerter.letters import a_nasty_toll, a_parcel, a_rising_toll
from tests.unit.alerter.receivers import receiver

BINARY = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(BINARY is None, reason="no Alertmanager here; `apt-get install prometheus-alertmanager` brings it"),
]

CONFIG = """\
route: {receiver: desk, group_by: [story], group_wait: 0s}
receivers:
- name: desk
  webhook_configs: [{url: "URL"}]
"""


@asynccontextmanager
async def an_alertmanager(folder: Path, desk: str) -> AsyncIterator[str]:
    """Its address, once it is ready."""
    (folder / "alertmanager.yml").write_text(CONFIG.replace("URL", desk))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    process = await asyncio.create_subprocess_exec(
        str(BINARY), f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder}", f"--web.listen-address={address}",
        "--cluster.listen-address=", env={"PATH": os.environ["PATH"]}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"http://{address}/-/ready")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
        yield f"http://{address}"
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def a_channel(folder: Path, url: str) -> Channel:
    file = folder / "routes.yaml"
    file.write_text(f"route: {{receiver: am}}\nreceivers: [{{name: am, alertmanager_configs: [{{url: {url}, allow_private: true}}]}}]\n")
    settings = AlerterSettings(routes_file=file)
    ((channel,), _) = built(settings, settings.routes(), settings.policy(), MemoryBus())
    return channel


async def alerts_at(url: str) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(trust_env=False) as client:
        found: list[dict[str, Any]] = (await client.get(f"{url}/api/v2/alerts")).json()
    return found


async def test_it_takes_an_alert_once_and_tells_its_own_receivers(tmp_path: Path) -> None:
    alert = a_rising_toll()
    async with receiver() as desk, an_alertmanager(tmp_path, desk.url) as url:
        channel = a_channel(tmp_path, url)
        for _ in range(2):
            outcome = await channel.send(a_parcel(alert))
            assert outcome.reason is DeliveryReason.DELIVERED, outcome
        (kept,) = await alerts_at(url)
        await desk.until(1)
        await channel.close()
    assert kept["labels"]["alertname"] == "CaucasusWatch"
    assert kept["labels"]["alert"] == alert.alert_id
    assert kept["annotations"]["summary"] == alert.headline
    assert kept["status"]["state"] == "active"
    assert alert.alert_id in desk.requests[0].body.decode()


async def test_it_takes_any_words_of_an_article(tmp_path: Path) -> None:
    async with receiver() as desk, an_alertmanager(tmp_path, desk.url) as url:
        channel = a_channel(tmp_path, url)
        outcome = await channel.send(a_parcel(a_nasty_toll()))
        assert outcome.reason is DeliveryReason.DELIVERED, outcome
        (kept,) = await alerts_at(url)
        await channel.close()
    assert kept["annotations"]["quote"].startswith("Bo said: <script>")
