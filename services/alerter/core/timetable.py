"""Who would be told what and when: (routes, alerts in their order) -> tellings. Pure; nothing is sent.

Waits, groups and hours are those of the deliverer. Limits of channels, failures and what people hold back are not foreseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.alert_raised import AlertRaised
from schemas.matchers import labels_of
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
