"""Losses that somebody denies to have had: "neither army reported a casualty", "without making loss"."""

from __future__ import annotations

from schemas.vocabulary import Bound, Effect
from services.classifier.core import verbfinal
from services.classifier.core.effects import EffectWord
from services.classifier.core.frames import Frame
from services.classifier.core.lines import Line
from services.classifier.core.numerals import Quantity

NEAR = 4
"""Tokens between a verb and the word that says that nobody was hurt."""


SUBJECT = 8
"""Tokens between a verb that is denied and the people of whom it is told."""


def nil(line: Line, kept: list[Frame], words: list[EffectWord]) -> list[Frame]:
    """Losses that somebody denies to have had: "neither army reported a casualty", "without making loss"."""
    made = []
    for word in words:
        told = [frame for frame in kept if frame.start <= word.start < frame.end]
        if (
            not word.forms & {"noun", "joint", "state"}
            or not line.covers("losses", word.start)
            or any(frame.quantity.low != 1 for frame in told)
        ):
            continue
        start, end = _denied_before(line, word), word.end
        if start is None:
            end = _denied_after(line, word) or 0
            start = word.start if end else None
        if start is None or (
            "state" in word.forms and end == word.end and not (line.covers("number_none", start) or line.covers("deny_loss", start))
        ):
            continue
        for frame in told:
            kept.remove(frame)
        quantity = Quantity(start, start + 1, end, "none", 0, 0, Bound.EXACT, "noun", effect_at=word.start)
        made.append(Frame(quantity, word.effect, start, end, 3.4, "nil", joint=word.joint and word.end - word.start > 1, word=word))
    return made


def _denied_before(line: Line, word: EffectWord) -> int | None:
    for place in range(word.start - 1, max(-1, word.start - 7), -1):
        if line.tokens[place].surface in {";", ":", ","}:
            return None
        if line.begins("possessives", place) or line.covers("untold", place) or line.covers("topic", place):
            return None
        if (
            line.pack.lexicon.order == "free"
            and place == word.start - 1
            and line.covers("negation", place)
            and not line.covers("number_none", place)
            and not line.covers("deny_loss", place)
        ):
            # "признаёт сдачу города, но не потери"
            return None
        if line.covers("number_none", place) or line.covers("negation", place) or line.covers("deny_loss", place):
            return place
    return None


def _denied_after(line: Line, word: EffectWord) -> int | None:
    """Where a denial that follows the noun ends, as in "потерь нет"; None without one."""
    for place in range(word.end, min(len(line), word.end + 8)):
        if line.covers("losses", place) and line.within("conjunctions", word.end, place):
            # "жертв и пострадавших нет"
            continue
        if line.tokens[place].surface in {";", "."} or line.covers("effect", place) or line.begins("number", place):
            return None
        if line.tokens[place].kind == "number" or line.covers("untold", place):
            # "kaybının 25'ten az olmadığını", "yaralılarla ilgili bilgi vermedi"
            return None
        if (
            line.pack.agglutinative
            and line.tokens[place].folded.startswith("ver")
            and verbfinal.oblique(verbfinal.tail_of(line, place - 1))
        ):
            # "kaybını vermedi": whose losses it does not give may be many.
            return None
        nil = line.begins("nil_after", place)
        if nil:
            return nil.end
    return None


def unhurt(line: Line) -> list[Frame]:
    """People who are said to have come to no harm: "the women are unharmed", "all forty passengers escaped unhurt"."""
    made = []
    for tag in line.of_kind("unhurt"):
        start = tag.start - 1
        while (
            start >= 0
            and tag.start - start <= NEAR
            and (line.covers("adverbs", start) or line.covers("conjunctions", start) or start == tag.start - 1)
        ):
            if line.covers("auxiliaries", start) or line.covers("escaped", start):
                break
            start -= 1
        led = start >= 0 and (line.covers("auxiliaries", start) or line.covers("escaped", start)) is not None
        if line.covers("negation", tag.start) and _of_people(line, tag.start):
            # "Миротворцы не пострадали": the verb itself is denied.
            start, led = tag.start, True
        if not led or line.within("negation", max(0, start - 1), tag.start) or line.within("modal", max(0, start - 2), start):
            continue
        quantity = Quantity(start, tag.end, tag.end, "none", 0, 0, Bound.EXACT, "noun", effect_at=tag.start)
        made.append(Frame(quantity, Effect.WOUNDED, start, tag.end, 3.4, "nil"))
        break
    return made


def _of_people(line: Line, at: int) -> bool:
    """Whether people without a number are the subject of the denied verb at token `at`, and nobody is said to be hurt besides."""
    told = False
    for place in range(at - 1, max(-1, at - SUBJECT), -1):
        if line.tokens[place].surface in {";", ":"}:
            break
        if line.tokens[place].kind == "number" or any(
            line.covers(kind, place) for kind in ("nobody", "number_none", "number", "number_vague", "things", "effect")
        ):
            return False
        told = told or line.covers("people", place) is not None or line.covers("persons", place) is not None
    return told
