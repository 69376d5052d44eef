"""The annotated articles, put into stories as if they had been read without a fault."""

from __future__ import annotations

import pytest

from services.classifier.core.filing import Read
from tests.gold.stories import annotated, dangerous, in_time, laid_upon, reads_of, the_telling

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reads() -> dict[str, Read]:
    return reads_of(annotated)


def test_in_the_stream_of_time_every_happening_is_one_story(reads: dict[str, Read]) -> None:
    pairs = in_time(reads, the_telling())

    assert pairs.torn == []
    assert pairs.wrong == []


def test_happenings_of_the_same_hours_stay_apart_where_one_would_hide_the_victims_of_another(reads: dict[str, Read]) -> None:
    telling = the_telling()
    marks = laid_upon(reads, telling)
    torn = [(pair, told) for pair, told in marks.items() if told - {"merged"}]

    assert torn == []
    assert dangerous(reads, telling, marks) == []
