"""Routes, policy and watches taken anew while the service runs: on SIGHUP, and when one of their files changes.

All of them are read and checked, and every channel is made, before anything is replaced. Where a file is faulty nothing is:
what held before holds on, each fault is logged with its file and line, a metric says so, and a watch tells it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.alerter.adapters.channels import Channel, Router
from services.alerter.adapters.deliverer import Deliverer
from services.alerter.core.policy import Policy
from services.alerter.core.watches import Watches
from services.alerter.core.wording import Wording
from services.alerter.corrections import Corrections
from services.alerter.metrics import RELOADED, RELOADED_AT
from services.alerter.runner import Runner
from services.alerter.watching import Watching
from services.runtime.clock import Clock
from services.runtime.lifecycle import Lifecycle
from services.runtime.patience import either
from services.runtime.postgres import DatabaseUnavailable
from services.runtime.settings import SettingsFault
from services.runtime.telemetry import get_logger

LOOK_SECONDS = 2.0
"""Real seconds between two looks at the files. A change is taken at the second look that finds it: by then it is written wholly."""

log = get_logger("reloading")
_Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Configured:
    """What the files say."""

    policy: Policy
    watches: Watches
    channels: tuple[Channel, ...]
    router: Router


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs by it."""

    runner: Runner
    corrections: Corrections
    watching: Watching


class Telling:
    """Serves the channels, each with a task of its own; other channels may take their place at any time."""

    def __init__(self, life: Lifecycle, deliverer: Deliverer) -> None:
        """Nothing is served yet."""
        self._life = life
        self._deliverer = deliverer
        self._ends: list[asyncio.Event] = []

    def begin(self, channels: Sequence[Channel], router: Router) -> None:
        """Serve these in place of those before.

        An attempt that is under way is not broken off: it ends under its lease, and its channel is closed then.
        """
        for end in self._ends:
            end.set()
        self._deliverer.use(channels, router)
        self._ends = [asyncio.Event() for _ in channels]
        for channel, end in zip(channels, self._ends, strict=True):
            self._life.task(f"telling {channel.target.name}", self._serve(channel, end))

    def end(self) -> None:
        """Serve nobody any more."""
        for end in self._ends:
            end.set()

    async def _serve(self, channel: Channel, end: asyncio.Event) -> None:
        try:
            await self._deliverer.serve(channel, end)
        finally:
            await channel.close()


class Reloading:
    """Takes what the files say, and what they say later."""

    def __init__(
        self,
        read: Callable[[], Configured],
        files: Sequence[Path],
        telling: Telling,
        parts: Parts,
        clock: Clock,
        *,
        every: float | None = None,
    ) -> None:
        """`read` reads and checks all of it; `files` are those whose change is heard; `every`: seconds between two looks at them."""
        self._read = read
        self._files = tuple(files)
        self._telling = telling
        self._parts = parts
        self._clock = clock
        self._every = LOOK_SECONDS if every is None else every
        self._asked = asyncio.Event()
        self._taken = self._stamp()
        self._mark(taken=True)

    def ask(self) -> None:
        """Take the files anew now, whether they changed or not: secrets that lie in files of their own are read again too."""
        self._asked.set()

    async def serve(self, stopping: asyncio.Event) -> None:
        """Take each change until the process stops.

        Raises:
            DatabaseUnfit: the database refuses us.
        """
        seen = self._taken
        while not stopping.is_set():
            asked = await self._asked_within(self._every, stopping)
            if stopping.is_set():
                return
            now = await asyncio.to_thread(self._stamp)
            settled, seen = now == seen, now
            if asked or (settled and now != self._taken):
                self._asked.clear()
                self._taken = now
                await self.reload()

    async def reload(self) -> bool:
        """Take the files anew; whether they were taken.

        Raises:
            DatabaseUnfit: the database refuses us.
        """
        try:
            new = self._read()
        except SettingsFault as fault:
            faults = fault.faults
        else:
            faults = ()
            self._take(new)
        for line in faults:
            log.error("configuration_refused", fault=line)
        if faults:
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            self._parts.watching.refused(f"{faults[0]}{more}")
        self._mark(taken=not faults)
        await self._look()
        return not faults

    def _take(self, new: Configured) -> None:
        self._telling.begin(new.channels, new.router)
        self._parts.runner.use(new.policy, new.router)
        self._parts.corrections.use(new.policy)
        self._parts.watching.use(new.watches, new.router, Wording.packaged(new.policy.language))
        log.info("configuration_taken", receivers=len(new.channels))

    async def _look(self) -> None:
        """Tell at once what came of it."""
        try:
            await self._parts.watching.look()
        except DatabaseUnavailable as fault:
            log.warning("watching_waits", fault=type(fault).__name__, detail=str(fault))

    def _mark(self, *, taken: bool) -> None:
        RELOADED.set(taken)
        if taken:
            RELOADED_AT.set(self._clock.now().timestamp())

    async def _asked_within(self, seconds: float, stopping: asyncio.Event) -> bool:
        await either((self._asked, stopping), seconds)
        return self._asked.is_set()

    def _stamp(self) -> _Stamp:
        """What tells that a file is another one; a link is followed, and a file that is not there is one too."""
        found: list[tuple[int, int, int] | None] = []
        for file in self._files:
            try:
                state = file.stat()
            except OSError:
                found.append(None)
            else:
                found.append((state.st_mtime_ns, state.st_size, state.st_ino))
        return tuple(found)
