"""The desk in the whole service: the first token opens it, an alert is seen and marked as wrong, and the withdrawal is told."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from services.standalone.annotated import story_of
from services.standalone.demo import feeds_file
from services.standalone.newsroom import Newsroom
from tests.acceptance.commands import RISING_TOLL, run, said_until, started
from tests.processes import PATIENCE

pytestmark = pytest.mark.stack


async def test_from_the_first_token_to_a_withdrawal_in_the_whole_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = {article.id[:3]: article for article in story_of(RISING_TOLL).articles}
    feeds = tmp_path / "feeds.yaml"
    begins = story_of(RISING_TOLL).articles[-1].published_at + timedelta(minutes=1)
    settings = {
        "clock": f"{datetime.now(UTC).isoformat()}|{begins.isoformat()}|10", "allow_private": "true", "interval_floor": "1",
        "host_gap": "0", "full_text": "never", "desk_port": "0",
    }  # fmt: skip
    async with Newsroom(tuple(story.values())) as newsroom:
        feeds.write_text(feeds_file(newsroom, 10.0), encoding="utf-8")
        # The folder of `up`, where the commands look for its database as long as no other is set.
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        up = started(["up", "--bus", "memory", "--feeds", feeds], settings=settings)
        try:
            said = await asyncio.to_thread(said_until, up, "Watching.")
            (token,) = re.findall(r"^(cwd_\S+)$", said, flags=re.MULTILINE)
            (address,) = re.findall(r"desk +(http://\S+)/openapi\.json", said)
            newsroom.release(story["t01"])
            await asyncio.to_thread(said_until, up, "2 soldiers killed on the Armenian side (Armenian military)")
            async with httpx.AsyncClient(base_url=address, headers={"authorization": f"Bearer {token}"}) as desk:
                (alert,) = (await desk.get("/alerts", params={"match": "number=2"})).json()["items"]
                name = alert["alert"]["alert_id"]
                taken = await desk.post(f"/alerts/{name}/wrong", json={"words": "those were wounded"})
                assert taken.status_code == 202, taken.text
                await asyncio.to_thread(said_until, up, "Withdrawn: 2 soldiers killed on the Armenian side")
                told = (await desk.get(f"/alerts/{name}")).json()
                assert (told["standing"], told["hands"][0]["outcome"]) == ("withdrawn", "withdrawn")
                assert told["withdrawn_by"] is not None
                assert (await desk.get("/audit")).json()["items"][0]["done_by"] == "first admin"
            listed = await asyncio.to_thread(lambda: run("alerts", "list", "--json"))
            assert listed.code == 0, listed.err
            assert {json.loads(line)["alert"]["reason"] for line in listed.out.splitlines()} >= {"withdrawn", "first_figure"}
            up.send_signal(signal.SIGINT)
            await asyncio.to_thread(up.communicate, timeout=PATIENCE)
            assert up.returncode == 0
        finally:
            if up.poll() is None:
                up.kill()
            await asyncio.to_thread(up.communicate)
