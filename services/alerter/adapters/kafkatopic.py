"""Alerts on a topic of their own of the service's bus, for receivers that want only what a route gives them."""

from __future__ import annotations

import asyncio

from schemas.envelope import seal
from schemas.topics import ALERTS_RAISED
from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.core.retries import Outcome
from services.runtime.bus import Bus, BusUnavailable, MessageTooLarge, Outgoing, TopicSpec
from services.runtime.clock import Clock
from services.runtime.telemetry import new_traceparent

KEPT_MS = ALERTS_RAISED.retention_ms


class KafkaChannel:
    """Tells whoever reads the topic; the event's id is the alert's, so that a repeat can be told."""

    parallel = 1

    def __init__(self, name: str, topic: str, bus: Bus, clock: Clock, *, seconds: float = 10.0) -> None:
        """The topic is made where it is not there."""
        self.target = Target("kafka", name)
        self.seconds = seconds
        self._topic = topic
        self._bus = bus
        self._clock = clock
        self._there = False

    async def send(self, parcel: Parcel) -> Outcome:
        """Put the alerts on the topic, each as a message of its own."""
        now = self._clock.now()
        sealed = [
            seal(ALERTS_RAISED, alert.story_id, alert, event_id=alert.alert_id, now=now, traceparent=new_traceparent())
            for alert in parcel.alerts
        ]
        try:
            async with asyncio.timeout(self.seconds):
                if not self._there:
                    await self._bus.create_topics({self._topic: TopicSpec(partitions=ALERTS_RAISED.partitions, retention_ms=KEPT_MS)})
                    self._there = True
                async with self._bus.sender() as sender:
                    await sender.send([Outgoing(self._topic, one.key, one.value, one.headers) for one in sealed])
        except TimeoutError:
            return Outcome(DeliveryReason.TIMED_OUT, f"Kafka did not store it within {self.seconds:g} s")
        except BusUnavailable as fault:
            return Outcome(DeliveryReason.UNREACHABLE, str(fault))
        except MessageTooLarge as fault:
            return Outcome(DeliveryReason.REFUSED, str(fault))
        return Outcome(DeliveryReason.DELIVERED)

    async def close(self) -> None:
        """Nothing is held between two alerts."""
