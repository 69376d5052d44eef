"""The wiring of the alerter: every part that runs, in the order in which it is made."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from schemas.tables import alerter_outbox
from schemas.topics import ARTICLES_CLASSIFIED
from services.alerter.adapters.building import built
from services.alerter.adapters.channels import Channel, Router
from services.alerter.adapters.deliverer import Bell, Deliverer
from services.alerter.adapters.deliveries import Deliveries
from services.alerter.core.wording import Wording
from services.alerter.corrections import Corrections
from services.alerter.reloading import Configured, Parts, Reloading, Telling
from services.alerter.runner import Runner, decode
from services.alerter.settings import AlerterSettings
from services.alerter.watching import Watching
from services.runtime.bus import Bus
from services.runtime.clock import Clock, clock_of
from services.runtime.consumption import consume
from services.runtime.kafka import KafkaBus
from services.runtime.lifecycle import Lifecycle
from services.runtime.outbox import relay
from services.runtime.postgres import open_engine
from services.runtime.telemetry import serve_metrics
from services.runtime.topics import make_topics

GROUP = "alerter"
POOL = 7
"""Connections besides those of the receivers, each of which may ask at the same time."""


async def run(
    settings: AlerterSettings,
    *,
    bus: Bus | None = None,
    clock: Clock | None = None,
    life: Lifecycle | None = None,
    channels: Sequence[Channel] | None = None,
) -> None:
    """Decide and tell until stopped; what is not given is built from the settings.

    Raises:
        SettingsFault: what is set is wrong; each fault with its mend.
        DatabaseUnfit: the database is not migrated or refuses us.
        TooManyDeadLetters: most messages cannot be used.
    """
    if life is None:
        async with Lifecycle("alerter") as own:
            await run(settings, bus=bus, clock=clock, life=own, channels=channels)
        return
    policy, watches = settings.policy(), settings.watches()
    clock = clock or clock_of(settings)
    bus = bus or KafkaBus.of(settings, f"alerter-{settings.replica}")
    if settings.metrics_port is not None:
        life.defer("metrics", serve_metrics(settings.metrics_port, host=settings.metrics_host).close)
    if channels is None:
        told, router = built(settings, settings.routes(), policy, bus)
    else:
        told, router = tuple(channels), Router.to(*(channel.target for channel in channels))
    engine = open_engine(settings.database_url, application=f"alerter {settings.replica}", pool_size=POOL + len(told))
    life.defer("engine", engine.dispose)
    if not await make_topics(bus, life.stopping):
        return
    bell = Bell()
    deliverer = Deliverer(
        Deliveries(engine, settings.replica),
        told,
        bell=bell,
        clock=clock,
        retries=settings.retries,
        chance=random.random,
        lease_margin=settings.lease_margin,
        router=router,
    )
    telling = Telling(life, deliverer)
    telling.begin(told, router)
    life.task("end of telling", _then(life.stopping, telling.end))
    life.task("repeating", deliverer.repeat(life.stopping))
    life.task("sweeping", deliverer.sweep(life.stopping))
    runner = Runner(engine, clock, policy, router, bell)
    life.task(
        "consuming",
        consume(
            bus,
            group=GROUP,
            topics=[ARTICLES_CLASSIFIED.name],
            decode=decode,
            handle=runner.handle,
            stopping=life.stopping,
            at_most=settings.batch,
        ),
    )
    watching = Watching(engine, bus, clock, watches, router, bell=bell, wording=Wording.packaged(policy.language))
    life.task("watching", watching.serve(life.stopping))
    corrections = Corrections(engine, clock, policy, bell)
    life.task("correcting", corrections.serve(life.stopping))
    if channels is None:

        def read() -> Configured:
            policy, watches = settings.policy(), settings.watches()
            return Configured(policy, watches, *built(settings, settings.routes(), policy, bus))

        reloading = Reloading(read, settings.files, telling, Parts(runner, corrections, watching), clock)
        life.on_hangup(reloading.ask)
        life.task("reloading", reloading.serve(life.stopping))
    life.task("relay", relay(engine, alerter_outbox, bus, stopping=life.stopping))
    await life.until_stopped()


async def _then(event: asyncio.Event, call: Callable[[], None]) -> None:
    await event.wait()
    call()
