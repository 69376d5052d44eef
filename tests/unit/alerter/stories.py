"""A story told to the decision, article by article; tests say what the desk heard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.reading import CasualtyClaim, CeasefireStatement
from schemas.vocabulary import ClassifyReason, DecisionReason
from services.alerter.core.decision import Decision, decide
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from tests.builders import THE_MORNING, a_classified, an_outlet

POLICY = Policy.packaged()
THE_STORY = a_classified().story_id or ""


class Story:
    """Articles of one story, an hour apart unless told otherwise, each decided five minutes after it was published."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.ledger = Ledger(THE_STORY)
        self.policy = policy
        self.told: list[AlertRaised] = []
        self.count = 0

    def tells(
        self,
        *said: CasualtyClaim | CeasefireStatement,
        hours: float | None = None,
        name: str | None = None,
        decided_after: timedelta = timedelta(minutes=5),
        outlet: str = "Example Wire",
        copy_of: str | None = None,
        revised_at: datetime | None = None,
    ) -> Decision:
        """An article published `hours` after the morning says this; what was decided."""
        published = THE_MORNING + timedelta(hours=self.count if hours is None else hours)
        self.count += 1
        article = a_classified(
            name or f"article-{self.count}",
            published_at=published,
            fetched_at=revised_at,
            revision="revision-2" if revised_at else "revision-1",
            reason=ClassifyReason.REVISED if revised_at else ClassifyReason.CLASSIFIED,
            copy_of=copy_of,
            outlet=an_outlet(outlet),
            claims=[one for one in said if isinstance(one, CasualtyClaim)],
            truces=[one for one in said if isinstance(one, CeasefireStatement)],
        )
        return self.hears(article, published + decided_after)

    def hears(self, article: ArticleClassified, now: datetime) -> Decision:
        decision = decide(self.ledger, article, now, self.policy)
        self.ledger = decision.ledger
        self.told.extend(decision.alerts)
        return decision


def reasons(decision: Decision) -> list[str]:
    """Why it alerted, in order."""
    return [alert.reason.value for alert in decision.alerts]


def verdicts(decision: Decision) -> list[DecisionReason]:
    """The reason of each claim's verdict, in the order judged."""
    return [verdict.reason for verdict in decision.verdicts]


def numbers(alerts: Iterable[AlertRaised]) -> list[int | None]:
    return [alert.low if alert.low is not None else alert.high for alert in alerts]
