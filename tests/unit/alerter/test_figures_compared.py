"""Each case of the table, and what takes more than one line to tell."""

from __future__ import annotations

import pytest

from tests.unit.alerter.cases import OUTLET, RIVAL, TABLE, Row, of
from tests.unit.alerter.stories import Story, reasons

EVERY = [row for rows in TABLE.values() for row in rows]


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.name)
def test_an_article_comes(row: Row) -> None:
    assert row.told()[1] == row.outcome


@pytest.mark.parametrize(
    "row", [row for row in EVERY if row.hours is None and not row.copy and row.decided_after < 24], ids=lambda row: row.name
)
def test_it_comes_a_second_time_from_elsewhere(row: Row) -> None:
    story, _ = row.told()
    assert reasons(story.tells(*row.said, outlet="Harbour Gazette")) == []


def test_no_case_stands_twice() -> None:
    assert len({row.name for row in EVERY}) == len(EVERY)


def test_an_increment_is_added_to_the_total_that_its_article_names() -> None:
    story = Story()
    story.tells(of(8))
    decision = story.tells(of(8, current=False), of(4, addition=True))
    assert [(alert.reason, alert.low, alert.previous and alert.previous.low) for alert in decision.alerts] == [("raised", 12, 8)]
    assert reasons(story.tells(of(12))) == []


def test_an_increment_beside_its_new_total_is_a_share() -> None:
    story = Story()
    story.tells(of(8))
    assert [alert.low for alert in story.tells(of(4, addition=True), of(12)).alerts] == [12]


def test_a_sum_beside_the_counts_that_make_it_up_is_no_news() -> None:
    decision = Story().tells(of(5, OUTLET, side=None), of(3, RIVAL, side="NKR"), of(2))
    assert [alert.low for alert in decision.alerts] == [3, 2]


def test_a_lower_figure_beside_the_same_claimants_total_is_a_share_though_nobody_says_so() -> None:
    story = Story()
    story.tells(of(29))
    decision = story.tells(of(31), of(16))
    assert [alert.low for alert in decision.alerts] == [31]


def test_the_previous_figure_is_the_highest_one_and_not_the_claimants_own_of_long_ago() -> None:
    story = Story()
    story.tells(of(2, "NKR.GOV", side="NKR"))
    story.tells(of(5, "ARM.MED", side="NKR"))
    (alert,) = story.tells(of(25, "NKR.GOV", side="NKR")).alerts
    assert alert.previous is not None
    assert alert.previous.low == 5
