"""Everything together on one machine: Postgres, Kafka, the newest tables, the topics, and the three services.

async with Whole(plan, console) as whole:
    ...                      # whole.bus and whole.engine are open
    await whole.watch(stop)  # until told, or until a part cannot be kept running
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from migrations.upgrade import UnknownRevision, upgrade
from services.alerter.app import run as run_alerter
from services.alerter.settings import AlerterSettings
from services.classifier.app import run as run_classifier
from services.classifier.settings import ClassifierSettings
from services.desk.app import run as run_desk
from services.desk.settings import DeskSettings
from services.fetcher.app import run as run_fetcher
from services.fetcher.settings import FetcherSettings
from services.runtime.bus import Bus, BusUnavailable
from services.runtime.clock import StoryClock
from services.runtime.kafka import KafkaBus
from services.runtime.kafka_access import ACCESS, IN_THE_CLEAR, KafkaAccess
from services.runtime.lifecycle import Lifecycle
from services.runtime.memory import MemoryBus
from services.runtime.postgres import open_engine
from services.runtime.settings import WatchSettings, variable
from services.runtime.telemetry import set_up_logging
from services.runtime.topics import SPECS
from services.standalone import ports
from services.standalone.child import LOG_LIMIT, StartFailed
from services.standalone.folder import DataFolder, FolderTaken, data_home
from services.standalone.jars import KafkaFilesMissing, kafka_files, present
from services.standalone.kafka import EmbeddedKafka
from services.standalone.postgres import EmbeddedPostgres, PostgresMissing
from services.standalone.process import ServiceProcess
from services.standalone.supervisor import Event, EventKind, GivenUp, Supervisor, Unit

BusKind = Literal["kafka", "memory"]
SERVICES = ("fetcher", "classifier", "alerter", "desk")


class WholeFailed(RuntimeError):  # noqa: N818 - it names what happened; the command prints it and ends
    """The whole could not be started or kept running; the message says why, and the mend."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run and where. Addresses that are None are brought along: embedded in `folder`."""

    folder: Path
    bus: BusKind = "kafka"
    kafka: str | None = None
    access: KafkaAccess = IN_THE_CLEAR
    """How that Kafka is entered."""
    database: str | None = None
    feeds: Path | None = None
    clock: StoryClock | None = None
    webhook: tuple[str, str] | None = None
    """Address and secret of a receiver that is told besides those of the settings."""
    own_newsroom: bool = False
    """True where the feeds are served on this machine: they may be asked here, as often as one likes, and have no pages."""
    desk: bool = False
    """True where the desk's interface is served too."""

    def settings(self) -> Mapping[str, Any]:
        """The plan as settings of the services, by name."""
        found: dict[str, Any] = {}
        if self.feeds is not None:
            found["feeds_file"] = str(self.feeds.resolve())
        if self.clock is not None:
            found["clock"] = f"{self.clock.anchor.isoformat()}|{self.clock.begins.isoformat()}|{self.clock.speed}"
        if self.own_newsroom:
            found |= {"allow_private": True, "full_text": "never", "host_gap": 0, "interval_floor": 1}
        if self.webhook is not None:
            url, secret = self.webhook
            found["webhooks"] = [{"name": "desk", "url": url, "secret": secret}]
            # A story that is played must not reach the desks of the user's own routes.
            found["routes_file"] = str(files("services.alerter").joinpath("data", "routes.yaml"))
        # The front process shows the alerts itself.
        found["terminal"] = False
        return found

    @property
    def services(self) -> tuple[str, ...]:
        """The services that run."""
        return SERVICES if self.desk else SERVICES[:-1]


def ports_of(service: str) -> dict[str, int]:
    """The setting `metrics_port` of one of the services, where one is set: they share a machine, so each takes the next one up."""
    first = WatchSettings.load().metrics_port
    if first is None:
        return {}
    return {"metrics_port": first + SERVICES.index(service) if first else 0}


def desk_port(data: DataFolder) -> int:
    """The port of the desk's interface: that of the settings, else the usual one where it is free, else one that stays the same."""
    usual = int(DeskSettings.model_fields["desk_port"].default)
    asked = DeskSettings.load().desk_port
    if asked and (asked != usual or ports.free(usual)):
        return asked
    return ports.chosen(data.path / "desk-port.json", ["desk"])["desk"]


class Whole:
    """The whole service. Entered, it runs; left, nothing of it runs any more."""

    bus: Bus
    engine: AsyncEngine
    desk: str = ""
    """The address of the desk's interface, where it is served."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan = plan
        self._console = console
        self._stack = AsyncExitStack()
        self._watching: asyncio.Task[None] | None = None
        self._supervisor: Supervisor | None = None
        self._desk_port = 0

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException as fault:
            await self._stack.aclose()
            if isinstance(fault, FolderTaken | PostgresMissing | StartFailed | UnknownRevision | GivenUp | BusUnavailable):
                raise WholeFailed(str(fault)) from fault
            if isinstance(fault, SQLAlchemyError | OSError):
                raise WholeFailed(f"the database could not be prepared: {fault}") from fault
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._stack.aclose()

    def raise_if_failed(self) -> None:
        """Look whether a part was given up.

        Raises:
            WholeFailed: with the last words of that part.
        """
        if self._watching is not None and self._watching.done() and not self._watching.cancelled():
            fault = self._watching.exception()
            if fault is not None:
                raise WholeFailed(str(fault)) from fault

    async def watch(self, stopping: asyncio.Event) -> None:
        """Wait until `stopping` is set.

        Raises:
            WholeFailed: a part could not be kept running.
        """
        told = asyncio.create_task(stopping.wait())
        parts = {told} if self._watching is None else {told, self._watching}
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        self.raise_if_failed()

    async def _start(self) -> None:
        data = self._stack.enter_context(DataFolder(self._plan.folder))
        self._stack.enter_context(_log_lines_in(data.log_of("caucasus-watch")))
        bus_kind = await self._bus_kind()
        if self._plan.desk:
            self._desk_port = desk_port(data)
            self.desk = f"http://{DeskSettings.load().desk_host}:{self._desk_port}"
        self._supervisor = await self._stack.enter_async_context(Supervisor(self._say))
        postgres = EmbeddedPostgres(data.postgres, log=data.log_of("postgres")) if self._plan.database is None else None
        kafka = EmbeddedKafka(data.kafka, log=data.log_of("kafka")) if self._plan.kafka is None and bus_kind == "kafka" else None
        await self._supervisor.start(*[unit for unit in (postgres, kafka) if unit is not None])
        database = self._plan.database or (postgres.url if postgres else "")
        before, after = await upgrade(database)
        if before != after:
            self._console.print(f"[dim]database   at revision {after}[/]", highlight=False)
        self.engine = open_engine(database, application="caucasus-watch")
        self._stack.push_async_callback(self.engine.dispose)
        if bus_kind == "memory":
            self.bus = MemoryBus()
            await self.bus.create_topics(SPECS)
            await self._start_together(database)
        else:
            address = self._plan.kafka or (kafka.address if kafka else "")
            self.bus = KafkaBus(address, client_id="caucasus-watch", access=self._plan.access)
            await self.bus.create_topics(SPECS)
            await self._start_apart(data, database, address)

    async def _bus_kind(self) -> BusKind:
        """The bus that can be had: Kafka's files are fetched first, with a bar; without them it is memory, said so."""
        if self._plan.bus == "memory" or self._plan.kafka is not None or present():
            return self._plan.bus
        columns = (TextColumn("Kafka's files, once:"), BarColumn(), MofNCompleteColumn())
        try:
            with Progress(*columns, console=self._console, transient=True) as bar:
                task = bar.add_task("jars", total=None)
                await asyncio.to_thread(kafka_files, lambda done, total: bar.update(task, completed=done, total=total))
        except KafkaFilesMissing as fault:
            self._console.print(f"[yellow]{escape(str(fault))}[/]\n[yellow]Going on without Kafka, in one process (--bus memory).[/]")
            return "memory"
        return "kafka"

    async def _start_apart(self, data: DataFolder, database: str, address: str) -> None:
        """Each service as a process of its own, kept running by the supervisor."""
        named = {**self._plan.settings(), "kafka": address, "database": database, "log_format": "json", "desk_port": str(self._desk_port)}
        environment = {variable(name): value if isinstance(value, str) else json.dumps(value) for name, value in named.items()}
        # What is given here stands for what the caller's environment names by file.
        environment |= {f"{name}_FILE": "" for name in environment}
        if self._plan.kafka is None:
            # What opens the user's own cluster is no key to the one that is brought along.
            environment |= {f"{variable(name)}{by_file}": "" for name in ACCESS for by_file in ("", "_FILE")}
        processes: list[Unit] = [
            ServiceProcess(
                name,
                log=data.log_of(name),
                held=data.files,
                env={**environment, variable("replica"): f"{name}-1", **{variable(key): str(port) for key, port in ports_of(name).items()}},
            )
            for name in self._plan.services
        ]
        supervisor = self._supervisor
        assert supervisor is not None  # noqa: S101 - `_start` made it
        await supervisor.start(*processes)
        self._watching = asyncio.create_task(supervisor.watch(asyncio.Event()), name="watch")
        self._stack.callback(self._watching.cancel)

    async def _start_together(self, database: str) -> None:
        """The services as tasks of this process, on the bus in memory; their log lines go to the file of this process."""
        named = {**self._plan.settings(), "database": database, "desk_port": self._desk_port}
        running: list[tuple[type[WatchSettings], Callable[..., Awaitable[None]], str]] = [
            (FetcherSettings, partial(run_fetcher, bus=self.bus), "fetcher"),
            (ClassifierSettings, partial(run_classifier, bus=self.bus), "classifier"),
            (AlerterSettings, partial(run_alerter, bus=self.bus), "alerter"),
        ]
        if self._plan.desk:
            running.append((DeskSettings, run_desk, "desk"))
        tasks: list[asyncio.Task[None]] = []
        lives: list[Lifecycle] = []
        for kind, run, name in running:
            settings = kind.load(**{key: value for key, value in named.items() if key in kind.model_fields}, **ports_of(name))
            life = Lifecycle(name, signals=False)
            lives.append(life)
            tasks.append(asyncio.create_task(_lived(life, run(settings, life=life)), name=name))
        self._watching = asyncio.create_task(_first_failure(tasks), name="watch")

        async def stop() -> None:
            for life in lives:
                life.stop()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._watching is not None:
                self._watching.cancel()

        self._stack.push_async_callback(stop)

    def _say(self, event: Event) -> None:
        line = {
            EventKind.READY: f"[dim]{event.unit:10} ready after {event.seconds:.1f} s[/]",
            EventKind.CRASHED: f"[red]{event.unit:10} crashed[/] after {event.seconds:.0f} s; it is started again\n[dim]{escape(event.detail)}[/]",
            EventKind.RESTARTED: f"[green]{event.unit:10} is back[/] after {event.seconds:.1f} s",
            EventKind.GIVEN_UP: f"[red]{event.unit:10} crashed too often and was given up[/]",
        }.get(event.kind)
        if line is not None:
            self._console.print(line, highlight=False)


async def _lived(life: Lifecycle, running: Awaitable[None]) -> None:
    """One service from its start to the end of all that it started."""
    async with life:
        await running


async def _first_failure(tasks: list[asyncio.Task[None]]) -> None:
    """Raises what the first failing task raised; a task that ends by itself before it was told to is a failure too."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


@contextmanager
def _log_lines_in(path: Path) -> Iterator[None]:
    """Within the block this process's log lines go to a file, so that the terminal stays the person's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    handler = RotatingFileHandler(path, maxBytes=LOG_LIMIT, backupCount=1, encoding="utf-8")
    set_up_logging(WatchSettings.load(log_format="json"), "caucasus-watch", handler=handler)
    try:
        yield
    finally:
        # What a closing loop still says has nowhere to go; it must not go to the terminal instead.
        root.level, root.handlers[:] = before[0], before[1] or [logging.NullHandler()]
        handler.close()


__all__ = ["SERVICES", "BusKind", "Plan", "Whole", "WholeFailed", "data_home"]
