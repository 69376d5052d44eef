"""Which receivers an alert goes to, on which way through the tree, and when: (routes, labels, now) -> legs. Alertmanager's rules.

A node whose matchers fit hands the alert to the nodes below it in their order; one that takes it ends the search unless it says
`continue`; what nobody below takes is the node's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from schemas.matchers import Matcher, matchers_of
from services.alerter.core.hours import TimeInterval, active_begins, mute_ends
from services.alerter.core.routes import Route, Routes

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Muted for ever, as far as anybody can say."""


@dataclass(frozen=True, slots=True)
class Node:
    """A route with all that it has from those above it."""

    path: tuple[str, ...]
    """The way to it, for people: matchers of each node."""
    name: str
    receiver: str
    matchers: tuple[Matcher, ...] = ()
    goes_on: bool = False
    group_by: tuple[str, ...] = ("story",)
    group_wait: timedelta = timedelta()
    group_interval: timedelta = timedelta()
    repeat_interval: timedelta | None = None
    mute: tuple[TimeInterval, ...] = ()
    active: tuple[TimeInterval, ...] = ()
    children: tuple[Node, ...] = ()

    @property
    def grouped(self) -> bool:
        """Whether alerts wait for others to be told with."""
        return bool(self.group_wait or self.group_interval)


@dataclass(frozen=True, slots=True)
class Leg:
    """One receiver of an alert. `not_before`: None at once, else when the hours of the route let it go."""

    receiver: str
    route: str
    path: tuple[str, ...]
    group: str | None = None
    group_wait: timedelta = timedelta()
    group_interval: timedelta = timedelta()
    repeat_interval: timedelta | None = None
    not_before: datetime | None = None
    muted_by: tuple[str, ...] = field(default=())


def tree(routes: Routes) -> Node:
    """The routes with everything inherited and every matcher understood."""
    top = Node(path=(), name="", receiver="")
    return _node(routes.route, top, routes.intervals)


def legs(root: Node, labels: Mapping[str, str], now: datetime) -> tuple[Leg, ...]:
    """Where an alert goes, each receiver once; never nowhere, because the topmost node takes what is left."""
    found: dict[str, Leg] = {}
    for node in _taken(root, labels):
        if node.receiver not in found:
            found[node.receiver] = _leg(node, labels, now)
    return tuple(found.values())


def flush_at(last: datetime | None, now: datetime, leg: Leg) -> datetime:
    """When a group with a new alert is told; `last`: when it is told next, or was told last.

    With the flush that is planned, else after the pause between two messages, else after the wait of a first one.
    """
    if last is not None and last > now:
        return last
    if last is not None and last + leg.group_interval > now:
        return last + leg.group_interval
    return now + leg.group_wait


def _node(route: Route, above: Node, intervals: Mapping[str, TimeInterval]) -> Node:
    matchers = matchers_of(route.matchers)
    repeat = above.repeat_interval if route.repeat_interval is None else route.repeat_interval
    receiver = route.receiver or above.receiver
    node = Node(
        path=(*above.path, ", ".join(map(str, matchers)) or "everything"),
        name=route.name or receiver,
        receiver=receiver,
        matchers=matchers,
        goes_on=route.continue_,
        group_by=above.group_by if route.group_by is None else route.group_by,
        group_wait=above.group_wait if route.group_wait is None else route.group_wait,
        group_interval=above.group_interval if route.group_interval is None else route.group_interval,
        repeat_interval=None if repeat == "never" or not repeat else repeat,
        mute=tuple(intervals[name] for name in route.mute_time_intervals),
        active=tuple(intervals[name] for name in route.active_time_intervals),
    )
    return replace(node, children=tuple(_node(child, node, intervals) for child in route.routes))


def _taken(node: Node, labels: Mapping[str, str]) -> Iterator[Node]:
    if not all(matcher.fits(labels) for matcher in node.matchers):
        return
    below = False
    for child in node.children:
        taken = list(_taken(child, labels))
        below = below or bool(taken)
        yield from taken
        if taken and not child.goes_on:
            break
    if not below:
        yield node


def _leg(node: Node, labels: Mapping[str, str], now: datetime) -> Leg:
    until, muted_by = _muted(node, now)
    group = None
    if node.grouped or until is not None:
        by = sorted(labels) if node.group_by == ("...",) else node.group_by
        group = "|".join((node.name, *(f"{label}={labels.get(label, '')}" for label in by)))
    if until is not None:
        # What the hours held back comes as one message when they end.
        group = f"{node.name}|muted"
    return Leg(
        receiver=node.receiver,
        route=node.name,
        path=node.path,
        group=group,
        group_wait=node.group_wait,
        group_interval=node.group_interval,
        repeat_interval=node.repeat_interval,
        not_before=until,
        muted_by=muted_by,
    )


def _muted(node: Node, now: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """Until when the hours of the node hold it back, and which; None where they do not."""
    moment, names = now, tuple(interval.name for interval in node.mute if interval.contains(now))
    if node.active and not any(interval.contains(now) for interval in node.active):
        names += tuple(f"outside {interval.name}" for interval in node.active)
    if not names:
        return None, ()
    # Each of the two moves the moment on; where they never agree within a year, it is never.
    for _ in range(1000):
        unmuted = mute_ends(node.mute, moment)
        begins = active_begins(node.active, unmuted) if unmuted is not None and node.active else unmuted
        if begins is None:
            return NEVER, names
        if begins == moment:
            return moment, names
        moment = begins
    return NEVER, names
