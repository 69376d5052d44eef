"""Free ports of 127.0.0.1, chosen once and remembered, so that an address stays what it was."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Sequence
from pathlib import Path

HOST = "127.0.0.1"


def free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a server that has just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def chosen(file: Path, names: Sequence[str]) -> dict[str, int]:
    """A port for each name: those that the file remembers if all are free, else new ones, which it then remembers."""
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        known = json.loads(file.read_text())
        ports = {name: int(known[name]) for name in names}
        if all(free(port) for port in ports.values()):
            return ports
    return chosen_anew(file, names)


def chosen_anew(file: Path, names: Sequence[str]) -> dict[str, int]:
    """New free ports, which the file then remembers."""
    with contextlib.ExitStack() as held:
        ports = {}
        for name in names:
            # All are held until the last is chosen, so that no two are the same.
            probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            probe.bind((HOST, 0))
            ports[name] = int(probe.getsockname()[1])
    file.write_text(json.dumps(ports) + "\n")
    return ports
