"""`up`: the whole service with live feeds until Ctrl-C, the alerts in the terminal."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from services.alerter.adapters.terminal import show
from services.alerter.core.wording import Wording
from services.desk.adapters.audit import Author
from services.desk.adapters.tokens import first_admin
from services.runtime.clock import WallClock
from services.runtime.kafka_access import IN_THE_CLEAR, access_of
from services.runtime.lifecycle import Lifecycle
from services.runtime.postgres import transaction
from services.runtime.settings import WatchSettings
from services.runtime.telemetry import set_up_logging
from services.standalone.listening import alerts_of
from services.standalone.whole import BusKind, Plan, Whole, WholeFailed, data_home


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    bus: BusKind = "kafka"
    folder: Path | None = None
    feeds: Path | None = None


async def run_up(wish: Wish) -> int:
    """Run until told to stop; 0 then, 2 where the whole could not be started or kept running.

    Raises:
        SettingsFault: a setting of the environment is wrong.
    """
    console = Console(highlight=False)
    settings = WatchSettings.load()
    # The terminal is for alerts; until the whole has its log file, and after, a line has nowhere to go.
    set_up_logging(settings, "up", handler=logging.NullHandler())
    folder = wish.folder or data_home()
    plan = Plan(
        folder=folder,
        bus=wish.bus,
        kafka=settings.kafka,
        access=access_of(settings) if settings.kafka else IN_THE_CLEAR,
        database=settings.database_url if settings.database else None,
        feeds=wish.feeds,
        desk=True,
    )
    console.print(f"[dim]data and logs are in {escape(str(folder))}[/]")
    try:
        async with Lifecycle("up") as life, Whole(plan, console) as whole:
            await _greet(whole, console)
            console.print("Watching. An alert appears here as soon as a claim changes; Ctrl-C stops everything.")
            showing = asyncio.create_task(_show(whole, console), name="show")
            try:
                await whole.watch(life.stopping)
            finally:
                showing.cancel()
            console.print("[dim]stopping[/]")
    except WholeFailed as fault:
        console.print(f"[red]{escape(str(fault))}[/]")
        return 2
    return 0


async def _greet(whole: Whole, console: Console) -> None:
    """Say where the desk is served; once, where nobody has a token of an admin yet, the first one."""
    console.print(f"[dim]desk       {escape(whole.desk)}/openapi.json[/]")
    async with transaction(whole.engine) as connection:
        token = await first_admin(connection, Author("up", "service"), WallClock().now())
    if token is not None:
        console.print(f"[bold]The desk's first token, of an admin; keep it, it is not shown again:[/]\n{token}", soft_wrap=True)


async def _show(whole: Whole, console: Console) -> None:
    wording = Wording.packaged("en")
    async for alert in alerts_of(whole.bus, "caucasus-watch-up"):
        show(console, alert, wording)
