from __future__ import annotations

import pytest

from schemas.vocabulary import Bound, Group
from services.classifier.core.numerals import Quantity
from services.classifier.core.quantities import quantities
from tests.unit.classifier.reader import lines_of


def counted(text: str) -> list[Quantity]:
    return [quantity for line in lines_of(text) for quantity in quantities(line)]


@pytest.mark.parametrize(
    ("text", "low", "high", "bound"),
    [
        ("two hundred and eleven soldiers", 211, 211, Bound.EXACT),
        ("twenty-three soldiers", 23, 23, Bound.EXACT),
        ("1,747 soldiers", 1747, 1747, Bound.EXACT),
        ("at least 34 soldiers", 34, None, Bound.AT_LEAST),
        ("no fewer than 25 soldiers", 25, None, Bound.AT_LEAST),
        ("more than a hundred soldiers", 100, None, Bound.MORE_THAN),
        ("up to 80 soldiers", None, 80, Bound.UP_TO),
        ("as many as 40 soldiers", None, 40, Bound.UP_TO),
        ("nearly 200 soldiers", 200, 200, Bound.ABOUT),
        ("a dozen or so soldiers", 12, 12, Bound.ABOUT),
        ("between 30 and 40 soldiers", 30, 40, Bound.ABOUT),
        ("12 to 15 soldiers", 12, 15, Bound.ABOUT),
        ("eight or nine soldiers", 8, 9, Bound.ABOUT),
        ("a pair of soldiers", 2, 2, Bound.EXACT),
        ("half a dozen soldiers", 6, 6, Bound.EXACT),
        ("1.5 million people", 1_500_000, 1_500_000, Bound.EXACT),
        ("dozens of soldiers", None, None, Bound.VAGUE),
        ("several soldiers", None, None, Bound.VAGUE),
        ("a soldier", 1, 1, Bound.EXACT),
        ("no soldiers", 0, 0, Bound.EXACT),
    ],
)
def test_a_quantity_says_how_many(text: str, low: int | None, high: int | None, bound: Bound) -> None:
    first = counted(f"They saw {text} there.")[0]
    assert (first.low, first.high, first.bound) == (low, high, bound)
    assert first.countable


@pytest.mark.parametrize(
    "text",
    [
        "in 2016 soldiers came",
        "on 20 May the guns fell silent",
        "72-hour truce",
        "12 tanks were burnt",
        "60 military posts were taken",
        "48 breaches of the ceasefire",
        "20 percent of the land",
        "at five in the afternoon",
        "a police station was hit",
        "Abishov, 32, was a cameraman",
        "a fine of $500 was paid",
    ],
)
def test_what_is_no_person_is_never_counted(text: str) -> None:
    assert not [quantity for quantity in counted(f"They said {text}.") if quantity.countable and quantity.form == "number"]


def test_the_noun_tells_the_group() -> None:
    groups = {
        "two contract soldiers": Group.MILITARY,
        "two police officers": Group.POLICE,
        "two schoolboys": Group.CHILDREN,
        "two villagers": Group.CIVILIAN,
        "two peacekeepers": Group.PEACEKEEPERS,
        "two reporters": Group.JOURNALISTS,
        "a 12-year-old boy": Group.CHILDREN,
        "a pregnant woman": Group.WOMEN,
    }
    assert {text: counted(f"They saw {text}.")[0].group for text in groups} == groups


def test_a_number_rising_from_one_to_another_is_no_range() -> None:
    numbers = [quantity.low for quantity in counted("The ministry raised the toll from two to four.")]
    assert numbers == [2, 4]


def test_words_of_a_verb_are_no_hedge() -> None:
    [quantity] = [found for found in counted("The president owned up to 18 killed.") if found.form == "number"]
    assert quantity.bound is Bound.EXACT
