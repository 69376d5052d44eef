"""How a Kafka is entered: in the clear or by TLS, with a certificate of ours, with a name and a password."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from services.runtime.settings import SettingsFault, WatchSettings, variable


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """What the clients of one cluster show and trust; by default nothing, in the clear.

    `protocol` and `mechanism` are Kafka's own names. `password` stands in no representation.
    """

    protocol: str = "PLAINTEXT"
    context: ssl.SSLContext | None = None
    mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """The arguments that every client of the library takes alike."""
        return {
            "security_protocol": self.protocol,
            "ssl_context": self.context,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


IN_THE_CLEAR = KafkaAccess()

OF_TLS = ("kafka_ca_file", "kafka_certificate_file", "kafka_key_file", "kafka_key_password")
OF_NAME = ("kafka_username", "kafka_password")
ACCESS = ("kafka_security", "kafka_mechanism", *OF_TLS, *OF_NAME)
"""The settings that say how Kafka is entered."""


def access_of(settings: WatchSettings) -> KafkaAccess:
    """The access that the settings ask for.

    Raises:
        SettingsFault: something is missing, stands beside a protocol that has no use for it, or cannot be read; all of it at once.
    """
    protocol = settings.kafka_security
    by_tls, by_name = protocol in {"ssl", "sasl_ssl"}, protocol in {"sasl_plaintext", "sasl_ssl"}
    faults = [*_missing(settings, by_name=by_name), *_useless(settings, by_tls=by_tls, by_name=by_name)]
    context = None
    if by_tls:
        try:
            context = _context(settings)
        except SettingsFault as found:
            faults += found.faults
    if faults:
        raise SettingsFault(faults)
    return KafkaAccess(
        protocol.upper(),
        context,
        settings.kafka_mechanism.upper() if by_name else "PLAIN",
        settings.kafka_username,
        settings.kafka_password.get_secret_value() if settings.kafka_password else None,
    )


def _missing(settings: WatchSettings, *, by_name: bool) -> list[str]:
    needed = OF_NAME if by_name else ()
    faults = [
        f"{variable(name)}: it is not set, and {settings.kafka_security} needs it; write what the cluster knows us by"
        for name in needed
        if not getattr(settings, name)
    ]
    if settings.kafka_key_file is not None and settings.kafka_certificate_file is None:
        faults.append(f"{variable('kafka_key_file')}: it is a key without its certificate; set {variable('kafka_certificate_file')} too")
    return faults


def _useless(settings: WatchSettings, *, by_tls: bool, by_name: bool) -> list[str]:
    """A password or a certificate that nobody would be shown is a slip of the pen: one would believe that the way is safe."""
    mends = {
        **({} if by_tls else dict.fromkeys(OF_TLS, "ssl or sasl_ssl")),
        **({} if by_name else dict.fromkeys(OF_NAME, "sasl_ssl (or sasl_plaintext)")),
    }
    return [
        f"{variable(name)}: it is set, but {settings.kafka_security} has no use for it; set {variable('kafka_security')}={mend}, or leave it out"
        for name, mend in mends.items()
        if getattr(settings, name)
    ]


def _context(settings: WatchSettings) -> ssl.SSLContext:
    """What is trusted and shown; names of hosts are checked always.

    Raises:
        SettingsFault: a file is missing, or is not what it should be.
    """
    faults: list[str] = []
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    except OSError as fault:  # A fault of TLS is one, too.
        faults.append(_unread("kafka_ca_file", settings.kafka_ca_file, fault, "name a PEM file of the authority that signed the brokers'"))
        context = ssl.create_default_context()
    if settings.kafka_certificate_file is not None:
        word = settings.kafka_key_password.get_secret_value() if settings.kafka_key_password else ""
        try:
            # Without a password the library would ask on the terminal.
            context.load_cert_chain(settings.kafka_certificate_file, settings.kafka_key_file, lambda: word)
        except OSError as fault:
            name = "kafka_certificate_file"
            mend = "name PEM files of a certificate and the key that belongs to it, and the key's password where it has one"
            faults.append(_unread(name, settings.kafka_certificate_file, fault, mend))
    if faults:
        raise SettingsFault(faults)
    return context


def _unread(name: str, path: object, fault: OSError, mend: str) -> str:
    why = fault.reason if isinstance(fault, ssl.SSLError) and fault.reason else fault.strerror
    return f"{variable(name)}: {path} cannot be used ({str(why).lower().replace('_', ' ')}); {mend}"
