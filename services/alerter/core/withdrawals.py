"""An alert marked as wrong: its claim leaves the ledger, and those who had the alert are told what is known without it. Pure.

What was withdrawn is kept: the alert, the ledger's row and the article stay as they are. A revision of the same article
cannot bring the claim back; another article that says the same counts anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from schemas.alert_raised import AlertRaised, PreviousFigure
from schemas.vocabulary import AlertKind, AlertReason, Bound, Group, HandOutcome, Severity
from services.alerter.core.figures import Figure
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy
from services.alerter.core.wording import Wording


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What came of it: the ledger as it is now, what to tell, and the figure that was taken out, where one was."""

    ledger: Ledger
    outcome: HandOutcome
    alert: AlertRaised | None = None
    taken: Figure | None = None


def withdraw(ledger: Ledger, wrong: AlertRaised, now: datetime, policy: Policy, because: str | None = None) -> Withdrawal:
    """Take back what the alert `wrong` told; `because` is who marked it and why, for the message.

    Where the ledger does not hold the claim any more (it was raised since, or the story was merged) those who had the alert
    are told all the same. What is wrong with a withdrawal or a watch is not a claim: nothing changes.
    """
    if wrong.reason is AlertReason.WITHDRAWN or wrong.kind is AlertKind.WATCH:
        return Withdrawal(ledger, HandOutcome.NOT_WITHDRAWABLE)
    if wrong.kind is AlertKind.CEASEFIRE:
        return _truce(ledger, wrong, now, policy, because)
    held = _held(ledger, wrong)
    after = ledger if held is None else ledger.without_figure(held, (wrong.article_id,))
    known = known_without(after, wrong, joint=wrong.joint)
    if known is not None:
        # It is told now, whoever had said it.
        after, _ = after.with_figure(replace(known, told=True))
    alert = _told(ledger, wrong, now, policy, because).model_copy(
        update={
            "group": known.group if known else wrong.group,
            "low": known.low if known else None,
            "high": known.high if known else None,
            "bound": known.bound if known else Bound.VAGUE,
            "claimant": known.claimant if known else None,
            "addition": False,
            "so_far": (),
            "rivals": (),
            "previous": PreviousFigure(low=wrong.low, high=wrong.high, bound=wrong.bound or Bound.VAGUE, claimant=wrong.claimant),
        }
    )
    # The headline names the people of the figure that was told, and what is known now.
    worded = alert.model_copy(update={"group": wrong.group or Group.ALL})
    headline = Wording.packaged(policy.language).headline(worded, joint=wrong.joint)
    outcome = HandOutcome.NOT_IN_LEDGER if held is None else HandOutcome.WITHDRAWN
    return Withdrawal(after, outcome, alert.model_copy(update={"headline": headline}), held)


def known_without(ledger: Ledger, wrong: AlertRaised, *, joint: bool = False) -> Figure | None:
    """The figure that is known of the same effect and people: the highest; None where there is none above nought."""
    assert wrong.effect is not None  # noqa: S101 - a casualty alert has one
    known = [figure for figure in ledger.of_people(wrong.effect, wrong.side, joint=joint) if figure.positive]
    known = known or list(ledger.shares_told(wrong.effect, wrong.side, joint=joint))
    return max(known, key=lambda figure: (figure.top, figure.stated_at, figure.article_id), default=None)


def withdrawal_id(wrong: AlertRaised) -> str:
    """The id of the alert that takes `wrong` back: the same however often it is asked for."""
    return str(uuid5(NAMESPACE_URL, f"withdrawal|{wrong.alert_id}"))


def _held(ledger: Ledger, wrong: AlertRaised) -> Figure | None:
    """The figure of the ledger that the alert told: a share where no total says the same."""
    said = (wrong.effect, wrong.side, wrong.group, wrong.claimant, wrong.low, wrong.high, wrong.bound, wrong.joint)
    alike = [figure for figure in ledger.figures if figure.key[:8] == said and figure.addition is wrong.addition]
    return max(alike, key=lambda figure: (figure.article_id == wrong.article_id, figure.told, not figure.subset), default=None)


def _truce(ledger: Ledger, wrong: AlertRaised, now: datetime, policy: Policy, because: str | None) -> Withdrawal:
    assert wrong.status is not None  # noqa: S101 - an alert on a truce that is no withdrawal has one
    held = any((turn.status, turn.article_id) == (wrong.status, wrong.article_id) for turn in ledger.truce.turns)
    after = ledger.without_turn(wrong.status, wrong.article_id)
    alert = _told(ledger, wrong, now, policy, because).model_copy(
        update={"status": after.truce.status, "previous_status": wrong.status, "claimant": wrong.claimant, "previous": None}
    )
    headline = Wording.packaged(policy.language).headline(alert)
    outcome = HandOutcome.WITHDRAWN if held else HandOutcome.NOT_IN_LEDGER
    return Withdrawal(after, outcome, alert.model_copy(update={"headline": headline}))


def _told(ledger: Ledger, wrong: AlertRaised, now: datetime, policy: Policy, because: str | None) -> AlertRaised:
    return wrong.model_copy(
        update={
            "alert_id": withdrawal_id(wrong),
            "story_id": ledger.story_id,
            "reason": AlertReason.WITHDRAWN,
            "severity": max(wrong.severity, policy.severity_of(AlertReason.WITHDRAWN), key=_loudness),
            "raised_at": now,
            "withdraws": wrong.alert_id,
            "because": because,
            "reopens": None,
        }
    )


def _loudness(severity: Severity) -> int:
    return list(Severity).index(severity)
