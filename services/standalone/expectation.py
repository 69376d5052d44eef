"""Holds the alerts that came against those that a replay expects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import SAME_PEOPLE
from services.standalone.annotated import ExpectedAlert, Replay


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a replay: `hit` expected alerts that came, `missed` ones that did not, `false` ones that nobody expected."""

    hit: tuple[AlertRaised, ...]
    optional: tuple[AlertRaised, ...]
    missed: tuple[ExpectedAlert, ...]
    false: tuple[AlertRaised, ...]

    @property
    def as_expected(self) -> bool:
        """Whether every expected alert came, once, and no other."""
        return not self.missed and not self.false


def _side(code: str | None) -> str | None:
    return SAME_PEOPLE.get(code, code) if code else None


def answers(alert: AlertRaised, expected: ExpectedAlert) -> bool:
    """Whether `alert` is the one that was expected: same article, same kind, same figure or status, and no other side."""
    if alert.article_id != expected.at or alert.kind != expected.kind:
        return False
    if alert.kind == "ceasefire":
        return alert.status == expected.status
    said = alert.low if alert.low is not None else alert.high
    due = expected.low if expected.low is not None else expected.high
    sides = (_side(alert.side), _side(expected.side))
    return alert.effect == expected.effect and said == due and (None in sides or sides[0] == sides[1])


def judge(replay: Replay, alerts: Iterable[AlertRaised]) -> Verdict:
    """The verdict on `alerts`; each expected alert is answered by one alert at most, so that a repeat counts as false."""
    due, spare = list(replay.expected_alerts), list(replay.optional_alerts)
    hit, rest = _answering(alerts, due)
    optional, false = _answering(rest, spare)
    return Verdict(tuple(hit), tuple(optional), tuple(due), tuple(false))


def _answering(alerts: Iterable[AlertRaised], open_: list[ExpectedAlert]) -> tuple[list[AlertRaised], list[AlertRaised]]:
    """The alerts that answer one of `open_`, each taken out of it, and the others."""
    answering: list[AlertRaised] = []
    others: list[AlertRaised] = []
    for alert in alerts:
        place = next((number for number, expected in enumerate(open_) if answers(alert, expected)), None)
        if place is None:
            others.append(alert)
        else:
            answering.append(alert)
            del open_[place]
    return answering, others
