"""What Apprise knows, through its worker process, against a real server on loopback."""

from __future__ import annotations

import json
import time

import pytest

from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.apprisechannel import AppriseChannel
from services.alerter.adapters.channels import Target
from services.alerter.adapters.services import Speech
from services.alerter.core.wording import Wording
from services.runtime.clock import WallClock
from tests.unit.alerter.letters import a_parcel
from tests.unit.alerter.receivers import answer, receiver

# Each starts a process: that takes longer than a quick test may.
pytestmark = pytest.mark.stack

TARGET = Target("apprise", "desk")
SPEECH = Speech(Wording.packaged("en"))


def channel(address: str, *, allow_private: bool = True, seconds: float = 20.0) -> AppriseChannel:
    return AppriseChannel(TARGET, address, SPEECH, WallClock(), seconds=seconds, allow_private=allow_private)


def json_of(url: str) -> str:
    return url.replace("http://", "json://")


async def test_an_alert_goes_out_by_one_worker_that_stays() -> None:
    async with receiver(answer("200 OK", b"{}")) as server:
        to = channel(json_of(server.url))
        for _ in range(2):
            assert (await to.send(a_parcel())).reason is DeliveryReason.DELIVERED
        worker = to._worker
        await to.close()
    assert len(server.requests) == 2
    assert worker is not None
    assert worker.returncode is not None
    document = json.loads(server.requests[0].body)
    assert document["title"] == "At least 34 killed on the Karabakh Armenian side, was 25 (Armenian media)"
    assert "Others say: 12 (Azerbaijani military)" in document["message"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer("500 Internal Server Error"), DeliveryReason.SERVER_ERROR),
        (answer("401 Unauthorized"), DeliveryReason.REFUSED),
        (answer("429 Too Many Requests"), DeliveryReason.RATE_LIMITED),
        (answer("410 Gone"), DeliveryReason.GONE),
        (b"", DeliveryReason.UNREACHABLE),
    ],
)
async def test_what_an_answer_means(reply: bytes, reason: DeliveryReason) -> None:
    async with receiver(reply) as server:
        to = channel(json_of(server.url))
        outcome = await to.send(a_parcel())
        await to.close()
    assert outcome.reason is reason, outcome
    assert "/alerts" not in outcome.detail


async def test_a_service_that_hangs_is_left_with_its_worker() -> None:
    async with receiver(None) as server:
        to = channel(json_of(server.url), seconds=2.0)
        began = time.monotonic()
        outcome = await to.send(a_parcel())
        took = time.monotonic() - began
        assert to._worker is None
    assert outcome.reason is DeliveryReason.TIMED_OUT
    assert took < 10


async def test_an_address_of_a_private_network_is_refused_unless_allowed() -> None:
    async with receiver(answer("200 OK", b"{}")) as server:
        to = channel(json_of(server.url), allow_private=False)
        outcome = await to.send(a_parcel())
        await to.close()
    assert outcome.reason is DeliveryReason.ADDRESS_REFUSED, outcome
    assert server.requests == []


async def test_an_address_that_apprise_does_not_know_is_a_fault_of_the_configuration() -> None:
    to = channel("nosuchservice://token@secret")
    outcome = await to.send(a_parcel())
    await to.close()
    assert outcome.reason is DeliveryReason.MISCONFIGURED
    assert "secret" not in outcome.detail
