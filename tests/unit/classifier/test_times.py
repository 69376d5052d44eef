from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in


@pytest.mark.parametrize(
    "text",
    [
        "More than 6,500 people died in the war of 2020.",
        "In 2016 four days of fighting killed 200 soldiers.",
        "Last year 44 soldiers were killed near the border.",
        "On 16 July two soldiers were killed near the border.",
        "The faulty heaters kill thirty people a year.",
        "It was the bloodiest night since October 2005, when 139 people died.",
        "The attack came two days after bombs in the Moscow metro that killed 39 people.",
        "An earlier version of this story spoke of two wounded farmers.",
        "In January a team strayed; an officer of the army was killed.",
    ],
)
def test_older_times_make_a_figure_background(text: str) -> None:
    assert [claim.current for claim in claims_in(text)] == [False]


@pytest.mark.parametrize(
    "text",
    [
        "On Tuesday two soldiers were killed near the border.",
        "Two soldiers were killed in the heaviest fighting since 2020.",
        "Two soldiers have been killed since 12 September.",
        "On September 19 two soldiers were killed near the border.",
        "Two soldiers were killed overnight, the first since the war of 2020.",
        "Aram Petrosyan, born in 1979, was killed near the border.",
        "A soldier died two days after the attack.",
        "Ten soldiers were killed in the past week.",
        "An officer, who gave only his first name, said that ten soldiers were killed.",
    ],
)
def test_near_times_and_years_that_only_measure_leave_it_current(text: str) -> None:
    assert [claim.current for claim in claims_in(text)] == [True]


def test_the_year_of_a_sentence_dates_the_next_one() -> None:
    told = claims_in("Worse followed in April 2016. Four days of tank warfare cost around 200 lives.")
    assert [claim.current for claim in told] == [False]


def test_a_figure_that_the_next_sentence_takes_back_is_background() -> None:
    told = claims_in("The ministry said that fifteen soldiers had been killed. At seven it withdrew the figure.")
    assert [claim.current for claim in told] == [False]


def test_a_later_word_of_the_same_body_replaces_that_of_the_morning() -> None:
    told = claims_in(
        "Armenia's Defence Ministry said that 24 soldiers had been killed. In the morning the ministry had still spoken of 12 dead soldiers."
    )
    assert [(claim.low, claim.current) for claim in told] == [(24, True), (12, False)]


def test_indirect_speech_puts_nothing_before_another_word() -> None:
    told = claims_in("A doctor in Gori said that she had counted 47 bodies. Georgia said that 60 people had been killed.")
    assert [(claim.low, claim.current) for claim in told] == [(47, True), (60, True)]


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_latest_entry_of_a_chronicle_replaces_the_earlier_ones_of_the_same_body(newest_first: bool) -> None:
    entries = [
        "07:30. Armenia's Defence Ministry says that 4 soldiers have been killed.",
        "12:15. Roads are closed.",
        "18:50. Armenia's Defence Ministry says that 49 soldiers have been killed.",
    ]
    told = claims_in("\n\n".join(reversed(entries) if newest_first else entries))
    assert {(claim.low, claim.current) for claim in told} == {(4, False), (49, True)}


def test_a_memoir_that_begins_with_an_older_year_tells_of_then() -> None:
    told = claims_in("I am asked what I was doing on 7 December 1988. I was handing out books.\n\nThey say that 25,000 people perished.")
    assert [claim.current for claim in told] == [False]


def test_without_a_date_of_its_own_an_article_dates_nothing_as_old() -> None:
    assert [claim.current for claim in claims_in("In 2016 two soldiers were killed.", day=None)] == [True]


OLD_CONFLICT = (
    "Fighting has broken out along the line of contact in Nagorno-Karabakh. "
    "The enclave has been disputed by the two neighbours ever since the Soviet Union fell apart in 1991. "
    "Two civilians were killed in Martakert, the ombudsman said."
)
MEMOIR = "In 1992 I was a medic at the hospital of Shusha. We slept in the cellar. Two civilians were killed in our yard, the doctor said."


@pytest.mark.parametrize(("text", "current"), [(OLD_CONFLICT, True), (MEMOIR, False)])
def test_a_year_at_the_end_of_a_sentence_makes_no_memoir_of_news(text: str, current: bool) -> None:
    assert [claim.current for claim in claims_in(text) if claim.low == 2] == [current]
