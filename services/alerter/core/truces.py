"""Whether a statement on a truce changes what a desk knows of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from schemas.reading import CeasefireStatement
from schemas.vocabulary import AlertReason, CeasefireStatus, DecisionReason
from services.alerter.core.ledger import Truce
from services.alerter.core.policy import Policy
from services.alerter.core.tolls import Finding

REASONS = {
    CeasefireStatus.AGREED: AlertReason.CEASEFIRE_AGREED,
    CeasefireStatus.IN_FORCE: AlertReason.CEASEFIRE_IN_FORCE,
    CeasefireStatus.VIOLATED: AlertReason.CEASEFIRE_VIOLATED,
    CeasefireStatus.COLLAPSED: AlertReason.CEASEFIRE_COLLAPSED,
    CeasefireStatus.REJECTED: AlertReason.CEASEFIRE_REJECTED,
    CeasefireStatus.PROPOSED: AlertReason.CEASEFIRE_PROPOSED,
    CeasefireStatus.CALLED_FOR: AlertReason.CEASEFIRE_CALLED_FOR,
}
_TALK = frozenset({CeasefireStatus.PROPOSED, CeasefireStatus.CALLED_FOR})


def weigh(statement: CeasefireStatement, truce: Truce, stated_at: datetime, stated: Collection[CeasefireStatus], policy: Policy) -> Finding:
    """The finding on a statement made at `stated_at` in an article that also states `stated`."""
    status = statement.status
    reason = REASONS.get(status)
    if reason is None or (status in _TALK and status not in policy.ceasefire.send_minor):
        return Finding(DecisionReason.MINOR_STATUS)
    if status is CeasefireStatus.AGREED and _deep(statement, policy) and statement.confidence < policy.ceasefire.deep_confidence:
        return Finding(DecisionReason.LOW_CONFIDENCE)
    spoken = truce.spoken.get(status)
    if spoken is not None and stated_at <= spoken:
        return Finding(DecisionReason.KNOWN_STATUS)
    if truce.changed_at is not None and stated_at < truce.changed_at:
        return Finding(DecisionReason.LATE_ARTICLE)
    forgotten = spoken is not None and stated_at - spoken > timedelta(days=policy.ceasefire.renewal_days)
    if status is CeasefireStatus.AGREED:
        changed = _agreed_anew(statement, truce, stated_at, stated, policy)
    else:
        changed = forgotten or _changes(status, truce)
    return Finding(DecisionReason.ALERTED, alert=reason) if changed else Finding(DecisionReason.KNOWN_STATUS)


def _deep(statement: CeasefireStatement, policy: Policy) -> bool:
    return statement.evidence.field != "title" and statement.evidence.start >= policy.ceasefire.deep_characters


def _changes(status: CeasefireStatus, truce: Truce) -> bool:
    match status:
        case CeasefireStatus.IN_FORCE:
            # Of a truce whose agreement was told, this is no news.
            return truce.last(CeasefireStatus.AGREED) is None and truce.status is not CeasefireStatus.IN_FORCE
        case CeasefireStatus.VIOLATED:
            return truce.status not in {CeasefireStatus.VIOLATED, CeasefireStatus.COLLAPSED}
        case CeasefireStatus.COLLAPSED:
            return truce.status is not CeasefireStatus.COLLAPSED
        case _:
            before, agreed = truce.last(status), truce.last(CeasefireStatus.AGREED)
            return before is None or (agreed is not None and agreed.stated_at > before.stated_at)


def _agreed_anew(
    statement: CeasefireStatement, truce: Truce, stated_at: datetime, stated: Collection[CeasefireStatus], policy: Policy
) -> bool:
    before = truce.last(CeasefireStatus.AGREED)
    if before is None:
        return True
    leads = statement.evidence.field == "title" or statement.evidence.start < policy.ceasefire.lead_characters
    match truce.status:
        case CeasefireStatus.COLLAPSED:
            # An article on the end of a truce tells of its beginning too.
            return leads or CeasefireStatus.COLLAPSED not in stated
        case CeasefireStatus.VIOLATED:
            return leads and stated_at - before.stated_at >= timedelta(hours=policy.ceasefire.new_agreement_hours)
        case _:
            return stated_at - before.stated_at > timedelta(days=policy.ceasefire.renewal_days)
