"""A sentence as the stages of truces see it: its words of truces, its years, and how far its places are from one another."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

from services.classifier.core.affairs import Words
from services.classifier.core.clauses import costs, distance
from services.classifier.core.document import Document
from services.classifier.core.lines import Line
from services.classifier.core.packs import Tag
from services.classifier.core.sentences import Sentence
from services.classifier.core.times import time_marks, verdict

REACH = 14.0
"""Words around a truce that are further away than this say nothing of it."""

LAST_DAY = 31
AHEAD = timedelta(days=90)
"""A day of a month without a year may be to come, so far ahead; else it has been."""

FIRST_YEAR = 1900

_YEAR = re.compile(r"(19|20)\d\d(?!\d)")


class TruceLine:
    """One sentence with its truce words, years and running costs."""

    def __init__(self, document: Document, sentence: Sentence, words: Words) -> None:
        self._document, self._pack = document, document.pack
        self.sentence = sentence
        self.tokens = sentence.tokens
        self.tags = words.truce
        self.running = costs(sentence.tokens)
        self.mentions = document.mentions_in(sentence)
        self.lexical = document.tags[sentence.index]

    def of(self, *kinds: str) -> list[Tag]:
        """The words of these kinds, from the left."""
        return [tag for tag in self.tags if tag.kind in kinds]

    def nearest(self, kind: str, span: tuple[int, int], reach: float = REACH) -> Tag | None:
        """The word of a kind nearest to `span`, no further away than `reach`; none within it."""
        found = [(distance(self.running, (t.start, t.end), span), t.start, t) for t in self.of(kind) if not inside(t, span)]
        found = [f for f in found if f[0] <= reach]
        return min(found)[2] if found else None

    def time(self, span: tuple[int, int], day: date, name: tuple[int, int] = (0, 0)) -> bool | None:
        """Whether the lexicon's expressions of time make the clause one of now; None where they do not tell.

        Those within `name` do not count: in "the ceasefire of 5 April is observed" the date is the truce's.
        """
        if self._pack is None:
            return None
        line = Line(self._document, self.sentence, self._pack)
        marks = [mark for mark in time_marks(line, day) if not name[0] <= mark.at < name[1]]
        return verdict(line, marks, *span)[0]

    def dates(self, day: date) -> list[tuple[int, date]]:
        """(token, date) of every day of a month in the sentence; one without a year is the nearest that has been by `day` or is soon to come."""
        found = []
        for tag in self.lexical:
            if tag.kind != "month":
                continue
            number = next((n for at in (tag.start - 1, tag.end) if (n := self._number(at)) and n <= LAST_DAY), None)
            year = next((n for at in (tag.end, tag.end + 1, tag.end + 2) if (n := self._number(at)) and FIRST_YEAR <= n <= day.year), None)
            with suppress(ValueError):
                told = date(year or day.year, int(tag.value), number or 1)
                found.append((tag.start, told if year or told - day <= AHEAD else told.replace(year=day.year - 1)))
        return found

    def _number(self, at: int) -> int | None:
        return self.tokens[at].number if 0 <= at < len(self.tokens) else None

    def tells_now(self) -> bool:
        """Whether the lexicon of the language finds a weekday or a word of now."""
        return any(tag.kind in {"weekday", "time_now"} for tag in self.lexical)

    def tells_past(self) -> bool:
        """Whether the lexicon of the language finds a word of another time."""
        return any(tag.kind == "time_background" for tag in self.lexical)

    def years(self) -> list[tuple[int, int]]:
        """(token, year) of every year in the sentence."""
        return [(i, int(t.surface[:4])) for i, t in enumerate(self.tokens) if t.kind == "number" and _YEAR.match(t.surface)]


def inside(tag: Tag, span: tuple[int, int]) -> bool:
    """Whether a word lies wholly within a span of tokens."""
    return tag.start >= span[0] and tag.end <= span[1]
