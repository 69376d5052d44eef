"""What the alerter sees of the service itself, as the desk shows it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import watches
from services.desk.core.forms import ShownWatch, WatchPage


async def listed(connection: AsyncConnection) -> WatchPage:
    """Every watch that was looked at, those that tell of something wrong first."""
    asked = sa.select(*(watches.c[name] for name in ShownWatch.model_fields))
    rows = await connection.execute(asked.order_by(watches.c.firing.desc(), watches.c.name, watches.c.subject))
    return WatchPage(items=tuple(ShownWatch.model_validate(row._asdict()) for row in rows))
