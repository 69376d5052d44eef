"""Which of the alerts that are due to a receiver are told together, and which must wait: (due, limits) -> messages.

Alerts of one group come as one message. Where a channel's limit allows fewer messages than are due, the last one allowed
is a digest of all that is left. What was sent together once stays together under the same key, however often it is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from schemas.vocabulary import DeliverySubject

LARGEST = 100
"""Alerts in one message; more come as several."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is due."""

    id: str
    key: str
    group: str | None = None
    bundle: str | None = None
    subject: DeliverySubject = DeliverySubject.ALERT


@dataclass(frozen=True, slots=True)
class Unit:
    """What goes out as one message, under one key."""

    key: str
    members: tuple[Due, ...]
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `messages` in `per`."""

    messages: int
    per: timedelta

    def budget(self, left: float | None, reckoned: datetime | None, now: datetime) -> float:
        """Messages allowed at `now`, where `left` were at `reckoned`: they come back evenly, and never gather beyond the limit."""
        if left is None or reckoned is None:
            return float(self.messages)
        back = max(0.0, (now - reckoned) / self.per) * self.messages
        return min(float(self.messages), left + back)

    def wait(self, budget: float) -> timedelta:
        """How long until one message is allowed."""
        return max(timedelta(), (1 - budget) * self.per / self.messages)


def units(due: Sequence[Due], at_most: int, budget: float | None = None) -> list[Unit]:
    """The messages to send now, at most so many; `budget` is what the channel's limit allows, None without one."""
    gathered = _gathered(due)
    if budget is None:
        return gathered[:at_most]
    allowed = int(budget)
    if allowed < 1:
        return []
    if len(gathered) <= allowed:
        return gathered[:at_most]
    # What was tried before keeps its form; the rest is put together.
    kept = [unit for unit in gathered if _tried(unit)]
    fresh = [unit for unit in gathered if not _tried(unit)]
    room = min(allowed, at_most)
    if len(kept) >= room or not fresh:
        return [*kept, *fresh][:room]
    alone = fresh[: room - len(kept) - 1]
    rest = [member for unit in fresh[len(alone) :] for member in unit.members][:LARGEST]
    return [*kept, *alone, _unit(rest, digest=True)]


def bundle_key(members: Sequence[Due]) -> str:
    """The key of a message of several: the same for the same members."""
    return str(uuid5(NAMESPACE_URL, "bundle|" + "|".join(sorted(member.key for member in members))))


def _gathered(due: Sequence[Due]) -> list[Unit]:
    """In the order of their first members: bundles as they were, groups as they are, the others each alone."""
    parts: dict[tuple[str, str], list[Due]] = {}
    for one in due:
        if one.bundle is not None:
            parts.setdefault(("bundle", one.bundle), []).append(one)
        elif one.group is not None and one.subject is DeliverySubject.ALERT:
            parts.setdefault(("group", one.group), []).append(one)
        else:
            parts.setdefault(("alone", one.id), []).append(one)
    found: list[Unit] = []
    for (kind, name), members in parts.items():
        if kind == "bundle":
            found.append(Unit(name, tuple(members)))
        else:
            found += [_unit(members[start : start + LARGEST]) for start in range(0, len(members), LARGEST)]
    return found


def _unit(members: Sequence[Due], *, digest: bool = False) -> Unit:
    if len(members) == 1:
        return Unit(members[0].key, tuple(members))
    return Unit(bundle_key(members), tuple(members), digest=digest)


def _tried(unit: Unit) -> bool:
    return any(member.bundle is not None for member in unit.members)
