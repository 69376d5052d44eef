"""What tests of processes share: small commands, and a way to see that nothing of one is left."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# Generous, for a machine that does much else; nothing waits that long where all is well.
PATIENCE = 30.0


class Witness:
    """A named pipe that commands hold open for writing: its end comes when the last of them is gone, however it went."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "witness"
        os.mkfifo(self.path)
        self._read_end = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def hears(self) -> str:
        """What was written to it next."""
        deadline = time.monotonic() + PATIENCE
        while not (said := self._read()):
            assert time.monotonic() < deadline, "nobody wrote in time"
            self._pause()
        return said.decode().strip()

    def sees_them_gone(self) -> bool:
        """Whether, within our patience, nobody holds it any more."""
        deadline = time.monotonic() + PATIENCE
        while self._read() != b"":
            if time.monotonic() > deadline:
                return False
            self._pause()
        return True

    def _read(self) -> bytes | None:
        """What is there; nothing where nobody holds it; None where somebody holds it in silence."""
        try:
            return os.read(self._read_end, 4096)
        except BlockingIOError:
            return None

    @staticmethod
    def _pause() -> None:
        threading.Event().wait(0.005)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._read_end)


def holding(witness: Witness, then: str = "wait", *, first: str = ":") -> list[str]:
    """A shell command that does `first`, holds the witness open (with it a process of its own making), says its pid, and does `then`."""
    return ["/bin/sh", "-c", f'exec 3>"$0"; {first}; sleep 600 & echo $$ >&3; {then}', str(witness.path)]
