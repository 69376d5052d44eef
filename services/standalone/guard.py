"""Runs one command so that nothing of it outlives the process that wanted it.

    python -P -m services.standalone.guard [--signal INT] [--grace 10] [--user nobody] -- COMMAND...

The guard stands between a parent and the command. Its standard input is the lifeline: a pipe whose other end only the
parent holds, so that it closes when the parent is gone, even by `kill -9`. Then, and when the guard is told to stop
(SIGTERM), the command gets its stop signal, after `--grace` seconds SIGKILL, and with it everything in its process group.
The guard ends as the command did: with its exit status, or with 128 + the number of the signal that ended it.

It is small on purpose and needs nothing but the standard library: it starts in some 30 ms.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from services.standalone import privileges

# PR_SET_PDEATHSIG: the kernel signals the child when its parent (the guard itself) dies. Linux only.
_PARENT_DEATH_SIGNAL = 1


class _Guard:
    """The command, what it is to be stopped with, and the two ends it is watched by."""

    def __init__(self, command: Sequence[str], *, stop_signal: signal.Signals, grace: float, user: str | None) -> None:
        self._command = list(command)
        self._signal = stop_signal
        self._grace = grace
        self._user = user
        self._stopping = False

    def run(self) -> int:
        """Run the command to its end and return the exit status to end with."""
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        # A handler is needed for the wake-up to happen; what is to be done is done in the loop.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._told_to_stop)
        signal.signal(signal.SIGHUP, self._told_to_stop)
        # Ctrl-C goes to everyone on the terminal; the parent decides what it means and tells the guard.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            child = self._start()
        except OSError as fault:
            print(f"guard: {self._command[0]}: {fault.strerror}", file=sys.stderr)  # noqa: T201 - the child's log is its only voice
            return 127
        return self._watch(child, read_end)

    def _start(self) -> subprocess.Popen[bytes]:
        user = privileges.lookup(self._user) if self._user else None

        def in_child() -> None:
            if user is not None:
                privileges.become(user)
            # After the change of user, which would take it back again.
            privileges.prctl(_PARENT_DEATH_SIGNAL, self._signal)
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        # The guard has one thread, so that a function between fork and exec is safe here.
        return subprocess.Popen(  # noqa: S603 - the command is the parent's own
            self._command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=in_child,  # noqa: PLW1509 - see above
        )

    def _watch(self, child: subprocess.Popen[bytes], wake_up: int) -> int:
        lifeline: list[int] = [sys.stdin.fileno()]
        deadline: float | None = None
        told = False
        while (status := child.poll()) is None:
            if self._stopping and not told:
                told = True
                deadline = time.monotonic() + self._grace
                # The command itself is told, not its group: it knows in which order its own processes end.
                child.send_signal(self._signal)
            patience = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([*lifeline, wake_up], [], [], patience)
            if wake_up in ready:
                os.read(wake_up, 512)
            if lifeline and lifeline[0] in ready and not os.read(lifeline[0], 512):
                lifeline.clear()
                self._stopping = True
            if deadline is not None and time.monotonic() >= deadline:
                deadline = None
                self._to_group(child.pid, signal.SIGKILL)
        # Whatever the command started and left behind goes with it.
        self._to_group(child.pid, signal.SIGKILL)
        return status if status >= 0 else 128 - status

    def _told_to_stop(self, *_: object) -> None:
        # Only noted: the signal may come before the command has been started.
        self._stopping = True

    @staticmethod
    def _to_group(leader: int, number: signal.Signals) -> None:
        try:
            os.killpg(leader, number)
        except (ProcessLookupError, PermissionError):
            # Nobody is left in the group (macOS says EPERM where only zombies are).
            return


def main(argv: Sequence[str] | None = None) -> int:
    """Read the command line and guard the command."""
    parser = argparse.ArgumentParser(prog="guard", description="run a command that must not outlive this process's parent")
    parser.add_argument("--signal", default="TERM", help="what the command is stopped with: TERM, INT, QUIT")
    parser.add_argument("--grace", type=float, default=10.0, help="seconds from the stop signal to SIGKILL")
    parser.add_argument("--user", default=None, help="the user to run it as; only root may")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args(argv)
    stop_signal = signal.Signals[f"SIG{asked.signal}"]
    return _Guard(asked.command, stop_signal=stop_signal, grace=asked.grace, user=asked.user).run()


if __name__ == "__main__":
    sys.exit(main())
