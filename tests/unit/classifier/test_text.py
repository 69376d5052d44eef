from __future__ import annotations

import pytest

from services.classifier.core.text import Span, fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Баку́", "баку"),
        ("сапёр", "сапер"),
        ("ŞƏHİD", "şəhid"),
        ("SIRALI", "sirali"),
        ("Nagorno\u2011Karabakh", "nagorno-karabakh"),
        ("cease\u00adfire", "ceasefire"),
        ("Armenia\u2019s", "armenia's"),
        ("\u200fԵրևան", "երեւան"),
        ("e\u0301tat", "etat"),
    ],
)
def test_words_are_compared_without_what_a_reader_does_not_see(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_spans_hold_and_meet() -> None:
    whole, part, aside = Span(0, 10), Span(3, 7), Span(10, 12)
    assert whole.holds(part)
    assert not part.holds(whole)
    assert whole.meets(part)
    assert not whole.meets(aside)
