"""Quantities: numbers in digits and words, ranges, hedges, vague words, nil, ordinals and single persons, and what they count.

A quantity whose noun is no person is kept as a thing, so that it can block, but never become, a claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import Bound, Group
from services.classifier.core import verbfinal
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.packs import Tag

Form = Literal["number", "vague", "none", "one", "ordinal", "definite", "name"]
Head = Literal["people", "persons", "bare", "state", "noun", "unknown", "thing"]

MAX_MODIFIERS = 6
"""Words between a number and its noun."""

MAX_UNKNOWN = 3
LEAST_SCALE = 1000
"""Scales from here on may be followed by the rest of the number in digits."""

FIRST_YEAR, LAST_YEAR = 1800, 2099
NO_NAME = ("agents", "number_vague", "exact", "people", "persons", "things", "effect")
"""Where every noun has a capital, a word of one of these classes is no name."""

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
        values = _values(line, place)
        if values is None:
            joiner = line.begins("number_joiners", place)
            # "two hundred and eleven": the joiner stands within a number only between a scale and a smaller number.
            if (
                said
                and joiner
                and current + total > 0
                and (current % 100 == 0 or line.pack.language in {"de", "fr", "ka"})
                and place + 1 < len(line)
                and (following := _values(line, place + 1))
                and not following[0][1]
                and following[0][0] < 100
                and current % 100 == 0
            ):
                place += 1
                continue
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


def _values(line: Line, at: int) -> list[tuple[int, bool]] | None:
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
        return None if number is not None and line.begins("clock", number[1]) else number
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
    if value < 100 and before is not None and line.covers("of", at - 1) and at >= 2 and _aged(line, at - 2, end):
        return True
    if value <= 31 and ((following and line.begins("month", end)) or (before and line.covers("month", at - 1) and at >= 1)):
        # "May 20", "20 May"; but "since May 12 soldiers" is rare enough.
        return True
    if FIRST_YEAR <= value <= LAST_YEAR and token.surface.isdigit():
        counted = following is not None and (
            line.begins("people", end) or line.begins("persons", end) or line.begins("effect", end) or end in line.mention_at
        )
        if not counted or (before is not None and (line.covers("month", at - 1) or line.covers("before_year", at - 1))):
            return True
    if before is not None and (line.covers("before_label", at - 1) or before.surface in {"№", "#"}):
        return True
    return (following is not None and following.surface in {"°", "%", "$", "€"}) or (
        before is not None and before.surface in {"$", "€", "£", "#"}
    )


def _aged(line: Line, noun: int, end: int) -> bool:
    """Whether the number is a person's age: "a woman of 48", "a boy of 17"."""
    people = line.covers("people", noun) or line.covers("persons", noun)
    singular = people is not None and (str(people.value).endswith(":one") or line.covers("one_person", noun) is not None)
    return singular and not (end < len(line) and (line.begins("people", end) or line.begins("persons", end)))


def _range_or_number(line: Line, at: int) -> tuple[int | None, int | None, Bound, int] | None:
    """(low, high, bound, end) of a number or range at token `at`, without hedges before it."""
    near = line.begins("approximate", at) if at < len(line) else None
    if near is not None:
        return int(near.value), int(near.value), Bound.ABOUT, near.end
    first = number_at(line, at)
    if first is None:
        return None
    value, end = first
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


def _scale_of(line: Line, start: int, end: int) -> int:
    """The scale word that closes a number, 1 without one."""
    scale = line.covers("scale", end - 1) or (line.covers("scale", end - 2) if end - 2 >= start else None)
    return int(scale.value) if scale is not None and int(scale.value) >= 1000 else 1


def _changing(line: Line, at: int) -> bool:
    """Whether a number rises from here: "raised from two to four" is no range."""
    return any(line.covers("rise", place) or line.covers("toll", place) for place in range(max(0, at - 8), at))


def _between_before(line: Line, at: int) -> bool:
    hedge = line.covers("hedge", at - 1)
    return hedge is not None and hedge.value == "between" and not (line.tokens[at - 1].folded == "from" and _changing(line, at))


def quantities(line: Line) -> list[Quantity]:
    """All quantities of the sentence, from the left, none overlapping another's number."""
    found: list[Quantity] = []
    at = 0
    peeled = line.pack.lexicon.order == "sov"
    while at < len(line):
        token = line.tokens[at]
        if token.kind == "word" and not token.title and not peeled and at not in line.quantity_starts and "-" not in token.folded:
            at += 1
            continue
        quantity = _quantity_at(line, at)
        if quantity is None:
            at += 1
            continue
        found.append(quantity)
        at = max(quantity.end, at + 1)
        if quantity.partitive and quantity.head in {"people", "persons"}:
            at = max(at, quantity.stop)
        if quantity.head == "people" and quantity.singular and line.pack.not_alone and quantity.form in {"number", "vague"}:
            # Where a noun stays singular after a numeral ("երկու զինվոր"), it is not one more person.
            at = max(at, quantity.stop)
        if quantity.form in {"one", "name", "definite", "none"} and quantity.head in {"people", "persons"} and quantity.stop > at:
            at = quantity.stop
    return found


def _quantity_at(line: Line, at: int) -> Quantity | None:
    token = line.tokens[at]
    if token.kind == "mark":
        return None
    both = line.begins("both_sides", at)
    if both:
        return Quantity(at, both.end, both.end, "definite", None, None, Bound.EXACT, "thing")
    hedge = line.begins("hedge", at)
    start = at
    if hedge and hedge.value == "between":
        span = _range_or_number(line, hedge.end) if hedge.end < len(line) else None
        if span is None or span[2] is not Bound.ABOUT:
            return None
    bound: Bound | None = None
    spoken = line.covers("say", at) or line.covers("rise", at - 1 if at else 0)
    if hedge and at and spoken and hedge.value == "up_to":
        # "owned up to 18", "has gone up to 17": the words belong to the verb.
        return None
    if hedge:
        bound = _BOUNDS.get(str(hedge.value))
        inner = hedge.end
        # "at least some 20", "more than an estimated 30": the first hedge speaks.
        second = line.begins("hedge", inner) if inner < len(line) else None
        if second and second.value in _BOUNDS:
            inner = second.end
        plain = _range_or_number(line, inner) if inner < len(line) else None
        if plain is None and inner < len(line) and (vague := line.begins("number_vague", inner)):
            return _completed(line, Quantity(start, vague.end, vague.end, "vague", None, None, Bound.VAGUE))
        one = line.begins("number_one", inner) if inner < len(line) else None
        if plain is None and one and bound is not None:
            plain = (1, 1, Bound.EXACT, one.end)
        if plain is not None:
            low, high, own, end = plain
            return _completed(line, _bounded(line, start, end, low, high, own if own is Bound.ABOUT else bound or own))
    plain = _range_or_number(line, at)
    vague = line.begins("number_vague", at)
    if vague and (plain is None or vague.end > plain[3]):
        return _completed(line, Quantity(at, vague.end, vague.end, "vague", None, None, Bound.VAGUE))
    if plain is not None:
        low, high, own, end = plain
        return _completed(line, _bounded(line, at, end, low, high, own))
    none = line.begins("number_none", at)
    if none:
        return _completed(line, Quantity(at, none.end, none.end, "none", 0, 0, Bound.EXACT))
    ordinal = line.begins("ordinal", at)
    if ordinal is None and token.kind == "number" and token.suffix in line.pack.ordinal_suffixes and token.number:
        return _completed(line, Quantity(at, at + 1, at + 1, "ordinal", token.number, token.number, Bound.EXACT))
    if ordinal:
        return _completed(line, Quantity(at, ordinal.end, ordinal.end, "ordinal", int(ordinal.value), int(ordinal.value), Bound.EXACT))
    one = line.begins("number_one", at)
    if one and one.end < len(line) and (ordinal := line.begins("ordinal", one.end)):
        # "a fourth policeman": one more, not four.
        made = _completed(line, Quantity(at, ordinal.end, ordinal.end, "one", 1, 1, Bound.EXACT))
        made.more = True
        return made
    if one:
        return _completed(line, Quantity(at, one.end, one.end, "one", 1, 1, Bound.EXACT))
    return _definite(line, at)


def _base_set(line: Line, at: int) -> bool:
    """Whether the number only says of how many: "Of 40 people on the bus, six died", "nine in ten"."""
    if at + 2 < len(line) and line.covers("ratio", at + 1) and number_at(line, at + 2):
        return True
    if at >= 2 and line.covers("ratio", at - 1) and number_at(line, at - 2):
        return True
    before = at - 1
    if before >= 0 and line.covers("the", before):
        before -= 1
    opening = before == 0 or (before > 0 and (line.is_mark(before - 1) or line.covers("conjunctions", before - 1)))
    return bool(before >= 0 and opening and line.covers("out_of", before) is not None)


def _adjectival(line: Line, people: Tag) -> bool:
    """Whether a noun of people may stand before another noun: singulars, "military", "police"."""
    last = line.tokens[people.end - 1].folded
    return str(people.value).endswith(":one") or not last.endswith(("s", "men", "women", "children", "people", "troops"))


def modifies(line: Line, after: int) -> bool:
    """Whether the noun that ends before token `after` only modifies another: "a police station", "the general secretary"."""
    if line.is_mark(after) or line.tokens[after].title or line.tokens[after].kind != "word":
        return False
    known = (
        "function_words",
        "effect",
        "say",
        "auxiliaries",
        "people",
        "persons",
        "adverbs",
        "conjunctions",
        "subordinators",
        "number",
        "time_now",
    )
    if any(line.covers(kind, after) for kind in known) or after in line.mention_at:
        return False
    return line.pack.language == "en" and not line.tokens[after].folded.endswith(("ed", "ing", "ly"))


def _values_or_digits(line: Line, at: int) -> bool:
    return line.tokens[at].kind == "number" or _values(line, at) is not None


def _absorb(line: Line, quantity: Quantity) -> None:
    """Take in the noun that tells who the share is: "one of them a child", "eighty of them officers"."""
    at = quantity.stop
    if at < len(line) and (one := line.begins("number_one", at)):
        at = one.end
    for place in range(at, min(len(line), at + 3)):
        people = line.begins("people", place)
        if people:
            quantity.head, quantity.group, quantity.head_at, quantity.stop = "people", _group_of(str(people.value)), place, people.end
            return
        if line.is_mark(place) or line.covers("function_words", place) or line.covers("effect", place):
            return


def _inner(line: Line, at: int) -> int:
    """Past the larger number in "84 of its 90 men"."""
    inner = number_at(line, at) if at < len(line) else None
    return inner[1] if inner else at


_BOUNDS = {"at_least": Bound.AT_LEAST, "more_than": Bound.MORE_THAN, "up_to": Bound.UP_TO, "about": Bound.ABOUT}


def _bounded(line: Line, start: int, end: int, low: int | None, high: int | None, bound: Bound) -> Quantity:
    after = line.begins("hedge_after", end) if end < len(line) else None
    if after and bound is Bound.EXACT:
        bound = _BOUNDS[str(after.value)]
        end = after.end
    if bound in {Bound.AT_LEAST, Bound.MORE_THAN}:
        high = None
    elif bound is Bound.UP_TO:
        low = None
    return Quantity(start, end, end, "number", low, high, bound)


def _definite(line: Line, at: int) -> Quantity | None:
    """A person told without a number: "the driver", "his son", "Captain Aram X", or a bare noun where there are no articles."""
    line.tokens[at]
    if at and line.covers("people", at - 1):
        return None
    possessive = line.begins("possessives", at)
    if (possessive or line.covers("the", at)) and not line.begins("ordinal", at + 1):
        made = _completed(line, Quantity(at, at + 1, at + 1, "definite", 1, 1, Bound.EXACT))
        return made if made.head == "people" and made.singular else None
    people = line.begins("people", at)
    articles = line.pack.lexicon.articles
    named = _name(line, at)
    if named is not None:
        return None if line.pack.agglutinative and verbfinal.apposed_name(line, at) else named
    if people and line.pack.agglutinative and not verbfinal.alone(line, people):
        return None
    if people and line.pack.not_alone and line.tokens[people.end - 1].folded.endswith(line.pack.not_alone):
        return None
    # A rank before a name, or a singular noun of a language without articles.
    if people and str(people.value).endswith(":one") and (not articles or (people.end < len(line) and line.tokens[people.end].title)):
        made = Quantity(at, at, people.end, "name" if articles else "one", 1, 1, Bound.EXACT)
        made.head, made.group, made.singular, made.head_at = "people", _group_of(str(people.value)), True, at
        while made.stop < len(line) and line.tokens[made.stop].title and line.tokens[made.stop].kind == "word":
            made.stop += 1
        return made
    return None


def _name(line: Line, at: int) -> Quantity | None:
    """A person by name: two or more capitalised words that name no body and no place: "Elman Hasanov"."""
    if not line.tokens[at].title or line.sentence.headline or (at and line.tokens[at - 1].title):
        return None
    if at and (line.covers("place_preposition", at - 1) or line.covers("of", at - 1) or line.covers("by", at - 1)):
        return None
    end = at
    nouns = line.pack.language in DOTTED
    while end < len(line) and line.tokens[end].title and line.tokens[end].kind == "word":
        mention = line.mention_at.get(end)
        known = mention is not None and mention.entry.kind != "person"
        if (
            known
            or (nouns and any(line.covers(kind, end) for kind in NO_NAME))
            or line.covers("office", end)
            or line.covers("weekday", end)
            or line.covers("month", end)
            or line.covers("function_words", end)
        ):
            break
        end += 1
    if end - at < 2 or end - at > 4:
        return None
    made = Quantity(at, at, end, "name", 1, 1, Bound.EXACT)
    made.head, made.singular, made.head_at = "persons", True, end - 1
    return made


def _group_of(value: str) -> Group:
    return Group(value.split(":", 1)[0])


def _completed(line: Line, quantity: Quantity) -> Quantity:
    """The quantity with what it counts; a mere base ("of 40 people on the bus, six died") counts as a thing."""
    made = _with_noun(line, quantity)
    if line.pack.language == "fr" and made.head in {"people", "persons", "state", "noun"} and made.stop < len(line):
        # "quatre soldats arméniens": the adjective behind the noun belongs to it.
        mention = line.mention_at.get(made.stop)
        if mention is not None and mention.entry.kind in {"demonym", "people", "armed", "place"} and not line.tokens[made.stop].title:
            made.stop += 1
    if made.form == "number" and made.effect_at is None and _base_set(line, made.start):
        made.head = "thing"
    return made


def _with_noun(line: Line, quantity: Quantity) -> Quantity:
    """The quantity with the noun phrase that follows its number."""
    if line.pack.agglutinative:
        return verbfinal.with_noun(line, quantity)
    at = quantity.end
    tokens = line.tokens
    if at < len(line) and (them := line.begins("from_them", at)):
        # "seven from them", "двое из них": the pronoun closes the phrase.
        quantity.partitive, quantity.stop = True, them.end
        _absorb(line, quantity)
        return quantity
    unknown = content = 0
    nation: int | None = None
    aged: int | None = None
    # "five of his colleagues", "three of those", "several of the wounded", "a number of".
    if at < len(line) and (link := line.begins("partitive", at)):
        quantity.partitive = True
        at = link.end
        if at < len(line) and (owner := line.begins("possessives", at)) and not line.begins("people", at):
            # "five of his colleagues" are no share of those told before.
            quantity.possessive, quantity.partitive = at, False
            at = _inner(line, owner.end)
            if at < len(line) and line.begins("ranks", at):
                quantity.head, quantity.stop, quantity.head_at = "persons", at + 1, at
                return quantity
        elif at < len(line) and line.begins("them", at):
            quantity.stop, quantity.head = at + 1, "bare"
            _absorb(line, quantity)
            return quantity
        elif at < len(line) and line.covers("the", at):
            at = _inner(line, at + 1)
    limit = min(len(line), at + MAX_MODIFIERS)
    while at < limit:
        token = tokens[at]
        if token.surface in QUOTES and at + 1 < limit and content == 0:
            at += 1
            continue
        if token.surface == "՝" and content == 0 and at == quantity.end and line.begins("people", at + 1):
            # "որոնցից մեկը՝ երեխա": the mark stands for "is".
            at += 1
            continue
        if token.kind == "mark":
            break
        if token.kind == "number" and token.suffix:
            # "a 12-year-old boy", "a 25-year-old": an age before the noun, or instead of it.
            aged = at + 1
            at += 1
            content += 1
            continue
        if token.kind == "number" and content == 0 and (old := line.begins("years_old", at + 1)):
            # "ein 32 Jahre alter Hirte"
            at = old.end
            content += 1
            continue
        people = line.begins("people", at)
        if people and line.begins("things", people.end):
            quantity.head, quantity.stop = "thing", people.end + 1
            return quantity
        if people and _adjectival(line, people) and modifies(line, people.end):
            at = people.end
            content += 1
            unknown += 1
            continue
        if people:
            quantity.head, quantity.group, quantity.head_at = "people", _group_of(str(people.value)), at
            quantity.singular = str(people.value).endswith(":one") or str(people.value).endswith(":any")
            at = people.end
            # "police sergeant major", "Armenian army officers": the last noun is the head, the clearer group stays.
            while at < len(line) and (more := line.begins("people", at)):
                quantity.head_at, at = at, more.end
                quantity.singular = not str(more.value).endswith(":many")
                if quantity.group is Group.CIVILIAN or quantity.group is Group.MILITARY:
                    quantity.group = _group_of(str(more.value)) if _group_of(str(more.value)) is not Group.CIVILIAN else quantity.group
            quantity.stop = at
            return quantity
        persons = line.begins("persons", at)
        effects = line.all_begins("effect", at)
        if persons and not (effects and any(str(tag.value).endswith((":noun", ":joint")) for tag in effects)):
            quantity.head, quantity.head_at = "persons", at
            if line.begins("others", at):
                quantity.more = True
            at = persons.end
            if at < len(line) and (people := line.begins("people", at)):
                quantity.head, quantity.group, at = "people", _group_of(str(people.value)), people.end
            quantity.stop = at
            return quantity
        if effects and unknown:
            break
        if effects:
            forms = {str(tag.value).split(":", 1)[1] for tag in effects}
            if forms & {"noun", "joint"} and not forms & {"state"}:
                quantity.head, quantity.effect_at, quantity.stop = "noun", at, effects[0].end
                return quantity
            if "state" in forms:
                after = effects[0].end
                people = line.begins("people", after) if after < len(line) else None
                persons = line.begins("persons", after) if after < len(line) else None
                people_of = line.mention_at.get(after)
                quantity.effect_at, quantity.head, quantity.stop = at, "state", after
                if people:
                    quantity.group, quantity.stop, quantity.head = _group_of(str(people.value)), people.end, "state"
                elif persons:
                    quantity.stop = persons.end
                elif people_of is not None and people_of.entry.kind in {"demonym", "people"}:
                    quantity.stop = after + 1
                return quantity
            break
        if line.begins("more", at):
            quantity.more = True
            at += 1
            continue
        mention = line.mention_at.get(at)
        if mention is not None:
            content += 1
            if mention.entry.kind == "demonym" and unknown == 0:
                nation = at + 1
                limit = min(len(line), at + 1 + MAX_MODIFIERS)
            at += 1
            continue
        if line.begins("things", at):
            after = at + 1
            if after < len(line) and (line.begins("people", after)):
                at = after
                continue
            quantity.head, quantity.stop = "thing", at + 1
            return quantity
        if token.kind == "number" or line.covers("function_words", at) or line.begins("number", at) or line.covers("say", at):
            break
        if line.pack.not_alone and line.covers("rise", at):
            # A verb that closes the clause is no noun: "რიცხვმა 201-ს მიაღწია".
            break
        content += 1
        unknown += 1
        if unknown > MAX_UNKNOWN:
            break
        at += 1
    if aged is not None and unknown == 0 and nation is None and aged == at and quantity.form in {"one", "definite"}:
        quantity.head, quantity.head_at, quantity.stop, quantity.singular = "persons", aged - 1, aged, True
    elif nation is not None and unknown == 0:
        # "370 Armenians": the nation itself is the noun.
        quantity.head, quantity.head_at, quantity.stop = "persons", nation - 1, nation
    elif content:
        strange = 0 < unknown <= 2 and not any(line.covers("things", place) for place in range(quantity.end, at))
        quantity.head, quantity.stop = ("unknown" if strange and quantity.form in {"one", "number", "vague"} else "thing"), at
    else:
        quantity.stop = max(quantity.end, at if quantity.partitive else quantity.end)
        if quantity.partitive and not (at > quantity.end and tokens[at - 1].kind != "mark" and _values_or_digits(line, at - 1)):
            quantity.head = "thing"
    if (
        tokens[quantity.end - 1].kind == "number"
        and quantity.end < len(line)
        and tokens[quantity.end].surface in COMMAS
        and quantity.head == "bare"
    ):
        before = tokens[quantity.start - 1] if quantity.start else None
        # "Abishov, 32, was": an age.
        if before is not None and before.surface in COMMAS and quantity.start >= 2 and tokens[quantity.start - 2].title:
            quantity.head = "thing"
    return quantity
