"""What is known of the pages of an outlet, what was read on one, and whether it is the page of an entry. Light: no parser is loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]{4,}")
STEM = 5
"""Letters of a word that stay when its ending changes."""
SHARED = 0.3
"""Share of the title's words that a page of the same article has at least."""
FEWEST = 4
"""Words of a title by which a page can be told from another."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the pages of an outlet: selectors of the text, the first that fits is taken, and of what to leave out."""

    text: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on a page; `text` is empty where no article was found on it. `blocked`: a shield has answered."""

    text: str
    title: str = ""
    blocked: bool = False


def same_article(title: str, text: str, page: PageText) -> bool:
    """Whether the page is that of the entry with this title and text, and not a front page or another article in its place.

    The page must show some three in ten of the words of the title, endings aside, or begin as the feed's text does.
    """
    words = {word[:STEM] for word in WORD.findall(title.casefold())}
    if len(words) < FEWEST:
        return True
    shown = f"{page.title}\n{page.text}".casefold()
    there = {word[:STEM] for word in WORD.findall(shown)}
    begin = " ".join(text.split())[:60].casefold()
    return len(words & there) >= len(words) * SHARED or (len(begin) >= 40 and begin in " ".join(shown.split()))
