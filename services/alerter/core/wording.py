"""The words of alerts, one data file per language (`data/headlines`): the headline, and the names that messages use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.alert_raised import AlertRaised, PreviousFigure, RivalFigure, StoryLine
from schemas.vocabulary import AlertKind, AlertReason, Bound, CeasefireStatus, Effect, Group, Sector, Severity
from services.alerter.core.datafile import DataForm, packaged, parse

WATCHES = (
    AlertReason.OUTLETS_SILENT,
    AlertReason.FEEDS_BLOCKED,
    AlertReason.BUS_LAGGING,
    AlertReason.CHANNEL_FAILING,
    AlertReason.CLOCK_SKEWED,
    AlertReason.CONFIG_REFUSED,
    AlertReason.WATCH_ENDED,
)
"""The reasons of alerts on the service itself."""

_NOBODY = re.compile(r"\s*\(\s*\)")
_ENDS = re.compile(r"\s+([,;:)])|(\()\s+")


class FigureWords(DataForm):
    """How a figure is worded, by bound; `thousands` parts groups of three digits in numbers of five and more."""

    exact: str
    at_least: str
    more_than: str
    up_to: str
    about: str
    vague: str
    range: str
    thousands: str


class MessageWords(DataForm):
    """The labels of a message's lines."""

    says: str
    outlet: str
    quote: str
    title: str
    link: str
    published: str
    seen: str
    alerted: str
    before: str
    unknown: str
    publishers: str
    rivals: str
    so_far: str
    several: str
    again: str
    more: str


class WithdrawnWords(DataForm):
    """The headline of a withdrawal: of a figure, of the only one, and of what was said of a truce."""

    figure: str
    only: str
    truce: str
    no_truce: str
    because: str


class WordingForm(DataForm):
    """The form of `data/headlines/<language>.yaml`; `en.yaml` says what each part is for."""

    casualty: dict[AlertReason, str]
    addition: dict[AlertReason, str]
    ceasefire: dict[AlertReason, str]
    withdrawn: WithdrawnWords
    watch: dict[AlertReason, str]
    reopened: str
    statuses: dict[CeasefireStatus, str]
    figures: FigureWords
    effects: dict[Effect, str]
    joint: dict[Effect, str]
    groups: dict[Group, Annotated[tuple[str, str], Field()]]
    sides: dict[str, str]
    bodies: dict[str, tuple[str, str]]
    sectors: dict[Sector, str]
    outlet: str
    unnamed: str
    severities: dict[Severity, str]
    message: MessageWords

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Every word of the vocabularies is worded: a language is added whole or not at all."""
        truces = [reason for reason in AlertReason if reason.startswith("ceasefire_")]
        wanted = (
            ("casualty", [reason for reason in AlertReason if reason not in {*truces, *WATCHES, AlertReason.WITHDRAWN}], self.casualty),
            ("ceasefire", truces, self.ceasefire),
            ("watch", WATCHES, self.watch),
            ("statuses", CeasefireStatus, self.statuses),
            ("addition", [AlertReason.FIRST_FIGURE, AlertReason.RAISED], self.addition),
            ("effects", Effect, self.effects),
            ("joint", Effect, self.joint),
            ("groups", Group, self.groups),
            ("sectors", Sector, self.sectors),
            ("severities", Severity, self.severities),
            ("sides", ("unknown", "none"), self.sides),
        )
        if missing := [f"{part}.{word}" for part, words, given in wanted for word in words if word not in given]:
            raise ValueError(f"these are missing: {', '.join(missing)}")
        return self


@dataclass(frozen=True, slots=True)
class Wording:
    """Headlines and names in one language."""

    language: str
    form: WordingForm

    def headline(self, alert: AlertRaised, *, joint: bool = False, addition: bool = False) -> str:
        """What changed, in one line: "At least 34 killed on the Armenian side, was 25 (Armenian media)"."""
        claimant = self.claimant(alert.claimant) or self._outlet(alert.outlet)
        if alert.reason is AlertReason.WITHDRAWN:
            return self._withdrawn(alert, joint=joint)
        if alert.kind is AlertKind.WATCH:
            raise ValueError("a watch is worded by `watch`, which is told what was seen")
        if alert.kind is AlertKind.CEASEFIRE:
            return _tidy(self.form.ceasefire[alert.reason].format(claimant=claimant))
        assert alert.effect is not None and alert.group is not None and alert.bound is not None  # noqa: S101, PT018 - the kind says so
        templates = self.form.addition if addition and alert.reason in self.form.addition else self.form.casualty
        previous = alert.previous
        if previous is None and alert.reason in {AlertReason.RAISED, AlertReason.DISPUTED, AlertReason.LOWERED}:
            templates, reason = self.form.casualty, AlertReason.FIRST_FIGURE
        else:
            reason = alert.reason
        one = (alert.low, alert.high) == (1, 1)
        line = templates[reason].format(
            figure=self.figure(alert.low, alert.high, alert.bound),
            group=self.form.groups[alert.group][0 if one else 1],
            effect=(self.form.joint if joint else self.form.effects)[alert.effect],
            side=self.side(alert.side),
            claimant=claimant,
            previous=self.previous(previous) if previous else "",
            previous_claimant=(self.claimant(previous.claimant) if previous else "") or self.form.unnamed,
        )
        return _tidy(line)

    def watch(self, reason: AlertReason, *, subject: str, seen: str) -> str:
        """The headline of a watch on the service itself: what is wrong with what, and what was seen."""
        return _tidy(self.form.watch[reason].format(subject=subject, seen=seen))

    def status(self, status: CeasefireStatus | None) -> str:
        """What is known of the truce, in one or two words."""
        return self.form.statuses[status] if status is not None else self.form.withdrawn.no_truce

    def _withdrawn(self, alert: AlertRaised, *, joint: bool) -> str:
        words = self.form.withdrawn
        if alert.kind is AlertKind.CEASEFIRE:
            return _tidy(words.truce.format(previous=self.status(alert.previous_status), status=self.status(alert.status)))
        assert alert.effect is not None and alert.group is not None and alert.previous is not None  # noqa: S101, PT018 - the reason says so
        known = alert.low is not None or alert.high is not None
        one = (alert.previous.low, alert.previous.high) == (1, 1)
        line = (words.figure if known else words.only).format(
            previous=self.previous(alert.previous),
            previous_claimant=self.claimant(alert.previous.claimant) or self._outlet(alert.outlet),
            group=self.form.groups[alert.group][0 if one else 1],
            effect=(self.form.joint if joint else self.form.effects)[alert.effect],
            side=self.side(alert.side),
            figure=self.figure(alert.low, alert.high, alert.bound or Bound.VAGUE) if known else "",
            claimant=self.claimant(alert.claimant) or self.form.unnamed,
        )
        return _tidy(line)

    def previous(self, previous: PreviousFigure) -> str:
        """The figure that was known before."""
        return self.figure(previous.low, previous.high, previous.bound)

    def rival(self, rival: RivalFigure) -> str:
        """What another claimant says: "12 (Azerbaijani military)"."""
        return f"{self.figure(rival.low, rival.high, rival.bound)} ({self.claimant(rival.claimant) or self._outlet(rival.outlet)})"

    def story_line(self, line: StoryLine) -> str:
        """What was told before, in one line: "25 killed on the Armenian side (Armenian media)"."""
        if line.kind is AlertKind.CEASEFIRE or line.effect is None or line.bound is None:
            reason = f"ceasefire_{line.status}"
            known = self.form.ceasefire[AlertReason(reason)] if reason in set(AlertReason) else self.status(line.status)
            return _tidy(_NOBODY.sub("", known.format(claimant="")))
        one = (line.low, line.high) == (1, 1)
        told = self.form.casualty[AlertReason.FIRST_FIGURE].format(
            figure=self.figure(line.low, line.high, line.bound),
            group=self.form.groups[line.group or Group.ALL][0 if one else 1],
            effect=self.form.effects[line.effect],
            side=self.side(line.side),
            claimant=self.claimant(line.claimant) or self._outlet(line.outlet),
        )
        return _tidy(told)

    def figure(self, low: int | None, high: int | None, bound: Bound) -> str:
        """A figure with its hedge: "at least 34"."""
        words = self.form.figures
        template = words.range if bound is Bound.ABOUT and low != high else getattr(words, bound.value)
        return str(template.format(low=self.number(low), high=self.number(high)))

    def number(self, number: int | None) -> str:
        """A number; from 10,000 on its thousands are parted."""
        if number is None:
            return ""
        return f"{number:,}".replace(",", self.form.figures.thousands) if number >= 10_000 else str(number)

    def side(self, code: str | None) -> str:
        """Whose people: "on the Armenian side"."""
        if code is None:
            return self.form.sides["none"]
        return self.form.sides.get(code) or self.form.sides["unknown"].format(code=code)

    def claimant(self, code: str | None) -> str:
        """Who says so: "Armenian media"; empty where nobody is named, and the code itself where it has no name here."""
        if code is None:
            return ""
        body, _, sector = code.partition(".")
        names = self.form.bodies.get(body)
        if names is None:
            return code
        template = self.form.sectors.get(Sector(sector)) if sector in set(Sector) else None
        return template.format(name=names[0], adjective=names[1]) if template else names[0]

    def _outlet(self, outlet: str) -> str:
        return self.form.outlet.format(outlet=outlet) if outlet else self.form.unnamed

    @classmethod
    def of(cls, text: str, language: str, name: str) -> Wording:
        """The wording in a text of YAML.

        Raises:
            DataFault: it is no wording, or not whole; every fault with its line.
        """
        return cls(language, parse(text, WordingForm, name))

    @classmethod
    def packaged(cls, language: str) -> Wording:
        """The wording that ships with the service."""
        return _packaged(language)


@cache
def _packaged(language: str) -> Wording:
    path = f"headlines/{language}.yaml"
    return Wording.of(packaged(path), language, path)


def _tidy(line: str) -> str:
    """Empty slots closed up, one space between words, a capital first."""
    line = " ".join(line.split())
    line = _ENDS.sub(lambda match: match[1] or match[2], line)
    return line[:1].upper() + line[1:]
