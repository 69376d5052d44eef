"""Figures that lean on one told before: shares, bare numbers after a verb of speech, ellipsis, lists that sum up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from schemas.vocabulary import Effect, Group
from services.classifier.core.bonds import shared
from services.classifier.core.ellipsis import (
    DASHES,
    before_its_like,
    closes,
    elsewhere,
    ends,
    gapped,
    kind_before,
    other_source,
    said_behind,
    spoken,
    vouched_behind,
)
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.numerals import Quantity

NTH = "nth"
"""The rule of the last of a number, told apart."""

AHEAD = 3
"""Tokens between a share and the total that follows it."""

BACK = 6
"""Tokens between a number and the word that says that it is replaced."""

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
    if line.pack.agglutinative and quantity.partitive and quantity.head == "people":
        # "4-ü uşaq olmaqla 32 nəfər yaralanıb", "ikisi çocuk 13 sivilin": the share stands before its total.
        total = next((frame for frame in kept if 0 <= frame.quantity.start - quantity.stop <= AHEAD), None)
        if total is not None and (total.quantity.low or total.quantity.high or 0) > (quantity.low or 0):
            total.options.pop("subset", None)
            return Frame(quantity, total.effect, quantity.start, total.quantity.stop, 4.0, "share", options={"subset": True})
    if quantity.whole and (shared_by := _of_whole(quantity.whole, kept, before)) is not None:
        # "one of the eleven": of those of whom there are eleven, whatever was told last.
        effect = shared_by
    if quantity.form in {"ordinal", "one"} and quantity.head_at is not None and line.covers("victim", quantity.head_at):
        quantity.low = quantity.high = 1
        frame = Frame(quantity, Effect.KILLED, quantity.start, quantity.stop, 3.4, "victim")
        frame.options["subset"] = True
        return frame if before or kept else None
    former = _former(line, quantity, kept) or _before_then(line, quantity, kept, effect)
    if former is not None:
        return former
    if effect is not None and quantity.form == "none" and quantity.head == "bare":
        source = other_source(line, quantity) if leaned is not None else None
        placed = leaned is not None and elsewhere(line, quantity, leaned)
        if source is None and not placed:
            return None
        frame = Frame(quantity, effect, quantity.start, quantity.stop, 3.2, "gapped-source")
        if source is not None:
            frame.options["claimant_at"] = source
        return frame
    if quantity.form == "ordinal" and _told_apart(line, quantity) and (one := _of_whole(quantity.low or 0, kept, before)) is not None:
        # "seven dead; the seventh, a boy of 16, ..."
        quantity.low = quantity.high = 1
        frame = Frame(quantity, one, quantity.start, quantity.stop, 3.2, NTH)
        frame.options["subset"] = True
        return frame
    like = before_its_like(line, quantity, kept) if quantity.head == "bare" and quantity.form == "number" else None
    if like is not None:
        frame = Frame(quantity, like.effect, quantity.start, quantity.stop, 3.2, "gapped-source")
        frame.options["claimant_at"] = quantity.start - 1
        return frame
    if effect is None or quantity.form in {"none", "ordinal"}:
        return None
    if unharmed(line, quantity):
        return None
    degree = _degree(line, quantity, effect) if leaned is not None else None
    if degree is not None:
        # "four were hit, one fatally", "five wounded, two of them seriously"
        frame = Frame(quantity, degree, quantity.start, quantity.stop + 1, 4.0, "share")
        frame.options["subset"] = True
        return frame
    again = quantity.head == "people" or (line.pack.agglutinative and quantity.partitive and quantity.head == "bare")
    if leaned is not None and leaned.rule == "share" and again and _follows(line, leaned, quantity):
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
    apart = distance > 0 and quantity.start > 0 and line.tokens[quantity.start - 1].surface in COMMAS
    led = not apart and shared(line, quantity)
    share = (
        led and (quantity.head in {"people", "persons", "bare"}) and not (distance and quantity.head == "bare" and not quantity.partitive)
    )
    of_them = not apart and quantity.partitive and quantity.form in {"number", "vague", "one"} and quantity.stop > quantity.end
    if (share and quantity.form in {"number", "vague", "one", "definite", "name"}) or (
        of_them and quantity.head not in {"thing", "noun", "unknown"}
    ):
        start = quantity.start if distance else min(quantity.start, leaned.start if leaned else quantity.start)
        frame = Frame(quantity, effect, start, quantity.stop, 4.0, "share")
        frame.options["subset"] = True
        return frame
    told = spoken(line, quantity) or said_behind(line, quantity)
    summed = quantity.stop < len(line) and line.begins("in_all", quantity.stop) is not None
    plain = (
        quantity.form in {"number", "vague"}
        and quantity.head == "bare"
        and not (quantity.stop < len(line) and line.begins("partitive", quantity.stop))
    )
    if (told or summed) and plain:
        if leaned is not None and line.within("by_now", max(0, quantity.start - 4), quantity.start):
            leaned.options["current"] = False
        said = Frame(quantity, effect, quantity.start - 1, quantity.stop, 2.6, "spoken-number")
        if line.within("pluperfect", max(leaned.end if leaned else 0, quantity.start - BACK), quantity.start):
            # "some hours before, it had listed nine"
            said.options["current"] = False
        return said
    if plain and (leaned is not None or quantity.start == 0) and vouched_behind(line, quantity):
        return Frame(quantity, effect, quantity.start, quantity.stop, 2.6, "spoken-number")
    if plain and before and closes(line, quantity) and leaned is None and distance:
        return Frame(quantity, effect, quantity.start, quantity.stop, 2.6, "spoken-number")
    if leaned is not None and plain and kind_before(line, quantity):
        return Frame(quantity, effect, quantity.start, quantity.stop, 3.0, "gapped")
    other = other_source(line, quantity)
    if leaned is not None and other is not None and plain:
        frame = Frame(quantity, effect, quantity.start, quantity.stop, 3.2, "gapped-source")
        frame.options["claimant_at"] = other
        return frame
    if leaned is not None and leaned.options.get("corrected") and plain and quantity.start - leaned.end < 10:
        return Frame(quantity, effect, leaned.start, quantity.stop, 3.6, "correction")
    if leaned is not None and plain and elsewhere(line, quantity, leaned):
        return Frame(quantity, effect, quantity.start, quantity.stop, 3.0, "gapped")
    if leaned is not None and gapped(line, quantity, leaned):
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
    # "ten were Georgians and one an Iranian": the second goes without its verb.
    listed = (
        quantity.start > 0
        and line.covers("conjunctions", quantity.start - 1)
        and line.within("passive", quantity.start - BACK, quantity.start)
    )
    # Where there is no copula, a dash stands for it: "тридцать пять — граждане России".
    dashed = line.pack.language == "ru" and not quantity.partitive and at < len(line) and line.tokens[at].surface in DASHES
    if at >= len(line) or not (dashed or line.covers("passive", at) or (listed and line.begins("number_one", at))):
        return False
    at += dashed or line.covers("passive", at) is not None
    if at < len(line) and (one := line.begins("number_one", at)):
        at = one.end
    for place in range(at, min(len(line), at + 3)):
        people = line.begins("people", place)
        if people:
            quantity.head, quantity.stop = "people", people.end
            quantity.group = Group(str(people.value).split(":", 1)[0])
            return True
        mention = line.mention_at.get(place)
        if mention is not None and mention.entry.kind in {"demonym", "people"} and ends(line, place + 1):
            quantity.head, quantity.stop = "persons", place + 1
            return True
        if line.is_mark(place) or line.covers("function_words", place) or line.covers("effect", place):
            return False
    return False


def _follows(line: Line, leaned: Frame, quantity: Quantity) -> bool:
    """Whether a quantity goes on a list of shares: "42 of them servicemen and eight border guards"."""
    between = range(leaned.quantity.stop, quantity.start)
    joined = any(line.tokens[at].surface in COMMAS or line.covers("conjunctions", at) for at in between)
    later = line.within("effect", quantity.stop, min(len(line), quantity.stop + 6))
    # Where names have no capitals, one may stand between: "გენერალი ფოლად ჰაშიმოვი და პოლკოვნიკი".
    return joined and len(between) <= (4 if line.pack.language == "ka" or line.pack.agglutinative else 2) and not later


def _degree(line: Line, quantity: Quantity, effect: Effect) -> Effect | None:
    """The effect on a share that only an adverb tells: "one fatally", "two of them seriously"; None where none does."""
    at = quantity.stop
    listed = quantity.form in {"number", "one"} and (quantity.head == "bare" or quantity.partitive)
    if quantity.head == "unknown" and (line.begins("fatal", quantity.end) or line.begins("gravely", quantity.end)):
        # The adverb was taken for a noun.
        quantity.head, quantity.stop, listed, at = "bare", quantity.end, True, quantity.end
    if not listed or effect not in {Effect.WOUNDED, Effect.KILLED} or at >= len(line):
        return None
    if not (quantity.start and (line.is_mark(quantity.start - 1) or line.covers("conjunctions", quantity.start - 1))):
        return None
    if line.begins("fatal", at):
        return Effect.KILLED
    return Effect.WOUNDED if line.begins("gravely", at) and ends(line, at + 1) else None


def _told_apart(line: Line, quantity: Quantity) -> bool:
    """Whether an ordinal tells who the last of a number was: "the seventh, a boy of 16", "the third a major"."""
    at = quantity.end
    last = (quantity.low or 0) > 1 and line.covers("the", quantity.start - 1) is not None
    return last and at < len(line) and (line.tokens[at].surface in COMMAS or line.begins("number_one", at) is not None)


def _of_whole(whole: int, kept: list[Frame], before: Sequence[Draft]) -> Effect | None:
    """The effect of the figure `whole` in the sentence or, the nearest first, before it."""
    for frame in [*kept, *(draft.frame for draft in reversed(before))]:
        if frame.quantity.low == frame.quantity.high == whole:
            return frame.effect
    return None


def _before_then(line: Line, quantity: Quantity, kept: list[Frame], effect: Effect | None) -> Frame | None:
    """The first of two numbers told one after the other: "has said 101, then 121"."""
    at = quantity.stop
    if (
        quantity.form != "number"
        or quantity.head != "bare"
        or at + 1 >= len(line)
        or line.tokens[at].surface not in COMMAS
        or not line.covers("then", at + 1)
    ):
        return None
    following = next((frame for frame in kept if 0 < frame.quantity.start - at <= BACK), None)
    told = following.effect if following is not None else effect
    if told is None:
        return None
    frame = Frame(quantity, told, quantity.start, quantity.stop, 3.0, "superseded")
    frame.options["current"] = False
    return frame


def _former(line: Line, quantity: Quantity, kept: list[Frame]) -> Frame | None:
    """A figure that another one of the sentence replaces: "from 49 to 105", "up from the 12 it had announced", "not nine as first reported"."""
    if quantity.form != "number" or quantity.head not in {"bare", "persons", "people"} or not kept:
        return None
    at = quantity.start - 1
    while (
        at >= 0
        and quantity.start - at <= BACK
        and any(line.covers(kind, at) for kind in ("the", "possessives", "number_one", "former_word", "count_word", "toll", "of"))
    ):
        if line.covers("superseding", at) or line.covers("rise_from", at):
            break
        at -= 1
    if at < 0:
        return None
    fallen = line.covers("rise_from", at) is not None and any(
        frame.rule == "toll" and 0 < at - frame.quantity.stop + 1 <= BACK and line.covers("rise_to", frame.quantity.start - 1)
        for frame in kept
    )
    risen = fallen or (
        line.covers("rise_from", at) is not None
        and any(frame.rule == "toll" for frame in kept)
        and line.within("rise_to", quantity.stop, quantity.stop + 2)
    )
    if not risen and not (line.covers("superseding", at) is not None and line.covers("former", at) is not None):
        return None
    nearest = min(kept, key=lambda frame: abs(frame.quantity.start - quantity.start))
    frame = Frame(quantity, nearest.effect, at, quantity.stop, 3.0, "superseded")
    frame.options["current"] = False
    return frame


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
