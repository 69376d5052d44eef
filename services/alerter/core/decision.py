"""What a desk must be told of an article, and why not of the rest: (ledger, article, now, policy) -> decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.reading import CasualtyClaim, CeasefireStatement, Evidence
from schemas.vocabulary import AlertKind, AlertReason, CeasefireStatus, ClassifyReason, DecisionReason
from services.alerter.core import tolls, truces
from services.alerter.core.background import rivals, so_far
from services.alerter.core.figures import Figure
from services.alerter.core.ledger import Ledger, Turn, rank
from services.alerter.core.policy import Policy, people
from services.alerter.core.wording import Wording


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on one claim or statement: `index` counts those of its kind in the reading."""

    kind: AlertKind
    index: int
    reason: DecisionReason
    alert: AlertReason | None = None

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return {"kind": self.kind, "index": self.index, "reason": self.reason} | ({"alert": self.alert} if self.alert else {})


@dataclass(frozen=True, slots=True)
class Decision:
    """The ledger as it is now, what to tell, why, and the verdict on each claim. `recorded` are figures new to the ledger."""

    ledger: Ledger
    alerts: tuple[AlertRaised, ...]
    reason: DecisionReason
    verdicts: tuple[Verdict, ...] = ()
    recorded: tuple[Figure, ...] = ()


def decide(ledger: Ledger, article: ArticleClassified, now: datetime, policy: Policy) -> Decision:
    """What the article changes. Asked again with the same article it changes nothing and tells nothing."""
    if silence := _silence(article, ledger):
        return Decision(ledger, (), silence)
    stated_at = _stated_at(article)
    if stated_at is None or article.published_at is None or article.published_at > now + policy.future:
        return Decision(ledger, (), DecisionReason.NO_DATE)
    timely = now - stated_at <= policy.window
    judge = _Judge(
        ledger.with_decided(article.article_id, article.revision, article.outlet.family or article.outlet.id),
        article,
        stated_at,
        now,
        policy,
        timely=timely,
    )
    judge.claims()
    judge.statements()
    return Decision(judge.ledger, tuple(judge.alerts), _overall(judge, timely=timely), tuple(judge.verdicts), tuple(judge.recorded))


def _silence(article: ArticleClassified, ledger: Ledger) -> DecisionReason | None:
    """Why the article has no say at all."""
    if ledger.knows(article.article_id, article.revision):
        return DecisionReason.ALREADY_DECIDED
    if not article.reading.relevant or article.story_id is None:
        return DecisionReason.NOT_RELEVANT
    if article.copy_of is not None:
        return DecisionReason.COPY
    if not article.reading.casualties and not article.reading.ceasefire:
        return DecisionReason.NOTHING_CLAIMED
    return None


def _stated_at(article: ArticleClassified) -> datetime | None:
    """When the article says so. A revised one keeps its published time, but its new words were said when they were seen."""
    if article.published_at is not None and article.reason is ClassifyReason.REVISED:
        return max(article.published_at, article.fetched_at)
    return article.published_at


def _overall(judge: _Judge, *, timely: bool) -> DecisionReason:
    if judge.alerts:
        return DecisionReason.ALERTED
    if not timely:
        return DecisionReason.OUTSIDE_WINDOW
    reasons = {verdict.reason for verdict in judge.verdicts}
    return next(iter(reasons)) if len(reasons) == 1 else DecisionReason.NOTHING_NEW


class _Judge:
    """Goes through the claims and statements of one article, in the order of the text, each seeing what those before it changed."""

    def __init__(
        self, ledger: Ledger, article: ArticleClassified, stated_at: datetime, now: datetime, policy: Policy, *, timely: bool
    ) -> None:
        self.ledger = ledger
        self.alerts: list[AlertRaised] = []
        self.verdicts: list[Verdict] = []
        self.recorded: list[Figure] = []
        self._article = article
        self._stated_at = stated_at
        self._now = now
        self._policy = policy
        self._timely = timely
        self._wording = Wording.packaged(policy.language)

    def claims(self) -> None:
        """Judge every casualty claim."""
        numbered = sorted(enumerate(self._article.reading.casualties), key=lambda item: _place(item[1].evidence))
        figures = {
            index: Figure.of(claim, self._article, self._stated_at, heard=self._timely)
            for index, claim in numbered
            if claim.current and claim.confidence >= self._policy.confidence.casualty
        }
        for index, claim in numbered:
            if not claim.current:
                self._say(AlertKind.CASUALTY, index, DecisionReason.BACKGROUND)
            elif index not in figures:
                self._say(AlertKind.CASUALTY, index, DecisionReason.LOW_CONFIDENCE)
            elif self.ledger.withdrawn and self.ledger.took_back(figures[index]):
                self._say(AlertKind.CASUALTY, index, DecisionReason.WITHDRAWN)
            else:
                self._claim(index, claim, figures[index], tuple(figures.values()))

    def statements(self) -> None:
        """Judge every statement on a truce, in the order in which the statuses of one come about."""
        numbered = sorted(enumerate(self._article.reading.ceasefire), key=lambda item: (rank(item[1].status), _place(item[1].evidence)))
        stated = {statement.status for _, statement in numbered if statement.current}
        for index, statement in numbered:
            if not statement.current:
                self._say(AlertKind.CEASEFIRE, index, DecisionReason.BACKGROUND)
            elif statement.confidence < self._policy.confidence.ceasefire:
                self._say(AlertKind.CEASEFIRE, index, DecisionReason.LOW_CONFIDENCE)
            elif self.ledger.took_back_status(statement.status, self._article.article_id):
                self._say(AlertKind.CEASEFIRE, index, DecisionReason.WITHDRAWN)
            elif not self._timely:
                self._say(AlertKind.CEASEFIRE, index, DecisionReason.OUTSIDE_WINDOW)
            else:
                self._statement(index, statement, stated)

    def _claim(self, index: int, claim: CasualtyClaim, figure: Figure, beside: Sequence[Figure]) -> None:
        finding = tolls.weigh(tolls.Case(figure, self.ledger, beside, self._bases(figure), self._policy))
        if finding.reason is DecisionReason.BACKGROUND:
            self._say(AlertKind.CASUALTY, index, finding.reason)
            return
        told = finding.figure or figure
        if finding.alert is not None and not self._timely:
            finding = tolls.Finding(DecisionReason.OUTSIDE_WINDOW)
        if finding.reason is DecisionReason.LATE_ARTICLE:
            told = replace(told, heard=False)
        if finding.alert is not None:
            told = replace(told, told=True)
        self.ledger, new = self.ledger.with_figure(told)
        if new is not None:
            self.recorded.append(new)
        if finding.alert is not None:
            self.alerts.append(self._casualty(claim, told, finding))
        self._say(AlertKind.CASUALTY, index, finding.reason, finding.alert)

    def _statement(self, index: int, statement: CeasefireStatement, stated: set[CeasefireStatus]) -> None:
        truce = self.ledger.truce
        finding = truces.weigh(statement, truce, self._stated_at, stated, self._policy)
        if finding.reason not in {DecisionReason.LATE_ARTICLE, DecisionReason.LOW_CONFIDENCE}:
            truce = truce.heard(statement.status, self._stated_at)
        if finding.alert is not None:
            self.alerts.append(self._ceasefire(statement, finding))
            truce = truce.told(Turn(statement.status, self._stated_at, self._article.article_id))
        self.ledger = self.ledger.with_truce(truce)
        self._say(AlertKind.CEASEFIRE, index, finding.reason, finding.alert)

    def _say(self, kind: AlertKind, index: int, reason: DecisionReason, alert: AlertReason | None = None) -> None:
        self.verdicts.append(Verdict(kind, index, reason, alert))

    def _bases(self, figure: Figure) -> tuple[int, ...]:
        """The numbers that the article names as the earlier ones of the same count."""
        return tuple(
            number
            for claim in self._article.reading.casualties
            if not claim.current and claim.effect is figure.effect and people(claim.side) == people(figure.side)
            for number in (claim.low, claim.high)
            if number is not None
        )

    def _casualty(self, claim: CasualtyClaim, told: Figure, finding: tolls.Finding) -> AlertRaised:
        assert finding.alert is not None  # noqa: S101 - the caller asked
        before = Ledger(self.ledger.story_id, tuple(figure for figure in self.ledger.figures if figure.key != told.key), self.ledger.truce)
        what = (told.effect, people(told.side), told.number, told.bound, told.claimant, told.joint, told.addition, finding.alert)
        alert = self._alert(AlertKind.CASUALTY, finding.alert, what, claim.evidence).model_copy(
            update={
                "severity": self._policy.severity_of(
                    finding.alert,
                    effect=told.effect,
                    claims=self._policy.claims(told.side, told.claimant),
                    side=told.side,
                    number=told.top,
                ),
                "effect": told.effect,
                "side": told.side,
                "group": told.group,
                "low": told.low,
                "high": told.high,
                "bound": told.bound,
                "claimant": told.claimant,
                "joint": told.joint,
                "addition": told.addition,
                "previous": finding.against.previous() if finding.against else None,
                "rivals": rivals(before, told, self._policy),
                "so_far": so_far(before),
            }
        )
        return alert.model_copy(update={"headline": self._wording.headline(alert, joint=told.joint, addition=told.addition)})

    def _ceasefire(self, statement: CeasefireStatement, finding: tolls.Finding) -> AlertRaised:
        assert finding.alert is not None  # noqa: S101 - the caller asked
        alert = self._alert(AlertKind.CEASEFIRE, finding.alert, (statement.status, self._stated_at), statement.evidence).model_copy(
            update={
                "severity": self._policy.severity_of(finding.alert, status=statement.status),
                "claimant": statement.claimant,
                "status": statement.status,
                "previous_status": self.ledger.truce.status,
                "so_far": so_far(self.ledger),
            }
        )
        return alert.model_copy(update={"headline": self._wording.headline(alert)})

    def _alert(self, kind: AlertKind, reason: AlertReason, what: tuple[object, ...], evidence: Evidence) -> AlertRaised:
        # What counts anew after a withdrawal is another alert than the one that was withdrawn, though it says the same.
        anew = (f"after {len(self.ledger.withdrawn)}",) if self.ledger.withdrawn else ()
        name = "|".join(("alert", self.ledger.story_id, kind, *map(str, what), *anew))
        article = self._article
        return AlertRaised(
            alert_id=str(uuid5(NAMESPACE_URL, name)),
            article_id=article.article_id,
            story_id=self.ledger.story_id,
            kind=kind,
            reason=reason,
            severity=self._policy.severity[-1].severity,
            headline="",
            evidence=evidence,
            outlet=article.outlet.name,
            url=article.url,
            title=article.title,
            published_at=article.published_at,
            fetched_at=article.fetched_at,
            raised_at=self._now,
            publishers=len(self.ledger.publishers),
        )


def _place(evidence: Evidence) -> tuple[bool, int, int]:
    """The title first, then the text from its beginning."""
    return (evidence.field != "title", evidence.start, evidence.end)
