"""How well a quantity fits as the victim of an effect: by direction, voice, distance and what stands between."""

from __future__ import annotations

from schemas.vocabulary import Effect, Group
from services.classifier.core import verbfinal
from services.classifier.core.bonds import cost_between, inserted, opens_list, right_of, rises, shared
from services.classifier.core.effects import EffectWord
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.nouns import modifies
from services.classifier.core.numerals import Quantity

OPENS = 6
"""Tokens: a subject that opens the sentence begins no farther from its start, behind a day or a place."""

REACH = 34
"""Tokens: no victim stands farther from its effect."""


def fitness(line: Line, quantity: Quantity, word: EffectWord, found: list[Quantity], live: list[EffectWord]) -> tuple[float, str] | None:
    """How well `quantity` fits as victim of `word`, with the rule, None where it cannot be."""
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
    if quantity.effect_at is not None and quantity.form == "none" and line.covers("toll", quantity.effect_at):
        # "gave no number of wounded"
        return None
    if quantity.head == "state" and quantity.form in {"one", "none"} and modifies(line, quantity.stop):
        # "a prisoner swap", "a wounded carpet"
        return None
    if quantity.effect_at is not None:
        if line.covers("lives", quantity.effect_at) and not _taken(line, quantity, word):
            return None
        if word.start <= quantity.effect_at < word.end:
            if quantity.head == "state" and any(other is not word and right_of(line, other, quantity) for other in live):
                return None
            if line.within("modal", max(0, quantity.start - 3), quantity.start):
                return None
            follows = any(
                other.effect is Effect.KILLED
                and other is not word
                and 0 <= other.start - quantity.stop <= 1
                and other.forms & {"subject", "participle"}
                for other in live
            )
            if quantity.head == "state" and (quantity.partitive or (follows and quantity.form in {"ordinal", "one"})):
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
    if bare and quantity.start and quantity.stop <= word.start and line.covers("is_one", quantity.start - 1):
        # "who is 58 and lost an ear": an age.
        return None
    if line.within("lives", word.start, word.end) and not _taken(line, quantity, word):
        return None
    if quantity.form == "name" and not _told_of(line, quantity, word):
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
            and last
            and not (bare and word.effect is Effect.DISPLACED)
            and (quantity.form in {"number", "definite"} or line.sentence.headline)
        )
        # "twin blasts kill 12 in Makhachkala": the number closes the clause behind its verb.
        closing = quantity.stop >= len(line) or line.is_mark(quantity.stop) or line.covers("place_preposition", quantity.stop) is not None
        struck = bare and quantity.start == word.end and "object" in word.forms and quantity.form == "number" and closing
        if not (direct or listed or copula or struck):
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
    if left and joined and "participle" in forms and not word.passive and not line.sentence.headline and _has_object(line, word.end):
        # "some 200 nationalists burnt a paper Capitol": they did it.
        return None
    best = -9.0
    rule = ""
    # In a fixed order, so that two forms that fit alike always give the same rule.
    for form in sorted(forms):
        base, name = _base(line, quantity, word, form, left=left, gap=gap, order=order, begin=begin, end=end)
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
    if left and _shares_subject(line, quantity, word, found):
        # "four militants burst into the church and were killed": the subject of both.
        cost = min(cost, 2.2)
    return (best - cost, rule) if best - cost > 0 else None


def _base(
    line: Line, quantity: Quantity, word: EffectWord, form: str, *, left: bool, gap: int, order: str, begin: int, end: int
) -> tuple[float, str]:
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
        if not left and gap <= REACH and line.covers("numbering", quantity.start - 1):
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


def _shares_subject(line: Line, quantity: Quantity, word: EffectWord, found: list[Quantity]) -> bool:
    """Whether a conjunction joins the verb of the effect to another one before it, whose subject opens the sentence."""
    at = word.start - 1
    while at > 0 and (line.covers("auxiliaries", at) or line.covers("adverbs", at) or line.covers("negation", at)):
        at -= 1
    if not line.begins("conjunctions", at) or not (word.passive or "subject" in word.forms) or word.weak:
        return False
    people = [one for one in found if one.head in {"people", "persons"} and one.countable]
    return bool(people) and people[0] is quantity and quantity.start <= OPENS


def _counted_noun(line: Line, at: int) -> bool:
    """Whether a state word stands as the noun of a count: "the dead", "its wounded", "number of dead", "Azerbaijani dead"."""
    if line.pack.lexicon.order != "svo" or at == 0 or at - 1 in line.mention_at or line.is_mark(at - 1):
        return True
    return any(
        line.covers(kind, place) for kind in ("the", "possessives", "of", "partitive", "toll") for place in range(max(0, at - 2), at)
    )


def _has_object(line: Line, at: int) -> bool:
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


def _told_of(line: Line, quantity: Quantity, word: EffectWord) -> bool:
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
    return all(line.covers("auxiliaries", at) or line.covers("adverbs", at) or line.covers("relative", at) for at in range(place, stop))


def _taken(line: Line, quantity: Quantity, word: EffectWord) -> bool:
    """Whether lives are taken, not saved or led: "cost 13 lives", "19 lives were lost"."""
    near = range(max(0, min(quantity.start, word.start) - 9), min(len(line), max(quantity.stop, word.end) + 6))
    return any(line.covers("life_taking", place) for place in near)
