"""Listens to `alerts.raised`, as any program of a desk could."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from schemas.alert_raised import AlertRaised
from schemas.envelope import UnreadableMessage, opened
from schemas.topics import ALERTS_RAISED
from services.runtime.bus import Bus, BusUnavailable
from services.runtime.patience import Patience
from services.runtime.telemetry import get_logger

log = get_logger(__name__)


async def alerts_of(bus: Bus, group: str) -> AsyncIterator[AlertRaised]:
    """Each alert on the topic, once, for as long as it is listened to; a broker that goes away is waited for."""
    seen: set[str] = set()
    patience = Patience(asyncio.Event())
    while True:
        try:
            async with bus.receiver(group, [ALERTS_RAISED.name]) as receiver:
                while True:
                    messages = await receiver.receive(at_most=50, within=0.5)
                    patience.calm()
                    for message in messages:
                        try:
                            alert = opened(message.value, message.headers, AlertRaised)
                        except UnreadableMessage as fault:
                            log.warning("alert_unreadable", message=message.name, reason=fault.reason, detail=fault.detail)
                            continue
                        if alert.alert_id not in seen:
                            seen.add(alert.alert_id)
                            yield alert
                    await receiver.commit(messages)
        except BusUnavailable:
            await patience.wait()
