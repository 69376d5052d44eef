"""What the desk wants to be told, as data: `data/policy.yaml` or a file of the same form."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from schemas.vocabulary import SAME_PEOPLE, AlertReason, CeasefireStatus, Effect, Group, Sector, Severity
from services.alerter.core.datafile import DataForm, packaged, packaged_names, parse

Claims = Literal["own", "rival", "third", "outlet"]
"""Who claims a figure: a body of the people counted, their adversary, somebody else, or nobody but the outlet."""


def people(side: str | None) -> str | None:
    """The people that a side's code is compared as: the dead of Karabakh are told as Armenians by some."""
    return SAME_PEOPLE.get(side, side) if side else None


class Confidence(DataForm):
    """The least certainty of the reading that may alert, from 0 to 1."""

    casualty: float = Field(ge=0, le=1)
    ceasefire: float = Field(ge=0, le=1)


class Rounding(DataForm):
    """From the number `above` on, rough figures that differ by less than the `share` of the known one are the same."""

    above: int = Field(ge=0)
    share: float = Field(ge=0, lt=1)


class CeasefirePolicy(DataForm):
    """When a statement on a truce is news."""

    send_minor: tuple[CeasefireStatus, ...]
    new_agreement_hours: float = Field(ge=0)
    lead_characters: int = Field(ge=0)
    deep_characters: int = Field(ge=0)
    deep_confidence: float = Field(ge=0, le=1)
    renewal_days: float = Field(gt=0)

    @field_validator("send_minor")
    @classmethod
    def _only_minor(cls, value: tuple[CeasefireStatus, ...]) -> tuple[CeasefireStatus, ...]:
        if wrong := [status for status in value if status not in {CeasefireStatus.PROPOSED, CeasefireStatus.CALLED_FOR}]:
            raise ValueError(f"{wrong[0]} is no minor status; only proposed and called_for are")
        return value


class SeverityRule(DataForm):
    """One rule: it fits where every condition that it names holds. `at_least` is in heads."""

    severity: Severity
    effect: tuple[Effect, ...] = ()
    status: tuple[CeasefireStatus, ...] = ()
    reason: tuple[AlertReason, ...] = ()
    claims: tuple[Claims, ...] = ()
    side: tuple[str, ...] = ()
    at_least: int = Field(default=0, ge=0)


class Policy(DataForm):
    """All of it. `data/policy.yaml` says what each line means."""

    window_hours: float = Field(gt=0)
    future_minutes: float = Field(ge=0)
    late_hours: float = Field(ge=0)
    confidence: Confidence
    language: str
    send_nil: bool
    vague_first: tuple[Effect, ...]
    send_rival_below: bool
    minor_groups: frozenset[Group]
    official_sectors: frozenset[Sector]
    rivals: dict[str, frozenset[str]]
    ceiling_factor: float = Field(ge=1)
    rounding: Rounding
    correction_floor: dict[Effect, float]
    war_toll: dict[Effect, int]
    ceasefire: CeasefirePolicy
    severity: tuple[SeverityRule, ...] = Field(min_length=1)

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in (known := packaged_names("headlines")):
            raise ValueError(f"there are no headlines in {value!r}; known are {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _rules_end(self) -> Self:
        last = self.severity[-1]
        if last.model_dump(exclude={"severity"}) != SeverityRule(severity=last.severity).model_dump(exclude={"severity"}):
            raise ValueError("the last severity rule must fit everything: write {severity: …} with nothing else")
        return self

    @property
    def window(self) -> timedelta:
        """How old an article may be that alerts."""
        return timedelta(hours=self.window_hours)

    @property
    def future(self) -> timedelta:
        """How far ahead of now an article may be dated."""
        return timedelta(minutes=self.future_minutes)

    @property
    def lateness(self) -> timedelta:
        """How much older than the newest figure known an article may be that alerts."""
        return timedelta(hours=self.late_hours)

    def voice(self, claimant: str | None) -> str | None:
        """Who speaks: the body for its official sectors, body and sector for the others (`AZE`, `AZE.MED`)."""
        if claimant is None:
            return None
        body, _, sector = claimant.partition(".")
        return body if not sector or sector in self.official_sectors else claimant

    def claims(self, side: str | None, claimant: str | None) -> Claims:
        """Who claims a figure of the people of `side`."""
        if claimant is None:
            return "outlet"
        speaker, counted = people(claimant.partition(".")[0]), people(side)
        if speaker == counted:
            return "own"
        return "rival" if speaker in self.rivals.get(counted or "", ()) else "third"

    def severity_of(
        self,
        reason: AlertReason,
        *,
        effect: Effect | None = None,
        status: CeasefireStatus | None = None,
        claims: Claims = "outlet",
        side: str | None = None,
        number: int = 0,
    ) -> Severity:
        """How loudly such an alert is told: the first rule that fits; the last one always does."""
        for rule in self.severity:
            if (
                (not rule.effect or effect in rule.effect)
                and (not rule.status or status in rule.status)
                and (not rule.reason or reason in rule.reason)
                and (not rule.claims or claims in rule.claims)
                and (not rule.side or side in rule.side)
                and number >= rule.at_least
            ):
                return rule.severity
        raise AssertionError("the last rule fits everything")  # pragma: no cover - the check of the file holds it

    @classmethod
    def of(cls, text: str, name: str = "policy.yaml") -> Policy:
        """The policy in a text of YAML.

        Raises:
            DataFault: it is no policy; every fault with its line.
        """
        return parse(text, cls, name)

    @classmethod
    def packaged(cls) -> Policy:
        """The policy that ships with the service."""
        return _packaged()


@cache
def _packaged() -> Policy:
    return Policy.of(packaged("policy.yaml"))
