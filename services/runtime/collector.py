"""How often Python looks for garbage in cycles, in processes that make many small objects and no cycles."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Objects made between two looks at the young ones: an article makes some 20,000, and nearly all go by counting when it is done."""

OLDER = 20
"""Looks at the young ones before those that outlived one are looked at, and as many of these before all are."""


def look_seldom() -> None:
    """Let the collector look at new objects every few articles and at what was loaded for good hardly ever.

    Lexicons and rosters are a million objects that live as long as the process; with Python's own 700 the collector takes a tenth
    of the time of reading. It costs a few megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)


def keep_loaded() -> None:
    """Let the collector look at nothing that has been loaded until now.

    For processes with a loop: a look through all of it would hold the loop up for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
