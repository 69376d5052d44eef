"""One batch of classified articles: stories locked and read, each article decided, all of it written in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.article_classified import ArticleClassified
from schemas.envelope import Envelope, UnreadableMessage, opened, seal
from schemas.hands import Hand, reopened
from schemas.tables import alerter_outbox
from schemas.topics import ALERTS_RAISED
from schemas.vocabulary import DeadLetterReason, DecisionReason
from services.alerter.adapters import ledgers
from services.alerter.adapters.channels import Router
from services.alerter.adapters.deliverer import Bell
from services.alerter.adapters.hands import hands_of
from services.alerter.adapters.ledgers import Decided
from services.alerter.adapters.owing import Keeper, kept_back, owe
from services.alerter.core.decision import decide
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from services.alerter.metrics import AGE_SECONDS, ALERTS, DECISIONS, LEDGERS_MERGED, VERDICTS
from services.runtime.bus import Received
from services.runtime.clock import Clock
from services.runtime.consumption import Arrival
from services.runtime.outbox import Outbox
from services.runtime.postgres import transaction
from services.runtime.telemetry import STAGE_SECONDS, get_logger, measured, trace_of

log = get_logger("alerter")


def decode(message: Received) -> ArticleClassified:
    """The article in a message of `articles.classified`.

    Raises:
        UnreadableMessage: it holds none.
    """
    article = opened(message.value, message.headers, ArticleClassified)
    for name, value in (("article_id", article.article_id), ("story_id", article.story_id)):
        try:
            UUID(value or "0" * 32)
        except ValueError as fault:
            raise UnreadableMessage(DeadLetterReason.NOT_OF_SCHEMA, f"{name} {str(value)[:80]!r} is no UUID") from fault
    return article


async def _reopening(connection: AsyncConnection, decided: Sequence[Decided], now: datetime) -> list[Decided]:
    """The decisions with, in each alert, whose acknowledgement it changes."""
    laid = await hands_of(connection, {one.story_id for one in decided if one.alerts and one.story_id is not None})
    return [_reopened(one, laid.get(one.story_id or "", ()), now) for one in decided]


def _reopened(decided: Decided, laid: Sequence[Hand], now: datetime) -> Decided:
    if not decided.alerts or not laid:
        return decided
    # Replicas' clocks differ: what is raised now is later than what a hand was laid on, whatever they say.
    after = max(hand.raised_at for hand in laid) + timedelta(microseconds=1)
    later = [alert.model_copy(update={"raised_at": max(after, alert.raised_at or now)}) for alert in decided.alerts]
    return replace(decided, alerts=tuple(alert.model_copy(update={"reopens": reopened(alert, laid, now)}) for alert in later))


def _sealed(decided: Decided, headers: Mapping[str, str], now: datetime) -> list[Envelope]:
    """The alerts as messages that go on with the trace of the article's own."""
    if not decided.alerts:
        return []
    with trace_of(headers) as trace:
        return [seal(ALERTS_RAISED, alert.story_id, alert, event_id=alert.alert_id, now=now, traceparent=trace) for alert in decided.alerts]


class Runner:
    """Handles batches."""

    def __init__(
        self, engine: AsyncEngine, clock: Clock, policy: Policy, router: Router, bell: Bell, *, keeper: Keeper = kept_back
    ) -> None:
        """Each alert is owed to those whom `router` finds, unless `keeper` holds it; `bell` is rung when some were committed."""
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._router = router
        self._keeper = keeper
        self._bell = bell
        self._outbox = Outbox(alerter_outbox)

    def use(self, policy: Policy, router: Router) -> None:
        """Decide and owe by these from the next batch on."""
        self._policy, self._router = policy, router

    async def handle(self, arrivals: Sequence[Arrival[ArticleClassified]]) -> None:
        """Return when every article of the batch is decided and committed; one that was decided before changes nothing.

        Raises:
            DatabaseUnavailable, DatabaseUnfit: see there.
        """
        with measured("alerter_batch"):
            async with transaction(self._engine) as connection:
                decided, merged = await self._decided(connection, arrivals)
        if any(one.alerts for one in decided):
            self._bell.ring()
        LEDGERS_MERGED.inc(merged)
        for one in decided:
            self._say(one)

    async def _decided(self, connection: AsyncConnection, arrivals: Sequence[Arrival[ArticleClassified]]) -> tuple[list[Decided], int]:
        now = self._clock.now()
        articles = [arrival.event for arrival in arrivals]
        today = await ledgers.canonical(connection, {article.story_id for article in articles if article.story_id})
        known, merged = await ledgers.locked(connection, today.values(), now)
        # Asked after the lock: what another replica decided meanwhile is seen.
        done = await ledgers.already_decided(connection, articles)
        before = dict(known)
        decided: list[Decided] = []
        traces: list[Mapping[str, str]] = []
        for arrival in arrivals:
            article = arrival.event
            if (article.article_id, article.revision) in done:
                DECISIONS.labels(DecisionReason.ALREADY_DECIDED).inc()
                continue
            done.add((article.article_id, article.revision))
            decided.append(self._decide(article, today, known, now))
            traces.append(arrival.message.headers)
        # One question for the whole batch, not one for each article: hands change no ledger.
        decided = await _reopening(connection, decided, now)
        await self._outbox.put(
            connection, [envelope for one, headers in zip(decided, traces, strict=True) for envelope in _sealed(one, headers, now)]
        )
        changed = [ledger for story, ledger in known.items() if ledger != before[story]]
        await ledgers.write(connection, decided, changed, now)
        raised = [alert for one in decided for alert in one.alerts]
        if raised:
            # Asked in the same transaction: a silence that was there before the alert holds it.
            await owe(connection, raised, self._router, await self._keeper(connection, raised, now), now)
        return decided, merged

    def _decide(self, article: ArticleClassified, today: Mapping[str, str], known: dict[str, Ledger], now: datetime) -> Decided:
        if article.story_id is None:
            return Decided(article, None, DecisionReason.NOT_RELEVANT, (), (), ())
        story = today[article.story_id]
        decision = decide(known[story], article, now, self._policy)
        known[story] = decision.ledger
        return Decided(article, story, decision.reason, decision.verdicts, decision.recorded, decision.alerts)

    def _say(self, decided: Decided) -> None:
        article, now = decided.article, self._clock.now()
        DECISIONS.labels(decided.reason).inc()
        STAGE_SECONDS.labels("classified_to_decided").observe(max(0.0, (now - article.classified_at).total_seconds()))
        for verdict in decided.verdicts:
            VERDICTS.labels(verdict.kind, verdict.reason).inc()
        for alert in decided.alerts:
            ALERTS.labels(alert.reason, alert.severity).inc()
            if alert.published_at is not None:
                AGE_SECONDS.observe(max(0.0, (now - alert.published_at).total_seconds()))
            log.info("alert_raised", alert=alert.alert_id, story=alert.story_id, reason=alert.reason, headline=alert.headline)
        log.info(
            "decided",
            article=article.article_id,
            url=article.url,
            story=decided.story_id,
            reason=decided.reason,
            alerts=len(decided.alerts),
        )
