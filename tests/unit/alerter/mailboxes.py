"""A real mail server on loopback that takes, refuses or drops as a test tells it, and keeps what it took."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

CERTIFICATE = Path(__file__).parents[2] / "data" / "mail" / "certificate.pem"
KEY = CERTIFICATE.with_name("key.pem")


@dataclass(slots=True)
class Mailboxes:
    """What the server does: `drops` closes the connection after DATA so many times, though the mail was taken."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    drops: int = 0
    answer: str = "250 taken"
    refused: dict[str, str] = field(default_factory=dict)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    hangs: asyncio.Event | None = None
    on_data: Callable[[], None] | None = None
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        if self.hangs is not None:
            await self.hangs.wait()
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        if self.on_data is not None:
            self.on_data()
        if self.drops:
            self.drops -= 1
            server.transport.abort()
        return self.answer

    def let_in(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def mailboxes(*, tls: str = "none", login: bool = False, **how: Any) -> AsyncIterator[Mailboxes]:
    """A mail server for the length of the block; `tls` is none, starttls or tls."""
    made = Mailboxes(**how)
    context = None
    if tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
    loop = asyncio.get_running_loop()

    def serve() -> SMTP:
        return SMTP(
            made, hostname="mail.example", loop=loop, tls_context=context if tls == "starttls" else None,
            authenticator=made.let_in if login else None, auth_require_tls=False,
        )  # fmt: skip

    server = await loop.create_server(serve, "127.0.0.1", 0, ssl=context if tls == "tls" else None)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()
