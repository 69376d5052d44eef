"""Quantities: every number, range, vague word, nil, ordinal and single person of a sentence, with what it counts.

A quantity whose noun is no person is kept as a thing, so that it can block, but never become, a claim.
"""

from __future__ import annotations

from schemas.vocabulary import Bound
from services.classifier.core import verbfinal
from services.classifier.core.lines import Line
from services.classifier.core.nouns import completed, group_of
from services.classifier.core.numerals import DOTTED, Quantity, of_age, range_at

NO_NAME = ("agents", "number_vague", "exact", "people", "persons", "things", "effect")
"""Where every noun has a capital, a word of one of these classes is no name."""

_BOUNDS = {"at_least": Bound.AT_LEAST, "more_than": Bound.MORE_THAN, "up_to": Bound.UP_TO, "about": Bound.ABOUT}


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
        _hedged_behind(line, quantity)
        found.append(quantity)
        at = max(quantity.end, at + 1)
        if (quantity.partitive or quantity.possessive is not None) and (
            quantity.head in {"people", "persons"} or (quantity.whole and quantity.head != "state")
        ):
            at = max(at, quantity.stop)
        if (
            quantity.head in {"people", "state"}
            and not line.pack.lexicon.articles
            and line.pack.lexicon.order == "free"
            and quantity.form in {"number", "vague"}
        ):
            # "23 ребёнка": the noun behind the numeral is not one more person.
            at = max(at, quantity.stop)
        if quantity.head == "people" and quantity.singular and line.pack.not_alone and quantity.form in {"number", "vague"}:
            # Where a noun stays singular after a numeral ("երկու զինվոր"), it is not one more person.
            at = max(at, quantity.stop)
        if quantity.form in {"one", "name", "definite", "none"} and quantity.head in {"people", "persons"} and quantity.stop > at:
            at = quantity.stop
    return found


def _hedged_behind(line: Line, quantity: Quantity) -> None:
    """Take in a hedge that stands behind the noun: "two men at most"."""
    if quantity.form != "number" or quantity.bound is not Bound.EXACT or not quantity.end < quantity.stop < len(line):
        return
    hedge = line.begins("hedge_after", quantity.stop)
    if hedge is not None and (line.is_mark(hedge.end) or line.covers("place_preposition", hedge.end)):
        bounded = _bounded(line, quantity.start, quantity.stop, quantity.low, quantity.high, Bound.EXACT)
        quantity.low, quantity.high, quantity.bound, quantity.stop = bounded.low, bounded.high, bounded.bound, bounded.stop


def _quantity_at(line: Line, at: int) -> Quantity | None:
    token = line.tokens[at]
    if token.kind == "mark":
        return None
    both = line.begins("both_sides", at)
    if both:
        return Quantity(at, both.end, both.end, "definite", None, None, Bound.EXACT, "thing")
    single = line.begins("one_by_one", at)
    if single is not None:
        return Quantity(at, single.end, single.end, "one", 1, 1, Bound.EXACT, "thing")
    # "սահմանն անցել է 28 000 մարդ": what belongs to an effect bounds no number.
    hedge = line.begins("hedge", at) if not line.covers("effect", at) else None
    start = at
    if hedge and hedge.value == "between":
        span = range_at(line, hedge.end) if hedge.end < len(line) else None
        if span is None or span[2] is not Bound.ABOUT:
            return None
    bound: Bound | None = None
    spoken = line.covers("say", at) or line.covers("rise", at - 1 if at else 0)
    if hedge and at and spoken and hedge.value == "up_to":
        # "owned up to 18", "has gone up to 17": the words belong to the verb.
        return None
    if hedge and hedge.value == "up_to" and line.covers("rise_to", at) and line.within("rise", at - 8, at):
        # "выросло с 38 до 45"
        return None
    if hedge:
        bound = _BOUNDS.get(str(hedge.value))
        inner = hedge.end
        # "at least some 20", "more than an estimated 30": the first hedge speaks.
        second = line.begins("hedge", inner) if inner < len(line) else None
        if second and second.value in _BOUNDS:
            inner = second.end
        plain = range_at(line, inner) if inner < len(line) else None
        if plain is None and inner < len(line) and (vague := line.begins("number_vague", inner)):
            return completed(line, Quantity(start, vague.end, vague.end, "vague", None, None, Bound.VAGUE))
        one = line.begins("number_one", inner) if inner < len(line) else None
        if plain is None and one and bound is Bound.AT_LEAST:
            plain = (1, 1, Bound.EXACT, one.end)
        if plain is not None and plain[0] is not None and of_age(line, at, (plain[0], plain[3])):
            # "a man of about twenty"
            return Quantity(at, plain[3], plain[3], "number", plain[0], plain[0], Bound.ABOUT, "thing")
        if plain is not None:
            low, high, own, end = plain
            return completed(line, _bounded(line, start, end, low, high, own if own is Bound.ABOUT else bound or own))
    plain = range_at(line, at)
    vague = line.begins("number_vague", at)
    if vague and (plain is None or vague.end > plain[3]):
        return completed(line, Quantity(at, vague.end, vague.end, "vague", None, None, Bound.VAGUE))
    if plain is not None:
        low, high, own, end = plain
        return completed(line, _bounded(line, at, end, low, high, own))
    none = line.begins("number_none", at)
    if none:
        return completed(line, Quantity(at, none.end, none.end, "none", 0, 0, Bound.EXACT))
    ordinal = line.begins("ordinal", at)
    if ordinal is None and token.kind == "number" and token.suffix in line.pack.ordinal_suffixes and token.number:
        return completed(line, Quantity(at, at + 1, at + 1, "ordinal", token.number, token.number, Bound.EXACT))
    if ordinal:
        return completed(line, Quantity(at, ordinal.end, ordinal.end, "ordinal", int(ordinal.value), int(ordinal.value), Bound.EXACT))
    one = line.begins("number_one", at)
    if one and one.end < len(line) and (ordinal := line.begins("ordinal", one.end)):
        # "a fourth policeman": one more, not four.
        made = completed(line, Quantity(at, ordinal.end, ordinal.end, "one", 1, 1, Bound.EXACT))
        made.more = True
        return made
    if one:
        return completed(line, Quantity(at, one.end, one.end, "one", 1, 1, Bound.EXACT))
    return _definite(line, at)


def _bounded(line: Line, start: int, end: int, low: int | None, high: int | None, bound: Bound) -> Quantity:
    after = line.begins("hedge_after", end) if end < len(line) else None
    if after and bound is Bound.EXACT:
        bound = _BOUNDS[str(after.value)]
        end = after.end
    told = line.tokens[end - 1]
    reaching = bool(line.pack.up_to_endings) and (told.suffix or told.folded).endswith(line.pack.up_to_endings)
    if bound is Bound.EXACT and reaching and not line.within("rise", end, end + 2):
        # "31-მდე გაიზარდა": what it rose to is no limit.
        bound = Bound.UP_TO
    if bound in {Bound.AT_LEAST, Bound.MORE_THAN}:
        high = None
    elif bound is Bound.UP_TO:
        low = None
    return Quantity(start, end, end, "number", low, high, bound)


def _definite(line: Line, at: int) -> Quantity | None:
    """A person told without a number: "the driver", "his son", "Captain Aram X", or a bare noun where there are no articles."""
    if at and line.covers("people", at - 1) and not line.covers("age", at - 1) and not _heads_names(line, at):
        return None
    possessive = line.begins("possessives", at)
    if (possessive or line.covers("the", at)) and not line.begins("ordinal", at + 1):
        made = completed(line, Quantity(at, at + 1, at + 1, "definite", 1, 1, Bound.EXACT))
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
        made.head, made.group, made.singular, made.head_at = "people", group_of(str(people.value)), True, at
        while made.stop < len(line) and line.tokens[made.stop].title and line.tokens[made.stop].kind == "word":
            made.stop += 1
        return made
    return None


def _heads_names(line: Line, at: int) -> bool:
    """Whether a plural without a number leads to names: "командиры Асланбек Исмаилов и Хункар-паша Исрапилов"."""
    people = line.covers("people", at - 1)
    if people is None or line.pack.language != "ru" or str(people.value).endswith(":one") or not line.tokens[at].title:
        return False
    before = range(max(0, people.start - 3), people.start)
    return not any(
        line.tokens[near].kind == "number" or line.covers("number", near) or line.covers("number_vague", near) for near in before
    )


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
    # "17 yaşlı Elvin": whose age is told is a person by one name.
    least = 1 if at and line.covers("age", at - 1) and end < len(line) and not line.covers("people", end) else 2
    if end - at < least or end - at > 4:
        return None
    made = Quantity(at, at, end, "name", 1, 1, Bound.EXACT)
    made.head, made.singular, made.head_at = "persons", True, end - 1
    return made
