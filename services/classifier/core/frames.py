"""Frames: which effect befell which quantity of people.

An effect word opens a frame; quantities are its possible victims. Every pair is scored (`fitness`); pairs are then
taken best first, each quantity once, so that no match wins by being first. Coordinated quantities follow their
neighbour into the frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.vocabulary import Effect
from services.classifier.core.bonds import shared
from services.classifier.core.effects import EffectWord
from services.classifier.core.fitness import fitness
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.numerals import Quantity

THRESHOLD = 2.0


@dataclass(slots=True)
class Frame:
    """A victim found: the quantity, its effect, how sure (`score`), and by which rule."""

    quantity: Quantity
    effect: Effect
    start: int
    end: int
    score: float
    rule: str
    joint: bool = False
    negated: bool = False
    word: EffectWord | None = None
    options: dict[str, bool | int | str] = field(default_factory=dict)


def frames(line: Line, found: list[Quantity], words: list[EffectWord]) -> list[Frame]:
    """The victims of the sentence's effects."""
    live = [word for word in words if word.joined_to is None]
    if not live:
        return []
    taken: dict[int, Frame] = {}
    used: dict[int, list[int]] = {}
    pairs: list[tuple[float, int, int, str]] = []
    for which, quantity in enumerate(found):
        if not quantity.countable:
            continue
        for index, word in enumerate(live):
            scored = fitness(line, quantity, word, found, live)
            if scored is not None and scored[0] >= THRESHOLD:
                pairs.append((scored[0], which, index, scored[1]))
    pairs.sort(key=lambda pair: (-pair[0], pair[1]))
    for score, which, index, rule in pairs:
        if which in taken:
            continue
        word = live[index]
        if index in used and not any(_coordinated(line, found, which, other) for other in used[index]):
            continue
        taken[which] = _frame(found[which], word, score, rule)
        used.setdefault(index, []).append(which)
    _spread(line, found, live, taken, used)
    return [taken[which] for which in sorted(taken)]


def _frame(quantity: Quantity, word: EffectWord, score: float, rule: str) -> Frame:
    return Frame(
        quantity, word.effect, min(quantity.start, word.start), max(quantity.stop, word.end), score, rule, word.joint, word.negated, word
    )


def _spread(line: Line, found: list[Quantity], live: list[EffectWord], taken: dict[int, Frame], used: dict[int, list[int]]) -> None:
    """Coordinated quantities without an effect of their own follow their neighbour: "228 civilians, 170 soldiers and 14 policemen died"."""
    for index, members in used.items():
        word = live[index]
        for anchor in list(members):
            for step in (-1, 1):
                which = anchor + step
                last = anchor
                while 0 <= which < len(found) and which not in taken:
                    quantity = found[which]
                    if (
                        not quantity.countable
                        or quantity.form == "none"
                        or quantity.head == "unknown"
                        or not _coordinated(line, found, which, last)
                    ):
                        break
                    if quantity.form == "one" and quantity.head != "people":
                        break
                    if quantity.form == "name" and not (_joined_by_word(line, found, which, last) and _with_name(found[last], word, step)):
                        break
                    if quantity.start and line.covers("negation", quantity.start - 1):
                        break
                    if shared(line, quantity) or shared(line, found[last]):
                        break
                    if quantity.head == "bare" and found[last].head == "bare" and quantity.form != "number":
                        break
                    if quantity.head == "bare" and found[last].head != "bare" and not line.covers("conjunctions", quantity.stop):
                        break
                    among = line.covers("among_dead", word.start) is not None
                    if quantity.form == "definite" and found[last].form not in {"definite", "name", "one"} and not among:
                        break
                    low, high = min(quantity.stop, found[last].stop), max(quantity.start, found[last].start)
                    if any(low <= other.start < high for other in live):
                        break
                    frame = _frame(quantity, word, 3.0, "coordinated")
                    taken[which] = frame
                    last, which = which, which + step


def _with_name(other: Quantity, word: EffectWord, step: int) -> bool:
    """Whether a person by name may share what befell `other`.

    "Colonel A. B. and a driver were killed", "Lieutenant A. B. and two privates were killed", where all of them are the subject.
    """
    if other.form in {"name", "one"}:
        return True
    suffered = word.passive or word.forms <= {"subject", "state"}
    return step < 0 and suffered and other.form == "number" and other.head in {"people", "persons"} and other.stop <= word.start


def _joined_by_word(line: Line, found: list[Quantity], first: int, second: int) -> bool:
    """Whether a conjunction, not a comma alone, joins two quantities."""
    left, right = sorted((first, second))
    return line.within("conjunctions", found[left].stop, found[right].start)


def _coordinated(line: Line, found: list[Quantity], first: int, second: int) -> bool:
    """Whether two neighbouring quantities are joined by a comma or a conjunction, with no verb of their own between."""
    left, right = sorted((first, second))
    if right - left != 1:
        return False
    begin, end = found[left].stop, found[right].start
    if end < begin or end - begin > 14:
        return False
    if found[left].head == found[right].head == "bare" and not _joined_by_word(line, found, first, second):
        return False
    joined = loose = False
    for place in range(begin, end):
        token = line.tokens[place]
        if token.surface in COMMAS or line.covers("conjunctions", place):
            joined = True
        elif (token.kind == "mark" and token.surface not in QUOTES | {"(", ")"}) or (
            line.covers("effect", place)
            or line.covers("auxiliaries", place)
            or line.covers("say", place)
            or line.covers("subordinators", place)
        ):
            return False
        elif token.kind != "mark" and not (line.covers("possessives", place) or line.covers("the", place) or line.covers("adverbs", place)):
            loose = True
    if loose and not line.covers("conjunctions", end - 1) and not line.pack.agglutinative:
        return False
    return joined and (line.tokens[end - 1].surface in COMMAS or line.covers("conjunctions", end - 1) is not None or end - begin <= 5)
