"""The closed lists: one spelling each, fit for a log line, a metric label, a column and a message."""

from __future__ import annotations

import inspect
import re
from enum import StrEnum

import pytest

from schemas import vocabulary
from schemas.vocabulary import (
    EVENT_EQUIVALENTS,
    SAME_PEOPLE,
    AlertReason,
    CeasefireStatus,
    DecisionReason,
    Effect,
    EventType,
    Group,
    Sector,
)

LISTS = [found for _, found in inspect.getmembers(vocabulary, inspect.isclass) if issubclass(found, StrEnum) and found is not StrEnum]


def test_there_are_lists() -> None:
    assert {Effect, Group, EventType, DecisionReason} <= set(LISTS)


@pytest.mark.parametrize("words", LISTS)
def test_a_word_is_spelled_as_its_name(words: type[StrEnum]) -> None:
    assert [word.value.lower() for word in words] == [word.name.lower() for word in words]
    assert len(set(words)) == len(words.__members__)


@pytest.mark.parametrize("words", [found for found in LISTS if found is not Sector])
def test_a_word_can_stand_anywhere_without_quotes(words: type[StrEnum]) -> None:
    assert [word for word in words if not re.fullmatch(r"[a-z]+(_[a-z]+)*", word)] == []


@pytest.mark.parametrize("words", LISTS)
def test_a_list_says_what_it_is_of(words: type[StrEnum]) -> None:
    assert words.__doc__
    assert words.__doc__ != StrEnum.__doc__


def test_sectors_are_three_letters_as_in_the_codes_of_actors() -> None:
    assert [sector for sector in Sector if not re.fullmatch("[A-Z]{3}", sector)] == []


def test_every_event_type_has_its_place_in_acled_and_plover_or_none() -> None:
    assert EVENT_EQUIVALENTS.keys() == set(EventType)


def test_a_reason_of_a_truce_is_a_status_of_it() -> None:
    told = {reason.removeprefix("ceasefire_") for reason in AlertReason if reason.startswith("ceasefire_")}
    assert told == set(CeasefireStatus) - {CeasefireStatus.DENIED}


def test_one_people_is_never_a_chain() -> None:
    assert not SAME_PEOPLE.keys() & set(SAME_PEOPLE.values())
