"""A small web server on a free port of this machine, inside a running loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route


class _QuietServer(uvicorn.Server):
    """A server that leaves the signals to the process it runs in."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class LoopbackServer:
    """`async with LoopbackServer("newsroom", routes) as server: server.address`, such as http://127.0.0.1:40321."""

    def __init__(self, name: str, routes: Sequence[Route]) -> None:
        self._name = name
        self._app = Starlette(routes=list(routes))
        self._server: _QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None
        self.address = ""

    async def __aenter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = _QuietServer(uvicorn.Config(self._app, log_level="error", lifespan="off", access_log=False))
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name=self._name)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
