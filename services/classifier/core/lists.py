"""Lists behind a total: shares with places and days, in brackets, behind a colon; numbers that sum up."""

from __future__ import annotations

from services.classifier.core.ellipsis import ends
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.numerals import Quantity

LISTS = frozenset({":", "-", "–", "—"})
"""Marks behind which a list may stand."""

SOURCED = 14
"""Tokens of a source between a total and the colon of its list."""

LIST_GAP = 7
"""Tokens between two items of a list: a place, a day, an office."""


def appositions(line: Line, kept: list[Frame], all_found: list[Quantity], taken: set[int]) -> list[Frame]:
    """A list behind a total that sums up to it: "four dug out dead, a woman and her three grandsons"."""
    made: list[Frame] = []
    for frame in kept:
        total = frame.quantity.low
        if total is None or total < 2 or total != frame.quantity.high:
            continue
        run = _listed_behind(line, frame, all_found, taken)
        parts = sum(quantity.low or 0 for quantity in run)
        if len(run) > 1 and (parts == total or (parts < total and frame.end < len(line) and line.tokens[frame.end].surface in {":", "("})):
            for quantity in run:
                share = Frame(quantity, frame.effect, frame.quantity.start, quantity.stop, 4.2, "apposition")
                share.options["subset"] = True
                made.append(share)
                taken.add(id(quantity))
    return made


def _listed_behind(line: Line, frame: Frame, all_found: list[Quantity], taken: set[int]) -> list[Quantity]:
    """The quantities that are listed behind a figure: ": two majors on the 14th, a captain and a sergeant", ", 42 from the army and eight from the border service"."""
    run: list[Quantity] = []
    total = frame.quantity.low or 0
    if frame.end >= len(line):
        return run
    for quantity in all_found:
        if quantity.start < frame.end or (quantity.form == "ordinal" and quantity.head == "bare"):
            # A day of the month stands within an item.
            continue
        last = run[-1].stop if run else frame.end
        between = range(last, quantity.start)
        told = sum(one.low or 0 for one in run)
        colon = not run and bool(between) and line.tokens[between[-1]].surface == ":"
        if colon and len(between) <= SOURCED and line.within("say", last, quantity.start):
            # "starben, sagte der Minister: zehn Männer und eine Frau": whoever says so stands between.
            between = range(quantity.start - 1, quantity.start)
        verb = any(line.covers(kind, at) for at in between for kind in ("effect", "say", "auxiliaries", "subordinators"))
        if (
            id(quantity) in taken
            or quantity.low is None
            or quantity.low != quantity.high
            or quantity.head not in {"people", "persons", "bare", "unknown"}
        ):
            if run and not verb and quantity.head == "thing":
                continue
            break
        marks = [line.tokens[at].surface for at in between if line.is_mark(at)]
        if not run and marks == ["("] and len(between) == 1:
            # A list in brackets: 133 servicemen, 13 policemen, 69 civilians.
            marks = [":"]
        joined = any(mark in COMMAS or mark in LISTS for mark in marks) or line.within("conjunctions", last, quantity.start)
        if (
            verb
            or not joined
            or len(between) > (LIST_GAP if run else LIST_GAP + 4)
            or any(mark in {";", ".", "("} for mark in marks)
            or told + quantity.low > total
        ):
            break
        if quantity.head in {"bare", "unknown"} and not (
            ends(line, quantity.stop) or line.covers("place_preposition", quantity.stop) or line.covers("of", quantity.stop)
        ):
            break
        run.append(quantity)
        if told + quantity.low == total:
            break
    return run


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
