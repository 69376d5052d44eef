"""The back-test: who would have been told what and when, of given or stored articles, and how that differs from another run."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from schemas.alert_raised import AlertRaised
from services.alerter.core.bundling import Limit
from services.alerter.core.datafile import DataFault
from services.alerter.core.policy import Policy
from services.alerter.core.routes import Routes
from services.alerter.core.routing import Node, tree
from services.alerter.core.timetable import Telling, limited, tellings
from services.runtime.postgres import open_engine
from services.runtime.settings import SettingsFault, WatchSettings
from services.standalone.annotated import StoryFault, story_of
from services.standalone.database import database_url
from services.standalone.lines import articles_from
from services.standalone.replay import Arrival, Replaying
from services.standalone.stored import Stretch, stored


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    sources: tuple[str, ...] = ()
    stretch: Stretch | None = None
    """Articles of the database, in place of sources."""
    routes: Path | None = None
    policy: Path | None = None
    diff: Path | None = None
    replay: str | None = None
    """Which replay of a folder."""
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    """The tree of a routes file, and the limits of its receivers' channels."""

    root: Node
    limits: Mapping[str, Mapping[str, Limit | None]]


Read = TypeVar("Read")
Print = Callable[[dict[str, Any]], None]
Say = Callable[[str], None]


async def back_test(wish: Wish, print_line: Print, write: Say, say: Say) -> int:
    """Replay and print; 0, or 1 where an article could not be read.

    Without routes the alerts, one JSON object a line; with routes the tellings; with `diff` what is otherwise than there.

    Raises:
        SettingsFault: a file that was named is wrong, or no database is set.
    """
    faults: list[str] = []

    def heard(text: str) -> None:
        say(text)
        faults.append(text)

    root = None if wish.routes is None else routes_of(wish.routes)
    other = None if wish.diff is None else _other(wish.diff)
    _comparable(root, other)
    replaying = Replaying(policy=None if wish.policy is None else policy_of(wish.policy))
    alerts: list[AlertRaised] = []
    async for arrival in arrivals(wish, say, heard):
        step = replaying.hear(arrival)
        for alert in step.decision.alerts if step is not None and step.decision is not None else ():
            if root is None and other is None:
                print_line(alert.model_dump(mode="json"))
            else:
                alerts.append(alert)
    if root is None and other is None:
        return 1 if faults else 0
    lines = _lines(root, alerts)
    if other is None:
        for line in lines:
            write(in_words(line)) if wish.as_text else print_line(line)
        say(f"{len(lines)} messages of {len(alerts)} alerts; nothing was sent")
        return 1 if faults else 0
    changes = list(differences(_lines(other, alerts) if isinstance(other, Routed) else other, lines))
    for change in changes:
        write(change)
    say(f"{len(changes)} differences")
    return 1 if faults else 0


async def arrivals(wish: Wish, say: Say, heard: Say) -> AsyncIterator[Arrival]:
    """The articles that were asked for, in their order."""
    if wish.stretch is not None:
        engine = open_engine(database_url(WatchSettings.load()), application="caucasus-watch replay", pool_size=1)
        try:
            async for arrival in stored(engine, wish.stretch):
                yield arrival
        finally:
            await engine.dispose()
        return
    for source in wish.sources:
        for arrival in of_source(source, wish.replay, say, heard):
            yield arrival


def of_source(source: str, replay: str | None, say: Say, heard: Say) -> Iterator[Arrival]:
    """The articles of a file, of a folder, or of standard input."""
    if source != "-" and Path(source).is_dir():
        yield from of_folder(Path(source), replay, say, heard)
    else:
        yield from (Arrival(article) for article in articles_from([source], say, heard))


def of_folder(folder: Path, replay: str | None, say: Say, heard: Say) -> Iterator[Arrival]:
    """The articles of a folder: its JSON lines by name, else its annotated articles."""
    files = sorted(str(path) for pattern in ("*.jsonl", "*.ndjson") for path in folder.glob(pattern))
    if files:
        yield from (Arrival(article) for article in articles_from(files, say, heard))
        return
    try:
        story = story_of(folder, replay)
    except StoryFault as fault:
        heard(str(fault))
        return
    yield from (Arrival(article.article()) for article in story.articles)


def routes_of(path: Path) -> Routed:
    """What a routes file says.

    Raises:
        SettingsFault: it cannot be read, or holds no routes; every fault with its line.
    """
    routes = _file(path, lambda text: Routes.of(text, str(path)))
    limits = {
        receiver.name: {
            f"{config.kind} {name}": Limit(config.rate_limit.messages, config.rate_limit.per) if config.rate_limit else None
            for name, config in receiver.channels()
        }
        for receiver in routes.receivers
    }
    return Routed(tree(routes), limits)


def policy_of(path: Path) -> Policy:
    """The policy of a file.

    Raises:
        SettingsFault: it cannot be read, or holds no policy; every fault with its line.
    """
    return _file(path, lambda text: Policy.of(text, str(path)))


def telling_line(one: Telling) -> dict[str, Any]:
    """A telling as one JSON object."""
    return {
        "at": one.at.isoformat(),
        "receiver": one.receiver,
        **({"channel": one.channel} if one.channel else {}),
        "route": one.route,
        "why": " > ".join(one.path),
        **({"held_by_hours": list(one.muted_by)} if one.muted_by else {}),
        **({"digest": True} if one.digest else {}),
        "alerts": [
            {"alert_id": alert.alert_id, "reason": alert.reason, "severity": alert.severity, "headline": alert.headline}
            for alert in one.alerts
        ],
    }


def in_words(line: Mapping[str, Any]) -> str:
    """A telling, or an alert, as one line for people."""
    at = _moment(line.get("at") or line.get("raised_at"))
    if "receiver" not in line:
        return f"{at}  {line.get('severity', ''):8} {line.get('headline', '')}"
    headlines = " / ".join(str(alert["headline"]) for alert in line["alerts"])
    by = f" by {line['channel']}" if line.get("channel") else ""
    return f"{at}  {line['receiver']}{by} ({line['why']})  {'digest: ' if line.get('digest') else ''}{headlines}"


def differences(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is told otherwise, as lines: `-` was told and is not any more, `+` is new, `~` is told at another time or in other words."""
    old, new = _by_alert(before), _by_alert(after)

    def order(key: tuple[str, str]) -> tuple[str, str, bool, str]:
        """By time and receiver, what is gone before what is new."""
        return (min(at[0] for at in (old.get(key), new.get(key)) if at), key[0], key not in old, key[1])

    for key in sorted({*old, *new}, key=order):
        was, now = old.get(key), new.get(key)
        to = f"  {key[0]}" if key[0] else ""
        if was is None and now is not None:
            yield f"+ {_moment(now[0])}{to}  {now[1]}"
        elif now is None and was is not None:
            yield f"- {_moment(was[0])}{to}  {was[1]}"
        elif was is not None and now is not None and was != now:
            words = now[1] if was[1] == now[1] else f"{was[1]} -> {now[1]}"
            times = _moment(now[0]) if was[0] == now[0] else f"{_moment(was[0])} -> {_moment(now[0])}"
            yield f"~ {times}{to}  {words}"


def _by_alert(lines: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    """When each receiver is told of each alert, and in which words; where no routes are asked, when it is raised."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for line in lines:
        if "receiver" in line:
            for alert in line["alerts"]:
                found.setdefault((str(line["receiver"]), str(alert["alert_id"])), (str(line["at"]), str(alert["headline"])))
        else:
            found.setdefault(("", str(line["alert_id"])), (str(line.get("raised_at") or ""), str(line.get("headline", ""))))
    return found


def _lines(routed: Routed | None, alerts: Iterable[AlertRaised]) -> list[dict[str, Any]]:
    if routed is None:
        return [alert.model_dump(mode="json") for alert in alerts]
    return [telling_line(one) for one in limited(tellings(routed.root, alerts), routed.limits)]


def _other(path: Path) -> Routed | list[Mapping[str, Any]]:
    """What to hold the run against: routes, where the file is YAML, else the lines of a run before."""
    if path.suffix in {".yaml", ".yml"}:
        return routes_of(path)
    lines: list[Mapping[str, Any]] = []
    for number, text in enumerate(_file(path, str.splitlines), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            known = isinstance(line, dict) and ("alert_id" in line or ("receiver" in line and "alerts" in line))
        except ValueError:
            line, known = {}, False
        if not known:
            raise SettingsFault([f"{path}:{number}: this is no line of a replay; save one with `caucasus-watch replay … > FILE`"])
        lines.append(line)
    return lines


def _comparable(root: Routed | None, other: Routed | list[Mapping[str, Any]] | None) -> None:
    """See that tellings are held against tellings, and alerts against alerts.

    Raises:
        SettingsFault: they are not of one kind.
    """
    if root is None and isinstance(other, Routed):
        raise SettingsFault(["--diff names routes, and --routes none: give both, so that tellings are held against tellings"])
    if isinstance(other, list) and other and ("receiver" in other[0]) is not (root is not None):
        was, now = ("tellings", "alerts") if root is None else ("alerts", "tellings")
        mend = "add --routes" if root is None else "leave --routes out, or save a run with --routes"
        raise SettingsFault([f"the saved run holds {was}, this one gives {now}; {mend}"])


def _file(path: Path, read: Callable[[str], Read]) -> Read:
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsFault([f"{path} cannot be read ({fault}); name a file that is there"]) from fault
    except DataFault as fault:
        raise SettingsFault(list(fault.faults)) from fault


def _moment(text: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(text)):%Y-%m-%d %H:%M}"
    except ValueError:
        return "no time"
