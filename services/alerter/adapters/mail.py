"""Alerts by mail: one connection per message, to judged addresses only, the same Message-ID at every attempt.

A server that falls silent after it had the whole mail may have taken it or not: the mail is sent again under the same
Message-ID, by which the receiving side knows a repeat.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib

from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.adapters.services import Speech
from services.alerter.core.letters import Envelope, mail_of
from services.alerter.core.receivers import EmailConfig
from services.alerter.core.retries import Outcome
from services.runtime.clock import Clock
from services.runtime.guard import AddressRefused, is_public


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in."""

    host: str
    port: int
    tls: str
    username: str | None = None
    password: str | None = None
    hello: str | None = None
    allow_private: bool = False
    context: ssl.SSLContext | None = None


class MailChannel:
    """Sends mail to the addresses of one receiver."""

    def __init__(self, target: Target, config: EmailConfig, server: Server, speech: Speech, clock: Clock) -> None:
        """`clock` gives the Date of the mails: the wall clock."""
        self.target = target
        self.parallel = config.parallel
        self.seconds = config.timeout.total_seconds()
        self._envelope = Envelope(config.sender, config.to)
        self._server = server
        self._speech = speech
        self._clock = clock

    async def send(self, parcel: Parcel) -> Outcome:
        """Hand in one mail."""
        message = self._speech.message(parcel)
        mail = mail_of(message, self._envelope, parcel.key, thread=parcel.thread, sent_at=self._clock.now())
        try:
            async with asyncio.timeout(self.seconds):
                return await self._hand_in(mail)
        except TimeoutError:
            return Outcome(DeliveryReason.TIMED_OUT, f"the mail server did not take it within {self.seconds:g} s")
        except AddressRefused as fault:
            return Outcome(DeliveryReason.ADDRESS_REFUSED, f"{fault}; allow_private would allow it")
        except aiosmtplib.SMTPException as fault:
            return meaning(fault)
        except (OSError, ssl.SSLError) as fault:
            return Outcome(DeliveryReason.UNREACHABLE, str(fault) or type(fault).__name__)

    async def close(self) -> None:
        """Nothing is held between two mails."""

    async def _hand_in(self, mail: EmailMessage) -> Outcome:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=None,
            sock=await _connected(server),
            local_hostname=server.hello or self._envelope.domain,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=server.context,
            timeout=self.seconds,
        )
        try:
            await client.connect()
            if server.username is not None:
                await client.login(server.username, server.password or "")
            refused, said = await client.sendmail(self._envelope.sender, list(self._envelope.to), bytes(mail))
        finally:
            # A goodbye that is not answered must not turn a mail that was taken into a failure.
            client.close()
        if refused:
            names = ", ".join(f"{address} ({response.code})" for address, response in refused.items())
            return Outcome(DeliveryReason.DELIVERED, f"{said}; not to {names}")
        return Outcome(DeliveryReason.DELIVERED, said[:200])


def meaning(fault: aiosmtplib.SMTPException) -> Outcome:
    """What a failure of the mail server means for the delivery."""
    detail = " ".join(str(fault).split())[:300]
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused):
        codes = [recipient.code for recipient in fault.recipients]
        detail = "; ".join(f"{recipient.recipient}: {recipient.code} {recipient.message}" for recipient in fault.recipients)[:300]
        return Outcome(DeliveryReason.REFUSED if all(code >= 500 for code in codes) else DeliveryReason.SERVER_ERROR, detail)
    if isinstance(fault, aiosmtplib.SMTPConnectTimeoutError | aiosmtplib.SMTPConnectError):
        return Outcome(DeliveryReason.UNREACHABLE, detail)
    if isinstance(fault, aiosmtplib.SMTPTimeoutError):
        return Outcome(DeliveryReason.TIMED_OUT, detail)
    if isinstance(fault, aiosmtplib.SMTPServerDisconnected):
        return Outcome(DeliveryReason.NO_ANSWER, f"the server closed the connection; whether it took the mail is unknown: {detail}")
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return Outcome(DeliveryReason.REFUSED if 500 <= fault.code < 600 else DeliveryReason.SERVER_ERROR, f"{fault.code} {detail}")
    # The library says in words alone that the server has no STARTTLS or no way to log in.
    unfit = isinstance(fault, aiosmtplib.SMTPNotSupported) or "not supported" in detail
    return Outcome(DeliveryReason.MISCONFIGURED if unfit else DeliveryReason.CHANNEL_FAULT, detail)


async def _connected(server: Server) -> socket.socket:
    """A socket to an address of the server that was judged: the name cannot lead elsewhere between the two."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise OSError(f"the name {server.host} is unknown: {fault}") from fault
    allowed = [entry for entry in found if server.allow_private or is_public(str(entry[4][0]))]
    if not allowed:
        addresses = ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))
        raise AddressRefused(f"{server.host} is at {addresses}, which is no address of the open internet")
    failure: OSError | None = None
    for family, kind, protocol, _, address in allowed[:4]:
        made = socket.socket(family, kind, protocol)
        made.settimeout(0)
        try:
            await loop.sock_connect(made, address)
        except OSError as fault:
            made.close()
            failure = fault
        except BaseException:
            made.close()
            raise
        else:
            return made
    raise failure or OSError(f"{server.host} does not answer")
