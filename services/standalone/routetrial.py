"""`routes check` and `routes test`: a file of routes looked at, and an alert led through it without telling anybody."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from schemas.alert_raised import AlertRaised
from schemas.hands import Held
from schemas.matchers import LABELS, labels_of
from schemas.tables import alerts
from services.alerter.adapters.building import secret_faults
from services.alerter.adapters.owing import kept_back
from services.alerter.core.datafile import DataFault
from services.alerter.core.routes import Routes
from services.alerter.core.routing import NEVER, Leg, Node, legs, tree
from services.alerter.settings import AlerterSettings
from services.runtime.clock import WallClock
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, open_engine, transaction
from services.runtime.settings import SettingsFault, WatchSettings
from services.standalone.commanding import DONE, FAULTS, WRONG_USE, print_line, say
from services.standalone.database import database_url


class TrialFault(ValueError):  # noqa: N818 - it is what the person reads
    """What was asked for cannot be tried; the message says the mend."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was asked for on the command line."""

    what: tuple[str, ...]
    file: Path | None = None
    at: str | None = None
    as_json: bool = False


def check(console: Console, file: Path | None, *, secrets: bool = True) -> int:
    """Say each fault of the file, or show its tree; 0 where all is well, 1 where not, 2 where there is no such file."""
    try:
        routes, name = _routes(file)
    except TrialFault as fault:
        say(str(fault))
        return WRONG_USE
    except DataFault as fault:
        return _say_faults(fault.faults)
    if secrets and (faults := secret_faults(routes, Path(name).parent)):
        return _say_faults(faults)
    console.print(_shown(routes), highlight=False)
    console.print(f"[green]well[/]  {escape(name)}", highlight=False, soft_wrap=True)
    return DONE


def _say_faults(faults: Sequence[str]) -> int:
    for one in faults:
        say(one)
    say(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}; the alerter does not start with this file")
    return FAULTS


async def attempt(console: Console, trial: Trial) -> int:
    """Show who would get the alert; 0 where somebody would, 1 where nobody, 2 where it cannot be tried."""
    try:
        routes, _ = _routes(trial.file)
        now = _moment(trial.at)
        labels, alert = await _subject(trial.what)
        held = await _held(alert, now) if alert is not None else None
    except (TrialFault, SettingsFault) as fault:
        say(str(fault))
        return WRONG_USE
    except DataFault as fault:
        say(str(fault))
        return FAULTS
    except (DatabaseUnavailable, DatabaseUnfit) as fault:
        say(f"the database cannot be asked: {fault}")
        return FAULTS
    found = legs(tree(routes), labels, now)
    receivers = {receiver.name: receiver for receiver in routes.receivers}
    told = False
    for leg in found:
        channels = [f"{config.kind} {name}" for name, config in receivers[leg.receiver].channels()]
        channels += ["the terminal and the webhooks of the settings"] if receivers[leg.receiver].from_settings else []
        told = told or (leg.not_before != NEVER and (held is None or held.until is not None))
        if trial.as_json:
            print_line(_document(leg, channels, held))
        else:
            _say(console, leg, channels)
    if held is not None and not trial.as_json:
        until = f" until {held.until:%Y-%m-%d %H:%M} UTC" if held.until else ""
        console.print(f"[yellow]held back[/]: {held.reason} by {escape(held.by)}{until}: {escape(held.why)}", highlight=False)
    return DONE if told else FAULTS


def _routes(file: Path | None) -> tuple[Routes, str]:
    """The routes, and the name of their file."""
    path = file or AlerterSettings.load().routes_file
    if path is None:
        return Routes.packaged(), "the package's own routes"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
        raise TrialFault(f"{path} cannot be read: {why}; name a file of routes (docs/how-to/routes.md)") from fault
    return Routes.of(text, str(path)), str(path)


def _moment(text: str | None) -> datetime:
    if text is None:
        return WallClock().now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TrialFault(f"{text!r} is no time; write it as 2026-01-31T23:00:00+04:00") from None
    if moment.tzinfo is None:
        raise TrialFault(f"{text!r} has no zone; write it as {text}Z for UTC")
    return moment


async def _subject(what: tuple[str, ...]) -> tuple[Mapping[str, str], AlertRaised | None]:
    """The labels to try, and the alert where there is a whole one."""
    if all("=" in one and "/" not in one for one in what):
        return _labels(what), None
    if len(what) > 1:
        raise TrialFault("name one alert, or labels alone: severity=critical side=ARM")
    (one,) = what
    alert = await _stored(one) if _is_id(one) else _read(one)
    return labels_of(alert), alert


def _labels(what: tuple[str, ...]) -> Mapping[str, str]:
    given = dict(one.split("=", 1) for one in what)
    if unknown := [name for name in given if name not in LABELS]:
        raise TrialFault(f"alerts have no label {unknown[0]!r}; there are {', '.join(LABELS)}")
    return dict.fromkeys(LABELS, "") | {name: value.strip('"') for name, value in given.items()}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _read(name: str) -> AlertRaised:
    """The alert in a file or on standard input: as Kafka, `replay` or a webhook carries it."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        document = json.loads(text.strip().partition("\n")[0] if text.count("}\n{") else text)
        return AlertRaised.model_validate(document.get("data", document) if isinstance(document, dict) else document)
    except (OSError, UnicodeDecodeError) as fault:
        raise TrialFault(f"{name} is no id of an alert, no label and no file that can be read; write severity=critical, say") from fault
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        raise TrialFault(f"{name} holds no alert: {'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}") from fault
    except ValueError as fault:
        raise TrialFault(f"{name} is no JSON: {fault}") from fault


async def _stored(alert_id: str) -> AlertRaised:
    engine = open_engine(database_url(WatchSettings.load()), application="caucasus-watch routes test")
    try:
        async with transaction(engine) as connection:
            body = await connection.scalar(sa.select(alerts.c.body).where(alerts.c.id == alert_id))
    finally:
        await engine.dispose()
    if body is None:
        raise TrialFault(f"there is no alert {alert_id}; `caucasus-watch alerts list` shows those that there are")
    return AlertRaised.model_validate(body)


async def _held(alert: AlertRaised, now: datetime) -> Held | None:
    """What people hold back, where there is a database to ask."""
    try:
        address = database_url(WatchSettings.load())
    except SettingsFault:
        return None
    engine = open_engine(address, application="caucasus-watch routes test")
    try:
        async with transaction(engine) as connection:
            return (await kept_back(connection, [alert], now)).get(alert.alert_id)
    except DatabaseUnavailable as fault:
        say(f"silences are not looked at, the database is away: {fault}")
        return None
    finally:
        await engine.dispose()


def _document(leg: Leg, channels: list[str], held: Held | None) -> dict[str, object]:
    return {
        "receiver": leg.receiver,
        "channels": channels,
        "route": leg.route,
        "path": list(leg.path),
        "group": leg.group,
        "group_wait": leg.group_wait.total_seconds(),
        "group_interval": leg.group_interval.total_seconds(),
        "repeat_interval": leg.repeat_interval.total_seconds() if leg.repeat_interval else None,
        "muted_by": list(leg.muted_by),
        "not_before": leg.not_before.isoformat() if leg.not_before not in {None, NEVER} else None,
        "held": {"reason": held.reason, "by": held.by, "why": held.why} if held else None,
    }


def _say(console: Console, leg: Leg, channels: list[str]) -> None:
    console.print(f"[bold]{escape(leg.receiver)}[/]  by {', '.join(channels)}", highlight=False, soft_wrap=True)
    console.print(f"  why: {escape(' > '.join(leg.path))}  (route {escape(leg.route)})", highlight=False, soft_wrap=True)
    if leg.not_before is not None:
        when = (
            "for ever" if leg.not_before == NEVER else f"until {leg.not_before:%Y-%m-%d %H:%M} UTC, then told with the others of that time"
        )
        console.print(f"  [yellow]muted[/] by {escape(', '.join(leg.muted_by))} {when}", highlight=False, soft_wrap=True)
    elif leg.group is not None:
        waits = f"waits {span(leg.group_wait)} for others of {escape(leg.group)}, then at most every {span(leg.group_interval)}"
        console.print(f"  {waits}", highlight=False, soft_wrap=True)
    if leg.repeat_interval is not None:
        console.print(f"  told again every {span(leg.repeat_interval)} until somebody takes it", highlight=False)


def _shown(routes: Routes) -> Tree:
    root = tree(routes)
    shown = Tree(_line(root))
    _grow(shown, root)
    for receiver in routes.receivers:
        channels = [f"{config.kind} {name}" for name, config in receiver.channels()]
        channels += ["terminal and webhooks of the settings"] if receiver.from_settings else []
        owner = receiver.owner or routes.owner
        watched = f"; {owner} hears when they fail" if owner not in {None, receiver.name} else ""
        shown.add(f"[dim]receiver[/] [bold]{escape(receiver.name)}[/]: {', '.join(channels)}{watched}")
    return shown


def _grow(shown: Tree, node: Node) -> None:
    for child in node.children:
        _grow(shown.add(_line(child)), child)


def _line(node: Node) -> str:
    parts = [f"{escape(node.path[-1])} -> [bold]{escape(node.receiver)}[/]"]
    if node.grouped:
        parts.append(f"by {', '.join(node.group_by) or 'nothing'}, waits {span(node.group_wait)}, then every {span(node.group_interval)}")
    if node.repeat_interval is not None:
        parts.append(f"again every {span(node.repeat_interval)}")
    if node.mute:
        parts.append(f"mute in {', '.join(interval.name for interval in node.mute)}")
    if node.active:
        parts.append(f"only in {', '.join(interval.name for interval in node.active)}")
    return "; ".join(parts) + (" (goes on)" if node.goes_on else "")


def span(length: timedelta) -> str:
    """A length of time as routes are written: 1h30m."""
    seconds = round(length.total_seconds())
    parts = [(seconds // 86400, "d"), (seconds % 86400 // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s")]
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
