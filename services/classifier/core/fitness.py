"""How well a quantity fits as the victim of an effect: by direction, voice, distance and what stands between."""

from __future__ import annotations

from schemas.vocabulary import Effect, Group
from services.classifier.core import verbfinal
from services.classifier.core.affinity import affinity
from services.classifier.core.bonds import cost_between, inserted, right_of, rises, shared
from services.classifier.core.effects import EffectWord
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.nouns import modifies
from services.classifier.core.numerals import Quantity
from services.classifier.core.subjects import has_object, shares_subject, taken, told_of

REACH = 34
"""Tokens: no victim stands farther from its effect."""


CROWD = 100
"""People: fewer who run without a noun may be thieves."""


def fitness(line: Line, quantity: Quantity, word: EffectWord, found: list[Quantity], live: list[EffectWord]) -> tuple[float, str] | None:
    """How well `quantity` fits as victim of `word`, with the rule, None where it cannot be."""
    if line.pack.not_alone and verbfinal.rose_from(line, quantity, found):
        return None
    if quantity.form == "definite" and quantity.head == "state":
        # "the civilian dead" are many; how many, the article does not say.
        return None
    if quantity.form == "none" and line.covers("any_person", quantity.start) and not word.negated:
        near = range(max(0, word.start - 4), word.start)
        if not any(line.covers("negation", place) for place in near):
            return None
    if (
        quantity.form == "none"
        and quantity.stop <= word.start
        and word.forms == {"state"}
        and quantity.stop < word.start
        and not word.passive
    ):
        # "nobody has heard of dead civilians"
        return None
    if (
        quantity.effect_at is not None
        and (quantity.form == "none" or (quantity.form == "one" and quantity.head == "noun"))
        and line.covers("toll", quantity.effect_at)
    ):
        # "gave no number of wounded", "un premier bilan"
        return None
    if quantity.head == "state" and quantity.form in {"one", "none"} and modifies(line, quantity.stop):
        # "a prisoner swap", "a wounded carpet"
        return None
    if quantity.effect_at is not None:
        if line.covers("lives", quantity.effect_at) and not taken(line, quantity, word):
            return None
        if word.start <= quantity.effect_at < word.end:
            if quantity.head == "state" and any(other is not word and right_of(line, other, quantity) for other in live):
                return None
            if line.within("modal", max(0, quantity.start - 3), quantity.start):
                return None
            # "умер ещё один раненый": the verb may stand before.
            free = line.pack.lexicon.order == "free"
            follows = any(
                other.effect is Effect.KILLED
                and other is not word
                and (0 <= other.start - quantity.stop <= 1 or (free and 0 <= quantity.start - other.end <= 1))
                and other.forms & {"subject", "participle"}
                for other in live
            )
            if quantity.head == "state" and (
                quantity.partitive or (follows and (quantity.form in {"ordinal", "one"} or quantity.low == quantity.high == 1))
            ):
                # "two of the wounded died", "a third wounded man died"
                return 4.4, "counted"
            held = word.effect in {Effect.CAPTURED, Effect.DISPLACED} and quantity.head == "state"
            return (4.9 if held else 9.0) - 0.1 * (quantity.effect_at - quantity.end), "counted"
        if quantity.head == "noun":
            return None
    if line.pack.agglutinative and verbfinal.risen(line, word, quantity):
        quantity.group = quantity.group or verbfinal.group_between(line, word.start, quantity.start)
        return 6.4 - 0.1 * (quantity.start - word.end), "toll"
    bare = quantity.head == "bare"
    if bare and line.covers("both_words", quantity.start) and any(line.is_mark(place) for place in range(quantity.stop, word.start)):
        return None
    if bare and quantity.start and quantity.stop <= word.start and line.covers("is_one", quantity.start - 1):
        # "who is 58 and lost an ear": an age.
        return None
    if line.within("lives", word.start, word.end) and not taken(line, quantity, word):
        return None
    if line.pack.lexicon.order == "free" and quantity.form == "one" and quantity.start == word.end and line.covers("losses", word.start):
        # "потери соседа": whose losses they are.
        return None
    if quantity.form == "name" and not told_of(line, quantity, word):
        return None
    if (
        quantity.form in {"one", "definite"}
        and quantity.stop <= word.start
        and line.within("according", quantity.start - 3, quantity.start)
    ):
        # "по оценке местного врача, погибли": whoever is cited is no victim.
        return None
    if (
        word.weak
        and quantity.stop == word.start
        and "participle" in word.forms
        and not word.passive
        and quantity.form in {"one", "definite"}
        and not line.sentence.headline
    ):
        # "a lieutenant hit overnight was the fourth to be killed"
        return None
    schoolmates = quantity.form == "number" and word.effect is Effect.WOUNDED and quantity.stop == word.start
    if quantity.head == "unknown" and ((word.weak and not schoolmates) or not word.forms & {"participle", "subject", "state"}):
        return None
    losing = "losing" in word.forms
    if word.weak and not losing and (bare or quantity.form == "definite") and not quantity.partitive:
        # "17 dead and 56 captured": a bare number right before the word, with nothing behind it to be its object.
        last = (
            word.end >= len(line)
            or line.is_mark(word.end)
            or line.begins("conjunctions", word.end)
            or line.covers("function_words", word.end)
        )
        after_other = any(other.start < word.start and not other.weak for other in live)
        listed = (
            quantity.start == word.end
            and after_other
            and (quantity.stop >= len(line) or line.is_mark(quantity.stop) or line.covers("function_words", quantity.stop))
        )
        # "twenty-eight are in hospital": nothing but the copula stands between.
        copula = (
            word.effect not in {Effect.KILLED, Effect.DISPLACED}
            and 0 < word.start - quantity.stop <= 3
            and all(line.covers("auxiliaries", place) or line.covers("adverbs", place) for place in range(quantity.stop, word.start))
        )
        direct = (
            word.start == quantity.stop
            and (last or (word.effect is Effect.DISPLACED and _mass(quantity)))
            and not (bare and word.effect is Effect.DISPLACED and not _mass(quantity))
            and (quantity.form in {"number", "definite"} or line.sentence.headline or (word.effect is Effect.DISPLACED and _mass(quantity)))
        )
        # "twin blasts kill 12 in Makhachkala": the number closes the clause behind its verb.
        closing = quantity.stop >= len(line) or line.is_mark(quantity.stop) or line.covers("place_preposition", quantity.stop) is not None
        struck = bare and quantity.start == word.end and "object" in word.forms and quantity.form == "number" and closing
        # "Verletzt wurde niemand": the auxiliary stands between.
        nobody = quantity.form == "none" and line.covers("nobody", quantity.start) and quantity.start > word.end
        nobody = nobody and all(line.covers("auxiliaries", place) for place in range(word.end, quantity.start))
        # "боевиков погибло двенадцать": whose number it is stands before the verb.
        counted = bare and line.pack.lexicon.order == "free" and quantity.start == word.end and line.covers("people", word.start - 1)
        # "Пострадали 115, из них 65": the verb opens its clause, and the number closes it.
        opening = word.start == 0 or line.is_mark(word.start - 1)
        opened = bare and opening and closing and quantity.form == "number" and quantity.start == word.end and "subject" in word.forms
        opened = opened and word.effect in {Effect.WOUNDED, Effect.MISSING} and line.pack.lexicon.order == "free"
        if not (direct or listed or copula or struck or nobody or counted or opened):
            return None
    if (
        losing
        and bare
        and line.pack.agglutinative
        and any(other.head == "thing" and quantity.stop <= other.start < word.start for other in found)
    ):
        # "altı, Azerbaycan yedi puan kaybetti": what the other lost, he lost too.
        return None
    if word.weak and not losing and (quantity.start - word.end > 5 or word.start - quantity.stop > 12):
        return None
    if word.weak and "losing" not in word.forms and quantity.head == "persons" and quantity.form == "one":
        return None
    if word.weak and word.forms == {"subject"} and quantity.start >= word.end and quantity.form in {"one", "definite", "name"}:
        # "в госпитале корреспондент насчитал": who stands behind the place does something else.
        return None
    left = quantity.stop <= word.start
    right = quantity.start >= word.end
    if not (left or right):
        return None
    begin, end = (quantity.stop, word.start) if left else (word.end, quantity.start)
    gap = end - begin
    if gap > REACH or line.begins("nil_after", word.end):
        # "погибших нет": the word is denied, whatever number stands near.
        return None
    if left and gap > 0 and word.forms <= {"state", "noun"} and not word.passive and line.covers("partitive", word.start - 1):
        # "four hundred relatives of prisoners"
        return None
    if right and quantity.form in {"one", "definite"} and line.covers("passive", word.end) and not line.covers("among_dead", word.start):
        # "the third of the injured was a guard"
        return None
    if right and bare and any(line.tokens[place].surface == ";" for place in range(begin, end)):
        # "207 dead or missing; on the 17th it was 135"
        return None
    if (
        left
        and bare
        and line.pack.lexicon.order == "svo"
        and not word.passive
        and word.forms <= {"participle", "object"}
        and any(line.tokens[place].surface in COMMAS for place in range(begin, end))
    ):
        # "seven since October, killed with one cartridge each"
        return None
    if right and gap > 9 and word.forms <= {"participle", "object", "losing"}:
        return None
    if (
        right
        and bare
        and line.covers("rise_from", quantity.start - 1)
        and any(other.start > quantity.start and line.covers("rise_to", other.start - 1) for other in found)
    ):
        # "rose from 38 to 45": where it came from is another figure's business.
        return None
    if right and bare and line.covers("rise_by", quantity.start - 1) and rises(line, word.start, begin=begin, end=end):
        # "the toll climbed by four to 19"
        return None
    if (
        right
        and bare
        and gap > 2
        and not inserted(line, begin, end)
        and not (line.begins("partitive", quantity.stop) or rises(line, word.start, begin=begin, end=end))
    ):
        return None
    if bare and quantity.start and line.covers("negation", quantity.start - 1) and not line.covers("number_none", quantity.start - 1):
        return None
    led = quantity.start > 0 and line.covers("place_preposition", quantity.start - 1) is not None
    if quantity.head == "unknown" and led:
        # "bei einer Minenexplosion verletzt", "in a blast": what a preposition leads to is no victim.
        return None
    if bare and led and not line.covers("toll_at", quantity.start - 1) and not line.covers("rise_to", quantity.start - 1):
        return None
    if left and gap > 0 and line.covers("say", quantity.stop) and not line.covers("passive_report", quantity.stop):
        # "a general said that the enemy was annihilated": whoever speaks is no victim.
        return None
    if word.effect is Effect.DISPLACED and quantity.form in {"one", "name", "definite"}:
        return None
    if word.effect is Effect.CAPTURED and word.weak and quantity.form in {"one", "name", "definite"}:
        return None
    order = line.pack.lexicon.order
    forms = word.forms
    if line.within("conditional", max(0, quantity.start - 2), quantity.start):
        return None
    if word.effect is Effect.CAPTURED and word.weak and line.within("federal", word.start - 6, word.start):
        # "the Investigative Committee, which has held three officers"
        return None
    if line.within("arrest", word.start, word.end) and quantity.group is not Group.MILITARY:
        return None
    if (
        left
        and "participle" in forms
        and not word.passive
        and any(
            word.end <= other.start <= word.end + (gap > 0) and other.head in {"people", "persons"} and other.countable for other in found
        )
    ):
        # "a sniper shot a tractor driver": whoever stands before it did it.
        return None
    joined = gap == 0 or line.begins("conjunctions", word.start - 1) is not None
    if left and joined and "participle" in forms and not word.passive and not line.sentence.headline and has_object(line, word.end):
        # "some 200 nationalists burnt a paper Capitol": they did it.
        return None
    best = -9.0
    rule = ""
    # In a fixed order, so that two forms that fit alike always give the same rule.
    for form in sorted(forms):
        base, name = affinity(line, quantity, word, form, left=left, gap=gap, order=order, begin=begin, end=end)
        if base > best:
            best, rule = base, name
    if quantity.head == "unknown" and not (right and gap == 0 and line.pack.lexicon.order == "free" and not word.weak):
        # "погибли пять прихожанок": behind the verb, in a language of free order, any noun may be people.
        if not left or any(
            not (line.covers("auxiliaries", place) or line.covers("adverbs", place) or line.tokens[place].surface in QUOTES)
            for place in range(begin, end)
        ):
            return None
        best -= 1.6
    if quantity.form == "definite":
        best -= 1.2
    elif quantity.form == "ordinal":
        best -= 0.3 if quantity.head != "bare" else 1.2
    elif quantity.form == "name":
        best -= 0.6
    elif quantity.form == "one":
        if quantity.head == "bare" and not quantity.more:
            return None
        best -= 0.2 if quantity.head == "people" else 0.6
    elif quantity.form == "none" and quantity.head == "bare":
        best -= 0.4
    if bare and quantity.form == "none" and not line.covers("nobody", quantity.start):
        return None
    if bare and left and quantity.stop < len(line) and line.tokens[quantity.stop].surface in COMMAS and gap > 1:
        best -= 1.5
    if left and shared(line, quantity):
        best -= 2.6
    cost = cost_between(line, begin, end, quantity, found, live)
    if not left and line.covers("among_dead", word.start):
        # "among the dead are its prosecutor general, two generals and an official": a list costs nothing.
        cost = min(cost, 2.2)
    if left and shares_subject(line, quantity, word, found):
        # "four militants burst into the church and were killed": the subject of both.
        cost = min(cost, 2.2)
    return (best - cost, rule) if best - cost > 0 else None


def _mass(quantity: Quantity) -> bool:
    """Whether so many flee that no one else is meant: "zehntausende fliehen", "двадцать три тысячи бежали"."""
    return quantity.form == "vague" or max(quantity.low or 0, quantity.high or 0) >= CROWD
