"""The wiring of the desk: every part that runs, in the order in which it is made."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn

from services.desk.api.door import Desk
from services.desk.api.interface import interface
from services.desk.api.stream import Stream
from services.desk.settings import DeskSettings
from services.runtime.clock import Clock, clock_of
from services.runtime.lifecycle import Lifecycle
from services.runtime.postgres import open_engine
from services.runtime.settings import SettingsFault, variable
from services.runtime.telemetry import get_logger, serve_metrics

POOL = 10
GOODBYE_SECONDS = 3
"""What an answer that is under way has when the process stops."""

log = get_logger("desk")


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process it runs in."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def run(
    settings: DeskSettings, *, clock: Clock | None = None, life: Lifecycle | None = None, at: Callable[[str], None] | None = None
) -> None:
    """Serve until stopped; `at` is told the address once it is served.

    Raises:
        SettingsFault: what is set is wrong, or the port cannot be had.
        DatabaseUnfit: the database is not migrated or refuses us.
    """
    if life is None:
        async with Lifecycle("desk") as own:
            await run(settings, clock=clock, life=own, at=at)
        return
    if settings.metrics_port is not None:
        life.defer("metrics", serve_metrics(settings.metrics_port, host=settings.metrics_host).close)
    engine = open_engine(settings.database_url, application=f"desk {settings.replica}", pool_size=POOL)
    life.defer("engine", engine.dispose)
    desk = Desk(engine, clock or clock_of(settings))
    stream = Stream(desk, at_most=settings.desk_streams)
    listener = _listener(settings.desk_host, settings.desk_port)
    server = _Server(
        uvicorn.Config(
            interface(desk, stream),
            # Addresses may hold tokens of feeds: what was asked is counted, not logged.
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=GOODBYE_SECONDS,
        )
    )
    life.task("stream", stream.serve(life.stopping))
    serving = life.task("serving", server.serve(sockets=[listener]))
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    log.info("serving", address=address)
    if at is not None:
        at(address)
    life.task("closing", _close(server, serving, life.stopping))
    await life.until_stopped()


async def _close(server: uvicorn.Server, serving: asyncio.Task[None], stopping: asyncio.Event) -> None:
    await stopping.wait()
    server.should_exit = True
    await asyncio.wait([serving])


def _listener(host: str, port: int) -> socket.socket:
    """The open port.

    Raises:
        SettingsFault: it cannot be had.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise SettingsFault([f"{variable('desk_port')}: {host}:{port} cannot be had ({why}); write another port or address"]) from fault
