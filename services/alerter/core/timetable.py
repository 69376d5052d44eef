"""Who would be told what and when: (routes, alerts in their order) -> tellings. Pure; nothing is sent.

Waits, groups, hours and the limits of channels are those of the deliverer. Failures and what people hold back are not foreseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.alert_raised import AlertRaised
from schemas.matchers import labels_of
from services.alerter.core.bundling import Limit
from services.alerter.core.routing import Leg, Node, flush_at, legs


@dataclass(frozen=True, slots=True)
class Telling:
    """One message to one receiver: when, by which route and on which way through the tree, and what stands in it."""

    at: datetime
    receiver: str
    route: str
    path: tuple[str, ...]
    alerts: tuple[AlertRaised, ...]
    muted_by: tuple[str, ...] = ()
    channel: str = ""
    """Which channel of the receiver, where they are not told alike: one of them has a limit."""
    digest: bool = False
    """Whether the channel's limit put its alerts together."""


def tellings(root: Node, raised: Iterable[AlertRaised]) -> list[Telling]:
    """Every message, in the order of its time. An alert without a time is told nobody: it was never raised."""
    last: dict[tuple[str, str], datetime] = {}
    bundles: dict[tuple[datetime, str, str], tuple[Leg, list[AlertRaised]]] = {}
    for number, alert in enumerate(raised):
        now = alert.raised_at
        if now is None:
            continue
        for leg in legs(root, labels_of(alert), now):
            if leg.group is None:
                # Each by itself, also where two are raised at one moment.
                bundles[now, leg.receiver, f"{number}"] = (leg, [alert])
                continue
            key = (leg.receiver, leg.group)
            at = leg.not_before or flush_at(last.get(key), now, leg)
            if leg.not_before is None:
                last[key] = at
            bundles.setdefault((at, *key), (leg, []))[1].append(alert)
    told = [Telling(at, receiver, leg.route, leg.path, tuple(alerts), leg.muted_by) for (at, receiver, _), (leg, alerts) in bundles.items()]
    return sorted(told, key=lambda one: (one.at, one.receiver, one.route))


def limited(planned: Sequence[Telling], limits: Mapping[str, Mapping[str, Limit | None]]) -> list[Telling]:
    """The same messages as each channel's limit lets them through; `limits`: receiver -> channel -> its limit."""
    told: list[Telling] = []
    for receiver in dict.fromkeys(one.receiver for one in planned):
        mine = [one for one in planned if one.receiver == receiver]
        channels = limits.get(receiver, {})
        if not any(channels.values()):
            told += mine
            continue
        for channel, limit in channels.items():
            own = [replace(one, channel=channel) for one in mine]
            told += own if limit is None else _through(own, limit)
    return sorted(told, key=lambda one: (one.at, one.receiver, one.route, one.channel))


def _through(planned: Sequence[Telling], limit: Limit) -> Iterator[Telling]:
    """Messages of one channel, in the order of their time: the last one that is allowed takes all that wait with it."""
    waiting = list(planned)
    left, now = float(limit.messages), waiting[0].at
    while waiting:
        before, now = now, max(now, waiting[0].at)
        left = limit.budget(left, before, now)
        if left < 1:
            now, left = now + limit.wait(left), 1.0
        due = [one for one in waiting if one.at <= now]
        waiting = waiting[len(due) :]
        alone = due if len(due) <= int(left) else due[: int(left) - 1]
        yield from (replace(one, at=now) for one in alone)
        rest = due[len(alone) :]
        if rest:
            alerts = tuple(alert for one in rest for alert in one.alerts)
            yield replace(rest[0], at=now, alerts=alerts, digest=len(alerts) > 1)
        left -= len(alone) + bool(rest)
