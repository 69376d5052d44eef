"""Subjects: whether a person is the one whom the verb of an effect speaks of, or somebody who does something else."""

from __future__ import annotations

from services.classifier.core.effects import EffectWord
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.numerals import Quantity

OPENS = 6
"""Tokens: a subject that opens the sentence begins no farther from its start, behind a day or a place."""

ORIGIN = 8
"""Tokens of the longest words of where a person belongs."""


def told_of(line: Line, quantity: Quantity, word: EffectWord) -> bool:
    """Whether a name is the subject of the effect: only auxiliaries, or an apposition between commas, stand between."""
    if quantity.start == word.end and not word.passive and word.forms & {"participle", "object", "losing"}:
        return True
    free = line.pack.lexicon.order == "free"
    if free and word.end <= quantity.start <= word.end + 2 and word.forms & {"participle", "object", "subject"}:
        # "погибли двухлетняя Захра Гулиева": a word or two may stand before the name.
        between = range(word.end, quantity.start)
        return all(
            line.tokens[at].kind == "word" and not line.covers("function_words", at) and not line.covers("say", at) for at in between
        )
    if quantity.stop > word.start or not word.forms & {"participle", "subject", "state"}:
        return False
    if line.covers("say", quantity.stop) or (word.forms == {"participle"} and not word.passive):
        return False
    place = quantity.stop
    if quantity.start and line.tokens[quantity.start - 1].surface in COMMAS and place < word.start and line.tokens[place].surface in COMMAS:
        # "the speaker of parliament, Ararat M., is in hospital": the name is the apposition itself.
        place += 1
    commas = [at for at in range(place, word.start) if line.tokens[at].surface in COMMAS]
    if commas:
        if commas[0] != place or len(commas) == 1 or len(commas) > 3 or word.start - place > 22:
            return False
        place = commas[-1] + 1
    among = line.covers("among_dead", word.start)
    stop = among.start if among is not None else word.start
    place = _past_origin(line, place, stop)
    return all(line.covers("auxiliaries", at) or line.covers("adverbs", at) or line.covers("relative", at) for at in range(place, stop))


def _past_origin(line: Line, place: int, stop: int) -> int:
    """The token behind words of where a person belongs: "Private A. B., 20, of the Karabakh army was shot"; else `place`."""
    if line.pack.lexicon.order != "svo" or place >= stop or not (line.covers("of", place) or line.covers("place_preposition", place)):
        return place
    end = place + 1
    while end < stop and not line.covers("auxiliaries", end):
        if (
            line.is_mark(end)
            or end - place > ORIGIN
            or any(line.covers(kind, end) for kind in ("say", "effect", "subordinators", "conjunctions"))
        ):
            return place
        end += 1
    return end if end < stop else place


def has_object(line: Line, at: int) -> bool:
    """Whether an object with its article begins at token `at`, and no expression of time: "the night before"."""
    led = line.covers("number_one", at) or line.covers("the_article", at) or line.covers("possessives", at)
    if not led or at + 1 >= len(line):
        return False
    timed = any(
        line.covers(kind, place)
        for kind in ("time_earlier", "time_now", "time_background", "weekday", "year_units", "time_unit")
        for place in (at, at + 1)
    )
    return not timed and not line.is_mark(at + 1)


def shares_subject(line: Line, quantity: Quantity, word: EffectWord, found: list[Quantity]) -> bool:
    """Whether a conjunction joins the verb of the effect to another one before it, whose subject opens the sentence."""
    at = word.start - 1
    while at > 0 and (line.covers("auxiliaries", at) or line.covers("adverbs", at) or line.covers("negation", at)):
        at -= 1
    if not line.begins("conjunctions", at) or not (word.passive or "subject" in word.forms) or word.weak:
        return False
    people = [one for one in found if one.head in {"people", "persons"} and one.countable]
    return bool(people) and people[0] is quantity and quantity.start <= OPENS


def taken(line: Line, quantity: Quantity, word: EffectWord) -> bool:
    """Whether lives are taken, not saved or led: "cost 13 lives", "19 lives were lost"."""
    near = range(max(0, min(quantity.start, word.start) - 9), min(len(line), max(quantity.stop, word.end) + 6))
    return any(line.covers("life_taking", place) for place in near)
