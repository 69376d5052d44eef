"""The links of new entries that are owed to a file, appended to it once each.

They are written in the transaction of their entries, appended to the file, and then taken off. A process that dies
between the two finds them owed and in the file: what stands there already is not appended again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import feed_reports
from services.runtime.postgres import advisory_lock, transaction

AT_ONCE = 20_000


class ReportFile:
    """`await file.append_owed()`: now and then, and at the end."""

    def __init__(self, engine: AsyncEngine, path: Path) -> None:
        """The file is made where it is missing."""
        self._engine = engine
        self._path = path
        self._looked = False

    async def append_owed(self) -> int:
        """Append every link that is owed, a line each; how many there were.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there; what was appended is not appended again by the next process.
            OSError: the file cannot be written.
        """
        appended = 0
        while True:
            async with transaction(self._engine) as connection:
                await advisory_lock(connection, "feed reports")
                rows = (await connection.execute(sa.select(feed_reports).order_by(feed_reports.c.id).limit(AT_ONCE))).all()
                if rows:
                    # Only what an earlier process left owed can stand in the file already.
                    appended += await asyncio.to_thread(_append, self._path, [row.link for row in rows], look=not self._looked)
                    await connection.execute(sa.delete(feed_reports).where(feed_reports.c.id <= rows[-1].id))
            if len(rows) < AT_ONCE:
                self._looked = True
                return appended


def _append(file: Path, links: Iterable[str], *, look: bool) -> int:
    with file.open("a+b") as opened:
        there = _there(opened.fileno(), opened.seek(0, os.SEEK_END), links) if look else frozenset()
        new = [link for link in links if link not in there]
        opened.write("".join(f"{link}\n" for link in new).encode())
        opened.flush()
        os.fsync(opened.fileno())
    return len(new)


def _there(descriptor: int, size: int, links: Iterable[str]) -> Collection[str]:
    """Which links stand in the file. A last line without its end is one that was being written when its writer died."""
    if size == 0:
        return frozenset()
    content = os.pread(descriptor, size, 0)
    whole, _, torn = content.rpartition(b"\n")
    if torn and any(link.encode().startswith(torn) for link in links):
        os.ftruncate(descriptor, size - len(torn))
    elif torn:
        os.write(descriptor, b"\n")
    return frozenset(whole.decode("utf-8", "replace").split("\n"))
