"""What the way in which an effect takes its victims offers a quantity: a base score by voice and direction, and its rule."""

from __future__ import annotations

from schemas.vocabulary import Effect
from services.classifier.core import verbfinal
from services.classifier.core.bonds import opens_list, right_of, rises
from services.classifier.core.effects import EffectWord
from services.classifier.core.lines import QUOTES, Line
from services.classifier.core.numerals import Quantity


def affinity(
    line: Line, quantity: Quantity, word: EffectWord, form: str, *, left: bool, gap: int, order: str, begin: int, end: int
) -> tuple[float, str]:
    """(score, rule) of `quantity` as victim of `word` in its `form`: `left` of it or right, tokens `begin` to `end` between, `gap` of them."""
    if line.pack.agglutinative:
        return verbfinal.base(line, quantity, word, form, left=left, gap=gap, begin=begin, end=end)
    if line.covers("among_dead", word.start) and form in {"noun", "joint"}:
        return (5.0, "among") if not left else (4.6, "among")
    if order == "sov":
        return (5.0, form) if left else (2.0, form)
    free = order == "free"
    if not left and gap == 1 and form != "losing" and opens_list(line, word.start, begin, quantity):
        return (7.5, "listed")
    if form == "participle":
        if word.passive or free:
            return (6.0, "passive") if left else ((5.2, "passive") if free else (1.5, "passive-inverted"))
        if not left and line.covers("numbering", quantity.start - 1):
            return (5.6, "toll")
        if left and word.active and not line.within("object_relative", begin, end):
            return (1.0, "active")
        if left:
            return (6.0, "headline") if gap == 0 else (4.2, "reduced")
        if gap == 1 and line.tokens[begin].surface == ":" and word.start <= 3:
            return (6.5, "listed")
        if gap and line.is_mark(begin) and line.tokens[begin].surface not in QUOTES:
            return (1.0, "active")
        return (5.8, "active") if gap <= 2 else (4.0, "active")
    if form == "subject" and not left and gap == 1 and line.tokens[begin].surface == ":":
        return (6.5, "listed")
    if form == "subject" and not left and line.within("toll", max(0, word.start - 6), word.start):
        tolled = rises(line, word.start, begin=begin, end=end) or line.covers("rise", quantity.start) is not None
        return (5.4, "toll") if tolled else (1.0, "subject-inverted")
    if form == "subject":
        return (5.6, "subject") if left else ((5.2, "subject") if free else (1.5, "subject-inverted"))
    if form == "object":
        if not left and gap and line.is_mark(begin) and line.tokens[begin].surface not in QUOTES:
            return (1.0, "object")
        if left and free and gap == 0 and quantity.form == "one" and line.tokens[quantity.stop - 1].folded.endswith(("ого", "его")):
            # "нападавшего застрелили": the case says who was shot.
            return (5.0, "object")
        return (2.0, "object") if left else (5.8, "object")
    if form == "losing" and order != "svo":
        if left and order == "free" and not (word.end >= len(line) or line.is_mark(word.end)):
            # "тридцать семь человек потеряли работу": they lost, and are not lost.
            return (0.0, "losing")
        return (5.8, "losing") if gap <= 3 else (3.2, "losing")
    if form == "losing":
        if left:
            alone = word.end >= len(line) or line.is_mark(word.end) or line.covers("place_preposition", word.end) is not None
            return (4.0, "losing") if gap == 0 and alone and quantity.form in {"number", "one"} else (0.0, "losing")
        return (6.0, "losing") if gap <= 3 else (3.0, "losing")
    if form == "state":
        if line.covers("among_dead", word.start):
            return (5.0, "among") if not left else (4.6, "among")
        if not left and _counted_noun(line, word.start) and rises(line, word.start, begin=begin, end=end):
            return (5.6, "toll")
        if word.effect in {Effect.CAPTURED, Effect.DISPLACED} and gap > 1 and not word.passive:
            return (0.0, "state")
        if left and gap > 0 and not word.passive and line.covers("the", word.start - 1):
            return (1.0, "state")
        if left:
            return (6.0, "state") if gap == 0 or word.passive else (4.0, "state")
        return (3.6, "state-list")
    if form in {"noun", "joint"}:
        if right_of(line, word, quantity):
            return (6.2, "deaths-of")
        if not left and quantity.head in {"bare", "persons", "people", "unknown"} and rises(line, word.start, begin=begin, end=end):
            return (6.0, "toll")
        if left and gap == 0 and order != "svo":
            # "13 զինվորի մահը": the victim's genitive stands before the noun.
            return (6.0, "deaths-of")
        if (
            left
            and gap > 0
            and order == "svo"
            and word.effect is Effect.KILLED
            and "joint" not in word.forms
            and not line.covers("toll", word.start)
        ):
            # "2,000 people followed the coffins"
            return (1.4, "noun")
        return (2.6, "noun") if not left else (2.4, "noun")
    return (0.0, form)


def _counted_noun(line: Line, at: int) -> bool:
    """Whether a state word stands as the noun of a count: "the dead", "its wounded", "number of dead", "Azerbaijani dead"."""
    if line.pack.lexicon.order != "svo" or at == 0 or at - 1 in line.mention_at or line.is_mark(at - 1):
        return True
    return any(
        line.covers(kind, place) for kind in ("the", "possessives", "of", "partitive", "toll") for place in range(max(0, at - 2), at)
    )
