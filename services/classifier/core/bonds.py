"""Bonds between a quantity and an effect: shares, tolls that rise to a number, "of", and what stands between as a price."""

from __future__ import annotations

from services.classifier.core.effects import EffectWord
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.numerals import Quantity

INSERTED = 4
"""Tokens of the shortest source between two commas, with these."""

OPENING = 9
"""Tokens between what is counted, at the beginning, and the verb of speech before its number."""

LEADS = frozenset({":", "-", "–", "—"})
"""Marks that lead from a word to its number."""


def opens_list(line: Line, start: int, mark: int, quantity: Quantity) -> bool:
    """Whether an effect that opens its clause is followed by a dash or colon and a number alone: "wounded - 11", "Killed: 3"."""
    if line.tokens[mark].surface not in LEADS or quantity.form not in {"number", "vague", "none"}:
        return False
    opens = start == 0 or line.is_mark(start - 1) or line.covers("the", start - 1) is not None
    return opens and (quantity.stop >= len(line) or line.is_mark(quantity.stop) or line.covers("conjunctions", quantity.stop) is not None)


def shared(line: Line, quantity: Quantity) -> bool:
    """Whether the quantity is a share of the one before: "including a child", "two children among them", ", one of them a child,"."""
    after = quantity.stop
    if after < len(line) and line.tokens[after].surface in COMMAS:
        # "a priest, Nikolai K., 66, was among them": past the apposition.
        closing = [at for at in range(after + 1, min(len(line), after + 9)) if line.tokens[at].surface in COMMAS]
        after = closing[-1] + 1 if closing else after
    first = after
    while after < len(line) and after - first < 3 and (line.covers("auxiliaries", after) or line.covers("adverbs", after)):
        after += 1
    if after > first and after < len(line) and line.begins("subset_after", after):
        return True
    if quantity.partitive and quantity.start and line.tokens[quantity.start - 1].surface in COMMAS:
        return quantity.head == "people" or (quantity.stop < len(line) and line.tokens[quantity.stop].surface in COMMAS)
    return led_as_share(line, quantity.start) or line.begins("subset_after", quantity.stop) is not None


def led_as_share(line: Line, start: int) -> bool:
    """Whether words of a share stand before token `start`, with no comma and no conjunction between."""
    for place in range(start - 1, max(-1, start - 4), -1):
        tag = line.covers("subset", place)
        if tag and tag.start < start:
            return True
        if (
            line.is_mark(place)
            and (line.tokens[place].surface in LEADS or line.tokens[place].surface == "՝")
            and line.covers("subset", place - 1)
        ):
            # "среди них — двое стариков", "այդ թվում՝ տասնյոթ ոստիկան"
            continue
        if line.is_mark(place) or line.begins("conjunctions", place):
            return False
    return False


def rises(line: Line, start: int, *, begin: int, end: int) -> bool:
    """Whether a verb of rising or standing, or a bare "at", leads from a toll to the number: "the toll climbed to 18"."""
    found = line.within("rise", begin, end)
    found = found or any(
        line.covers("rise", place) and not line.covers("copula", place) for place in range(max(0, start - 9), start) if end - begin <= 4
    )
    raised = any(line.covers("rise", place) and not line.covers("copula", place) for place in range(max(0, start - 4), start))
    found = found or (raised and end > begin and line.covers("rise_to", end - 1) is not None)
    found = found or (end < len(line) and line.covers("rise", end) is not None)
    put = line.within("put", max(0, start - 7), start)
    found = found or (put and end > begin and line.covers("toll_at", end - 1) is not None)
    if line.pack.not_alone and line.within("toll", max(0, start - 2), end):
        # The verb may close the clause: "დაღუპულთა რიცხვმა 201-ს მიაღწია".
        found = found or line.within("rise", end + 1, min(len(line), end + 4))
    return found or (end - begin <= 2 and line.within("toll_at", begin, end))


def right_of(line: Line, word: EffectWord, quantity: Quantity) -> bool:
    """Whether the quantity hangs on the noun by "of": "the deaths of 25 people"."""
    if quantity.start < word.end:
        return False
    gap = quantity.start - word.end
    return (
        (gap == 0 and line.pack.language != "en")
        or (gap <= 2 and (line.begins("partitive", word.end) is not None or line.tokens[word.end - 1].folded == "of"))
        or (gap == 0 and line.tokens[word.end - 1].folded == "of")
    )


def inserted(line: Line, begin: int, end: int) -> bool:
    """Whether only a source in commas stands between: "погибших, по данным МЧС, семнадцать"."""
    if line.pack.lexicon.order == "free" and begin <= INSERTED and end - begin <= OPENING and line.covers("say", end - 1):
        # "Пропавших без вести Красный Крест насчитывает больше тысячи": the verb of speech stands right before the number.
        return not line.within("effect", begin, end) and not any(line.is_mark(at) for at in range(begin, end))
    if end - begin < INSERTED or line.tokens[begin].surface not in COMMAS or line.tokens[end - 1].surface not in COMMAS:
        return False
    inner = range(begin + 1, end - 1)
    sourced = line.within("say", begin, end) or line.within("according", begin, end)
    return sourced and not any(line.tokens[at].surface in COMMAS or line.covers("effect", at) for at in inner)


def cost_between(line: Line, begin: int, end: int, quantity: Quantity, found: list[Quantity], live: list[EffectWord]) -> float:
    """What stands between a victim and its effect, as a price."""
    cost = 0.0
    commas = 0
    if inserted(line, begin, end):
        return 0.6
    for place in range(begin, end):
        token = line.tokens[place]
        if token.kind == "mark":
            if token.surface in COMMAS:
                commas += 1
            elif token.surface in {";", "—", "–", "-", "•"}:
                cost += 2.0
            elif token.surface == ":":
                cost += 1.5
            elif token.surface in QUOTES:
                cost += 0.3
            elif token.surface in {".", "!", "?"}:
                cost += 4.0
            continue
        if line.covers("auxiliaries", place) or line.covers("adverbs", place):
            cost += 0.02
        elif line.covers("subordinators", place):
            cost += 1.0
        elif line.begins("conjunctions", place):
            cost += 0.7
        elif line.covers("say", place) or line.begins("according", place):
            cost += 1.3
        else:
            cost += 0.11
    # Two commas around a parenthesis weigh less than one that parts two clauses.
    cost += 0.35 * commas if commas != 1 else 0.8
    for word in live:
        if begin <= word.start < end:
            cost += 2.2
    for other in found:
        if (
            other is not quantity
            and begin <= other.start < end
            and other.countable
            and not (other.head == "bare" and other.form in {"ordinal", "one"})
        ):
            cost += 1.6 if other.form in {"number", "vague", "none"} else 0.8
    return cost
