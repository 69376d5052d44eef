"""Why something that was asked is not done: each refusal has a kind, a status of HTTP, and says the mend."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """The kinds; the last part of a problem's `type`."""

    NO_TOKEN = "no_token"  # noqa: S105 - a word, no secret
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - a word, no secret
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a word, no secret
    REVOKED_TOKEN = "revoked_token"  # noqa: S105 - a word, no secret
    ROLE_TOO_LOW = "role_too_low"
    FEEDS_ONLY = "feeds_only"
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    NOT_VALID = "not_valid"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


STATUSES = {
    Refusal.NO_TOKEN: 401,
    Refusal.WRONG_TOKEN: 401,
    Refusal.EXPIRED_TOKEN: 401,
    Refusal.REVOKED_TOKEN: 401,
    Refusal.ROLE_TOO_LOW: 403,
    Refusal.FEEDS_ONLY: 403,
    Refusal.NOT_FOUND: 404,
    Refusal.NOT_ALLOWED: 405,
    Refusal.NOT_VALID: 422,
    Refusal.CONFLICT: 409,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_MANY: 503,
    Refusal.UNAVAILABLE: 503,
}
"""The status of HTTP that tells each."""


class Refused(Exception):  # noqa: N818 - it is what the person reads
    """Something asked is not done: `detail` says what is wrong, `mend` what to do."""

    def __init__(self, kind: Refusal, detail: str, mend: str) -> None:
        """Keep the three; the message is the detail and the mend."""
        super().__init__(f"{detail}; {mend}")
        self.kind = kind
        self.detail = detail
        self.mend = mend

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return STATUSES[self.kind]
