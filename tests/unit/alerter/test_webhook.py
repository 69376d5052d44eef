"""The webhook against a real server: what is sent, and what each answer means."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from schemas.alert_raised import AlertRaised
from schemas.topics import ALERTS_RAISED
from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.adapters.posting import retry_after
from services.alerter.adapters.webhook import WebhookChannel
from services.alerter.core.retries import Outcome
from tests.builders import a_claim
from tests.unit.alerter.receivers import OK, Receiver, answer, receiver
from tests.unit.alerter.stories import Story

SECRET = b"correct horse battery staple"
NOW = datetime(2023, 9, 20, 12, 0, tzinfo=UTC)
(ALERT,) = Story().tells(a_claim(34, bound="at_least", quote="не менее 34 погибших")).alerts
PARCEL = Parcel(ALERT, Target("webhook", "desk").key(ALERT.alert_id))


class Noon:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing waits {seconds} s here")


@asynccontextmanager
async def channel(url: str, *, allow_private: bool = True, seconds: float = 5.0) -> AsyncIterator[WebhookChannel]:
    made = WebhookChannel("desk", url, SECRET, allow_private=allow_private, seconds=seconds, clock=Noon())
    try:
        yield made
    finally:
        await made.close()


async def told(to: Receiver, *, seconds: float = 5.0) -> Outcome:
    async with channel(to.url, seconds=seconds) as desk:
        return await desk.send(PARCEL)


async def test_an_alert_is_sent_as_a_signed_cloud_event_under_its_key() -> None:
    async with receiver() as desk:
        assert (await told(desk)).reason is DeliveryReason.DELIVERED
    (request,) = desk.requests
    assert request.line == "POST /alerts HTTP/1.1"
    assert request.headers["content-type"].startswith("application/cloudevents+json")
    assert request.headers["idempotency-key"] == PARCEL.key
    assert request.headers["caucasus-watch-timestamp"] == str(int(NOW.timestamp()))
    mac = hmac.new(SECRET, f"{int(NOW.timestamp())}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.headers["caucasus-watch-signature"] == f"v1={mac}"
    event = json.loads(request.body)
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", ALERT.alert_id, ALERTS_RAISED.event_type)
    assert AlertRaised.model_validate(event["data"]) == ALERT


async def test_the_second_attempt_has_the_same_key_and_body() -> None:
    async with receiver(answer("500 Internal Server Error"), OK) as desk, channel(desk.url) as to:
        outcomes = [(await to.send(PARCEL)).reason for _ in range(2)]
    assert outcomes == [DeliveryReason.SERVER_ERROR, DeliveryReason.DELIVERED]
    first, second = desk.requests
    assert (first.headers["idempotency-key"], first.body) == (second.headers["idempotency-key"], second.body)


@pytest.mark.parametrize(
    ("reply", "reason", "detail", "wish"),
    [
        (answer("200 OK", b'{"ok": true}'), "delivered", "HTTP 200", None),
        (answer("200 OK", b"ok", "content-type: text/html"), "delivered", "HTTP 200", None),
        (answer("200 OK", b"\n<!DOCTYPE html><html>Log in"), "web_page", "is the address that of the receiver?", None),
        (answer("500 Internal Server Error"), "server_error", "HTTP 500", None),
        (answer("503 Service Unavailable", b"", "retry-after: 90"), "server_error", "HTTP 503", 90.0),
        (answer("429 Too Many Requests", b"", "retry-after: 7"), "rate_limited", "HTTP 429", 7.0),
        (answer("429 Too Many Requests", b"", "retry-after: Wed, 20 Sep 2023 12:01:00 GMT"), "rate_limited", "HTTP 429", 60.0),
        (answer("429 Too Many Requests", b"", "retry-after: soon"), "rate_limited", "HTTP 429", None),
        (answer("408 Request Timeout"), "timed_out", "HTTP 408", None),
        (answer("410 Gone"), "gone", "HTTP 410", None),
        (answer("401 Unauthorized"), "refused", "HTTP 401", None),
        (answer("302 Found", b"", "location: http://10.0.0.1/admin"), "redirected", "'http://10.0.0.1/admin': write the final", None),
        (answer("301 Moved", b"", "location: http://[broken"), "redirected", "'http://[broken'", None),
        (b"", "no_answer", "closed without a whole answer", None),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "no_answer", "closed without a whole answer", None),
        (answer("200 OK", b"x" * 100_000), "delivered", "HTTP 200", None),
    ],
)
async def test_what_an_answer_means(reply: bytes, reason: str, detail: str, wish: float | None) -> None:
    async with receiver(reply) as desk:
        outcome = await told(desk)
    assert outcome.reason == reason
    assert detail in outcome.detail
    assert outcome.retry_after == wish
    assert len(desk.requests) == 1


async def test_a_receiver_that_hangs_is_left_at_the_time_limit() -> None:
    async with receiver(None) as desk:
        outcome = await told(desk, seconds=0.05)
    assert outcome == Outcome(DeliveryReason.TIMED_OUT, "no whole answer within 0.05 s")


async def test_a_receiver_whose_answer_never_ends_is_left_at_the_time_limit() -> None:
    async with receiver(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf") as desk:
        assert (await told(desk, seconds=0.05)).reason is DeliveryReason.TIMED_OUT


async def test_where_nothing_listens_it_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        async with channel(f"http://127.0.0.1:{free.getsockname()[1]}/") as desk:
            assert (await desk.send(PARCEL)).reason is DeliveryReason.UNREACHABLE


async def test_a_private_address_is_refused_unless_allowed() -> None:
    async with receiver() as desk, channel(desk.url, allow_private=False) as to:
        outcome = await to.send(PARCEL)
    assert outcome.reason is DeliveryReason.ADDRESS_REFUSED
    assert "allow_private" in outcome.detail
    assert desk.requests == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("120", 120.0), (" 5 ", 5.0), ("-3", None), ("Wed, 20 Sep 2023 11:00:00 GMT", 0.0), ("x", None)],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds
