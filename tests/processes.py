"""What tests of running processes share: who runs below whom, whether somebody is gone, and waiting with patience."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Collection

PATIENCE = 60.0
"""Seconds, generous for a machine that does much else; nothing waits that long where all is well."""


def descendants(of: int) -> dict[int, str]:
    """pid and command of every process below one."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    found: dict[int, str] = {}
    parents = {of}
    while parents:
        below = {int(row[0]): row[2] for row in rows if len(row) == 3 and int(row[1]) in parents}
        found |= below
        parents = set(below)
    return found


def process_of(command: str, below: int, *, besides: Collection[int] = ()) -> int | None:
    """The process itself, not its guard, and none of those that ran before the test; None while it does not run."""
    return next(
        (pid for pid, args in descendants(below).items() if command in args and "standalone.guard" not in args and pid not in besides), None
    )


def gone(pid: int) -> bool:
    """Whether no such process is there any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_until(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Look again and again; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
