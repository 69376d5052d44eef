"""Alerts on a terminal: one panel each, readable at 40 columns and at 80."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import AlertKind, DeliveryReason, Severity
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.core.message import stamp
from services.alerter.core.retries import Outcome
from services.alerter.core.wording import Wording

STYLES = {Severity.INFO: "dim", Severity.NOTICE: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
WIDEST = 100
"""Columns: longer lines are hard to read, however wide the terminal is."""


class Terminal:
    """Prints alerts, one at a time."""

    parallel = 1
    seconds = 10.0

    def __init__(self, wording: Wording, *, stream: TextIO | None = None, width: int | None = None) -> None:
        """On standard output at its own width, unless told otherwise."""
        self.target = Target("terminal", "terminal")
        self._wording = wording
        self._console = Console(file=stream or sys.stdout, width=width, highlight=False, soft_wrap=False)

    async def send(self, parcel: Parcel) -> Outcome:
        """Print the alert. A terminal that is gone is a fault of the channel, and is tried again."""
        try:
            await asyncio.to_thread(self._print, parcel.alert)
        except (OSError, ValueError) as fault:
            return Outcome(DeliveryReason.CHANNEL_FAULT, f"standard output: {fault}")
        return Outcome(DeliveryReason.DELIVERED)

    async def close(self) -> None:
        """Nothing is held."""

    def _print(self, alert: AlertRaised) -> None:
        show(self._console, alert, self._wording)
        self._console.file.flush()


def show(console: Console, alert: AlertRaised, wording: Wording) -> None:
    """Print one alert, as wide as the console but no wider than is easy to read."""
    width = min(console.width, WIDEST)
    console.print(panel(alert, wording, width=width), width=width)


def panel(alert: AlertRaised, wording: Wording, *, width: int) -> Panel:
    """One alert: the headline, the words themselves, and who, where and when."""
    words, style = wording.form.message, STYLES[alert.severity]
    rows: list[tuple[str, str]] = [(words.says, wording.claimant(alert.claimant) or wording.form.unnamed)]
    if alert.previous is not None:
        by = wording.claimant(alert.previous.claimant) or wording.form.unnamed
        rows.append((words.before, f"{wording.previous(alert.previous)} ({by})"))
    elif alert.kind is AlertKind.CEASEFIRE and alert.previous_status is not None:
        rows.append((words.before, alert.previous_status.value.replace("_", " ")))
    rows += [(words.outlet, alert.outlet or words.unknown), (words.published, stamp(alert.published_at) or words.unknown)]
    if alert.url:
        rows.append((words.link, alert.url))
    facts = Table.grid(padding=(0, 1))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in rows:
        facts.add_row(label, Text(value, overflow="fold"))
    body = Group(Text(alert.headline, style=style), Text(f"«{alert.evidence.sentence or alert.evidence.text}»", style="italic"), facts)
    return Panel(
        body, title=Text(wording.form.severities[alert.severity], style=style), title_align="left", border_style=style, width=width
    )
