"""`feeds poll`: the feeds of an OPML file polled once, with a database of its own or that of the settings."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import fetcher_outbox
from services.fetcher.core.feedlist import FeedList, FeedListFault
from services.fetcher.core.opml import read_opml
from services.fetcher.round import RoundOfPolls
from services.fetcher.settings import FetcherSettings, FullText
from services.runtime.outbox import purge_unsent
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, open_engine
from services.runtime.settings import variable
from services.runtime.telemetry import set_up_logging
from services.standalone.child import StartFailed
from services.standalone.commanding import DONE, FAULTS, WRONG_USE, print_line, say
from services.standalone.folder import DataFolder, FolderTaken, data_home
from services.standalone.postgres import EmbeddedPostgres, PostgresMissing
from services.standalone.upgrading import UpgradeFailed, upgrade_apart

POOL = 6
OWN_FOLDER = "feeds-poll"
"""Folder of the embedded Postgres within that of the service, where none is named."""


@dataclass(frozen=True, slots=True)
class PollWish:
    """What the command was asked for."""

    opml: Path
    allow_private: bool = False
    data: Path | None = None
    entries: Path | None = None


async def poll_feeds(wish: PollWish) -> int:
    """Poll, and print the line; 0, 1 where the round could not be made, 2 where the OPML file is wrong.

    Raises:
        SettingsFault: a setting is wrong.
    """
    settings = _settings(wish)
    set_up_logging(settings, "fetcher")
    try:
        listed = await asyncio.to_thread(_listed, wish.opml)
    except FeedListFault as fault:
        say(str(fault))
        return WRONG_USE
    try:
        async with _database(settings, wish.data) as engine:
            print_line(await _measured(settings, listed, engine, wish.entries))
    except (FolderTaken, PostgresMissing, StartFailed, UpgradeFailed, DatabaseUnavailable, DatabaseUnfit) as fault:
        say(str(fault))
        return FAULTS
    except (OSError, SQLAlchemyError) as fault:
        say(f"the round was not made: {(str(fault).strip().splitlines() or [type(fault).__name__])[0]}")
        return FAULTS
    return DONE


def cpu_seconds() -> float:
    """CPU seconds of this process and everything that it has started: parser workers, and Postgres where it is embedded."""
    ticks = os.sysconf("SC_CLK_TCK")
    found: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # The parent; user and system time of the process itself and of its children that have ended.
        found[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    ours = {os.getpid()}
    while more := {pid for pid, (parent, _) in found.items() if parent in ours and pid not in ours}:
        ours |= more
    return sum(found[pid][1] for pid in ours if pid in found) / ticks


async def _measured(settings: FetcherSettings, listed: FeedList, engine: AsyncEngine, report: Path | None) -> dict[str, Any]:
    async with RoundOfPolls(settings, listed, engine, report=report) as polls:
        began, used = time.monotonic(), cpu_seconds()
        done = await polls.run()
        return asdict(done) | {"seconds": round(time.monotonic() - began, 3), "cpu_seconds": round(cpu_seconds() - used, 3)}


def _settings(wish: PollWish) -> FetcherSettings:
    quiet = {} if os.environ.get(variable("log_level")) else {"log_level": "warning"}
    return FetcherSettings.load(allow_private=wish.allow_private or None, full_text=FullText.NEVER, **quiet)


def _listed(path: Path) -> FeedList:
    """The feeds of the file.

    Raises:
        FeedListFault: it cannot be read, or is no OPML.
    """
    try:
        return read_opml(path.read_bytes(), str(path))
    except OSError as fault:
        raise FeedListFault([f"{path}: it cannot be read ({fault.strerror}); name an OPML file"]) from fault


@asynccontextmanager
async def _database(settings: FetcherSettings, folder: Path | None) -> AsyncIterator[AsyncEngine]:
    """The database of the settings, else one in the folder; at the newest revision."""
    if settings.database is not None:
        async with _opened(settings.database_url) as engine:
            yield engine
        return
    with DataFolder(folder or data_home() / OWN_FOLDER) as data:
        async with EmbeddedPostgres(data.postgres, log=data.log_of("postgres")) as server, _opened(server.url) as engine:
            yield engine
            # Nobody sends what these rounds owe to Kafka.
            await purge_unsent(engine, fetcher_outbox)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[AsyncEngine]:
    await upgrade_apart(url)
    engine = open_engine(url, application="feeds poll", pool_size=POOL)
    try:
        yield engine
    finally:
        await engine.dispose()
