"""Relations between figures: shares, increments, figures that a newer one replaces, ordinals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.classifier.core.frames import Frame
from services.classifier.core.lines import Line
from services.classifier.core.quantities import Quantity

if TYPE_CHECKING:
    from services.classifier.core.claims import Draft


def related(line: Line, found: list[Frame], all_found: list[Quantity], before: Sequence[Draft]) -> list[Frame]:
    """The frames of a sentence with their relations marked, and those that stand on a claim told before."""
    kept = []
    for frame in found:
        quantity = frame.quantity
        if frame.negated and quantity.form != "none":
            continue
        if quantity.form == "ordinal" and not _ordinal(line, frame):
            continue
        kept.append(frame)
    taken = {id(frame.quantity) for frame in kept}
    for quantity in all_found:
        if id(quantity) in taken or not quantity.countable:
            continue
        made = _inherited(line, quantity, kept, before)
        if made is not None:
            kept.append(made)
            taken.add(id(quantity))
    kept.sort(key=lambda frame: frame.quantity.start)
    for number, frame in enumerate(kept):
        quantity = frame.quantity
        if frame.rule == "among" or ((number or before) and (_after_subset(line, frame) or quantity.partitive)):
            frame.options["subset"] = True
        if quantity.more:
            frame.options["addition"] = True
        if _earlier(line, frame):
            frame.options["current"] = False
    return kept


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
        total = any(line.tokens[place].folded == "to" for place in between) or frame.rule in {"losing", "counted", "headline", "active"}
        total = total or bool(quantity.start and line.begins("possessives", quantity.start - 1))
    if total:
        return quantity.head in {"people", "persons", "noun", "unknown"}
    quantity.low = quantity.high = 1
    frame.options["subset"] = True
    return True


def _inherited(line: Line, quantity: Quantity, kept: list[Frame], before: Sequence[Draft]) -> Frame | None:
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
    if effect is None or quantity.form in {"none", "ordinal"}:
        return None
    led = any(line.covers("subset", place) for place in range(max(0, quantity.start - 3), quantity.start))
    share = (
        led and (quantity.head in {"people", "persons", "bare"}) and not (distance and quantity.head == "bare" and not quantity.partitive)
    )
    of_them = quantity.partitive and quantity.form in {"number", "vague", "one"} and quantity.stop > quantity.end
    if (share and quantity.form in {"number", "vague", "one", "definite"}) or (of_them and quantity.head != "thing"):
        start = quantity.start if distance else min(quantity.start, leaned.start if leaned else quantity.start)
        frame = Frame(quantity, effect, start, quantity.stop, 4.0, "share")
        frame.options["subset"] = True
        return frame
    spoken = quantity.start > 0 and line.covers("say_number", quantity.start - 1) is not None
    if spoken and quantity.form == "number" and quantity.head == "bare":
        return Frame(quantity, effect, quantity.start - 1, quantity.stop, 2.6, "spoken-number")
    against = quantity.start > 0 and line.covers("time_earlier", quantity.start - 1) is not None
    if against and leaned is not None and quantity.head == "bare" and quantity.form == "number":
        frame = Frame(quantity, effect, quantity.start - 1, quantity.stop, 3.0, "superseded")
        frame.options["current"] = False
        return frame
    return None


def _earlier(line: Line, frame: Frame) -> bool:
    start = frame.quantity.start
    if line.covers("withdrawn", start) or any(
        line.covers("withdrawn", place) for place in range(frame.end, min(len(line), frame.end + 14))
    ):
        return True
    return any(line.covers("time_earlier", place) and line.covers("superseding", place) for place in range(max(0, start - 2), start))


def _after_subset(line: Line, frame: Frame) -> bool:
    start = frame.quantity.start
    return any(line.covers("subset", place) for place in range(max(0, start - 3), start))
