"""A message as a mail: plain text and HTML, in the thread of its story. Pure; `sent_at` is the Date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from schemas.vocabulary import Severity
from services.alerter.core.markup import page_of
from services.alerter.core.message import Message, clipped, text_of

LINE = 160
"""Characters of a header's line; a server must take 998."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom a mail is from and to."""

    sender: str
    to: tuple[str, ...]

    @property
    def domain(self) -> str:
        """The part of the sender behind the @."""
        return self.sender.rpartition("@")[2]


def mail_of(message: Message, envelope: Envelope, key: str, *, thread: Sequence[str], sent_at: datetime) -> EmailMessage:
    """The mail. Its Message-ID is made of `key`, so that a repeat is the same mail; `thread` are the keys of those before it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(envelope.sender, "caucasus-watch")
    mail["To"] = [_address(one) for one in envelope.to]
    mail["Subject"] = clipped(message.first)
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = message_id(key, envelope.domain)
    if thread:
        mail["In-Reply-To"] = message_id(thread[-1], envelope.domain)
        mail["References"] = " ".join(message_id(one, envelope.domain) for one in thread)
    # No answer of an out-of-office robot is wanted.
    mail["Auto-Submitted"] = "auto-generated"
    if message.severity is Severity.CRITICAL:
        mail["Importance"] = "high"
    mail.set_content(text_of(message), cte="quoted-printable")
    mail.add_alternative(page_of(message), subtype="html", cte="quoted-printable")
    if message.first.isascii():
        # Else the library breaks a long subject right behind its name, which some servers take for an empty one.
        mail.policy = mail.policy.clone(max_line_length=LINE)
    return mail


def message_id(key: str, domain: str) -> str:
    """The Message-ID of the delivery with that key."""
    return f"<{key}@{domain}>"


def _address(text: str, name: str = "") -> Address:
    user, _, domain = text.rpartition("@")
    return Address(name, user, domain)
