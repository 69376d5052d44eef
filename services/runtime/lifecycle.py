"""The life of a process: signals, named tasks, and clean-up in the reverse order of set-up, all of it bounded.

    async with Lifecycle("classifier") as life:
        engine = open_engine(...)
        life.defer("engine", engine.dispose)
        life.task("relay", relay(..., stopping=life.stopping))
        await life.until_stopped()

`stopping` is set by a signal, by `stop()`, by the failure of a task and at the end of the block. From then on the
tasks have half of `grace` to end by themselves; those that have not are cancelled; then the deferred calls run, last
in first out. A second signal ends the process at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

import structlog

from services.runtime.telemetry import get_logger

log = get_logger("lifecycle")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], Any] | int | None


class Lifecycle:
    """What one process (or one service among others in a loop: `signals=False`) starts, and how it ends."""

    def __init__(self, name: str, *, grace: float = 10.0, signals: bool = True) -> None:
        """`grace`: seconds that the whole shutdown may take."""
        self.name = name
        self.stopping = asyncio.Event()
        self._grace = grace
        self._signals = signals
        self._tasks: list[asyncio.Task[Any]] = []
        self._deferred: list[tuple[str, Callable[[], Awaitable[object]], float]] = []
        self._failure: BaseException | None = None
        self._previous: dict[signal.Signals, _Handler] = {}
        self._bound: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        """Take over the signals."""
        self._bound = dict(structlog.contextvars.bind_contextvars(service=self.name))
        if self._signals:
            loop = asyncio.get_running_loop()
            for number in _SIGNALS:
                self._previous[number] = signal.getsignal(number)
                loop.add_signal_handler(number, self._signalled, number)
        return self

    def task(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run the coroutine as a task. Its end by itself is no news; an exception in it stops the process."""
        task = asyncio.get_running_loop().create_task(self._told(name, coroutine), name=f"{self.name}: {name}")
        self._tasks.append(task)
        task.add_done_callback(self._ended)
        return task

    def defer(self, name: str, call: Callable[[], Awaitable[object]], *, within: float = 3.0) -> None:
        """Await `call()` at the end, after all tasks; it has `within` seconds, and fewer where the grace runs out."""
        self._deferred.append((name, call, within))

    def on_hangup(self, call: Callable[[], object]) -> None:
        """Call this on SIGHUP, which ends the process else. Only where the signals are ours."""
        if self._signals:
            self._previous[signal.SIGHUP] = signal.getsignal(signal.SIGHUP)
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, call)

    def stop(self, why: str = "asked") -> None:
        """Begin to stop; more than once is the same as once."""
        if not self.stopping.is_set():
            log.info("stopping", why=why)
            self.stopping.set()

    async def until_stopped(self) -> None:
        """Wait for the end.

        Raises:
            BaseException: what the task that failed first raised, with the task's name as a note.
        """
        await self.stopping.wait()
        if self._failure is not None:
            raise self._failure

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the tasks, then clean up; a task's failure that nobody has seen is raised."""
        self.stop("finished" if error is None else type(error).__name__)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._grace
        try:
            await self._end_tasks(deadline)
            await self._clean_up(deadline)
        finally:
            for number, handler in self._previous.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)
            structlog.contextvars.reset_contextvars(**self._bound)
        if self._failure is not None and error is None:
            raise self._failure

    async def _end_tasks(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        running = {task for task in self._tasks if not task.done()}
        if running:
            _, running = await asyncio.wait(running, timeout=self._grace / 2)
        for task in running:
            task.cancel()
        if running:
            # A quarter of the grace is kept for the clean-up even where a task does not hear.
            _, deaf = await asyncio.wait(running, timeout=max(0.0, deadline - self._grace / 4 - loop.time()))
            for task in deaf:
                log.error("task_does_not_end", task=task.get_name())

    async def _clean_up(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        while self._deferred:
            name, call, within = self._deferred.pop()
            # Even with the grace used up each call gets a moment: most of them need no longer.
            bound = max(0.1, min(within, deadline - loop.time()))
            try:
                await asyncio.wait_for(call(), bound)
            except TimeoutError:
                log.error("clean_up_takes_too_long", step=name, seconds=round(bound, 2))  # noqa: TRY400 - the bound says it all
            except Exception:
                log.exception("clean_up_failed", step=name)

    async def _told(self, name: str, coroutine: Coroutine[Any, Any, Any]) -> Any:
        structlog.contextvars.bind_contextvars(service=self.name, task=name)
        return await coroutine

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            return
        fault = task.exception()
        if fault is None:
            return
        log.error("task_failed", task=task.get_name(), exc_info=fault)
        if self._failure is None:
            fault.add_note(f"in the task {task.get_name()!r}")
            self._failure = fault
        self.stop(f"the task {task.get_name()!r} failed")

    def _signalled(self, number: signal.Signals) -> None:
        if not self.stopping.is_set():
            self.stop(number.name)
            return
        log.warning("ended_at_once", signal=number.name)
        # The parent sees how it ended: by the signal, as if we had never handled it.
        with suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
