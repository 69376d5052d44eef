"""Tokens: how they look, what is kept of them, and what the holder of one may do."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from schemas.vocabulary import DeskRole
from services.desk.core.refusals import Refusal, Refused

PREFIX = "cwd_"
"""So that a token which is found somewhere can be told from other secrets."""
BYTES = 32
"""Bytes of chance in a token: nobody guesses it, so that a plain hash keeps it safe."""
_ROLES = tuple(DeskRole)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: everything but itself."""

    id: str
    name: str
    role: DeskRole
    feeds_only: bool
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    last_used_at: datetime | None = None


def token_of(chance: bytes) -> str:
    """The token made of these bytes of chance."""
    return PREFIX + urlsafe_b64encode(chance).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def admit(token: Token | None, needed: DeskRole, now: datetime, *, in_address: bool = False, for_feed: bool = False) -> Token:
    """The token, where it may do what needs the role `needed`.

    Args:
        token: what was found for the one that was given; None where there is none.
        needed: the least role.
        now: the time.
        in_address: it was given in the address, where others may see it.
        for_feed: what is asked is a feed of alerts.

    Raises:
        Refused: it may not.
    """
    if token is None:
        raise Refused(Refusal.WRONG_TOKEN, "this token is unknown", "ask an admin for one: caucasus-watch desk token add NAME")
    if token.revoked_at is not None and token.revoked_at <= now:
        raise Refused(Refusal.REVOKED_TOKEN, f"this token was revoked on {token.revoked_at:%Y-%m-%d}", "ask an admin for a new one")
    if token.expires_at is not None and token.expires_at <= now:
        raise Refused(Refusal.EXPIRED_TOKEN, f"this token expired on {token.expires_at:%Y-%m-%d}", "ask an admin for a new one")
    if token.feeds_only and not for_feed:
        raise Refused(Refusal.FEEDS_ONLY, "this token opens feeds of alerts alone", "use a token that was made without --feeds-only")
    if in_address and not token.feeds_only:
        raise Refused(
            Refusal.FEEDS_ONLY,
            "an address may hold only a token that opens feeds alone, because addresses are seen by others",
            "send this one in the header Authorization: Bearer TOKEN, or have one made with --feeds-only",
        )
    if _ROLES.index(token.role) < _ROLES.index(needed):
        raise Refused(
            Refusal.ROLE_TOO_LOW, f"this needs the role {needed}, and the token has {token.role}", f"use a token of the role {needed}"
        )
    return token
