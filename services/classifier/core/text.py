"""Spans and folding: how words are compared without losing where they stand.

Text is never rewritten. A token keeps its offsets into the stored text, and beside them a folded form of its own
letters, so that no map between a cleaned and a stored text is needed.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Characters that a reader does not see: soft hyphens, joiners, marks of direction."""

STRESS = "\u0300\u0301\u055b\u055c\u055e"
"""Marks of stress, as Russian texts print them over a vowel, and of stress, call and question, as Armenian ones put them into a word."""

APOSTROPHES = "'\u2018\u2019\u02bc\u02b9\u02bb\u055a\u0060\u00b4"
"""All that is typed for an apostrophe."""

_FOLD = str.maketrans(
    {
        **dict.fromkeys(INVISIBLE + STRESS, None),
        **dict.fromkeys(APOSTROPHES, "'"),
        "\u2010": "-",
        "\u2011": "-",
        "ı": "i",
        "İ": "i",
        "ё": "е",
        "Ё": "е",
        "և": "եւ",
        "\ufb01": "fi",
        "\ufb02": "fl",
    }
)


class Span(NamedTuple):
    """Half-open offsets, in Unicode code points, into one field of the stored article."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether `other` lies wholly within this span."""
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """The form in which words are compared: lower case, composed, without invisible marks and marks of stress.

    The dotless and the dotted i become one letter, so that Turkish, Azerbaijani and English agree; other diacritics
    stay, for they tell words apart.
    """
    bare = word.translate(_FOLD)
    if not bare.isascii():
        bare = unicodedata.normalize("NFC", bare)
    return bare.lower().translate(_FOLD)
