"""Mail against a real server: taken, refused, dropped after DATA, with and without TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.adapters.mail import MailChannel, Server
from services.alerter.adapters.services import Speech
from services.alerter.core.receivers import EmailConfig
from services.alerter.core.retries import PERMANENT, Outcome
from services.alerter.core.wording import Wording
from services.runtime.clock import StoryClock
from tests.unit.alerter.letters import a_parcel
from tests.unit.alerter.mailboxes import CERTIFICATE, Mailboxes, mailboxes

NOW = datetime(2023, 9, 20, 12, 0, tzinfo=UTC)
SPEECH = Speech(Wording.packaged("en"))
PARCEL = a_parcel()


def channel(to: Mailboxes | None = None, *, port: int = 0, **how: Any) -> MailChannel:
    config = EmailConfig.model_validate(
        {
            "to": how.pop("to", ["desk@news.example", "night@news.example"]), "from": "watch@news.example", "smarthost": "localhost:25",
            "timeout": how.pop("timeout", "5s"), "allow_private": True,
        }
    )  # fmt: skip
    given: dict[str, Any] = {"tls": "none", "allow_private": True, **how}
    server = Server(host="localhost", port=to.port if to else port, **given)
    return MailChannel(Target("email", "desk"), config, server, SPEECH, StoryClock(anchor=NOW, begins=NOW))


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


async def test_a_mail_arrives_whole_in_both_forms() -> None:
    async with mailboxes() as server:
        assert (await channel(server).send(PARCEL)).reason is DeliveryReason.DELIVERED
    (mail,) = server.mails
    assert mail["Subject"] == "At least 34 killed on the Karabakh Armenian side, was 25 (Armenian media)"
    assert server.recipients == [["desk@news.example", "night@news.example"]]
    plain, page = mail.iter_parts()
    assert "Others say: 12 (Azerbaijani military)" in plain.get_content()
    assert "<blockquote" in page.get_content()


async def test_a_server_that_drops_after_data_gets_the_same_message_id_again() -> None:
    async with mailboxes(drops=1) as server:
        outcomes = [await channel(server).send(PARCEL) for _ in range(2)]
    assert [outcome.reason for outcome in outcomes] == [DeliveryReason.NO_ANSWER, DeliveryReason.DELIVERED]
    assert "whether it took the mail is unknown" in outcomes[0].detail
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{PARCEL.key}@news.example>"


async def test_a_mail_stands_in_the_thread_of_its_story() -> None:
    async with mailboxes() as server:
        await channel(server).send(Parcel(PARCEL.alert, "key-3", thread=("key-1", "key-2")))
    assert server.mails[0]["References"] == "<key-1@news.example> <key-2@news.example>"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_mail_is_handed_in_over_tls_with_a_login(tls: str) -> None:
    async with mailboxes(tls=tls, login=True) as server:
        outcome = await channel(server, tls=tls, username="desk", password="right", context=trusting()).send(PARCEL)
    assert outcome.reason is DeliveryReason.DELIVERED, outcome
    assert server.encrypted == [True]
    assert server.logins == [(b"desk", b"right")]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_of_nobody_is_not_trusted(tls: str) -> None:
    async with mailboxes(tls=tls) as server:
        outcome = await channel(server, tls=tls).send(PARCEL)
    assert outcome.reason is DeliveryReason.UNREACHABLE
    assert server.mails == []


async def test_a_server_without_starttls_gets_no_mail_in_the_clear() -> None:
    async with mailboxes() as server:
        outcome = await channel(server, tls="starttls").send(PARCEL)
    assert outcome.reason in PERMANENT
    assert server.mails == []


@pytest.mark.parametrize(
    ("how", "reason", "says"),
    [
        ({"answer": "552 too large"}, "refused", "552"),
        ({"answer": "451 try later"}, "server_error", "451"),
        ({"refused": {"desk@news.example": "550 nobody", "night@news.example": "550 nobody"}}, "refused", "desk@news.example: 550"),
        ({"refused": {"desk@news.example": "450 busy", "night@news.example": "550 nobody"}}, "server_error", "desk@news.example: 450"),
        ({"refused": {"night@news.example": "550 nobody"}}, "delivered", "not to night@news.example (550)"),
    ],
)
async def test_what_an_answer_means(how: dict[str, Any], reason: str, says: str) -> None:
    async with mailboxes(**how) as server:
        outcome = await channel(server).send(PARCEL)
    assert outcome.reason == reason
    assert says in outcome.detail


async def test_a_wrong_password_is_permanent_and_stands_nowhere() -> None:
    async with mailboxes(login=True) as server:
        outcome = await channel(server, username="desk", password="wrong-secret").send(PARCEL)
    assert outcome.reason is DeliveryReason.REFUSED
    assert "wrong-secret" not in outcome.detail


async def test_a_server_that_hangs_is_left_at_the_time_limit() -> None:
    async with mailboxes(hangs=asyncio.Event()) as server:
        outcome = await channel(server, timeout="200ms").send(PARCEL)
        assert server.hangs is not None
        server.hangs.set()
    assert outcome == Outcome(DeliveryReason.TIMED_OUT, "the mail server did not take it within 0.2 s")


async def test_where_nothing_listens_it_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert (await channel(port=free.getsockname()[1]).send(PARCEL)).reason is DeliveryReason.UNREACHABLE


async def test_a_server_in_a_private_network_is_refused_unless_allowed() -> None:
    async with mailboxes() as server:
        outcome = await channel(server, allow_private=False).send(PARCEL)
    assert outcome.reason is DeliveryReason.ADDRESS_REFUSED
    assert server.mails == []
