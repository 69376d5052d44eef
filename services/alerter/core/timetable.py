"""Who would be told what and when, without telling anybody: (alerts with their times, routes) -> timetable. For trials and back-tests.

The routes' tree, groups, waits, pauses and hours are those of the service; what people did (silences, acknowledgements) is
asked of `kept`; a channel's limits and failures are not played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from schemas.alert_raised import AlertRaised
from schemas.hands import Held
from schemas.matchers import labels_of
from services.alerter.core.routes import Routes
from services.alerter.core.routing import NEVER, Leg, flush_at, legs, tree

Kept = Callable[[AlertRaised, datetime], Held | None]


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to one receiver: when, by which route, with which alerts. `at` is None where it is never told; `why` says why."""

    at: datetime | None
    receiver: str
    route: str
    alerts: tuple[AlertRaised, ...]
    why: str


@dataclass(slots=True)
class _Waiting:
    leg: Leg
    at: datetime
    alerts: list[AlertRaised] = field(default_factory=list)


def nobody_keeps(alert: AlertRaised, now: datetime) -> Held | None:  # noqa: ARG001 - a Kept
    """Nobody has laid a hand on anything."""
    return None


def timetable(raised: Iterable[tuple[datetime, AlertRaised]], routes: Routes, kept: Kept = nobody_keeps) -> list[Planned]:
    """The messages in the order of their times; those that are never told stand at the time of their alert."""
    root = tree(routes)
    told: list[tuple[datetime, Planned]] = []
    flushed: dict[tuple[str, str], datetime] = {}
    waiting: dict[tuple[str, str, datetime], _Waiting] = {}
    for now, alert in sorted(raised, key=lambda item: item[0]):
        held = kept(alert, now)
        for leg in legs(root, labels_of(alert), now):
            if (never := _never(leg, held, now)) is not None:
                told.append((now, Planned(None, leg.receiver, leg.route, (alert,), never)))
                continue
            until = held.until if held is not None else leg.not_before
            if until is not None:
                at = until
            elif leg.group is not None:
                at = flushed[leg.receiver, leg.group] = flush_at(flushed.get((leg.receiver, leg.group)), now, leg)
            else:
                told.append((now, Planned(now, leg.receiver, leg.route, (alert,), " > ".join(leg.path))))
                continue
            waiting.setdefault((leg.receiver, leg.group or alert.alert_id, at), _Waiting(leg, at)).alerts.append(alert)
    for one in waiting.values():
        why = " > ".join(one.leg.path) + (f"; muted by {', '.join(one.leg.muted_by)}" if one.leg.muted_by else "")
        told.append((one.at, Planned(one.at, one.leg.receiver, one.leg.route, tuple(one.alerts), why)))
    return [planned for _, planned in sorted(told, key=lambda item: item[0])]


def _never(leg: Leg, held: Held | None, now: datetime) -> str | None:
    """Why it is never told on this leg; None where it is."""
    if held is not None and (held.until is None or held.until <= now):
        return f"{held.reason} by {held.by}: {held.why}".removesuffix(": ")
    if leg.not_before == NEVER:
        return f"muted for ever by {', '.join(leg.muted_by)}"
    return None
