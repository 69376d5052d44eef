"""The collector is told to look seldom, and a process that was told so still gets rid of what goes round in circles."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from services.runtime.collector import YOUNG, look_seldom

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Ring:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_it_looks_after_many_objects_only() -> None:
    look_seldom()
    assert gc.get_threshold()[0] == YOUNG
    assert gc.get_freeze_count() > 0


def test_circles_made_since_are_still_found() -> None:
    look_seldom()
    gone = weakref.ref(Ring())
    rows = [[number] for number in range(2 * YOUNG)]
    assert gone() is None
    assert len(rows) == 2 * YOUNG
