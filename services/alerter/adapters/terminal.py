"""Alerts on a terminal: one panel each, readable at 40 columns and at 80."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import DeliveryReason, Severity
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.core.message import letter_of
from services.alerter.core.retries import Outcome
from services.alerter.core.wording import Wording

STYLES = {Severity.INFO: "dim", Severity.NOTICE: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
WIDEST = 100
"""Columns: longer lines are hard to read, however wide the terminal is."""


class Terminal:
    """Prints alerts, one at a time."""

    parallel = 1
    seconds = 10.0

    def __init__(self, wording: Wording, *, stream: TextIO | None = None, width: int | None = None, name: str = "terminal") -> None:
        """On standard output at its own width, unless told otherwise."""
        self.target = Target("terminal", name)
        self._wording = wording
        self._console = Console(file=stream or sys.stdout, width=width, highlight=False, soft_wrap=False)

    async def send(self, parcel: Parcel) -> Outcome:
        """Print the alert. A terminal that is gone is a fault of the channel, and is tried again."""
        try:
            await asyncio.to_thread(self._print, parcel.alerts)
        except (OSError, ValueError) as fault:
            return Outcome(DeliveryReason.CHANNEL_FAULT, f"standard output: {fault}")
        return Outcome(DeliveryReason.DELIVERED)

    async def close(self) -> None:
        """Nothing is held."""

    def _print(self, alerts: Sequence[AlertRaised]) -> None:
        for alert in alerts:
            show(self._console, alert, self._wording)
        self._console.file.flush()


def show(console: Console, alert: AlertRaised, wording: Wording) -> None:
    """Print one alert, as wide as the console but no wider than is easy to read."""
    width = min(console.width, WIDEST)
    console.print(panel(alert, wording, width=width), width=width)


def panel(alert: AlertRaised, wording: Wording, *, width: int) -> Panel:
    """One alert: the headline, the words themselves, and who, where and when."""
    letter, style = letter_of(alert, wording), STYLES[alert.severity]
    words = wording.form.message
    rows = [row for row in letter.facts if row[0] != words.title]
    rows += [row for row in letter.times if row[0] == words.published]
    if letter.rivals:
        rows.append((words.rivals, "; ".join(letter.rivals)))
    if alert.url:
        rows.append((words.link, alert.url))
    facts = Table.grid(padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in rows:
        facts.add_row(label, Text(value, overflow="fold"))
    body = Group(Text(alert.headline, style=style), Text(f"«{letter.quote}»", style="italic"), facts)
    return Panel(body, title=Text(letter.severity_word, style=style), title_align="left", border_style=style, width=width)
