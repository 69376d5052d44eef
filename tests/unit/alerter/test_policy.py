"""The policy as data: a fault in the file names its line and the mend."""

from __future__ import annotations

import pytest

from schemas.vocabulary import AlertReason, CeasefireStatus, Effect, Severity
from services.alerter.core.datafile import DataFault, packaged
from services.alerter.core.policy import Policy

TEXT = packaged("policy.yaml")
POLICY = Policy.packaged()


def line_of(words: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if words in line)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("window_hours: 48", "window_hours: soon", "window_hours: Input should be a valid number"),
        ("send_nil: false", "sendnil: false", "sendnil: there is no such name here; did you mean send_nil?"),
        ("language: en", "language: la", "language: there are no headlines in 'la'; known are en, ru"),
        ("send_minor: []", "send_minor: [agreed]", "ceasefire.send_minor: agreed is no minor status"),
        ("status: [agreed, collapsed], severity", "status: [agred], severity", "severity.0.status.0: Input should be"),
    ],
)
def test_a_fault_is_named_with_its_line(right: str, wrong: str, says: str) -> None:
    with pytest.raises(DataFault) as fault:
        Policy.of(TEXT.replace(right, wrong), "mine.yaml")
    assert f"mine.yaml:{line_of(right)}: {says}" in str(fault.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(DataFault) as fault:
        Policy.of(TEXT.replace("window_hours: 48", "window_hours: -1").replace("late_hours: 3", "late_hours: x"))
    assert len(fault.value.faults) == 2


def test_what_is_no_yaml_is_named_with_its_line() -> None:
    with pytest.raises(DataFault, match=r"mine\.yaml:2: this is no YAML"):
        Policy.of("window_hours: 1\nsend_nil: [", "mine.yaml")


def test_an_empty_file_is_no_policy() -> None:
    with pytest.raises(DataFault, match="window_hours: Field required"):
        Policy.of("")


def test_the_last_severity_rule_must_fit_everything() -> None:
    with pytest.raises(DataFault, match="the last severity rule must fit everything"):
        Policy.of(TEXT.replace("  - {severity: notice}", "  - {effect: [killed], severity: notice}"))


def test_the_first_severity_rule_that_fits_decides() -> None:
    assert POLICY.severity_of(AlertReason.CEASEFIRE_AGREED, status=CeasefireStatus.AGREED) is Severity.CRITICAL
    assert POLICY.severity_of(AlertReason.RAISED, effect=Effect.KILLED, claims="own", number=25) is Severity.CRITICAL
    assert POLICY.severity_of(AlertReason.RAISED, effect=Effect.KILLED, claims="rival", number=25) is Severity.WARNING
    assert POLICY.severity_of(AlertReason.LOWERED, effect=Effect.KILLED, claims="own", number=25) is Severity.NOTICE
    assert POLICY.severity_of(AlertReason.FIRST_FIGURE, effect=Effect.WOUNDED, number=3) is Severity.NOTICE


@pytest.mark.parametrize(
    ("side", "claimant", "claims"),
    [
        ("AZE", "AZE.MIL", "own"),
        ("NKR", "ARM.GOV", "own"),
        ("ARM", "NKR.MIL", "own"),
        ("AZE", "NKR.MIL", "rival"),
        ("ARM", "AZE.GOV", "rival"),
        ("AZE", "UNO", "third"),
        ("AZE", None, "outlet"),
        (None, "AZE.MIL", "third"),
    ],
)
def test_who_claims(side: str | None, claimant: str | None, claims: str) -> None:
    assert POLICY.claims(side, claimant) == claims
