"""Where an alert stands by what people did with it: silences, and hands laid on alerts. Pure; the desk shows it, the alerter obeys.

A hand holds for its alert's subject, the same effect and people of the story or its truce, or for the whole story. An
acknowledgement covers what was raised up to the alert that it was laid on: whatever is raised later is a change, and
reopens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.alert_raised import AlertRaised
from schemas.matchers import Matcher, labels_of, matches
from schemas.vocabulary import SAME_PEOPLE, AlertReason, HandAction, HoldReason, Standing

Subject = tuple[str, str | None, str | None]


def subject_of(kind: str, effect: str | None, side: str | None) -> Subject:
    """What an alert is about within its story: an effect on a people, or the truce. ARM and NKR are one people."""
    return (kind, effect, SAME_PEOPLE.get(side, side) if side else None)


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts that all of `matchers` fit are not told from `begins_at` until `ends_at`, unless it was ended before."""

    id: str
    matchers: tuple[Matcher, ...]
    begins_at: datetime
    ends_at: datetime
    why: str
    created_by: str
    expired_at: datetime | None = None

    def active(self, now: datetime) -> bool:
        """Whether it holds now."""
        return self.begins_at <= now < min(self.ends_at, self.expired_at or self.ends_at)

    def covers(self, alert: AlertRaised) -> bool:
        """Whether it is about this alert. A withdrawal is never silenced: who was told what is wrong must learn it."""
        return alert.reason is not AlertReason.WITHDRAWN and matches(self.matchers, labels_of(alert))


@dataclass(frozen=True, slots=True)
class Hand:
    """What somebody did with an alert. `number` gives the order; the alert is known by id, subject and time."""

    number: int
    action: HandAction
    alert_id: str
    story_id: str
    subject: Subject
    raised_at: datetime
    headline: str
    done_by: str
    done_at: datetime
    whole_story: bool = False
    until: datetime | None = None
    words: str = ""

    def concerns(self, subject: Subject) -> bool:
        """Whether it is about alerts of that subject, of the same story."""
        return self.whole_story or self.subject == subject


@dataclass(frozen=True, slots=True)
class Stands:
    """Where an alert stands, and by which hand; None while nobody has laid one on."""

    standing: Standing
    hand: Hand | None = None


OPEN = Stands(Standing.OPEN)
_HOLDING = frozenset({HandAction.ACKNOWLEDGE, HandAction.SNOOZE, HandAction.RESOLVE})


def standing_of(alert_id: str, subject: Subject, raised_at: datetime, hands: Iterable[Hand], now: datetime) -> Stands:
    """Where an alert stands at `now`; `hands` are those of its story.

    The last hand that concerns the alert decides; a wrong one stays withdrawn whatever is done later.
    """
    last: Hand | None = None
    for hand in sorted(hands, key=lambda one: one.number):
        if hand.action is HandAction.WRONG and hand.alert_id == alert_id:
            return Stands(Standing.WITHDRAWN, hand)
        if not hand.concerns(subject):
            continue
        if hand.action in _HOLDING:
            last = hand
        elif hand.action is HandAction.UNACKNOWLEDGE:
            last = None
    if last is None:
        return OPEN
    if last.action is HandAction.SNOOZE:
        return Stands(Standing.SNOOZED, last) if last.until is not None and now < last.until else OPEN
    if raised_at > last.raised_at:
        return Stands(Standing.REOPENED, last)
    return Stands(Standing.ACKNOWLEDGED if last.action is HandAction.ACKNOWLEDGE else Standing.RESOLVED, last)


@dataclass(frozen=True, slots=True)
class Held:
    """An alert is kept back: why, by whom, and until when; None where it is not told at all."""

    reason: HoldReason
    by: str
    why: str = ""
    until: datetime | None = None


_REASONS = {
    Standing.WITHDRAWN: HoldReason.WITHDRAWN,
    Standing.SNOOZED: HoldReason.SNOOZED,
    Standing.ACKNOWLEDGED: HoldReason.ACKNOWLEDGED,
    Standing.RESOLVED: HoldReason.RESOLVED,
}


def held(alert: AlertRaised, silences: Sequence[Silence], hands: Iterable[Hand], now: datetime) -> Held | None:
    """Why the alert is not to be told at `now`; None where it is. `hands` are those of its story.

    A withdrawal is kept back by nothing. What was marked as wrong comes before a silence, and a silence before the rest.
    """
    if alert.reason is AlertReason.WITHDRAWN:
        return None
    stands = standing_of(alert.alert_id, alert_subject(alert), _moment(alert, now), hands, now)
    if stands.standing is not Standing.WITHDRAWN:
        for silence in silences:
            if silence.active(now) and silence.covers(alert):
                return Held(HoldReason.SILENCED, silence.created_by, silence.why)
    reason = _REASONS.get(stands.standing)
    if reason is None or stands.hand is None:
        return None
    return Held(reason, stands.hand.done_by, stands.hand.words, stands.hand.until if reason is HoldReason.SNOOZED else None)


def reopened(alert: AlertRaised, hands: Iterable[Hand], now: datetime) -> str | None:
    """Whose acknowledgement the alert changes, for its message: "Anna, 2023-09-19 12:04 UTC: 25 killed …"; None where nobody's."""
    stands = standing_of(alert.alert_id, alert_subject(alert), _moment(alert, now), hands, now)
    if stands.standing is not Standing.REOPENED or stands.hand is None:
        return None
    return f"{stands.hand.done_by}, {stands.hand.done_at:%Y-%m-%d %H:%M} UTC: {stands.hand.headline}"


def alert_subject(alert: AlertRaised) -> Subject:
    """What an alert is about within its story."""
    return subject_of(alert.kind, alert.effect, alert.side)


def _moment(alert: AlertRaised, now: datetime) -> datetime:
    return alert.raised_at or now
