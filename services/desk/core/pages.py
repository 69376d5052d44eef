"""Cursors: where the next page of a list begins, by time and id, so that what comes in meanwhile moves nothing."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from services.desk.core.refusals import Refusal, Refused

MOST = 200
"""Entries of one page."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page."""

    at: datetime
    id: str

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.at.isoformat()}|{self.id}".encode()).decode().rstrip("=")

    @classmethod
    def of(cls, text: str) -> Cursor:
        """The cursor written as text.

        Raises:
            Refused: it is none.
        """
        try:
            at, _, id_ = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)).decode().partition("|")
            moment = datetime.fromisoformat(at)
        except (binascii.Error, UnicodeError, ValueError):
            moment, id_ = None, ""
        if moment is None or moment.tzinfo is None or not 0 < len(id_) <= 40 or not id_.isascii() or not id_.isprintable():
            raise Refused(Refusal.NOT_VALID, f"{text[:60]!r} is no cursor", "take `next` of the page before, as it stands") from None
        return cls(moment, id_)
