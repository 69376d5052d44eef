"""A text as the automaton reads it, with the way back to the text as it stands.

Letters that writers use for one another are made one (ə/e, ı/i, ё/е, й/и, é/e), everything is lower case, and marks
that the eye does not see (soft hyphens, zero-width and direction marks, loose accents) are left out. Every folded
character knows which stored character it came from, so that a span found here can be cut from the stored text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_UNSEEN = re.compile("[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPECIAL = {
    "ə": "e",
    "ı": "i",
    "İ": "i",
    "ё": "е",
    "й": "и",
    "Ё": "е",
    "Й": "и",
    "’": "'",
    "ʼ": "'",
    "ʻ": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "\u2010": "-",
    "\u2011": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\t": " ",
    "ø": "o",
    "ł": "l",
    "đ": "d",
}


class _Table(dict[int, str]):
    """One folded character for each character, worked out when first met."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        lower = char.lower()
        folded = _SPECIAL.get(char) or _SPECIAL.get(lower)
        if folded is None:
            folded = lower if len(lower) == 1 else lower[0]
            # Accents come off Latin letters only: elsewhere they tell letters apart.
            if folded > "\x7f" and len(parts := unicodedata.normalize("NFD", folded)) > 1 and parts[0] <= "\u024f":
                folded = parts[0]
        self[point] = folded
        return folded


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `origin[i]` is the place of its character i in the stored one, None where nothing was left out."""

    text: str
    stored: str
    origin: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the stored text that a span of the folded one stands for."""
        if self.origin is None or end <= start:
            return start, end
        last = self.origin[end - 1] + 1
        while last < len(self.stored) and unicodedata.combining(self.stored[last]):
            last += 1
        return self.origin[start], last


def fold(text: str) -> Folded:
    """The folded form of `text`; one character for one, but for the unseen ones."""
    if _UNSEEN.search(text) is None:
        return Folded(text.translate(_TABLE), text, None)
    kept = tuple(i for i, char in enumerate(text) if not _UNSEEN.match(char))
    return Folded("".join(text[i] for i in kept).translate(_TABLE), text, kept)
