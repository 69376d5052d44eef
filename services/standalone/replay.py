"""What a desk would have been told of articles in their order of arrival: read, filed and decided in memory, nothing sent.

Every step is the very code of the services; only the database and the bus are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.article_fetched import OutletRef
from schemas.reading import Article, Reading
from services.alerter.core.decision import Decision, decide
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from services.classifier.core.filing import Filed, Files, RegionPlaces, prepared
from services.classifier.core.reading import read
from services.region import Region

THE_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
"""The time until the first article that has one."""


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one article."""

    article: Article
    reading: Reading
    filed: Filed
    decision: Decision | None
    """None where the article belongs to no story: the alerter never hears of it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article, and when the service had it, where that is known."""

    article: Article
    seen_at: datetime | None = None


class Replaying:
    """Articles heard one after the other. The time is that of the latest article so far: a late one comes late."""

    def __init__(self, *, policy: Policy | None = None, reader: Callable[[Article], Reading] = read) -> None:
        """Nothing is known yet."""
        self._policy = policy or Policy.packaged()
        self._reader = reader
        self._files = Files(RegionPlaces(Region.load()))
        self._ledgers: dict[str, Ledger] = {}
        self._revisions: dict[str, tuple[str, str | None]] = {}
        self._now = THE_BEGINNING

    def hear(self, arrival: Arrival) -> Step | None:
        """What becomes of the next article; None where its text is known."""
        article = arrival.article
        now = self._now = max(self._now, arrival.seen_at or article.published_at or self._now)
        revision = hashlib.sha256(f"{article.title}\n{article.text}".encode()).hexdigest()
        before, story_before = self._revisions.get(article.id, (None, None))
        if before == revision:
            return None
        reading = self._reader(article)
        one = prepared(reading, title=article.title, text=article.text, seen_at=article.published_at or now, outlet=article.outlet)
        filed = self._files.file(one, story_before=self._files.today(story_before), revised=before is not None)
        self._revisions[article.id] = revision, filed.story_id
        decision = None
        if filed.story_id is not None:
            classified = ArticleClassified(
                article_id=article.id,
                revision=revision,
                story_id=filed.story_id,
                url=article.url,
                title=article.title,
                published_at=article.published_at,
                fetched_at=now,
                classified_at=now,
                outlet=OutletRef(id=article.outlet.casefold(), name=article.outlet),
                reason=filed.reason,
                copy_of=filed.copy_of,
                origin=one.origin,
                reading=reading,
            )
            ledger = self._ledgers.get(filed.story_id) or Ledger(filed.story_id)
            for absorbed in filed.absorbed:
                ledger = ledger.merged(self._ledgers.pop(absorbed, Ledger(absorbed)))
            decision = decide(ledger, classified, now, self._policy)
            self._ledgers[filed.story_id] = decision.ledger
        return Step(article, reading, filed, decision)

    @property
    def ledgers(self) -> Mapping[str, Ledger]:
        """What is known of each story by now."""
        return self._ledgers


def steps(articles: Iterable[Article], *, policy: Policy | None = None, reader: Callable[[Article], Reading] = read) -> Iterator[Step]:
    """Each article's way, one after the other."""
    replaying = Replaying(policy=policy, reader=reader)
    for article in articles:
        step = replaying.hear(Arrival(article))
        if step is not None:
            yield step


def replay(articles: Iterable[Article], *, policy: Policy | None = None) -> Iterator[AlertRaised]:
    """The alerts, as they would have been raised."""
    for step in steps(articles, policy=policy):
        if step.decision is not None:
            yield from step.decision.alerts
