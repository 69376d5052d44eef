"""Figures that lean on one told before: shares, bare numbers after a verb of speech, ellipsis, lists that sum up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas.vocabulary import Effect, Group
from services.classifier.core.bonds import shared
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.numerals import Quantity

if TYPE_CHECKING:
    from services.classifier.core.drafts import Draft


def inherited(line: Line, quantity: Quantity, kept: list[Frame], before: Sequence[Draft]) -> Frame | None:
    """A share or a bare number that leans on the last effect: "four of them overnight", "including two children", "now speaks of five"."""
    earlier = [frame for frame in kept if frame.quantity.start < quantity.start]
    leaned = max(earlier, key=lambda frame: frame.quantity.start) if earlier else None
    effect = leaned.effect if leaned else None
    distance = 0
    if leaned is None and before:
        last = before[-1]
        near = last.line.sentence.field == line.sentence.field and line.sentence.index - last.line.sentence.index <= 2
        same = last.line.sentence.paragraph == line.sentence.paragraph
        if near and (same or line.sentence.index - last.line.sentence.index == 1):
            effect, distance = last.frame.effect, 1
    if quantity.form in {"ordinal", "one"} and quantity.head_at is not None and line.covers("victim", quantity.head_at):
        quantity.low = quantity.high = 1
        frame = Frame(quantity, Effect.KILLED, quantity.start, quantity.stop, 3.4, "victim")
        frame.options["subset"] = True
        return frame if before or kept else None
    if effect is None or quantity.form in {"none", "ordinal"}:
        return None
    if unharmed(line, quantity):
        return None
    if leaned is not None and leaned.rule == "share" and quantity.head == "people" and _follows(line, leaned, quantity):
        frame = Frame(quantity, effect, quantity.start, quantity.stop, 3.6, "share")
        frame.options["subset"] = True
        return frame
    if _predicated(line, quantity):
        # "Eight were policemen", "two are children": the kinds of those told before.
        frame = Frame(quantity, effect, quantity.start, quantity.stop, 3.4, "share")
        frame.options["subset"] = True
        return frame
    if leaned is not None and quantity.head == "people" and quantity.start and line.covers("as_did", quantity.start - 1):
        # "169 of them died, as did 14 policemen and 224 civilians"
        return Frame(quantity, effect, quantity.start - 1, quantity.stop, 4.0, "as-did")
    if leaned is not None and leaned.rule == "as-did" and quantity.head == "people" and _follows(line, leaned, quantity):
        return Frame(quantity, effect, quantity.start, quantity.stop, 3.8, "as-did")
    led = shared(line, quantity)
    share = (
        led and (quantity.head in {"people", "persons", "bare"}) and not (distance and quantity.head == "bare" and not quantity.partitive)
    )
    of_them = quantity.partitive and quantity.form in {"number", "vague", "one"} and quantity.stop > quantity.end
    if (share and quantity.form in {"number", "vague", "one", "definite"}) or (
        of_them and quantity.head not in {"thing", "noun", "unknown"}
    ):
        start = quantity.start if distance else min(quantity.start, leaned.start if leaned else quantity.start)
        frame = Frame(quantity, effect, start, quantity.stop, 4.0, "share")
        frame.options["subset"] = True
        return frame
    spoken = _spoken(line, quantity)
    summed = quantity.stop < len(line) and line.begins("in_all", quantity.stop) is not None
    plain = (
        quantity.form in {"number", "vague"}
        and quantity.head == "bare"
        and not (quantity.stop < len(line) and line.begins("partitive", quantity.stop))
    )
    if (spoken or summed) and plain:
        if leaned is not None and line.within("by_now", max(0, quantity.start - 4), quantity.start):
            leaned.options["current"] = False
        return Frame(quantity, effect, quantity.start - 1, quantity.stop, 2.6, "spoken-number")
    other = _other_source(line, quantity)
    if leaned is not None and other is not None and plain:
        frame = Frame(quantity, effect, quantity.start, quantity.stop, 3.2, "gapped-source")
        frame.options["claimant_at"] = other
        return frame
    if leaned is not None and leaned.options.get("corrected") and plain and quantity.start - leaned.end < 10:
        return Frame(quantity, effect, leaned.start, quantity.stop, 3.6, "correction")
    if leaned is not None and _gapped(line, quantity, leaned):
        return Frame(quantity, effect, quantity.start, quantity.stop, 3.0, "gapped")
    lowered = (
        leaned is not None and leaned.rule == "toll" and quantity.start > 0 and line.covers("rise_from", quantity.start - 1) is not None
    )
    against = lowered or (
        quantity.start > 0
        and (line.covers("time_earlier", quantity.start - 1) is not None or line.covers("negation", quantity.start - 1) is not None)
    )
    if against and leaned is not None and quantity.head == "bare" and quantity.form == "number":
        frame = Frame(quantity, effect, quantity.start - 1, quantity.stop, 3.0, "superseded")
        frame.options["current"] = False
        return frame
    return None


def _predicated(line: Line, quantity: Quantity) -> bool:
    """Whether a bare number is told to be people of some kind; the noun is taken in."""
    if (
        quantity.head != "bare"
        or quantity.form not in {"number", "ordinal"}
        or (quantity.start and line.covers("place_preposition", quantity.start - 1))
    ):
        return False
    at = quantity.stop
    if at >= len(line) or not line.covers("passive", at):
        return False
    at += 1
    if at < len(line) and (one := line.begins("number_one", at)):
        at = one.end
    for place in range(at, min(len(line), at + 3)):
        people = line.begins("people", place)
        if people:
            quantity.head, quantity.stop = "people", people.end
            quantity.group = Group(str(people.value).split(":", 1)[0])
            return True
        if line.is_mark(place) or line.covers("function_words", place) or line.covers("effect", place):
            return False
    return False


def _follows(line: Line, leaned: Frame, quantity: Quantity) -> bool:
    """Whether a quantity goes on a list of shares: "42 of them servicemen and eight border guards"."""
    between = range(leaned.quantity.stop, quantity.start)
    joined = any(line.tokens[at].surface in COMMAS or line.covers("conjunctions", at) for at in between)
    later = line.within("effect", quantity.stop, min(len(line), quantity.stop + 6))
    return joined and len(between) <= 2 and not later


def _spoken(line: Line, quantity: Quantity) -> bool:
    """Whether a bare number is the object of a verb of speech: "Baku concedes one", "for last year he gave 33"."""
    at = quantity.start - 1
    if at >= 0 and line.covers("say_number", at):
        return True
    if quantity.stop < len(line) and not (
        line.is_mark(quantity.stop) or line.covers("conjunctions", quantity.stop) or line.covers("adverbs", quantity.stop)
    ):
        return False
    while at >= 0 and (line.covers("say_link", at) or line.tokens[at].surface in QUOTES):
        at -= 1
    return at >= 0 and (line.covers("say", at) is not None or line.covers("count_word", at) is not None)


def _other_source(line: Line, quantity: Quantity) -> int | None:
    """The token of a second source in "Baku spoke of five dead, Yerevan of twenty-five"."""
    at = quantity.start - 1
    if at < 2 or not (line.covers("of", at) or line.covers("toll_at", at) or line.covers("rise_to", at)):
        return None
    for place in range(at - 1, max(-1, at - 6), -1):
        if line.tokens[place].surface in COMMAS or line.covers("conjunctions", place):
            return next((near for near in range(place + 1, at) if near in line.mention_at), None)
        if line.is_mark(place) or line.covers("say", place) or line.covers("effect", place):
            return None
    return None


def _gapped(line: Line, quantity: Quantity, leaned: Frame) -> bool:
    """Whether a bare number repeats the effect elsewhere: "five died in Martakert and one in Hadrut", ": four at Martakert, one at Hadrut"."""
    if quantity.head != "bare" or quantity.form not in {"number", "vague"} or quantity.start == 0:
        return False
    before = line.tokens[quantity.start - 1]
    if (
        line.covers("possessive_clitic", quantity.start - 1)
        and quantity.start >= 2
        and quantity.start - 2 in line.mention_at
        and quantity.start - leaned.end < 8
    ):
        # "Azerbaijan's dead numbered 50, Armenia's 49."
        return True
    led = before.surface in COMMAS or before.surface == ":" or line.covers("conjunctions", quantity.start - 1)
    placed = (
        quantity.stop < len(line)
        and line.covers("place_preposition", quantity.stop)
        and (quantity.stop + 1) < len(line)
        and line.tokens[quantity.stop + 1].title
    )
    later = line.within("effect", quantity.stop, min(len(line), quantity.stop + 10))
    return bool(led and placed and not later and quantity.start - leaned.end < 24)


def unharmed(line: Line, quantity: Quantity, reach: int = 4) -> bool:
    """Whether the share has a predicate of its own that harms nobody: "five of them have returned", "two were identified"."""
    for place in range(quantity.stop, min(len(line), quantity.stop + reach)):
        if line.is_mark(place):
            return False
        if line.covers("unharmed", place):
            return True
        if line.covers("perfect", place):
            return not line.within("effect", place, min(len(line), place + 4))
    return False


def appositions(line: Line, kept: list[Frame], all_found: list[Quantity], taken: set[int]) -> list[Frame]:
    """A list behind a total that sums up to it: "four dug out dead, a woman and her three grandsons"."""
    made: list[Frame] = []
    for frame in kept:
        total = frame.quantity.low
        if total is None or total < 2 or total != frame.quantity.high:
            continue
        run: list[Quantity] = []
        for quantity in all_found:
            if quantity.start < frame.end or id(quantity) in taken:
                continue
            last = run[-1].stop if run else frame.end
            between = range(last, quantity.start)
            joined = all(line.is_mark(at) or line.covers("conjunctions", at) or line.begins("possessives", at) for at in between)
            if not joined or len(between) > 3 or quantity.low is None or quantity.low != quantity.high:
                break
            if quantity.head not in {"people", "persons", "bare"}:
                break
            run.append(quantity)
        if len(run) > 1 and sum(quantity.low or 0 for quantity in run) == total:
            for quantity in run:
                share = Frame(quantity, frame.effect, frame.quantity.start, quantity.stop, 4.2, "apposition")
                share.options["subset"] = True
                made.append(share)
                taken.add(id(quantity))
    return made


def shares_by_sum(kept: list[Frame]) -> None:
    """Numbers listed behind a total that sum up to it are its shares."""
    for frame in kept:
        listed = [other for other in kept if other.rule == "gapped" and other.effect is frame.effect and other.start > frame.start]
        if (
            frame.rule != "gapped"
            and frame.quantity.low
            and len(listed) > 1
            and sum(other.quantity.low or 0 for other in listed) == frame.quantity.low
        ):
            for other in listed:
                other.options["subset"] = True
