"""One of the services as a child process, for the supervisor."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.standalone.child import Child, Command

_READY_WITHIN = 60.0


class ServiceProcess:
    """`python -m services.fetcher` or another module, with settings from the environment."""

    def __init__(
        self,
        name: str,
        *,
        log: Path,
        env: Mapping[str, str],
        module: str | None = None,
        arguments: Sequence[str] = (),
        ready: Callable[[str], bool] | None = None,
        grace: float = 12.0,
        held: Sequence[int] = (),
    ) -> None:
        """Prepare it.

        Args:
            name: how events and logs name it.
            log: the file that takes its output.
            env: what its environment has beyond the supervisor's own.
            module: what to run; `services.NAME` where not given.
            arguments: after the module.
            ready: whether it is ready, judged by its output so far; ready as soon as it runs where not given.
            grace: seconds from SIGTERM to SIGKILL; longer than the service's own, so that its own words are heard.
            held: the open lock file of the data folder, so that the folder is not free before the service has ended.
        """
        self.name = name
        self._child: Child | None = None
        self._ready = ready
        self._command = Command(
            name=name,
            # -P: a folder `services` where the user happens to stand is not ours.
            argv=[sys.executable, "-P", "-m", module or f"services.{name}", *arguments],
            log=log,
            env={"PYTHONUNBUFFERED": "1", **env},
            grace=grace,
            held=held,
        )

    @property
    def child(self) -> Child | None:
        """The running process."""
        return self._child

    def start(self) -> None:
        """Start it; returns when it is ready.

        Raises:
            StartFailed: it ended first, with the end of its log.
        """
        self._child = child = Child(self._command)
        judge = self._ready
        if judge is not None:
            child.wait_until(lambda: judge(child.output()), within=_READY_WITHIN, what="ready")

    def restart(self) -> None:
        """Start it again after its process has ended."""
        self.start()

    def stop(self) -> None:
        """Stop it; nothing of it is left when this returns."""
        if self._child is not None:
            self._child.stop()
            self._child = None
