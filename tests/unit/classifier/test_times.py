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
    ],
)
def test_near_times_and_years_that_only_measure_leave_it_current(text: str) -> None:
    assert [claim.current for claim in claims_in(text)] == [True]


def test_without_a_date_of_its_own_an_article_dates_nothing_as_old() -> None:
    assert [claim.current for claim in claims_in("In 2016 two soldiers were killed.", day=None)] == [True]
