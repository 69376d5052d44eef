"""Signs of the time that a figure speaks of, and the weights that sum them up: now or background.

No sign decides alone. Each is a named feature with a reviewed weight in `weights/moments.json`; features are classes of
expression, never words, so that one set of weights serves all languages.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.times import TimeMark
from services.classifier.core.weights import weights_of

TOLD = frozenset({"toll", "share", "spoken-number", "losing", "nil", "gapped"})
"""Rules of a figure that bear on its time: a toll that rises is of now."""

NEAR, FAR = 0.7, 1.6
"""Prices up to which an expression of time stands in the clause, or in the neighbourhood, of a figure."""


def signs(
    line: Line,
    frame: Frame,
    marks: list[TimeMark],
    *,
    rule: str,
    paragraph: tuple[bool, str, int] | None,
    place: float,
    looks_back: bool,
    voice: str,
    before_past: bool | None,
) -> tuple[str, ...]:
    """The signs of one figure.

    `rule` is what the rule of the nearest mark says; `paragraph` what a sentence before said of time (now?, why, how many
    sentences back), `place` where the paragraph stands in the text (0 first, 1 last), `before_past` whether the figure told before is background.
    """
    rule = "older-year" if rule == "long-ago" else rule
    found = [f"rule:{rule or 'none'}", f"voice:{voice or 'none'}", f"effect:{frame.effect.value}"]
    found.extend(_near_marks(line, frame, marks))
    if paragraph is not None:
        now, reason, away = paragraph
        found.append("paragraph:now" if now else "paragraph:past")
        found.append(f"paragraph:{reason}:{'next' if away == 1 else 'later'}")
    if before_past is not None:
        found.append("before:past" if before_past else "before:now")
    found.append(
        "title"
        if line.sentence.field == "title"
        else "last"
        if place >= 1
        else "first"
        if place == 0
        else "late"
        if place > 0.6
        else "middle"
    )
    if looks_back:
        found.append("anniversary")
    if frame.rule in TOLD:
        found.append(f"told:{frame.rule}")
    found.extend(_of_clause(line, frame))
    count = max(frame.quantity.low or 0, frame.quantity.high or 0)
    size = "small" if count < 10 else "tens" if count < 100 else "hundreds" if count < 1000 else "thousands"
    found.append(f"size:{frame.effect.value}:{size}")
    if place >= 1:
        found.append(f"last:{size}")
    return tuple(dict.fromkeys(found))


def _near_marks(line: Line, frame: Frame, marks: list[TimeMark]) -> Iterator[str]:
    for mark in marks:
        if mark.ahead and mark.at >= frame.start:
            continue
        begin, end = (mark.at, frame.start) if mark.at < frame.start else (frame.end, mark.at)
        price = 0.05 * max(0, end - begin)
        for at in range(begin, end):
            token = line.tokens[at]
            if token.surface in COMMAS:
                price += 0.4
            elif token.surface in {";", "—", "–", ":"}:
                price += 1.2
            elif line.covers("subordinators", at):
                price += 0.4
        where = "near" if price < NEAR else "beside" if price < FAR else "far"
        yield f"{'older-year' if mark.reason == 'long-ago' else mark.reason}:{where}"


def _of_clause(line: Line, frame: Frame) -> Iterator[str]:
    """Tense, relatives, wars and lives in the clause of the figure."""
    span = range(max(0, frame.start - 4), min(len(line), frame.end + 1))
    if line.within("pluperfect", span.start, span.stop):
        yield "pluperfect"
    if line.within("perfect", span.start, span.stop) and any(
        line.covers("perfect", at) and not line.covers("pluperfect", at) for at in span
    ):
        yield "perfect"
    if line.within("relative", frame.start - 3, frame.start) or line.within("clause_opener", frame.start - 3, frame.start):
        yield "relative"
    wide = range(max(0, frame.start - 12), min(len(line), frame.end + 8))
    if line.within("time_war", wide.start, wide.stop):
        yield "war"
    if line.within("lives", frame.start, frame.end):
        yield "lives"
    if line.within("time_earlier", wide.start, wide.stop):
        yield "earlier"
    if line.within("by_now", wide.start, wide.stop):
        yield "by-now"
    if frame.quantity.more:
        yield "more"
    if line.within("superlative", 0, len(line)):
        yield "superlative"
    if line.within("since", wide.start, wide.stop):
        yield "since"
    if line.within("agents", wide.start, wide.stop):
        yield "attack"


def is_now(found: tuple[str, ...]) -> tuple[bool, float]:
    """(current?, sum of the weights): positive speaks for now."""
    weights = weights_of("moments")
    total = weights.get("bias", 0.0) + sum(weights.get(sign, 0.0) for sign in found)
    return total >= 0, total
