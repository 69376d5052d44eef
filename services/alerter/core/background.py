"""What stands behind an alert: what rival claimants say, and what the desk was told of the story before."""

from __future__ import annotations

from schemas.alert_raised import RivalFigure, StoryLine
from schemas.vocabulary import AlertKind
from services.alerter.core.figures import Figure
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy

MOST_RIVALS = 4
MOST_LINES = 6


def rivals(ledger: Ledger, told: Figure, policy: Policy) -> tuple[RivalFigure, ...]:
    """The last figure of each other voice on the same effect and people, the latest first."""
    voice = policy.voice(told.claimant)
    last: dict[str | None, Figure] = {}
    for figure in ledger.of_people(told.effect, told.side, joint=told.joint):
        other = policy.voice(figure.claimant)
        if other == voice or not (figure.positive or figure.nil):
            continue
        known = last.get(other)
        if known is None or (figure.last_stated_at, figure.top) > (known.last_stated_at, known.top):
            last[other] = figure
    found = sorted(last.values(), key=lambda figure: (figure.last_stated_at, figure.top), reverse=True)
    return tuple(
        RivalFigure(
            low=figure.low,
            high=figure.high,
            bound=figure.bound,
            claimant=figure.claimant,
            outlet=figure.outlet,
            stated_at=figure.last_stated_at,
        )
        for figure in found[:MOST_RIVALS]
    )


def so_far(ledger: Ledger) -> tuple[StoryLine, ...]:
    """What was told: figures and turns of the truce in the order in which they were stated, the last ones of many."""
    lines = [
        StoryLine(
            stated_at=figure.stated_at,
            kind=AlertKind.CASUALTY,
            effect=figure.effect,
            side=figure.side,
            group=figure.group,
            low=figure.low,
            high=figure.high,
            bound=figure.bound,
            claimant=figure.claimant,
            outlet=figure.outlet,
        )
        for figure in ledger.figures
        if figure.told
    ]
    lines += [StoryLine(stated_at=turn.stated_at, kind=AlertKind.CEASEFIRE, status=turn.status) for turn in ledger.truce.turns]
    return tuple(sorted(lines, key=lambda line: line.stated_at)[-MOST_LINES:])
