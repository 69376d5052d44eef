"""The data folder: one service at a time, and its parts by name."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# The guards of a killed process hold its locks until they have stopped what it had started: so long is waited for them.
_REMNANTS_TAKE = 20.0
_LOOK_EVERY = 0.05


class FolderTaken(RuntimeError):  # noqa: N818 - named for what is the case
    """Another process works on the folder; the message names it."""


class FolderLock:
    """Holds a folder for this process, from `take` to `release` or to the end of the process.

    The lock is the kernel's (flock), so that one left by a dead process is no hindrance; the process id in the
    file is only there to be named. A guard may hold the lock beyond its parent's death, until the folder is at rest.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    @property
    def files(self) -> tuple[int, ...]:
        """The open lock file, for a guard to hold; empty where the lock is not held."""
        return () if self._file is None else (self._file,)

    def take(self) -> None:
        """Take it; waits some seconds for the remnants of a process that was killed.

        Raises:
            FolderTaken: another process, or another part of this one, has it.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _REMNANTS_TAKE
        while not _locked(file):
            holder = _holder(file)
            if holder is not None and not _alive(holder) and time.monotonic() < deadline:
                threading.Event().wait(_LOOK_EVERY)
                continue
            os.close(file)
            who = "another process" if holder is None else f"process {holder}"
            raise FolderTaken(f"{self._folder} is in use by {who}: stop that one first, or choose another folder")
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Give it back; nothing happens where it is not held."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: int) -> int | None:
    try:
        return int(os.pread(file, 32, 0))
    except ValueError:
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class DataFolder:
    """Everything that the service on one machine keeps, under one folder that one process has at a time.

    with DataFolder(path) as data:
        EmbeddedPostgres(data.postgres, log=data.log_of("postgres"))
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock = FolderLock(self.path)

    @property
    def postgres(self) -> Path:
        """Of the embedded Postgres."""
        return self.path / "postgres"

    @property
    def kafka(self) -> Path:
        """Of the embedded Kafka."""
        return self.path / "kafka"

    def log_of(self, name: str) -> Path:
        """The log of a child process."""
        return self.path / "logs" / f"{name}.log"

    @property
    def files(self) -> tuple[int, ...]:
        """The open lock file, for the guards of the services to hold."""
        return self._lock.files

    def __enter__(self) -> Self:
        """Take the folder.

        Raises:
            FolderTaken: another process has it.
        """
        self._lock.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.release()


def data_home() -> Path:
    """Where `up` keeps its data unless told otherwise: the user's data folder (XDG)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "caucasus-watch"
