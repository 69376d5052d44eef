"""One child process under a guard: started, watched, stopped, its output kept in a file of bounded size."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# A log longer than this is moved to NAME.log.1, which replaces the one before.
LOG_LIMIT = 8 * 1024 * 1024
# The guard gives the command its grace and then kills it; this much later the guard itself is killed.
_GUARD_MARGIN = 3.0
# How often a state that nobody announces (a file, a port) is looked at, in seconds.
_LOOK_EVERY = 0.02


class StartFailed(RuntimeError):  # noqa: N818 - named for what happened
    """A child did not come up; the message says why, with the end of its log."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run and how to end it."""

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stop_signal: str = "TERM"
    grace: float = 10.0
    user: str | None = None
    # Open files that the guard is to hold as long as it lives: the lock of the command's folder.
    held: Sequence[int] = ()

    def guarded(self) -> list[str]:
        """The command line with the guard before it."""
        options = ["--signal", self.stop_signal, "--grace", str(self.grace)]
        if self.user:
            options += ["--user", self.user]
        # -P: a folder `services` where the user happens to stand is not ours.
        return [sys.executable, "-P", "-m", "services.standalone.guard", *options, "--", *self.argv]


class Child:
    """A running command. All methods may be called from any thread; none needs an event loop."""

    def __init__(self, command: Command) -> None:
        """Start it.

        Raises:
            StartFailed: the guard itself could not be started.
        """
        self.command = command
        self._exited = threading.Event()
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        command.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(command.log)
        self._log_start = command.log.stat().st_size if command.log.exists() else 0
        try:
            with command.log.open("ab") as log:
                self._guard = subprocess.Popen(  # noqa: S603 - our own command
                    command.guarded(),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **command.env},
                    cwd=command.cwd,
                    start_new_session=True,
                    pass_fds=tuple(command.held),
                )
        except OSError as fault:
            raise StartFailed(f"{command.name} could not be started: {fault}") from fault
        self._waiter = threading.Thread(target=self._wait, name=f"wait-{command.name}", daemon=True)
        self._waiter.start()

    @property
    def pid(self) -> int:
        """The guard's process id."""
        return self._guard.pid

    @property
    def running(self) -> bool:
        """Whether the command still runs."""
        return not self._exited.is_set()

    @property
    def status(self) -> int | None:
        """The exit status, 128 + N for signal N; None while it runs."""
        if self.running:
            return None
        status = self._guard.returncode
        return status if status >= 0 else 128 - status

    def on_exit(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, in a thread of its own making, once the command has ended; at once if it has."""
        with self._lock:
            if self.running:
                self._listeners.append(listener)
                return
        listener()

    def wait(self, within: float | None = None) -> bool:
        """Whether the command has ended, at the latest after `within` seconds."""
        return self._exited.wait(within)

    def wait_until(self, condition: Callable[[], bool], *, within: float, what: str) -> None:
        """Wait until `condition` holds while the command runs.

        Raises:
            StartFailed: it ended first, or the time is over.
        """
        deadline = time.monotonic() + within
        while not condition():
            if not self.running:
                raise StartFailed(f"{self.command.name} ended with status {self.status} before it was {what}\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.command.name} was not {what} within {within:.0f} s\n{self.last_words()}")
            self._exited.wait(_LOOK_EVERY)

    def stop(self) -> None:
        """Stop the command and everything it started; returns when nothing of it is left, after its grace at the latest."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._guard.terminate()
            if not self._exited.wait(self.command.grace + _GUARD_MARGIN):
                self._guard.kill()
                self._exited.wait()
        self._close_lifeline()

    def output(self) -> str:
        """What it wrote since it was started."""
        try:
            with self.command.log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(self._log_start if self._log_start <= size else 0)
                return log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""

    def last_words(self, lines: int = 12) -> str:
        """The last lines it wrote since it was started, and where the rest is."""
        words = [line for line in self.output().splitlines() if line.strip()][-lines:]
        return "\n".join([*(f"    {line}" for line in words), f"    (all of it: {self.command.log})"])

    def _wait(self) -> None:
        self._guard.wait()
        self._close_lifeline()
        with self._lock:
            self._exited.set()
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def _close_lifeline(self) -> None:
        with contextlib.suppress(OSError):
            if self._guard.stdin is not None:
                self._guard.stdin.close()


def rotate(log: Path, limit: int = LOG_LIMIT) -> bool:
    """Move what a log holds to NAME.log.1 when it is longer than `limit` bytes; whether that was done.

    The file is emptied, not replaced: its writer has it open for appending and goes on at its new end.
    """
    try:
        if log.stat().st_size <= limit:
            return False
    except FileNotFoundError:
        return False
    shutil.copyfile(log, log.with_name(log.name + ".1"))
    os.truncate(log, 0)
    return True
