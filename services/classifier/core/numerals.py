"""Numerals: numbers in digits and words, with scales, ranges and hedges; years, dates, ages and clock times are none.

`Quantity` is what the grammar makes of them: so many of something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import Bound, Group
from services.classifier.core.lines import Line

Form = Literal["number", "vague", "none", "one", "ordinal", "definite", "name"]
Head = Literal["people", "persons", "bare", "state", "noun", "unknown", "thing"]

LEAST_SCALE = 1000
"""Scales from here on may be followed by the rest of the number in digits."""

FIRST_YEAR, LAST_YEAR = 1800, 2099

PAIR, LEAST_TENS = 2, 20
"""Numbers of a range in one word; from twenty on a second one is the units of the first."""

FROM = frozenset({"from", "de", "von", "от"})
"""Words that open a range, and a rise."""

ABLATIVE = ("დან", "ից")
"""Endings of the lower number of a range, Georgian and Armenian."""

TWICE, BIG = 2, 10
"""A range reaches no farther than twice its lower end; two numbers below ten, one after the other, are one."""

OLDEST = 120
"""Years: nobody is older."""

DOTTED = frozenset({"de"})
"""Languages that write an ordinal as a number with a dot."""


@dataclass(slots=True)
class Quantity:
    """So many of something: tokens `start` to `end` say how many, up to `stop` what of.

    `group` is None where the noun tells none. `partitive` marks "three of them", `more` "another", "others",
    `effect_at` the token of an effect word that stands as the noun ("14 dead", "25 deaths").
    """

    start: int
    end: int
    stop: int
    form: Form
    low: int | None
    high: int | None
    bound: Bound
    head: Head = "bare"
    group: Group | None = None
    partitive: bool = False
    more: bool = False
    possessive: int | None = None
    effect_at: int | None = None
    head_at: int | None = None
    singular: bool = False
    rank: int = 0
    whole: int | None = None
    """The number of which this is a share: "one of the eleven"."""

    @property
    def countable(self) -> bool:
        """Whether it may be a count of people at all."""
        return self.head != "thing"


def _word_number(line: Line, at: int) -> tuple[int, int] | None:
    """(value, end) of a number in words that begins at token `at`: "two hundred and eleven", "twenty-three"."""
    total = current = 0
    place = at
    if at and line.tokens[at - 1].kind == "number" and line.begins("scale", at):
        return None
    said = False
    while place < len(line):
        values = values_at(line, place)
        if values is None:
            joiner = line.begins("number_joiners", place)
            # "two hundred and eleven": the joiner stands within a number only between a scale and a smaller number.
            if (
                said
                and joiner
                and current + total > 0
                and (current % 100 == 0 or line.pack.language in {"de", "fr", "ka"})
                and place + 1 < len(line)
                and (following := values_at(line, place + 1))
                and not following[0][1]
                and following[0][0] < 100
                and current % 100 == 0
            ):
                place += 1
                continue
            if said and joiner and 20 <= current % 100 <= 60 and current % 10 == 0 and line.begins("number_one", place + 1):
                # "cent trente et une": the one that closes a number is an article elsewhere.
                return total + current + 1, place + 2
            break
        stop = False
        for value, scale in values:
            if scale:
                if value == 100:
                    if current >= 100:
                        stop = True
                        break
                    current = (current or 1) * 100
                else:
                    total += (current or 1) * value
                    current = 0
            elif (
                not said
                or current == 0
                or (current % 100 == 0 and value < 100)
                or (current % 10 == 0 and current % 100 >= (10 if line.pack.agglutinative else 20) and value < 20)
            ):
                current += value
            else:
                stop = True
                break
            said = True
        if stop:
            break
        place += 1
    return (total + current, place) if said and place > at else None


def values_at(line: Line, at: int) -> list[tuple[int, bool]] | None:
    """The (value, is a scale) parts of one token: "twenty-three" has two."""
    token = line.tokens[at]
    if token.kind != "word":
        return None
    if (tag := line.begins("number", at)) and tag.end == at + 1:
        return [(int(tag.value), False)]
    if (tag := line.begins("scale", at)) and tag.end == at + 1:
        return [(int(tag.value), True)]
    if "-" in token.folded:
        numbers, scales = line.pack.lexicon.numbers.words, line.pack.lexicon.numbers.scales
        parts: list[tuple[int, bool]] = []
        for piece in token.folded.split("-"):
            key = next((key for key in line.pack.keys(piece) if key in numbers or key in scales), None)
            if key is None:
                if parts and piece in line.pack.lexicon.numbers.joiners:
                    continue
                return None
            parts.append((numbers[key], False) if key in numbers else (scales[key], True))
        return parts or None
    return None


def number_at(line: Line, at: int) -> tuple[int, int] | None:
    """(value, end) of the number that begins at token `at`, None for years, dates, ages, clock times and the like."""
    if at >= len(line):
        return None
    token = line.tokens[at]
    if token.kind == "word":
        exact = line.begins("exact", at)
        number = _word_number(line, at)
        if number is None and (one := line.begins("number_one", at)) and one.end < len(line) and (scale := line.begins("scale", one.end)):
            number = _word_number(line, one.end) or (int(scale.value), scale.end)
        if exact and (number is None or exact.end >= number[1]):
            return int(exact.value), exact.end
        if number is not None and line.pack.agglutinative and number[0] % LEAST_SCALE == 0 and number[1] < len(line):
            # "bin 500": the rest of the number, in digits.
            digits = line.tokens[number[1]]
            plain = not digits.suffix or digits.suffix in line.pack.number_suffixes
            if number[0] and digits.number is not None and 0 < digits.number < LEAST_SCALE and plain:
                number = number[0] + digits.number, number[1] + 1
        return None if number is not None and (line.begins("clock", number[1]) or of_age(line, at, number)) else number
    if token.kind == "number" and token.number is None and at + 1 < len(line) and (scale := line.begins("scale", at + 1)):
        share = _decimal(token.surface)
        return (round(share * int(scale.value)), scale.end) if share is not None else None
    if token.kind != "number" or token.number is None:
        return None
    if token.suffix and token.suffix not in line.pack.number_suffixes:
        return None
    value, end = token.number, at + 1
    if end + 1 < len(line) and line.tokens[end].surface == "-" and line.glued(end) and line.glued(end + 1):
        other = line.tokens[end + 1]
        if other.kind == "number" and other.suffix and other.suffix not in line.pack.number_suffixes:
            # "a 15-20-strong group": the numbers only describe a noun.
            return None
    if end < len(line) and (scale := line.begins("scale", end)):
        value, end = value * int(scale.value), scale.end
        rest = line.tokens[end].number if end < len(line) else None
        if int(scale.value) >= LEAST_SCALE and rest is not None and 0 < rest < int(scale.value) and scale.end == end:
            # "13 bin 350": the rest of the number, in digits again.
            suffix = line.tokens[end].suffix
            if not suffix or suffix in line.pack.number_suffixes:
                value, end = value + rest, end + 1
        if end + 1 < len(line) and line.tokens[end].surface == "." and line.tokens[end - 1].folded in line.pack.abbreviations:
            end += 1
    if _dated(line, at, end, value):
        return None
    return value, end


def _decimal(surface: str) -> float | None:
    """The value of "1.5" or "1,5"; None for anything else."""
    head, mark, tail = surface.partition("." if "." in surface else ",")
    return float(f"{head}.{tail}") if mark and head.isdecimal() and tail.isdecimal() and len(tail) <= 2 else None


def _dated(line: Line, at: int, end: int, value: int) -> bool:
    token = line.tokens[at]
    following = line.tokens[end] if end < len(line) else None
    before = line.tokens[at - 1] if at else None
    if line.begins("clock", end):
        return True
    if line.pack.language in DOTTED and following is not None and following.surface == "." and line.glued(end) and end + 1 < len(line):
        # "am 27. September", "der 4. Soldat": the dot makes it an ordinal.
        return True
    if of_age(line, at, (value, end)):
        return True
    if value <= 31 and ((following and line.begins("month", end)) or (before and line.covers("month", at - 1) and at >= 1)):
        # "May 20", "20 May"; but "since May 12 soldiers" is rare enough.
        return True
    if FIRST_YEAR <= value <= LAST_YEAR and token.surface.isdigit() and end == at + 1:
        counted = following is not None and (
            line.begins("people", end) or line.begins("persons", end) or _counts(line, end) or end in line.mention_at
        )
        if not counted or (before is not None and (line.covers("month", at - 1) or line.covers("before_year", at - 1))):
            return True
    if before is not None and (line.covers("before_label", at - 1) or before.surface in {"№", "#"}):
        return True
    return (following is not None and following.surface in {"°", "%", "$", "€"}) or (
        before is not None and before.surface in {"$", "€", "£", "#"}
    )


def of_age(line: Line, at: int, number: tuple[int, int]) -> bool:
    """Whether the number at token `at` is somebody's age: "a boy of nine", "the youngest 19"."""
    value, end = number
    if value >= OLDEST or at == 0:
        return False
    if at > 2 and line.covers("conjunctions", at - 1) and line.covers("age_word", at - 3):
        # "aged nine and eleven"
        return True
    if line.covers("age_word", at - 1):
        return not (end < len(line) and (line.begins("people", end) or line.begins("persons", end)))
    if at < 2 or line.covers("of", at - 1) is None:
        return False
    free = end >= len(line) or line.is_mark(end) or line.covers("function_words", end) is not None
    return _aged(line, at - 2, end) or (free and line.covers("aged_people", at - 2) is not None)


def _aged(line: Line, noun: int, end: int) -> bool:
    """Whether the number is a person's age: "a woman of 48", "a boy of 17"."""
    people = line.covers("people", noun) or line.covers("persons", noun)
    singular = people is not None and (str(people.value).endswith(":one") or line.covers("one_person", noun) is not None)
    return singular and not (end < len(line) and (line.begins("people", end) or line.begins("persons", end)))


def range_at(line: Line, at: int) -> tuple[int | None, int | None, Bound, int] | None:
    """(low, high, bound, end) of a number or range at token `at`, without hedges before it."""
    near = line.begins("approximate", at) if at < len(line) else None
    if near is not None:
        return int(near.value), int(near.value), Bound.ABOUT, near.end
    pair = _paired(line, at)
    if pair is not None:
        return pair[0], pair[1], Bound.ABOUT, at + 1
    first = number_at(line, at)
    if first is None:
        return None
    value, end = first
    reached = _reaching(line, value, end)
    if reached is not None:
        return value, reached[0], Bound.ABOUT, reached[1]
    if end + 1 < len(line):
        joiner = line.begins("range_joiner", end)
        dash = line.tokens[end].surface in {"-", "–", "—"}
        if (joiner and joiner.end < len(line)) or dash:
            second = number_at(line, joiner.end if joiner else end + 1)
            either = line.covers("or", end) is not None
            plain = joiner is not None and (either or line.covers("conjunctions", end) is None) and not (at and _changing(line, at))
            scale = _scale_of(line, joiner.end if joiner else end + 1, second[1]) if second else 1
            if second and value < scale <= second[0] and value * scale < second[0]:
                # "between 25 and 30 thousand": the scale belongs to both.
                value *= scale
            if second and second[0] > value and (dash or plain or (at > 0 and _between_before(line, at))):
                return value, second[0], Bound.ABOUT, second[1]
    return value, value, Bound.EXACT, end


def _reaching(line: Line, value: int, end: int) -> tuple[int, int] | None:
    """(upper end, token past it) of a range told by endings: "ოცდაათიდან ორმოცამდე", "երեսունից քառասուն", "otuzla qırx arasında", "üç dört"."""
    if end >= len(line) or not (line.pack.agglutinative or line.pack.not_alone):
        return None
    last = line.tokens[end - 1]
    tail = last.suffix or last.folded
    second = number_at(line, end)
    if second is not None and second[0] > value and line.pack.not_alone and tail.endswith(ABLATIVE) and second[0] <= value * TWICE:
        return None if line.within("rise", end, second[1] + 2) or line.within("toll", end - 4, end) else second
    if not line.pack.agglutinative:
        return None
    small = second is not None and value < BIG and second[0] == value + 1 and last.kind == line.tokens[end].kind == "word"
    if small:
        return second
    joined = line.tokens[end].folded in {"ile", "ila"}
    upper = number_at(line, end + 1) if joined else second if tail.endswith(("la", "le", "lə")) else None
    if upper is None or upper[0] <= value:
        return None
    among = upper[1] < len(line) and line.tokens[upper[1]].folded == "arasinda"
    if among:
        return upper[0], upper[1] + 1
    return upper if joined and line.tokens[end].folded == "ila" else None


def _counts(line: Line, at: int) -> bool:
    """Whether an effect word at token `at` is counted itself: "1994 dead", not "1994 fielen"."""
    return any(str(tag.value).endswith((":state", ":noun", ":joint", ":participle")) for tag in line.all_begins("effect", at))


def _paired(line: Line, at: int) -> tuple[int, int] | None:
    """The ends of a range that is one word: "три-четыре", "two-three"."""
    if at >= len(line) or line.tokens[at].kind != "word" or "-" not in line.tokens[at].folded:
        return None
    values = values_at(line, at)
    if values is None or len(values) != PAIR or any(scale for _, scale in values):
        return None
    (low, _), (high, _) = values
    return (low, high) if 0 < low < high <= low + low and low < LEAST_TENS else None


def _scale_of(line: Line, start: int, end: int) -> int:
    """The scale word that closes a number, 1 without one."""
    scale = line.covers("scale", end - 1) or (line.covers("scale", end - 2) if end - 2 >= start else None)
    return int(scale.value) if scale is not None and int(scale.value) >= 1000 else 1


def _changing(line: Line, at: int) -> bool:
    """Whether a number rises from here: "raised from two to four" is no range."""
    return any(line.covers("rise", place) or line.covers("toll", place) for place in range(max(0, at - 8), at))


def _between_before(line: Line, at: int) -> bool:
    hedge = line.covers("hedge", at - 1)
    return hedge is not None and hedge.value == "between" and not (line.tokens[at - 1].folded in FROM and _changing(line, at))
