"""The topics of the registry, made on a bus: each with the one beside it for dead letters."""

from __future__ import annotations

import asyncio

from schemas.topics import DLQ_PARTITIONS, DLQ_RETENTION_MS, TOPICS
from services.runtime.bus import Bus, BusUnavailable, TopicSpec
from services.runtime.patience import Patience
from services.runtime.telemetry import get_logger

SPECS: dict[str, TopicSpec] = {
    **{topic.name: TopicSpec(topic.partitions, topic.retention_ms) for topic in TOPICS},
    **{topic.dlq: TopicSpec(DLQ_PARTITIONS, DLQ_RETENTION_MS) for topic in TOPICS},
}
"""Every topic that the services use."""

log = get_logger("topics")


async def make_topics(bus: Bus, stopping: asyncio.Event) -> bool:
    """Make those that are missing, and wait for a broker that is away; False when the process stops first.

    Every service does so before it begins: whichever comes first makes them, and the others find them.
    """
    patience = Patience(stopping)
    complained = False
    while not stopping.is_set():
        try:
            await bus.create_topics(SPECS)
        except BusUnavailable as fault:
            if not complained:
                log.warning("bus_unavailable", detail=str(fault))
                complained = True
            await patience.wait()
        else:
            return True
    return False
