"""Keeps Postgres, Kafka and the services running, says what befalls them, and stops them in the right order.

    async with Supervisor(print) as supervisor:
        await supervisor.start(postgres, kafka)          # together
        await upgrade(postgres.url)
        await supervisor.start(fetcher, classifier, alerter)
        await supervisor.watch(life.stopping)            # until told to stop, or until one cannot be kept running
    # here all are stopped: the last started first, those started together at once

A process that ends without being asked is said to have crashed, whatever its status, and is started again after a
pause that grows. Where that happens too often in a short time the supervisor gives up and says what the process said last.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self

from services.standalone.child import Child, StartFailed, rotate

# How often the logs are looked at for their size, in seconds.
_TRIM_EVERY = 15.0
# How often a start that is being called off is looked at.
_UNDO_EVERY = 0.1


class EventKind(StrEnum):
    """What befell a process."""

    STARTED = "started"  # it is being started
    READY = "ready"  # for the first time
    CRASHED = "crashed"  # it ended without being asked, or a start of it failed
    RESTARTED = "restarted"  # it is ready again
    GIVEN_UP = "given_up"  # it crashed too often
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that befell a process."""

    kind: EventKind
    unit: str
    # For a crash: what happened and the last lines of its log.
    detail: str = ""
    # What it took: to be ready, to be back, to stop. For a crash: how long it had run.
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How a crashing process is borne with: more than `crashes` within `within` seconds are too many."""

    crashes: int = 5
    within: float = 60.0
    first_pause: float = 0.2
    longest_pause: float = 5.0

    def pause(self, crashes: int) -> float:
        """Seconds before the start that follows that many crashes in a row."""
        return float(min(self.longest_pause, self.first_pause * 2 ** (crashes - 1)))


class GivenUp(RuntimeError):  # noqa: N818 - named for what was done
    """A process could not be kept running; the message has its last words."""


class Unit(Protocol):
    """What is supervised. The methods block; the supervisor calls them in threads."""

    name: str

    @property
    def child(self) -> Child | None:
        """The running process."""
        ...

    def start(self) -> None:
        """Start it for the first time; returns when it is ready."""
        ...

    def restart(self) -> None:
        """Start it again, as what it was, after its process has ended."""
        ...

    def stop(self) -> None:
        """Stop it, from any thread, also while it starts; nothing of it is left when this returns."""
        ...


class Supervisor:
    """Starts, keeps and stops units."""

    def __init__(self, on_event: Callable[[Event], None], *, policy: RestartPolicy | None = None) -> None:
        """`on_event` is called in the loop, for every event in order."""
        self._tell = on_event
        self._policy = policy or RestartPolicy()
        self._groups: list[list[Unit]] = []
        self._keepers: set[asyncio.Task[None]] = set()
        self._failure: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._failure = asyncio.get_running_loop().create_future()
        self._keep(self._trim_logs())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self, *units: Unit) -> None:
        """Start some together and keep them running from then on.

        Raises:
            StartFailed and what else a unit's own start raises: of the first that failed; the others are stopped at the end as all are.
        """
        self._groups.append(list(units))
        outcomes = await asyncio.gather(*(self._first_start(unit) for unit in units), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def watch(self, stopping: asyncio.Event) -> None:
        """Wait until `stopping` is set.

        Raises:
            GivenUp: a unit could not be kept running.
        """
        assert self._failure is not None  # noqa: S101 - `async with` has made it
        told = asyncio.ensure_future(stopping.wait())
        waiting: set[asyncio.Future[Any]] = {told, self._failure}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        if self._failure.done():
            self._failure.result()

    async def stop(self) -> None:
        """Stop all, in the reverse order of their start; bounded by the grace of each."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        while self._groups:
            await asyncio.gather(*(self._stop(unit) for unit in self._groups.pop()))
        if self._failure is not None and not self._failure.cancel():
            # Nobody may have watched; the event has told it all the same.
            self._failure.exception()

    async def _first_start(self, unit: Unit) -> None:
        began = time.monotonic()
        self._tell(Event(EventKind.STARTED, unit.name))
        await _in_thread(unit.start, undo=unit.stop)
        self._tell(Event(EventKind.READY, unit.name, seconds=time.monotonic() - began))
        self._keep(self._keep_running(unit))

    async def _keep_running(self, unit: Unit) -> None:
        crashes: deque[float] = deque()
        fault: str | None = None
        began = time.monotonic()
        while (child := unit.child) is not None:
            if fault is None:
                await _end_of(child)
                fault = f"{unit.name} ended with status {child.status}\n{child.last_words()}"
            self._tell(Event(EventKind.CRASHED, unit.name, detail=fault, seconds=time.monotonic() - began))
            if self._too_many(crashes):
                self._give_up(unit, fault)
                return
            await asyncio.sleep(self._policy.pause(len(crashes)))
            began = time.monotonic()
            fault = await self._restart(unit)
            if fault is None:
                self._tell(Event(EventKind.RESTARTED, unit.name, seconds=time.monotonic() - began))

    async def _restart(self, unit: Unit) -> str | None:
        """Start it again; what hindered it, or None."""
        try:
            await _in_thread(unit.restart, undo=unit.stop)
        except (StartFailed, OSError) as fault:
            if unit.child is not None:
                # One that was not ready in time still runs.
                await asyncio.to_thread(unit.child.stop)
            return str(fault)
        return None

    def _too_many(self, crashes: deque[float]) -> bool:
        now = time.monotonic()
        crashes.append(now)
        while now - crashes[0] > self._policy.within:
            crashes.popleft()
        return len(crashes) > self._policy.crashes

    def _give_up(self, unit: Unit, fault: str) -> None:
        self._tell(Event(EventKind.GIVEN_UP, unit.name, detail=fault))
        if self._failure is not None and not self._failure.done():
            limit = f"{self._policy.crashes} times within {self._policy.within:.0f} s"
            self._failure.set_exception(GivenUp(f"{unit.name} crashed more than {limit}, most recently so:\n{fault}"))

    async def _stop(self, unit: Unit) -> None:
        began = time.monotonic()
        self._tell(Event(EventKind.STOPPING, unit.name))
        await asyncio.to_thread(unit.stop)
        self._tell(Event(EventKind.STOPPED, unit.name, seconds=time.monotonic() - began))

    async def _trim_logs(self) -> None:
        while True:
            await asyncio.sleep(_TRIM_EVERY)
            for child in [unit.child for group in self._groups for unit in group]:
                if child is not None:
                    await asyncio.to_thread(rotate, child.command.log)

    def _keep(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._keepers.add(task)
        task.add_done_callback(self._kept)

    def _kept(self, task: asyncio.Task[None]) -> None:
        self._keepers.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None and self._failure is not None and not self._failure.done():
            self._failure.set_exception(fault)


async def _end_of(child: Child) -> None:
    """Wait until it has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):
            # The loop may be closed: then nobody waits any more.
            loop.call_soon_threadsafe(ended.set)

    child.on_exit(tell)
    await ended.wait()


async def _in_thread(work: Callable[[], None], *, undo: Callable[[], None]) -> None:
    """Do blocking work in a thread; when cancelled, undo it until the thread has noticed, so that it leaves nothing behind."""
    doing = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        while not doing.done():
            await asyncio.to_thread(undo)
            await asyncio.wait({doing}, timeout=_UNDO_EVERY)
        doing.exception()
        raise
