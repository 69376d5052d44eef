"""Frames: which effect befell which quantity of people.

An effect word opens a frame; quantities are its possible victims. Every pair is scored by direction, voice, distance
and what stands between; pairs are then taken best first, each quantity once, so that no match wins by being first.
Coordinated quantities follow their neighbour into the frame.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from schemas.vocabulary import Effect, Group
from services.classifier.core import verbfinal
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.quantities import Quantity, modifies

GRAVITY = (Effect.KILLED, Effect.MISSING, Effect.WOUNDED, Effect.CAPTURED, Effect.DISPLACED)
THRESHOLD = 2.0
REACH = 34
"""Tokens: no victim stands farther from its effect."""


@dataclass(slots=True)
class EffectWord:
    """An effect told by tokens `start` to `end`; `forms` say how it takes victims; `passive`: an auxiliary stands before it."""

    start: int
    end: int
    effect: Effect
    forms: frozenset[str]
    weak: bool
    passive: bool
    negated: bool
    joint: bool = False
    joined_to: int | None = None


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


def effect_words(line: Line) -> list[EffectWord]:
    """All effect words, from the left; of overlapping ones the longest from the left."""
    found: list[EffectWord] = []
    for tag in line.of_kind("effect"):
        values = [str(each.value).split(":", 1) for each in line.all_begins("effect", tag.start)]
        effect = min((Effect(value[0]) for value in values), key=GRAVITY.index)
        forms = frozenset(form for name, form in values if name == effect)
        if line.covers("state_adjective", tag.start) and modifies(line, tag.end) and not line.covers("auxiliaries", tag.start - 1):
            # "the fallen town": the word only describes a thing.
            continue
        if line.covers("idiom", tag.start):
            continue
        weak = line.begins("weak", tag.start)
        denied = line.covers("negative", tag.start) is not None
        passive, negated, modal = _voice(line, tag.start)
        passive = passive or any(line.covers("passive", place) for place in range(tag.start, tag.end - 1))
        if modal:
            continue
        found.append(
            EffectWord(
                tag.start, tag.end, effect, forms, weak is not None and weak.end >= tag.end, passive, negated or denied, "joint" in forms
            )
        )
    _join(line, found)
    return found


def _voice(line: Line, at: int) -> tuple[bool, bool, bool]:
    """Whether an auxiliary stands before token `at` with nothing but adverbs between, a negation with it, and a mood of what may yet come."""
    passive = negated = modal = False
    place = at - 1
    steps = 0
    while place >= 0 and steps < 4:
        token = line.tokens[place]
        if not passive and line.covers("passive_report", place) and place > 0 and line.covers("auxiliaries", place - 1):
            place -= 1
            continue
        if line.covers("conditional", place):
            modal = True
            break
        if line.covers("modal", place):
            modal = True
            place -= 1
            continue
        if line.covers("auxiliaries", place):
            passive = passive or not line.pack.lexicon.passive or line.covers("passive", place) is not None
            place -= 1
            continue
        if line.covers("negation", place) and not line.covers("number_none", place):
            negated = True
            place -= 1
            continue
        if steps == 0 and not passive and line.begins("conjunctions", place) and place == at - 1:
            # "were led out of their building and shot": one auxiliary for two participles.
            passive = any(line.covers("passive", near) for near in range(max(0, place - 12), place)) and not any(
                line.is_mark(near) or line.covers("effect", near) for near in range(max(0, place - 3), place)
            )
            break
        if passive or line.is_mark(place) or line.covers("effect", place) or line.covers("people", place) or line.covers("persons", place):
            break
        if not ((line.pack.language == "en" and token.folded.endswith("ly")) or line.covers("adverbs", place)):
            break
        place -= 1
        steps += 1
    return passive, negated, modal


def _join(line: Line, words: list[EffectWord]) -> None:
    """Join "killed or wounded", "dead and missing": two effects told of one figure become one, the gravest."""
    for first, second in itertools.pairwise(words):
        between = range(first.end, second.start)
        alike = first.forms & second.forms or (first.forms | second.forms) <= {"participle", "subject"}
        if (
            len(between) == 1
            and alike
            and not line.covers("number_none", first.end)
            and line.begins("conjunctions", first.end)
            and first.effect is not second.effect
        ):
            grave = min((first, second), key=lambda word: GRAVITY.index(word.effect))
            if first.joined_to is None:
                second.joined_to = words.index(first)
                first.effect, first.joint = grave.effect, True
                first.end = second.end


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
            scored = _score(line, quantity, word, found, live)
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
                    if quantity.form == "name" and not (found[last].form in {"name", "one"} and _joined_by_word(line, found, which, last)):
                        break
                    if quantity.start and line.covers("negation", quantity.start - 1):
                        break
                    if shared(line, quantity) or shared(line, found[last]):
                        break
                    if quantity.head == "bare" and found[last].head == "bare" and quantity.form != "number":
                        break
                    if quantity.form == "definite" and found[last].form not in {"definite", "name", "one"}:
                        break
                    low, high = min(quantity.stop, found[last].stop), max(quantity.start, found[last].start)
                    if any(low <= other.start < high for other in live):
                        break
                    frame = _frame(quantity, word, 3.0, "coordinated")
                    taken[which] = frame
                    last, which = which, which + step


def _joined_by_word(line: Line, found: list[Quantity], first: int, second: int) -> bool:
    """Whether a conjunction, not a comma alone, joins two quantities."""
    left, right = sorted((first, second))
    return any(line.covers("conjunctions", place) for place in range(found[left].stop, found[right].start))


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


def _score(line: Line, quantity: Quantity, word: EffectWord, found: list[Quantity], live: list[EffectWord]) -> tuple[float, str] | None:
    """How well `quantity` fits as victim of `word`, with the rule, None where it cannot be."""
    if quantity.form == "definite" and quantity.head == "state":
        # "the civilian dead" are many; how many, the article does not say.
        return None
    if quantity.form == "none" and line.covers("any_person", quantity.start) and not word.negated:
        near = range(max(0, word.start - 4), word.start)
        if not any(line.covers("negation", place) for place in near):
            return None
    if quantity.effect_at is not None:
        if line.covers("lives", quantity.effect_at) and not _taken(line, quantity, word):
            return None
        if word.start <= quantity.effect_at < word.end:
            if quantity.head == "state" and any(other is not word and right_of(line, other, quantity) for other in live):
                return None
            if any(line.covers("modal", place) for place in range(max(0, quantity.start - 3), quantity.start)):
                return None
            if quantity.partitive and quantity.head == "state":
                return 4.4, "counted"
            held = word.effect in {Effect.CAPTURED, Effect.DISPLACED} and quantity.head == "state"
            return (4.9 if held else 9.0) - 0.1 * (quantity.effect_at - quantity.end), "counted"
        if quantity.head == "noun":
            return None
    if line.pack.agglutinative and verbfinal.risen(line, word, quantity):
        quantity.group = quantity.group or verbfinal.group_between(line, word.start, quantity.start)
        return 6.4 - 0.1 * (quantity.start - word.end), "toll"
    bare = quantity.head == "bare"
    if any(line.covers("lives", place) for place in range(word.start, word.end)) and not _taken(line, quantity, word):
        return None
    if quantity.form == "name" and not _told_of(line, quantity, word):
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
        if not (direct or listed or copula):
            return None
    if word.weak and not losing and (quantity.start - word.end > 5 or word.start - quantity.stop > 12):
        return None
    if word.weak and "losing" not in word.forms and quantity.head == "persons" and quantity.form == "one":
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
    if right and gap > 9 and word.forms <= {"participle", "object", "losing"}:
        return None
    if right and bare and gap > 2 and not (line.begins("partitive", quantity.stop) or _rises(line, word.start, begin=begin, end=end)):
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
    if any(line.covers("conditional", place) for place in range(max(0, quantity.start - 2), quantity.start)):
        return None
    if any(line.covers("arrest", place) for place in range(word.start, word.end)) and quantity.group is not Group.MILITARY:
        return None
    best = -9.0
    rule = ""
    for form in forms:
        base, name = _base(line, quantity, word, form, left=left, gap=gap, order=order, begin=begin, end=end)
        if base > best:
            best, rule = base, name
    if quantity.head == "unknown":
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
    cost = _cost(line, begin, end, quantity, found, live)
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
    if form == "participle":
        if word.passive or free:
            return (6.0, "passive") if left else ((5.2, "passive") if free else (1.5, "passive-inverted"))
        if left:
            return (6.0, "headline") if gap == 0 else (4.2, "reduced")
        if gap == 1 and line.tokens[begin].surface == ":" and word.start <= 3:
            return (6.5, "listed")
        if gap and line.is_mark(begin) and line.tokens[begin].surface not in QUOTES:
            return (1.0, "active")
        return (5.8, "active") if gap <= 2 else (4.0, "active")
    if form == "subject" and not left and gap == 1 and line.tokens[begin].surface == ":":
        return (6.5, "listed")
    if form == "subject" and not left and any(line.covers("toll", place) for place in range(max(0, word.start - 6), word.start)):
        tolled = _rises(line, word.start, begin=begin, end=end) or line.covers("rise", quantity.start) is not None
        return (5.4, "toll") if tolled else (1.0, "subject-inverted")
    if form == "subject":
        return (5.6, "subject") if left else ((5.2, "subject") if free else (1.5, "subject-inverted"))
    if form == "object":
        if not left and gap and line.is_mark(begin) and line.tokens[begin].surface not in QUOTES:
            return (1.0, "object")
        return (2.0, "object") if left else (5.8, "object")
    if form == "losing" and order != "svo":
        return (5.8, "losing") if gap <= 3 else (3.2, "losing")
    if form == "losing":
        if left:
            return (4.0, "losing") if gap == 0 and quantity.form in {"number", "one"} else (0.0, "losing")
        return (6.0, "losing") if gap <= 3 else (3.0, "losing")
    if form == "state":
        if line.covers("among_dead", word.start):
            return (5.0, "among") if not left else (4.6, "among")
        if not left and _rises(line, word.start, begin=begin, end=end):
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
        if not left and quantity.head in {"bare", "persons", "people", "unknown"} and _rises(line, word.start, begin=begin, end=end):
            return (6.0, "toll")
        if left and gap == 0 and order != "svo":
            # "13 զինվորի մահը": the victim's genitive stands before the noun.
            return (6.0, "deaths-of")
        return (2.6, "noun") if not left else (2.4, "noun")
    return (0.0, form)


def _told_of(line: Line, quantity: Quantity, word: EffectWord) -> bool:
    """Whether a name is the subject of the effect: only auxiliaries, or an apposition between commas, stand between."""
    if quantity.start == word.end and not word.passive and word.forms & {"participle", "object"}:
        return True
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


def shared(line: Line, quantity: Quantity) -> bool:
    """Whether the quantity is a share of the one before: "including a child", "two children among them", ", one of them a child,"."""
    after = quantity.stop
    if after < len(line) and line.tokens[after].surface in COMMAS:
        # "a priest, Nikolai K., 66, was among them": past the apposition.
        closing = [at for at in range(after + 1, min(len(line), after + 9)) if line.tokens[at].surface in COMMAS]
        after = closing[-1] + 1 if closing else after
    first = after
    while after < len(line) and after - first < 3 and (line.covers("auxiliaries", after) or line.covers("adverbs", after)):
        after += 1
    if after > first and after < len(line) and line.begins("subset_after", after):
        return True
    if quantity.partitive and quantity.start and line.tokens[quantity.start - 1].surface in COMMAS:
        return quantity.stop < len(line) and line.tokens[quantity.stop].surface in COMMAS
    return led_as_share(line, quantity.start) or line.begins("subset_after", quantity.stop) is not None


def led_as_share(line: Line, start: int) -> bool:
    """Whether words of a share stand before token `start`, with no comma and no conjunction between."""
    for place in range(start - 1, max(-1, start - 4), -1):
        tag = line.covers("subset", place)
        if tag and tag.start < start:
            return True
        if line.is_mark(place) or line.begins("conjunctions", place):
            return False
    return False


def _rises(line: Line, start: int, *, begin: int, end: int) -> bool:
    """Whether a verb of rising or standing, or a bare "at", leads from a toll to the number: "the toll climbed to 18"."""
    found = any(line.covers("rise", place) for place in range(begin, end))
    found = found or any(
        line.covers("rise", place) and not line.covers("copula", place) for place in range(max(0, start - 9), start) if end - begin <= 4
    )
    raised = any(line.covers("rise", place) and not line.covers("copula", place) for place in range(max(0, start - 4), start))
    found = found or (raised and end > begin and line.covers("rise_to", end - 1) is not None)
    found = found or (end < len(line) and line.covers("rise", end) is not None)
    put = any(line.covers("put", place) for place in range(max(0, start - 7), start))
    found = found or (put and end > begin and line.covers("toll_at", end - 1) is not None)
    if line.pack.not_alone and any(line.covers("toll", place) for place in range(max(0, start - 2), end)):
        # The verb may close the clause: "დაღუპულთა რიცხვმა 201-ს მიაღწია".
        found = found or any(line.covers("rise", place) for place in range(end + 1, min(len(line), end + 4)))
    return found or (end - begin <= 2 and any(line.covers("toll_at", place) for place in range(begin, end)))


def right_of(line: Line, word: EffectWord, quantity: Quantity) -> bool:
    """Whether the quantity hangs on the noun by "of": "the deaths of 25 people"."""
    if quantity.start < word.end:
        return False
    gap = quantity.start - word.end
    return (
        (gap == 0 and line.pack.language != "en")
        or (gap <= 2 and (line.begins("partitive", word.end) is not None or line.tokens[word.end - 1].folded == "of"))
        or (gap == 0 and line.tokens[word.end - 1].folded == "of")
    )


def _cost(line: Line, begin: int, end: int, quantity: Quantity, found: list[Quantity], live: list[EffectWord]) -> float:
    """What stands between a victim and its effect, as a price."""
    cost = 0.0
    commas = 0
    for place in range(begin, end):
        token = line.tokens[place]
        if token.kind == "mark":
            if token.surface in COMMAS:
                commas += 1
            elif token.surface in {";", "—", "–", "-", "•"}:
                cost += 2.0
            elif token.surface == ":":
                cost += 1.5
            elif token.surface in QUOTES:
                cost += 0.3
            elif token.surface in {".", "!", "?"}:
                cost += 4.0
            continue
        if line.covers("auxiliaries", place) or line.covers("adverbs", place):
            cost += 0.02
        elif line.covers("subordinators", place):
            cost += 1.0
        elif line.begins("conjunctions", place):
            cost += 0.7
        elif line.covers("say", place) or line.begins("according", place):
            cost += 1.3
        else:
            cost += 0.11
    # Two commas around a parenthesis weigh less than one that parts two clauses.
    cost += 0.35 * commas if commas != 1 else 0.8
    for word in live:
        if begin <= word.start < end:
            cost += 2.2
    for other in found:
        if (
            other is not quantity
            and begin <= other.start < end
            and other.countable
            and not (other.head == "bare" and other.form in {"ordinal", "one"})
        ):
            cost += 1.6 if other.form in {"number", "vague", "none"} else 0.8
    return cost
