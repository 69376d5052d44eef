"""What a channel is: a way to tell one receiver. An attempt ends in an Outcome; it raises nothing but its cancellation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from schemas.alert_raised import AlertRaised
from services.alerter.core.retries import Outcome


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver by the kind of its channel and its name in the configuration."""

    channel: str
    name: str

    def key(self, alert_id: str) -> str:
        """The id and idempotency key of the delivery of an alert to it: the same for every attempt and every replica."""
        return str(uuid5(NAMESPACE_URL, f"delivery|{alert_id}|{self.channel}|{self.name}"))


@dataclass(frozen=True, slots=True)
class Parcel:
    """An alert on its way to a receiver."""

    alert: AlertRaised
    key: str


class Channel(Protocol):
    """A way to tell one receiver."""

    @property
    def target(self) -> Target:
        """Whom it tells."""
        ...

    @property
    def parallel(self) -> int:
        """How many alerts it may be given at the same time."""
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
