"""The audit: who did what, when, and what stood before and after; written in the transaction of the change itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import audit
from services.desk.core.forms import AuditEntry, AuditPage
from services.desk.core.refusals import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Author:
    """Who does something, and which way: `api` or `command`."""

    name: str
    via: str


async def record(
    connection: AsyncConnection,
    author: Author,
    action: str,
    subject: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Keep that the author did this to `subject`."""
    row = {
        "done_at": now,
        "done_by": author.name,
        "via": author.via,
        "action": action,
        "subject": subject,
        "before": before,
        "after": after,
    }
    await connection.execute(sa.insert(audit).values(row))


async def entries(connection: AsyncConnection, *, before: str | None = None, subject: str | None = None, at_most: int = 50) -> AuditPage:
    """A page of the audit, the newest first; `before` is the number of the last entry of the page before.

    Raises:
        Refused: `before` is no number.
    """
    asked = sa.select(audit).order_by(audit.c.id.desc()).limit(at_most + 1)
    if before is not None:
        if not (before.isascii() and before.isdigit() and len(before) < 19):
            raise Refused(Refusal.NOT_VALID, f"{before[:40]!r} is no number of an entry", "take `next` of the page before, as it stands")
        asked = asked.where(audit.c.id < int(before))
    if subject is not None:
        asked = asked.where(audit.c.subject == subject)
    rows = (await connection.execute(asked)).all()
    items = tuple(AuditEntry.model_validate(row._asdict()) for row in rows[:at_most])
    return AuditPage(items=items, next=str(items[-1].id) if len(rows) > at_most else None)
