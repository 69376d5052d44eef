"""Relations between figures: which are shares, increments, told again, or replaced by a newer one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas.vocabulary import Effect
from services.classifier.core import verbfinal
from services.classifier.core.bonds import shared
from services.classifier.core.effects import EffectWord
from services.classifier.core.frames import Frame
from services.classifier.core.leaning import NTH, inherited, unharmed
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.lists import appositions, shares_by_sum
from services.classifier.core.nil import nil, unhurt
from services.classifier.core.numerals import Quantity

if TYPE_CHECKING:
    from services.classifier.core.drafts import Draft

APPOSED = 6
"""Tokens between a person and his apposition."""


def related(line: Line, found: list[Frame], all_found: list[Quantity], words: list[EffectWord], before: Sequence[Draft]) -> list[Frame]:
    """The frames of a sentence with their relations marked, and those that stand on a claim told before."""
    kept = []
    for frame in found:
        quantity = frame.quantity
        if frame.negated and quantity.form == "one" and quantity.head in {"people", "persons"}:
            # "had not lost a single soldier"
            quantity.low = quantity.high = 0
            quantity.form = "none"
        if frame.negated and quantity.form != "none":
            continue
        if quantity.partitive and quantity.head == "noun":
            if quantity.effect_at is None or not line.covers("victim", quantity.effect_at):
                continue
            frame.options["subset"] = True
        if frame.effect in {Effect.CAPTURED, Effect.MISSING} and (
            unharmed(line, quantity, 9)
            or line.within("freeing", max(0, quantity.start - 4), quantity.start)
            or (frame.word is not None and line.covers("rise_from", frame.word.start - 1) is not None)
        ):
            continue
        if quantity.form == "ordinal" and not _ordinal(line, frame):
            continue
        if (
            quantity.form == "number"
            and quantity.start
            and line.covers("negation", quantity.start - 1)
            and not line.covers("number_none", quantity.start - 1)
        ):
            # "lost not eight soldiers, but eleven": the number that is corrected.
            frame.options["current"] = False
            frame.options["corrected"] = True
        if quantity.head == "bare" and frame.rule in {"losing", "toll"} and _of_things(line, quantity, all_found):
            continue
        kept.append(frame)
    taken = {id(frame.quantity) for frame in kept}
    for quantity in all_found:
        if id(quantity) in taken or not quantity.countable:
            continue
        made = inherited(line, quantity, kept, before)
        if made is not None:
            kept.append(made)
            taken.add(id(quantity))
    if line.pack.agglutinative or line.pack.not_alone:
        for toll in [frame for frame in kept if frame.rule == "toll"]:
            for quantity in all_found:
                if id(quantity) not in taken and verbfinal.risen_from(line, toll.quantity, quantity):
                    kept.append(Frame(quantity, toll.effect, toll.start, quantity.stop, 3.0, "superseded", options={"current": False}))
                    taken.add(id(quantity))
    kept.extend(appositions(line, kept, all_found, taken))
    kept.extend(_named(line, all_found, taken))
    kept.extend(nil(line, kept, words))
    kept.extend(_neither(kept))
    kept.extend(unhurt(line))
    shares_by_sum(kept)
    kept.sort(key=lambda frame: frame.quantity.start)
    kept = _one_person_once(line, kept)
    kept = [frame for frame in kept if not _told_again(line, frame, before)]
    for number, frame in enumerate(kept):
        _mark(line, frame, kept[:number], before)
    return kept


def marked(line: Line, new: list[Frame], kept: Sequence[Frame], before: Sequence[Draft]) -> list[Frame]:
    """The frames that were found beside `kept`, with their relations marked as `related` marks its own."""
    for frame in new:
        _mark(line, frame, [other for other in kept if other.quantity.start < frame.quantity.start], before)
    return new


def _mark(line: Line, frame: Frame, earlier: Sequence[Frame], before: Sequence[Draft]) -> None:
    quantity = frame.quantity
    if _of_each(line, frame):
        frame.options["each"] = True
    if frame.rule == "among" or ((earlier or before) and (shared(line, quantity) or quantity.partitive)):
        frame.options["subset"] = True
    if quantity.more and _adds(line, frame, earlier, before):
        frame.options["addition"] = True
    if _earlier(line, frame):
        frame.options["current"] = False


def _named(line: Line, all_found: list[Quantity], taken: set[int]) -> list[Frame]:
    """The dead by their names: "The names of the dead are A. B., C. D. and E. F."."""
    tag = next(line.of_kind("names_of_dead"), None)
    if tag is None:
        return []
    made, last = [], tag.end
    for quantity in all_found:
        if quantity.start < tag.end:
            continue
        between = range(last, quantity.start)
        joined = all(line.is_mark(at) or line.covers("conjunctions", at) or line.covers("auxiliaries", at) for at in between)
        if quantity.form != "name" or id(quantity) in taken or not joined or len(between) > 2:
            break
        made.append(Frame(quantity, Effect.KILLED, quantity.start, quantity.stop, 3.4, "named", options={"subset": True}))
        taken.add(id(quantity))
        last = quantity.stop
    return made


def _of_each(line: Line, frame: Frame) -> bool:
    """Whether each of two sides has so many: "the two sides lost two men each", "both sides said that they had lost two men"."""
    quantity = frame.quantity
    if quantity.form not in {"number", "one", "vague"}:
        return False
    behind = range(quantity.stop, min(len(line), max(quantity.stop, frame.end) + 3))
    if any(line.begins("each", at) for at in behind) and line.within("both_sides", max(0, frame.start - 14), frame.end + 3):
        return True
    if any(line.begins("each_side", at) for at in range(max(0, frame.start - 3), min(len(line), frame.end + 2))):
        return True
    return frame.rule == "losing" and frame.word is not None and line.within("both_sides", max(0, frame.word.start - 7), frame.word.start)


def _neither(kept: list[Frame]) -> list[Frame]:
    """A nil of two effects is a nil of both: "no dead or wounded"."""
    return [
        Frame(frame.quantity, Effect.WOUNDED, frame.start, frame.end, frame.score, frame.rule, word=frame.word)
        for frame in kept
        if frame.joint
        and frame.effect is Effect.KILLED
        and frame.quantity.low == frame.quantity.high == 0
        and frame.word is not None
        and frame.word.end - frame.word.start > 1
    ]


def _ordinal(line: Line, frame: Frame) -> bool:
    """An ordinal tells a total in "the fifth policeman to die", "its third death"; else it tells one of several."""
    quantity = frame.quantity
    word = frame.word
    if quantity.low is None or quantity.low > 60:
        return False
    if quantity.low == 1 and quantity.head not in {"people", "persons"}:
        return False
    total = False
    if word is not None:
        between = range(quantity.stop, word.start)
        total = any(line.covers("infinitive", place) for place in between) or frame.rule in {"losing", "counted", "headline", "active"}
        total = total or bool(quantity.start and line.begins("possessives", quantity.start - 1))
    if total:
        return quantity.head in {"people", "persons", "noun", "unknown"}
    quantity.low = quantity.high = 1
    frame.options["subset"] = True
    return True


def _adds(line: Line, frame: Frame, earlier: Sequence[Frame], before: Sequence[Draft]) -> bool:
    """Whether "more" adds to a figure of the same effect: "four more"; not "two killed and eleven others wounded"."""
    quantity = frame.quantity
    if line.within("others", quantity.end, quantity.stop):
        return False
    if earlier:
        return earlier[-1].effect is frame.effect
    told = [draft for draft in before if line.sentence.index - draft.line.sentence.index <= 3]
    totals = line.within("toll", frame.end, len(line))
    return totals or any(draft.frame.effect is frame.effect for draft in told) or not before


def _of_things(line: Line, quantity: Quantity, all_found: list[Quantity]) -> bool:
    """Whether a bare number goes on counting things: "it shot down three drones and lost one"."""
    earlier = [other for other in all_found if other.start < quantity.start and other.form == "number" and other.head != "bare"]
    if earlier:
        return earlier[-1].head == "thing" and not line.covers("things", earlier[-1].stop - 1)
    return False


def _one_person_once(line: Line, kept: list[Frame]) -> list[Frame]:
    """A person told by name and by noun is one: "a policeman, Yuri T., 30, was shot dead"; the noun stays."""
    single = {"name", "one", "definite"}
    gone: set[int] = set()
    for first, second in itertools.pairwise(kept):
        one, other = first.quantity, second.quantity
        if first.rule == NTH and other.form in single and other.start - one.stop <= 1:
            # "the seventh, a boy of 16": the boy is the seventh.
            gone.add(id(second))
            continue
        alone = one.low == one.high == other.low == other.high == 1
        if alone and first.effect is second.effect and _in_commas(line, one, other, second):
            # "its driver, a man of 54, had got away with cuts"
            gone.add(id(second))
            continue
        if first.effect is not second.effect or not alone or "name" not in {one.form, other.form}:
            continue
        between = range(one.stop, other.start)
        apposed = (
            len(between) <= 5
            and any(line.tokens[at].surface in COMMAS for at in between)
            and not any(line.begins("conjunctions", at) for at in between)
        )
        if apposed or not between:
            gone.add(id(first if one.form == "name" else second))
    return [frame for frame in kept if id(frame) not in gone]


def _in_commas(line: Line, one: Quantity, other: Quantity, second: Frame) -> bool:
    """Whether the second of two persons stands in commas behind the first, before the verb of both."""
    if second.word is None or other.stop > second.word.start or one.stop >= len(line) or other.start - one.stop > APPOSED:
        return False
    opened = [at for at in range(one.stop, other.start) if line.tokens[at].surface in COMMAS]
    closed = [at for at in range(other.stop, second.word.start) if line.tokens[at].surface in COMMAS]
    joined = line.within("conjunctions", one.stop, other.start) or line.within("conjunctions", other.stop, second.word.start)
    return len(opened) == 1 and len(closed) == 1 and not joined


def _told_again(line: Line, frame: Frame, before: Sequence[Draft]) -> bool:
    """Whether "the four deaths" only points back to a figure that was told."""
    quantity = frame.quantity
    pointed = quantity.start > 0 and line.covers("the", quantity.start - 1) is not None
    if not pointed or quantity.form != "number" or quantity.low is None:
        return False
    return any(draft.frame.effect is frame.effect and draft.frame.quantity.low == quantity.low for draft in before)


def _earlier(line: Line, frame: Frame) -> bool:
    start = frame.quantity.start
    for place in range(frame.end, min(len(line), frame.end + 14)):
        if line.tokens[place].surface == ";":
            break
        if line.covers("withdrawn", place):
            # "and took back an earlier statement" speaks of another figure.
            return not line.within("time_earlier", place, min(len(line), place + 5))
    rising = any(line.covers("rise", place) and not line.covers("copula", place) for place in range(max(0, start - 12), start))
    if (
        start
        and rising
        and line.covers("rise_from", start - 1)
        and line.within("rise_to", frame.quantity.stop, min(len(line), frame.quantity.stop + 3))
    ):
        return True
    return any(line.covers("time_earlier", place) and line.covers("superseding", place) for place in range(max(0, start - 2), start))
