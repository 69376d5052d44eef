"""Now or background: of which time a clause speaks, from dates, wars with dates, anniversaries and what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.numerals import FIRST_YEAR, LAST_YEAR

RECENT = timedelta(days=14)
"""A date not longer ago than this is of the happening that is reported."""

FEW_YEARS = 3
"""Captives taken so many years ago may still be held."""

OVER = timedelta(days=45)
"""A war that ended longer ago than this is an older one."""

FRESH = timedelta(days=3)
"""A day not longer ago than this is most likely that of the happening itself."""

ROUNDS = timedelta(days=180)
"""A count since a day longer ago than this sums up several rounds."""

SINCE = 6
"""Tokens between "since" and the date of what it counts from: "since the raid of 6 August"."""

LEADING = 2
"""Tokens: an expression of time that begins a sentence dates all of it."""

SAME_ROUND = timedelta(days=120)
"""A count "since" a day not longer ago than this still counts the present round."""


@dataclass(frozen=True, slots=True)
class TimeMark:
    """An expression of time at token `at`: `past` of an older time, else of now; `strength` 1 hints, 2 says."""

    at: int
    past: bool
    strength: int
    reason: str
    ahead: bool = False
    """Whether it dates only what follows it: "two days after bombs that killed 39"."""


def time_marks(line: Line, day: date | None) -> list[TimeMark]:
    """All expressions of time in a sentence that tell now from background."""
    marks = [TimeMark(tag.start, False, 2, "now") for tag in line.of_kind("time_now")]
    for tag in line.of_kind("weekday"):
        reason = "weekday" if day is None or (day.weekday() - int(tag.value)) % 7 <= FRESH.days else "weekday-ago"
        marks.append(TimeMark(tag.start, False, 1 if line.covers("every", tag.start - 1) else 2, reason))
    marks.extend(_after_other(line))
    for tag in line.of_kind("time_background"):
        counting = line.within("since", max(0, tag.start - 7), tag.start)
        if not counting:
            marks.append(TimeMark(tag.start, True, 2, "background-word"))
    for place, token in enumerate(line.tokens):
        if token.kind == "number":
            marks.extend(_of_number(line, place, day))
    for tag in line.of_kind("month"):
        if line.tokens[tag.start].kind != "number":
            marks.extend(_of_month(line, tag.start, day))
    for mention in line.mentions:
        entry = mention.entry
        over = entry.ended or (entry.began if entry.kind == "event" else None)
        if entry.kind in {"war", "operation", "event"} and over and day and day - over > OVER:
            at = next((place for place, found in line.mention_at.items() if found is mention), 0)
            marks.append(TimeMark(at, True, 1 if line.within("since", max(0, at - 3), at) else 2, "older-war"))
    return sorted(marks, key=lambda mark: mark.at)


def _of_number(line: Line, place: int, day: date | None) -> list[TimeMark]:
    token = line.tokens[place]
    digits = token.surface[: len(token.surface) - len(token.suffix)] if token.suffix else token.surface
    head = digits[:4]
    if not (head.isdecimal() and len(head) == 4 and FIRST_YEAR <= int(head) <= LAST_YEAR):
        return []
    if token.number is not None and (line.begins("people", place + 1) or line.begins("persons", place + 1)):
        return []
    if any(0 <= near < len(line) and line.covers("born", near) for near in range(place - 3, place + 4)):
        # "born in 1989" dates the man, not his death.
        return []
    year = int(head)
    if day is None:
        return []
    if _measures(line, place):
        superlative = line.within("superlative", max(0, place - 14), place)
        if year >= day.year:
            return []
        opened = next((at for at in range(place + 1, min(len(line), place + 4)) if line.covers("clause_opener", at)), None)
        counted = any(tag.start < place for tag in line.of_kind("ordinal"))
        if (superlative or counted) and opened is not None:
            # "the bloodiest night since October 2005, when 139 died": the clause tells of then.
            return [TimeMark(opened, True, 3, "older-year", ahead=True)]
        return [] if superlative else [TimeMark(place, True, 1, "since-year")]
    if year >= day.year:
        if year == day.year and line.within("whole_span", place - 2, place):
            # "за 2014 год": a sum over the year.
            return [TimeMark(place, True, 1, "since-year")]
        return [TimeMark(place, False, 1, "this-year")] if year == day.year else []
    month = line.covers("month", place - 1) if place else None
    if month is not None and day - _month_end(year, int(month.value)) < RECENT:
        return [TimeMark(place, False, 1, "recent-date")]
    return [TimeMark(place, True, 3, "older-year" if day.year - year <= FEW_YEARS else "long-ago")]


def _after_other(line: Line) -> list[TimeMark]:
    """Where a happening is only named to say how long after it another came: "two days after bombs in the metro"."""
    found = []
    for tag in line.of_kind("after_span"):
        spanned = any(
            line.tokens[at].kind == "number" or line.covers("number", at) or line.covers("number_one", at)
            for at in range(max(0, tag.start - 3), tag.start)
        )
        if spanned or line.covers("number_one", tag.start):
            found.append(TimeMark(tag.end - 1, True, 2, "after-other", ahead=True))
    return found


def _month_end(year: int, month: int) -> date:
    return date(year + (month == 12), month % 12 + 1, 1)


def _measures(line: Line, place: int) -> bool:
    """Whether a year only measures, as in "the worst since 2016": it dates nothing."""
    for back in range(place - 1, max(-1, place - 6), -1):
        if line.covers("since", back):
            return True
    return line.tokens[place - 1].surface in {"-", "/"} if place else False


def _of_month(line: Line, place: int, day: date | None) -> list[TimeMark]:
    tag = line.begins("month", place)
    if tag is None or day is None:
        return []
    if line.covers("month_or_verb", place):
        # "May 1994", "in May", but not "May Allah rest their souls".
        dated = any(0 <= near < len(line) and line.tokens[near].kind == "number" for near in (place - 1, place + 1))
        led = place > 0 and (
            line.covers("before_year", place - 1) or line.covers("since", place - 1) or line.covers("place_preposition", place - 1)
        )
        if not dated and not led:
            return []
    number = None
    dot = 1 if place > 1 and line.tokens[place - 1].surface == "." else 0
    for near in (place - 1 - dot, place + 1):
        if 0 <= near < len(line) and line.tokens[near].number and (line.tokens[near].number or 99) <= 31:
            number = line.tokens[near].number
            break
    for near in range(place + 1, min(place + 4, len(line))):
        year = line.tokens[near].number
        if year and FIRST_YEAR <= year <= LAST_YEAR and line.tokens[near].surface.isdecimal():
            return []
    month = int(tag.value)
    try:
        told = date(day.year, month, number or 15)
    except ValueError:
        return []
    if told > day + timedelta(days=3):
        told = told.replace(year=day.year - 1, day=min(told.day, 28))
    since = line.within("since", max(0, place - 3), place) or line.within("ever_since", max(0, place - SINCE), place)
    opened = next((at for at in range(place + 1, min(len(line), place + 5)) if line.covers("clause_opener", at)), None)
    counted = line.within("superlative", max(0, place - 14), place) or any(tag.start < place for tag in line.of_kind("ordinal"))
    if since and opened is not None and counted:
        return [TimeMark(opened, True, 2, "far-date", ahead=True)]
    if line.pack.lexicon.order == "sov":
        since = line.within("since", place + 1, min(len(line), place + 6))
    limit = SAME_ROUND if since else RECENT
    if day - told <= limit:
        return [TimeMark(place, False, 1, "near-date" if since or number is None or day - told <= FRESH else "days-ago")]
    if since:
        return [TimeMark(place, True, 1, "since-year")] if day - told > ROUNDS else []
    return [TimeMark(place, True, 1 if number is None else 2, "far-date" if day - told <= OVER else "old-date")]


def verdict(line: Line, marks: list[TimeMark], start: int, end: int) -> tuple[bool | None, str]:
    """(current?, reason) for the clause of tokens `start` to `end`; None where the sentence does not tell."""
    if not marks:
        return None, ""
    best: tuple[float, TimeMark] | None = None
    for mark in marks:
        if mark.ahead and mark.at >= start:
            continue
        begin, finish = (mark.at, start) if mark.at < start else (end, mark.at)
        if start <= mark.at < end:
            cost = 0.0
        else:
            leading = mark.at <= LEADING and mark.at < start
            cost = (0.03 if leading else 0.08) * max(0, finish - begin)
            for place in range(begin, finish) if not leading else ():
                token = line.tokens[place]
                if token.surface in COMMAS:
                    cost += 0.5
                elif token.surface in {";", "—", "–", ":"}:
                    cost += 1.5
                elif line.covers("subordinators", place):
                    cost += 0.5
        weight = mark.strength - cost * 0.6
        if best is None or weight > best[0]:
            best = (weight, mark)
    if best is None or best[0] < -0.6:
        return None, ""
    return not best[1].past, best[1].reason
