"""Tokens in Postgres: made, found, listed, revoked. The token itself is shown once, to whom it is made, and kept nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import desk_tokens
from schemas.vocabulary import DeskRole
from services.desk.adapters.audit import Author, record
from services.desk.core.refusals import Refusal, Refused
from services.desk.core.tokens import BYTES, Token, hash_of, token_of
from services.runtime.postgres import advisory_lock

USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is kept: a write for each request would be too many."""
LONGEST_NAME = 80


async def make(
    connection: AsyncConnection,
    author: Author,
    name: str,
    role: DeskRole,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    feeds_only: bool = False,
) -> tuple[Token, str]:
    """A new token, and the text that its holder sends.

    Raises:
        Refused: the name is empty, too long or taken by one that still opens something; or a token for feeds has another role.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(Refusal.NOT_VALID, f"{name[:LONGEST_NAME]!r} is no name", f"name its holder in 1 to {LONGEST_NAME} characters")
    if feeds_only and role is not DeskRole.VIEWER:
        raise Refused(Refusal.NOT_VALID, f"a token for feeds alone cannot have the role {role}", "make it with --role viewer")
    await advisory_lock(connection, "desk tokens")
    for known in await listed(connection):
        if known.name == name and known.revoked_at is None and (known.expires_at is None or known.expires_at > now):
            raise Refused(
                Refusal.CONFLICT,
                f"a token called {name} is there already, since {known.created_at:%Y-%m-%d}",
                "revoke it first, or choose another name: the audit tells people apart by it",
            )
    text = token_of(secrets.token_bytes(BYTES))
    token = Token(str(uuid4()), name, role, feeds_only, author.name, now, expires_at)
    row = {
        "id": token.id, "name": name, "hash": hash_of(text), "role": role, "feeds_only": feeds_only, "created_by": author.name,
        "created_at": now, "expires_at": expires_at,
    }  # fmt: skip
    await connection.execute(sa.insert(desk_tokens).values(row))
    await record(connection, author, "token.add", token.id, now, after=_shown(token))
    return token, text


async def first_admin(connection: AsyncConnection, author: Author, now: datetime) -> str | None:
    """A token of an admin where nobody has one yet, so that somebody can begin; None where there is one, whatever its state."""
    await advisory_lock(connection, "desk tokens")
    if any(token.role is DeskRole.ADMIN for token in await listed(connection)):
        return None
    _, text = await make(connection, author, "first admin", DeskRole.ADMIN, now)
    return text


async def revoke(connection: AsyncConnection, author: Author, which: str, now: datetime) -> Token:
    """Revoke the token of that id or name; one that is revoked already stays as it is.

    Raises:
        Refused: there is none.
    """
    named = [token for token in await listed(connection) if which in {token.id, token.name}]
    standing = [token for token in named if token.revoked_at is None]
    if not named:
        raise Refused(Refusal.NOT_FOUND, f"there is no token {which[:LONGEST_NAME]!r}", "look with caucasus-watch desk token list")
    if not standing:
        return named[-1]
    token = standing[-1]
    await connection.execute(sa.update(desk_tokens).where(desk_tokens.c.id == token.id).values(revoked_at=now, revoked_by=author.name))
    after = _shown(token) | {"revoked_at": now.isoformat(), "revoked_by": author.name}
    await record(connection, author, "token.revoke", token.id, now, before=_shown(token), after=after)
    (found,) = [one for one in await listed(connection) if one.id == token.id]
    return found


async def listed(connection: AsyncConnection) -> Sequence[Token]:
    """Every token, oldest first."""
    rows = await connection.execute(sa.select(desk_tokens).order_by(desk_tokens.c.created_at, desk_tokens.c.id))
    return [_token(row) for row in rows]


async def found(connection: AsyncConnection, text: str, now: datetime) -> Token | None:
    """The token that was given as this text; that it was used is kept."""
    row = (await connection.execute(sa.select(desk_tokens).where(desk_tokens.c.hash == hash_of(text)))).one_or_none()
    if row is None:
        return None
    if row.last_used_at is None or now - row.last_used_at >= USED_EVERY:
        await connection.execute(sa.update(desk_tokens).where(desk_tokens.c.id == row.id).values(last_used_at=now))
    return _token(row)


def _token(row: sa.Row[Any]) -> Token:
    return Token(
        row.id, row.name, DeskRole(row.role), row.feeds_only, row.created_by, row.created_at, row.expires_at, row.revoked_at, row.revoked_by,
        row.last_used_at,
    )  # fmt: skip


def _shown(token: Token) -> dict[str, Any]:
    """For the audit: never the hash."""
    return {
        "name": token.name,
        "role": token.role,
        "feeds_only": token.feeds_only,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
    }
