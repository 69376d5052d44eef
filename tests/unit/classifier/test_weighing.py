"""The small weights are learnt the same way every time, and say which features speak for and against."""

from __future__ import annotations

from services.classifier.core.weighing import BIAS, fit


def test_features_that_go_with_truth_weigh_for_it() -> None:
    examples = [(frozenset({"named"}), True)] * 20 + [(frozenset({"merely-a-place"}), False)] * 20
    weights = fit(examples, strength=1.0)
    assert weights["named"] > 0 > weights["merely-a-place"]
    assert fit(examples, strength=1.0) == weights


def test_rare_features_have_no_weight() -> None:
    examples = [(frozenset({"often", "once"}), True)] + [(frozenset({"often"}), True)] * 10 + [(frozenset[str](), False)] * 10
    assert "once" not in fit(examples, strength=1.0, least=4)


def test_strength_pulls_towards_nought() -> None:
    examples = [(frozenset({"named"}), True)] * 10 + [(frozenset[str](), False)] * 10
    assert fit(examples, strength=10.0)["named"] < fit(examples, strength=1.0)["named"]


def test_what_is_always_false_has_a_bias_against() -> None:
    assert fit([(frozenset[str](), False)] * 10, strength=1.0)[BIAS] < 0
