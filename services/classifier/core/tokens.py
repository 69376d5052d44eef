"""Tokens: words, numbers and marks, each with its place in the stored text and its folded form."""

from __future__ import annotations

import re
from typing import Literal

from services.classifier.core.text import INVISIBLE, fold

Kind = Literal["word", "number", "mark"]

_MARKS = r"\u055b\u055c\u055e\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufeff"
_LETTERS = rf"(?:[^\W\d_]++|[{_MARKS}]++)++"
"""A run of letters with the marks within them; possessive, so that nothing is tried twice."""

_APOSTROPHE = "['\u2019\u02bc\u2018\u055a`\u00b4]"
_GAP = "[\u00a0\u202f\u2009 ]"

TOKEN = re.compile(
    rf"(?P<number>(?:\d{{1,3}}(?:{_GAP}\d{{3}})+(?!\d)|\d+(?:[.,:/]\d+)*)(?P<suffix>%|{_APOSTROPHE}?{_LETTERS}|(?:-{_LETTERS})++)?)"
    rf"|(?P<word>{_LETTERS}(?:(?:{_APOSTROPHE}|[-\u2010\u2011])(?:{_LETTERS}|\d++)++)*+)"
    r"|(?P<mark>\.\.\.|[^\w\s]|_)"
)
"""One token after another; every alternative starts with another kind of character, so there is nothing to go back to."""

MAX_DIGITS = 9
"""A longer run of digits counts nothing (an account, a telephone, a hash)."""

CLITICS = {"en": ("'s", "n't"), "fr": ()}
"""Endings that are words of their own."""

ELISIONS = {"fr": ("l'", "d'", "qu'", "n'", "s'", "j'", "c'", "m'", "t'", "jusqu'", "lorsqu'", "puisqu'")}
"""Beginnings that are words of their own."""


class Token:
    """One word, number or mark.

    `start` and `end` point into the field's stored text. `number` is the value of
    a number written in digits, None for words, decimals, times and numbers glued to a word ("72-hour"); `suffix` is
    what stuck to the digits, folded and without its hyphen or apostrophe; `title` says whether it begins with a capital
    (never in scripts without case).

    A plain class, for its fields are read a thousand times for each token that is made: they cost half of a named tuple's in
    Python and a tenth of them compiled.
    """

    __slots__ = ("end", "folded", "kind", "number", "start", "suffix", "surface", "title")

    def __init__(
        self, surface: str, folded: str, start: int, end: int, kind: Kind, number: int | None = None, suffix: str = "", title: bool = False
    ) -> None:
        """See the class."""
        self.surface = surface
        self.folded = folded
        self.start = start
        self.end = end
        self.kind = kind
        self.number = number
        self.suffix = suffix
        self.title = title

    def __repr__(self) -> str:
        return f"Token({self.surface!r}, {self.kind}, {self.start}:{self.end})"


def value_of(digits: str) -> int | None:
    """The whole number that `digits` write with any separators of thousands, None for decimals, times and dates."""
    parts = re.split("[.,\u00a0\u202f\u2009 ]", digits)
    if not all(part.isdecimal() for part in parts) or sum(map(len, parts)) > MAX_DIGITS:
        return None
    if len(parts) > 1 and (not 1 <= len(parts[0]) <= 3 or any(len(part) != 3 for part in parts[1:])):
        return None
    return int("".join(parts))


def _capital_behind(surface: str) -> bool:
    """Whether a capital follows marks that the eye does not see, as the mark of direction that pages put before a text."""
    return surface[:1] in INVISIBLE and surface.lstrip(INVISIBLE)[:1].isupper()


WORDS_KEPT = 100_000
LONGEST_KEPT = 60
"""Words that are remembered with their folded forms, and the letters of the longest of them: a longer run is no word."""

_KNOWN: dict[str, tuple[str, str, bool]] = {}
"""What words are made of: the word, its folded form and whether it begins with a capital, one copy for every token of it."""


def _learnt(surface: str) -> tuple[str, str, bool]:
    """What a word is made of; remembered."""
    found = (surface, fold(surface), surface[0].isupper() or _capital_behind(surface))
    if len(surface) <= LONGEST_KEPT:
        if len(_KNOWN) > WORDS_KEPT:
            _KNOWN.clear()
        _KNOWN[surface] = found
    return found


def tokenise(text: str, start: int, end: int, language: str) -> list[Token]:
    """The tokens of `text[start:end]`, in order, with offsets into `text`."""
    found: list[Token] = []
    clitics, elisions = CLITICS.get(language, ()), ELISIONS.get(language, ())

    parted = bool(clitics or elisions)
    known = _KNOWN

    def add(begin: int, finish: int, kind: Kind, number: int | None = None, suffix: str = "") -> None:
        surface, folded, title = known.get(text[begin:finish]) or _learnt(text[begin:finish])
        found.append(Token(surface, folded, begin, finish, kind, number, suffix, title))

    for match in TOKEN.finditer(text, start, end):
        begin, finish = match.span()
        group = match.lastgroup
        if group == "number":
            suffix = match["suffix"] or ""
            digits = match["number"][: len(match["number"]) - len(suffix)]
            add(begin, finish, "number", value_of(digits), fold(suffix).strip("-'"))
        elif group == "word":
            word = match.group()
            surface, folded, title = known.get(word) or _learnt(word)
            if not parted or "'" not in folded:
                found.append(Token(surface, folded, begin, finish, "word", None, "", title))
                continue
            cut = next((begin + len(head) for head in elisions if folded.startswith(head) and len(folded) > len(head)), begin)
            if cut > begin:
                add(begin, cut, "word")
            tail = next((finish - len(ending) for ending in clitics if folded.endswith(ending) and len(folded) > len(ending)), finish)
            if tail > cut:
                add(cut, tail, "word")
            if finish > tail:
                add(tail, finish, "word")
        else:
            add(begin, finish, "mark")
    return found
