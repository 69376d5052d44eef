"""What a channel is: a way to tell one receiver. An attempt ends in an Outcome; it raises nothing but its cancellation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from schemas.alert_raised import AlertRaised
from schemas.matchers import labels_of
from schemas.vocabulary import AlertKind, AlertReason, DeliverySubject
from services.alerter.core.bundling import Limit
from services.alerter.core.retries import Outcome
from services.alerter.core.routing import Leg, Node, legs


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver by the kind of its channel and its name in the configuration."""

    channel: str
    name: str

    @property
    def words(self) -> str:
        """As a watch on the service names it."""
        return f"{self.channel} {self.name}"

    def key(self, alert_id: str, salt: str = "") -> str:
        """The id and idempotency key of the delivery of an alert to it: the same for every attempt and every replica.

        `salt` tells apart deliveries of one alert that are meant to come again: repeats and what somebody sends again.
        """
        return str(uuid5(NAMESPACE_URL, f"delivery|{alert_id}|{self.channel}|{self.name}" + (f"|{salt}" if salt else "")))


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to a receiver as one message: an alert, or several that were told together, oldest first."""

    alert: AlertRaised
    key: str
    others: tuple[AlertRaised, ...] = ()
    digest: bool = False
    """Whether the channel's limit, not a group, put them together."""
    subject: DeliverySubject = DeliverySubject.ALERT
    thread: tuple[str, ...] = ()
    """Keys of what the receiver was told of the story before, oldest first; filled for channels that thread."""
    sent_at: datetime | None = None

    @property
    def alerts(self) -> tuple[AlertRaised, ...]:
        """All of them."""
        return (self.alert, *self.others)


class Channel(Protocol):
    """A way to tell one receiver."""

    @property
    def target(self) -> Target:
        """Whom it tells."""
        ...

    @property
    def parallel(self) -> int:
        """How many messages it may be given at the same time."""
        ...

    @property
    def seconds(self) -> float:
        """The longest that one attempt takes, in real seconds."""
        ...

    async def send(self, parcel: Parcel) -> Outcome:
        """Tell it once."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How a target is to be told. `give_up`: seconds, None for the setting's."""

    limit: Limit | None = None
    give_up: float | None = None
    threads: bool = False


@dataclass(frozen=True, slots=True)
class Router:
    """The routes with the targets behind each receiver's name."""

    root: Node
    receivers: dict[str, tuple[Target, ...]]
    owners: dict[str, str] = field(default_factory=dict)
    """Receiver -> the one that hears when a channel of it fails."""
    manners: dict[Target, Manner] = field(default_factory=dict)

    @classmethod
    def to(cls, *targets: Target) -> Router:
        """Every alert at once to every one of the targets."""
        return cls(Node(path=("everything",), name="all", receiver="all"), {"all": targets})

    @property
    def targets(self) -> tuple[Target, ...]:
        """Everybody who may be told, each once."""
        return tuple(dict.fromkeys(target for targets in self.receivers.values() for target in targets))

    def ways(self, alert: AlertRaised, now: datetime) -> list[tuple[Leg, Target]]:
        """Each target that the alert goes to, once, with the first leg that leads there.

        That a channel fails goes to the owner of its receiver, at once and past the tree; without an owner it is routed. The
        failing channel is left out, for it cannot tell.
        """
        found: dict[Target, Leg] = {}
        failing = next((target for target in self.targets if alert.kind is AlertKind.WATCH and alert.title == target.words), None)
        if failing is not None and (owners := self.owner_targets(failing)):
            owner = self.owners[self.receiver_of(failing)]
            return [(Leg(owner, owner, (f"owner of {self.receiver_of(failing)}",)), target) for target in owners]
        for leg in legs(self.root, labels_of(alert), now):
            for target in self.receivers.get(leg.receiver, ()):
                found.setdefault(target, leg)
        return [(leg, target) for target, leg in found.items() if target != failing or alert.reason is AlertReason.WATCH_ENDED]

    def receiver_of(self, target: Target) -> str:
        """The receiver that the target belongs to; empty where none does."""
        return next((name for name, targets in self.receivers.items() if target in targets), "")

    def owner_targets(self, failing: Target) -> tuple[Target, ...]:
        """Who hears that the target fails: those of its receiver's owner, itself left out; nobody where no owner is named."""
        owner = self.owners.get(self.receiver_of(failing), "")
        return tuple(target for target in self.receivers.get(owner, ()) if target != failing)

    def manner(self, target: Target) -> Manner:
        """How it is to be told."""
        return self.manners.get(target) or Manner()
