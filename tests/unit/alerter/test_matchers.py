"""Matchers: Alertmanager's grammar over the labels of an alert, and what is refused with its mend."""

from __future__ import annotations

import time

import pytest

from schemas.matchers import LABELS, Matcher, MatcherFault, labels_of, matchers_of, matches
from tests.builders import a_claim, a_truce
from tests.unit.alerter.stories import Story

(TOLL,) = Story().tells(a_claim(34, bound="at_least", claimant="AZE.MIL", side="ARM", group="military")).alerts
(TRUCE,) = Story().tells(a_truce("agreed")).alerts


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('severity="warning"', True),
        ("severity=warning", True),
        ("{severity=warning}", True),
        (' { side = "ARM" , effect != "wounded" , } ', True),
        ('side=~"ARM|NKR"', True),
        ('side=~"AR"', False),
        ('side!~"AZE|TUR"', True),
        ('claimant=~"AZE\\\\..+"', True),
        ("body=AZE", True),
        ('number=~"[0-9]{2,}"', True),
        ('status=""', True),
        ("status=", True),
        ("status!=agreed", True),
        ('"kind"="casualty"', True),
        ("", True),
        ("{}", True),
        ('outlet="Example Wire"', True),
        ('outlet="Example"', False),
    ],
)
def test_what_fits_a_toll(text: str, fits: bool) -> None:
    assert matches(matchers_of(text), labels_of(TOLL)) is fits


def test_every_alert_has_every_label() -> None:
    for alert in (TOLL, TRUCE):
        assert labels_of(alert).keys() == LABELS.keys()
    assert labels_of(TRUCE)["status"] == "agreed"
    assert labels_of(TRUCE)["side"] == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("severty=critical", "did you mean severity?"),
        ("foo=bar", "there are kind, reason, severity"),
        ("severity", "is no matcher; write a label"),
        ("{severity=critical", "one brace of two"),
        ("severity=critical kind=casualty", "put a comma between"),
        ('severity="critical', "put it in double quotes"),
        ('side=~"(ARM"', "is no expression"),
        ('side=~"(A+)+"', "repeats too much"),
        ('side=~".*.*.*.*.*"', "repeats too much"),
        ('side=~"(A)\\\\1"', "looks back"),
        ("side=" + "A" * 600, "too long"),
    ],
)
def test_what_is_refused_says_the_mend(text: str, says: str) -> None:
    with pytest.raises(MatcherFault) as fault:
        matchers_of(text)
    assert says in str(fault.value)


@pytest.mark.parametrize("text", ['severity="critical"', 'outlet="a \\"quoted\\" one\\n\\\\"', 'side=~"ARM|NKR"'])
def test_a_matcher_reads_what_it_writes(text: str) -> None:
    one = Matcher.of(text)
    assert Matcher.of(str(one)) == one


def test_one_is_one() -> None:
    with pytest.raises(MatcherFault, match="holds 2 matchers"):
        Matcher.of("side=ARM, kind=casualty")
    assert len(matchers_of(["side=ARM", "{kind=casualty, effect=killed}"])) == 3


def test_the_worst_expression_that_is_allowed_ends_soon() -> None:
    worst = Matcher.of('outlet=~".*a.*a.*a.*b"')
    began = time.perf_counter()
    assert not worst.fits({"outlet": "a" * 5000})
    assert time.perf_counter() - began < 2
