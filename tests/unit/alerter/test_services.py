"""Chat services, pagers and Kafka topics as channels, and all of them built from a routes file with secrets in files."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.vocabulary import AlertKind, AlertReason, DeliveryReason
from services.alerter.adapters.building import built, secret_faults
from services.alerter.adapters.channels import Channel, Manner, Router, Target
from services.alerter.adapters.kafkatopic import KafkaChannel
from services.alerter.adapters.posting import wish_of
from services.alerter.core.bundling import Limit
from services.alerter.settings import AlerterSettings
from services.runtime.clock import WallClock
from services.runtime.memory import MemoryBus
from services.runtime.settings import SettingsFault
from tests.unit.alerter.letters import a_parcel, a_rising_toll
from tests.unit.alerter.receivers import answer, receiver

ROUTES = """\
route: {receiver: all}
owner: ops
receivers:
- name: ops
  terminal_configs: [{}]
- name: all
  slack_configs: [{api_url_file: secrets/slack, rate_limit: {messages: 20, per: 1m}}]
  msteams_configs: [{webhook_url: "URL"}]
  discord_configs: [{webhook_url: "URL", language: ru}]
  telegram_configs: [{bot_token_file: secrets/token, chat_id: -100, api_url: "URL"}]
  matrix_configs: [{homeserver: "URL", room: "!room:matrix.example", access_token_file: secrets/token}]
  pagerduty_configs: [{routing_key_file: secrets/token, url: "URL"}]
  alertmanager_configs: [{url: "URL", username: watch, password_file: secrets/token}]
  webhook_configs: [{url: "URL", secret_file: secrets/token}, {url: "URL", secret_file: secrets/token}]
  kafka_configs: [{topic: alerts.desk}]
  email_configs: [{to: [a@news.example], from: b@news.example, smarthost: "127.0.0.1:25", give_up: 2h}]
"""


def settings(folder: Path, to: str) -> AlerterSettings:
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "slack").write_text(f"{to}\n")
    (folder / "secrets" / "token").write_text("123:secret\n")
    file = folder / "routes.yaml"
    file.write_text(ROUTES.replace("URL", to))
    return AlerterSettings(routes_file=file, allow_private=True, terminal=False)


def channels(folder: Path, to: str, bus: MemoryBus | None = None) -> tuple[dict[Target, Channel], Router]:
    given = settings(folder, to)
    made, router = built(given, given.routes(), given.policy(), bus or MemoryBus())
    return {channel.target: channel for channel in made}, router


async def closed(made: dict[Target, Channel]) -> None:
    for channel in made.values():
        await channel.close()


async def test_every_service_is_told_by_its_own_form(tmp_path: Path) -> None:
    reply = answer("200 OK", b'{"ok": true}')
    async with receiver(reply) as server:
        made, _ = channels(tmp_path, server.url)
        posting = [channel for target, channel in made.items() if target.channel not in {"terminal", "kafka", "email"}]
        for channel in posting:
            assert (await channel.send(a_parcel())).reason is DeliveryReason.DELIVERED, channel.target
        await closed(made)
    assert len(server.requests) == len(posting) == 9
    assert {request.headers["idempotency-key"] for request in server.requests} == {a_parcel().key}
    bodies = [request.body.decode() for request in server.requests]
    assert all("34" in body for body in bodies)
    assert sum("Убитые" in body for body in bodies) == 1
    assert any(request.headers.get("authorization", "").startswith("Basic ") for request in server.requests)
    assert any(request.line.startswith("PUT /alerts/_matrix/client/v3/rooms/") for request in server.requests)


async def test_the_router_knows_every_target_its_owner_and_its_limits(tmp_path: Path) -> None:
    made, router = channels(tmp_path, "https://x.example/y")
    slack, second = Target("slack", "all"), Target("webhook", "all[1]")
    assert second in made
    assert router.receiver_of(second) == "all"
    assert router.owner_targets(slack) == (Target("terminal", "ops"),)
    assert router.owner_targets(Target("terminal", "ops")) == ()
    assert router.manner(slack) == Manner(Limit(20, timedelta(minutes=1)))
    assert router.manner(Target("email", "all")) == Manner(give_up=7200.0, threads=True)
    assert [target.name for _, target in router.ways(a_rising_toll(), WallClock().now())].count("all") == 10
    await closed(made)


async def test_that_a_channel_fails_goes_to_its_owner_past_the_tree_and_never_to_itself(tmp_path: Path) -> None:
    made, router = channels(tmp_path, "https://x.example/y")
    now = WallClock().now()

    def told_of(subject: str) -> list[Target]:
        failing = a_rising_toll().model_copy(update={"kind": AlertKind.WATCH, "reason": AlertReason.CHANNEL_FAILING, "title": subject})
        return [target for _, target in router.ways(failing, now)]

    assert told_of("slack all") == [Target("terminal", "ops")]
    # The owner's own channel has nobody above it: that is routed, past itself.
    assert Target("slack", "all") in told_of("terminal ops")
    assert Target("terminal", "ops") not in told_of("terminal ops")
    assert len(told_of("articles.fetched")) == 11
    await closed(made)


@pytest.mark.parametrize(
    ("path", "words", "says"),
    [
        ("slack", None, "the api_url of the slack of all cannot be read from"),
        ("slack", "", "the api_url of the slack of all is empty"),
        ("slack", "hooks.slack.example", "the address must begin with https://"),
        ("slack", "https://user:word@hooks.example/", "must hold no user name"),
        ("token", None, "the bot_token of the telegram of all cannot be read from"),
    ],
)
def test_a_secret_that_cannot_be_used_is_a_fault_at_the_start(tmp_path: Path, path: str, words: str | None, says: str) -> None:
    given = settings(tmp_path, "https://x.example/y")
    file = tmp_path / "secrets" / path
    file.unlink() if words is None else file.write_text(words)
    with pytest.raises(SettingsFault) as fault:
        built(given, given.routes(), given.policy(), MemoryBus())
    assert says in str(fault.value)
    assert "user:word" not in str(fault.value)
    assert secret_faults(given.routes(), tmp_path) == list(fault.value.faults)


async def test_an_address_of_a_private_network_is_refused_for_each_service(tmp_path: Path) -> None:
    async with receiver() as server:
        given = settings(tmp_path, server.url).model_copy(update={"allow_private": False})
        made, _ = built(given, given.routes(), given.policy(), MemoryBus())
        for channel in made:
            if channel.target.channel not in {"terminal", "kafka"}:
                assert (await channel.send(a_parcel())).reason is DeliveryReason.ADDRESS_REFUSED, channel.target
            await channel.close()
    assert server.requests == []


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"ok":false,"error_code":429,"parameters":{"retry_after":31}}', 31.0),
        (b'{"message":"You are being rate limited.","retry_after":0.64}', 0.64),
        (b'{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}', 2.5),
        (b'{"retry_after":"soon"}', None),
        (b'{"retry_after":true}', None),
        (b"[]", None),
        (b"<html>", None),
    ],
)
async def test_a_wish_for_patience_in_the_body_is_heard(body: bytes, seconds: float | None) -> None:
    assert wish_of(body) == seconds


async def test_a_topic_of_its_own_gets_the_alerts_of_its_route() -> None:
    bus = MemoryBus()
    channel = KafkaChannel("desk", "alerts.desk", bus, WallClock())
    first = a_rising_toll()
    parcel = a_parcel(first, first.model_copy(update={"alert_id": "6f1b0f0e-0000-5000-8000-000000000000"}))
    assert (await channel.send(parcel)).reason is DeliveryReason.DELIVERED
    async with asyncio.timeout(5), bus.receiver("test", ["alerts.desk"]) as ear:
        found = await ear.receive(at_most=10, within=1.0)
    assert [message.headers["ce_id"] for message in found] == [alert.alert_id for alert in parcel.alerts]
    assert json.loads(found[0].value)["low"] == 34
