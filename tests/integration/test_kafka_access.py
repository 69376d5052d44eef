"""A Kafka that lets nobody in without TLS, a name and a password: the bus gets in by the settings, and is told why where it does not."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.runtime.bus import BusUnavailable, Outgoing, TopicSpec
from services.runtime.kafka import KafkaBus
from services.runtime.kafka_access import access_of
from services.runtime.settings import WatchSettings
from services.standalone import doctor
from services.standalone.child import Command
from services.standalone.kafka import EmbeddedKafka

pytestmark = pytest.mark.stack

NAME, WORD = "desk", "hush-hush"
SPEC = TopicSpec(1, 3_600_000)


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificates(folder: Path) -> None:
    """An authority, and a broker and a desk that it has signed."""
    openssl(
        folder,
        *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority"],
    )
    for who, names in (("broker", "IP:127.0.0.1"), ("desk", "DNS:desk.example")):
        (folder / f"{who}.ext").write_text(f"subjectAltName={names}\n")
        openssl(folder, *f"req -newkey rsa:2048 -nodes -keyout {who}.key -out {who}.csr -subj /CN={who}".split())
        openssl(
            folder, *f"x509 -req -in {who}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile {who}.ext -out {who}.pem".split()
        )
    store = "".join((folder / file).read_text() for file in ("broker.key", "broker.pem"))
    (folder / "broker-store.pem").write_text(store)


class LockedKafka(EmbeddedKafka):
    """The same node; by its one door come only those who show a certificate and prove a password."""

    def __init__(self, folder: Path, certificates: Path) -> None:
        super().__init__(folder)
        self._certificates = certificates

    def _configure(self) -> None:
        super()._configure()
        broker, inner = self._ports["broker"], self._ports["controller"]
        plain = (
            f'org.apache.kafka.common.security.plain.PlainLoginModule required username="{NAME}" password="{WORD}" user_{NAME}="{WORD}";'
        )
        scram = f'org.apache.kafka.common.security.scram.ScramLoginModule required username="{NAME}" password="{WORD}";'
        locked = {
            "listeners": f"SASL_SSL://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{inner}",
            "advertised.listeners": f"SASL_SSL://127.0.0.1:{broker}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "SASL_SSL",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": plain,
            "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
            "ssl.client.auth": "required",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._certificates / "broker-store.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self._certificates / "ca.pem"),
        }
        properties = self.folder / "server.properties"
        kept = [line for line in properties.read_text().splitlines() if line.partition("=")[0] not in locked]
        properties.write_text("\n".join([*kept, *(f"{key}={value}" for key, value in locked.items())]) + "\n")

    def _command(self, name: str, main: str, *arguments: str) -> Command:
        known = [f"SCRAM-SHA-{size}=[name={NAME},password={WORD}]" for size in (256, 512)]
        more = [word for one in known for word in ("--add-scram", one)] if "format" in arguments else []
        return super()._command(name, main, *arguments, *more)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[LockedKafka]:
    server = LockedKafka(tmp_path_factory.mktemp("locked"), certificates)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(locked: LockedKafka, certificates: Path) -> WatchSettings:
    return WatchSettings(
        kafka=locked.address,
        kafka_security="sasl_ssl",
        kafka_ca_file=certificates / "ca.pem",
        kafka_certificate_file=certificates / "desk.pem",
        kafka_key_file=certificates / "desk.key",
        kafka_username=NAME,
        kafka_password=SecretStr(WORD),
    )


@pytest.mark.parametrize("mechanism", ["scram-sha-512", "scram-sha-256", "plain"])
async def test_with_all_that_is_asked_for_messages_go_and_come(settings: WatchSettings, mechanism: str) -> None:
    bus = KafkaBus.of(settings.model_copy(update={"kafka_mechanism": mechanism}), "test")
    topic = f"notes-{mechanism}"

    await bus.create_topics({topic: SPEC})
    async with bus.sender() as sender, bus.receiver(f"desk-{mechanism}", [topic]) as receiver:
        await sender.send([Outgoing(topic, "key", b"seven", {})])
        async with asyncio.timeout(30):
            while not (received := await receiver.receive(at_most=5, within=1.0)):
                pass
        await receiver.commit(received)

    assert [message.value for message in received] == [b"seven"]
    assert await bus.waiting(f"desk-{mechanism}", topic) == 0


async def test_a_wrong_password_is_told_in_the_brokers_own_words(settings: WatchSettings) -> None:
    bus = KafkaBus("", "test", access=replace(access_of(settings), password="loud"), request_seconds=5.0)
    bus._servers = [settings.kafka_address]

    with pytest.raises(BusUnavailable, match=r"[Aa]uthentication failed") as fault:
        await bus.check()

    assert "loud" not in str(fault.value)


async def test_an_authority_that_did_not_sign_the_broker_is_told(settings: WatchSettings, certificates: Path) -> None:
    bus = KafkaBus.of(settings.model_copy(update={"kafka_ca_file": certificates / "desk.pem"}), "test")

    with pytest.raises(BusUnavailable, match=r"(?i)certificate verify failed"):
        await bus.check()


async def test_the_doctor_enters_it_too(settings: WatchSettings) -> None:
    assert "1 broker(s)" in (await doctor.broker(settings)).state
