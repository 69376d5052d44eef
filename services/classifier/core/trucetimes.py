"""Whether what is said of a truce is news or history: years, dates, older wars, the paragraph's time."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.vocabulary import CeasefireStatus as Status
from services.classifier.core.clauses import distance
from services.classifier.core.document import Document
from services.classifier.core.packs import Tag
from services.classifier.core.truceanchors import Anchor
from services.classifier.core.trucelines import REACH, TruceLine

NEAR = 5.0
"""Within this a year belongs to the truce's own name."""

RECENT = timedelta(days=45)

FRESH = timedelta(days=21)
"""An agreement made longer ago than this is told of as what went before."""

NAMED_BY = 4
"""Tokens behind a truce that may hold the date it is called by."""


class Era:
    """The older year that a paragraph tells of, where a sentence has no time of its own."""

    def __init__(self) -> None:
        self._paragraph = ("", -1)
        self.same_paragraph = False
        self.year: int | None = None

    def meet(self, line: TruceLine, day: date | None) -> None:
        """Take in the next sentence."""
        paragraph = (line.sentence.field, line.sentence.paragraph)
        self.same_paragraph = paragraph == self._paragraph
        if not self.same_paragraph:
            self._paragraph, self.year = paragraph, None
        years = [year for _, year in line.years()]
        if years and day is not None:
            self.year = years[-1] if years[-1] < day.year else None
        elif line.tells_now():
            self.year = None
        elif day is not None and line.tells_past():
            self.year = day.year - 1


def old_year(line: TruceLine, span: tuple[int, int], day: date | None) -> int | None:
    """The year of the truce's own name where it is not the article's."""
    if day is None:
        return None
    near = [(distance(line.running, (i, i + 1), span), year) for i, year in line.years() if older(year, day)]
    near = [n for n in near if n[0] <= 9.0]
    return min(near)[1] if near else None


def older(year: int, day: date) -> bool:
    """Whether a year is history for an article of `day`; in January and February the year before is not."""
    return year < day.year and not (year == day.year - 1 and day.month <= 2)


def when_of(line: TruceLine, anchor: Anchor, cue: Tag, status: Status, era: Era, day: date | None) -> tuple[bool, str]:
    """(current?, why) of a statement."""
    span = (min(anchor.start, cue.start), max(anchor.end, cue.end))
    if status in {Status.CALLED_FOR, Status.PROPOSED, Status.REJECTED, Status.DENIED} or day is None:
        return True, "now"
    years = [(distance(line.running, (i, i + 1), span), year) for i, year in line.years()]
    if years:
        far, year = min(years)
        if older(year, day) and (status is not Status.VIOLATED or far <= NEAR):
            # A violation of today may name the truce by its year: "broke the truce of 1994".
            named = any(anchor.end <= i <= anchor.end + 3 for i, told in line.years() if told == year)
            if status is not Status.VIOLATED or cue.start > anchor.start or not named:
                return False, "older-year"
    elif era.year is not None and status is not Status.VIOLATED and not line.tells_now():
        return False, "older-year-before"
    if any(0 <= anchor.start - tag.end <= 1 for tag in line.of("former")):
        return False, "former-truce"
    if line.nearest("past", span, 6.0 if status is Status.VIOLATED else 12.0) is not None:
        return False, "past-word"
    if status is Status.VIOLATED:
        return True, "now"
    if any(m.entry.ended and day - m.entry.ended > RECENT for m in line.mentions):
        return False, "older-war"
    if status is Status.AGREED and (then := _dated(line, span, day)) is not None and day - then > FRESH:
        return False, "older-date"
    name = (anchor.end, anchor.end + NAMED_BY) if status is Status.IN_FORCE and cue.start >= anchor.end else (0, 0)
    told = line.time(span, day, name)
    if told is not None:
        return told, "time-of-clause"
    if status is Status.AGREED and ended_war(line, anchor):
        return False, "ended-war"
    return True, "now"


def _dated(line: TruceLine, span: tuple[int, int], day: date) -> date | None:
    """The day that the clause gives for what is said of the truce."""
    near = [(distance(line.running, (at, at + 1), span), told) for at, told in line.dates(day)]
    near = [found for found in near if found[0] <= REACH]
    return min(near)[1] if near else None


def ended_war(line: TruceLine, anchor: Anchor) -> bool:
    """Whether the truce is told as the end of a war, which is history but in a title."""
    return line.sentence.field != "title" and line.nearest("ended", (anchor.start, anchor.end), 8.0) is not None and bool(line.of("war"))


def day_of(document: Document) -> date | None:
    """The day on which the outlet published the article."""
    return document.article.published_at.date() if document.article.published_at else None
