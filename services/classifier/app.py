"""The wiring of the classifier: every part that runs, in the order in which it is made."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from schemas.tables import classifier_outbox
from schemas.topics import ARTICLES_FETCHED
from services.classifier.adapters.readers import readers, warm_up
from services.classifier.core.comparison import StoryPolicy
from services.classifier.core.filing import RegionPlaces
from services.classifier.runner import Runner, decode
from services.classifier.settings import ClassifierSettings
from services.region import Region
from services.runtime.bus import Bus
from services.runtime.clock import Clock, clock_of
from services.runtime.consumption import consume
from services.runtime.kafka import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.outbox import relay
from services.runtime.postgres import open_engine
from services.runtime.telemetry import get_logger, serve_metrics
from services.runtime.topics import make_topics

GROUP = "classifier"

log = get_logger("classifier")


async def run(settings: ClassifierSettings, *, bus: Bus | None = None, clock: Clock | None = None, life: Lifecycle | None = None) -> None:
    """Classify articles until stopped; what is not given is built from the settings.

    Raises:
        SettingsFault: what is set is wrong; each fault with its mend.
        DatabaseUnfit: the database is not migrated or refuses us.
        TooManyDeadLetters: most messages cannot be used.
        ReadersUnfit: nothing can be read.
    """
    if life is None:
        async with Lifecycle("classifier") as own:
            await run(settings, bus=bus, clock=clock, life=own)
        return
    clock = clock or clock_of(settings)
    bus = bus or KafkaBus.of(settings, f"classifier-{settings.replica}")
    if settings.metrics_port is not None:
        life.defer("metrics", serve_metrics(settings.metrics_port, host=settings.metrics_host).close)
    engine = open_engine(settings.database_url, application=f"classifier {settings.replica}")
    life.defer("engine", engine.dispose)
    reading = readers(settings.reading_processes, settings.reading_seconds)
    life.defer("readers", reading.close)
    if not await make_topics(bus, life.stopping):
        return
    await warm_up(reading, clock.now())
    places = RegionPlaces(await asyncio.to_thread(Region.load))
    runner = Runner(engine, reading, clock, places, StoryPolicy(window=timedelta(days=settings.story_days)))
    life.task(
        "consuming",
        consume(
            bus,
            group=GROUP,
            topics=[ARTICLES_FETCHED.name],
            decode=decode,
            handle=runner.handle,
            stopping=life.stopping,
            at_most=settings.batch,
        ),
    )
    life.task("relay", relay(engine, classifier_outbox, bus, stopping=life.stopping))
    await life.until_stopped()
