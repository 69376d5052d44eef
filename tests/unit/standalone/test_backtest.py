"""What is told otherwise than in another run of the back-test."""

from __future__ import annotations

from typing import Any

from services.standalone.backtest import differences


def test_what_is_told_to_others_or_in_other_words_is_a_difference() -> None:
    def line(receiver: str, alert: str, words: str = "5 killed") -> dict[str, Any]:
        return {"at": "2023-09-19T12:00:00+00:00", "receiver": receiver, "alerts": [{"alert_id": alert, "headline": words}]}

    before = [line("desk", "a"), line("desk", "b")]
    after = [line("desk", "b", "6 killed"), line("night", "a")]
    assert list(differences(before, after)) == [
        "- 2023-09-19 12:00  desk  5 killed",
        "~ 2023-09-19 12:00  desk  5 killed -> 6 killed",
        "+ 2023-09-19 12:00  night  5 killed",
    ]
