"""When the page of an article is asked for once more that could not be read when the article was new. Pure.

Feeds that carry titles alone have all that counts on the page: a shield that let nobody through for a minute must not
cost the figure. Not for ever: what is old is no news, and a page that says no thrice means it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from schemas.vocabulary import EntryNote

AGAIN = (timedelta(minutes=5), timedelta(minutes=20), timedelta(minutes=60), timedelta(hours=3))
"""How long after an article came its page is asked for again."""
WINDOW = AGAIN[-1] + timedelta(hours=1)
PASSING = frozenset({EntryNote.PAGE_UNAVAILABLE, EntryNote.PAGE_BLOCKED, EntryNote.PAGE_WITHOUT_TEXT, EntryNote.PAGE_OF_OTHER})
"""What may be otherwise in a while; a robots.txt that says no is none of it."""


def is_due(first_seen_at: datetime, tries: int, now: datetime) -> bool:
    """Whether it is time for the next try, `tries` having been made since the first."""
    return tries < len(AGAIN) and now >= first_seen_at + AGAIN[tries]


def made_up_for(first_seen_at: datetime, now: datetime) -> int:
    """How many tries count as made by a process that has just begun: those whose time is over, but the last of them."""
    return max(0, sum(now >= first_seen_at + wait for wait in AGAIN) - 1)


def still_wanted(tries: Mapping[str, int], waiting: frozenset[str]) -> dict[str, int]:
    """The tries of what still waits; all else is forgotten."""
    return {key: count for key, count in tries.items() if key in waiting}
