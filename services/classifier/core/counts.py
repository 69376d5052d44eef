"""Counts: which quantities of a sentence count the killed, wounded, missing, captured or displaced, by the sum of learnt signs.

The rules of frames and relations say what the words say outright. What they leave open, or take for granted ("Killed by
shelling, officials said, were 14 conscripts."), is weighed here: every quantity may count one of the effects or nothing, each possibility has
signs, each sign a reviewed weight in `weights/counts.json`. They are learnt from all figures, those that a rule
takes too: so the weights know how figures are plainly told, and speak only where the rules are silent and they are sure.
Signs are classes of words, positions and what was told before, never words, so that one set of weights serves all languages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from schemas.vocabulary import Effect
from services.classifier.core.effects import EffectWord
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.numerals import Quantity
from services.classifier.core.weights import weights_of

if TYPE_CHECKING:
    from services.classifier.core.drafts import Draft

EFFECTS = (Effect.KILLED, Effect.WOUNDED, Effect.MISSING, Effect.CAPTURED, Effect.DISPLACED)

SURE = 0.7
"""The chance from which on a quantity counts that no rule took; found by cross-validation.

Fresh texts hold more numbers that count nobody than the annotated ones, so it lies above where precision and recall meet.
"""

PLAIN = frozenset({"number", "scale", "exact", "approximate", "number_joiners"})
"""Classes of words that are the number itself and say nothing of what it counts."""

PAIRED = ("form-head:", "clause:", "sentence:", "size-head:", "group:", "before:", "behind:", "noun:")
"""Signs that weigh otherwise for each effect."""

CONDITION = 6
"""Tokens: a condition so near before a quantity puts it in what may be."""

FARTHEST = 4
"""Sentences: how far back the figure told last still makes a difference."""


@dataclass(frozen=True, slots=True)
class Possibility:
    """What a quantity may count: its signs, and for each effect those of its own."""

    quantity: Quantity
    signs: tuple[str, ...]
    by_effect: Mapping[Effect, tuple[str, ...]]
    ruled: Effect | None
    """What the rules took it for."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known before a sentence is read: the effects of the title, those of the article, the commonest first.

    `before` are the words of the sentence before, with its paragraph and index.
    """

    title: frozenset[str]
    article: tuple[str, ...]
    before: tuple[EffectWord, ...] = ()
    paragraph: int = -1
    index: int = -1


Chooser = Callable[[Line, Possibility], Effect | None]
"""What says, where weights are learnt, which effect a quantity counts by the annotation."""


def counted(
    line: Line,
    quantities: Sequence[Quantity],
    words: Sequence[EffectWord],
    ruled: Sequence[Frame],
    told: Sequence[Draft],
    setting: Setting,
    choose: Chooser | None = None,
) -> list[Frame]:
    """The frames of a sentence that the rules left open; `told` are the figures of the sentences before.

    Quantities are taken from the left, so that each knows what became of the one before it. What a rule took stays as it is. `choose`,
    where it is given, is asked about those too: to learn from them.
    """
    by_quantity = {id(frame.quantity): frame for frame in ruled}
    new: list[Frame] = []
    kinds: list[list[str]] | None = None
    for place, quantity in enumerate(quantities):
        own = by_quantity.get(id(quantity))
        if (own is not None and choose is None) or (own is None and not _possible(quantity)):
            continue
        kinds = kinds if kinds is not None else _kinds(line)
        possibility = _possibility(line, place, quantities, words, by_quantity, told, setting, kinds)
        effect = by_weights(possibility) if choose is None else choose(line, possibility)
        if effect is not None and own is None and (choose is not None or _told(line, quantity, effect, words)):
            made = _made(quantity, effect, words)
            by_quantity[id(quantity)] = made
            new.append(made)
    return new


def by_weights(possibility: Possibility) -> Effect | None:
    """The effect that a quantity surely counts, None where none is sure enough."""
    chances = chances_of(possibility)
    best = max(EFFECTS, key=lambda effect: chances[effect])
    return best if chances[best] >= SURE else None


def chances_of(possibility: Possibility) -> dict[Effect, float]:
    """The chance of each effect; what is left to 1 is the chance that nothing is counted."""
    shared, own = tables()
    base = sum(shared.get(sign, 0.0) for sign in possibility.signs)
    sums = {}
    for effect in EFFECTS:
        mine = own[effect]
        total = base + mine.get("bias", 0.0)
        for sign in possibility.signs:
            if sign in mine:
                total += mine[sign]
        for sign in possibility.by_effect[effect]:
            total += shared.get(sign, 0.0)
        sums[effect] = total
    highest = max(0.0, *sums.values())
    parts = {effect: math.exp(total - highest) for effect, total in sums.items()}
    whole = math.exp(-highest) + sum(parts.values())
    return {effect: part / whole for effect, part in parts.items()}


@cache
def tables() -> tuple[dict[str, float], dict[Effect, dict[str, float]]]:
    """The weights that hold for every effect, and those of each, as `weights/counts.json` has them."""
    shared: dict[str, float] = {}
    own: dict[Effect, dict[str, float]] = {effect: {} for effect in EFFECTS}
    for name, weight in weights_of("counts").items():
        effect, bar, sign = name.partition("|")
        if bar:
            own[Effect(effect)][sign] = weight
        else:
            shared[name] = weight
    return shared, own


def _possible(quantity: Quantity) -> bool:
    """Whether a quantity that no rule took is worth weighing: of others than numbers the weights are wrong as often as right."""
    return quantity.form == "number" and quantity.head != "thing"


def _told(line: Line, quantity: Quantity, effect: Effect, words: Sequence[EffectWord]) -> bool:
    """Whether the sentence tells of the effect outright: by a word that says nothing else, and of what has come to pass.

    "has held three officers", "saved 40 lives", "if two soldiers were killed": the weights do not know such turns.
    """
    if line.within("conditional", max(0, quantity.start - CONDITION), quantity.start):
        return False
    return any(word.effect is effect and not word.weak and not line.within("lives", word.start, word.end) for word in words)


def _made(quantity: Quantity, effect: Effect, words: Sequence[EffectWord]) -> Frame:
    near = [word for word in words if word.effect is effect and word.joined_to is None]
    word = min(near, key=lambda one: max(quantity.start - one.end, one.start - quantity.stop), default=None)
    start, end = quantity.start, quantity.stop
    if word is not None:
        start, end = min(start, word.start), max(end, word.end)
    return Frame(quantity, effect, start, end, 2.0, "counts", word is not None and word.joint, word=word)


def _kinds(line: Line) -> list[list[str]]:
    """The classes of each token: its tags', what it names, a mark's own, else that it is a word."""
    kinds: list[list[str]] = [[] for _ in line.tokens]
    for tag in line.document.tags[line.sentence.index]:
        if tag.kind in PLAIN:
            continue
        for place in range(tag.start, tag.end):
            if tag.kind not in kinds[place]:
                kinds[place].append(tag.kind)
    for place, token in enumerate(line.tokens):
        mine = kinds[place]
        if token.kind == "mark":
            kinds[place] = [f"mark{token.surface}"]
            continue
        if place in line.mention_at:
            mine.append(f"mention-{line.mention_at[place].entry.kind}")
        if token.kind == "number":
            mine.append("digit")
        if not mine:
            mine.append("title" if token.title else "word")
    return kinds


def _size(value: int) -> str:
    return "0" if value <= 0 else "1" if value == 1 else f"e{min(3, len(str(value)) - 1)}"


def _far(gap: int) -> str:
    return str(gap) if gap < 3 else "near" if gap < 6 else "away" if gap < 10 else "far" if gap < 16 else "out"


def _marks(line: Line, begin: int, end: int) -> str:
    """What marks stand from token `begin` to before `end`: none, commas alone, harder ones."""
    found = "none"
    for place in range(max(0, begin), end):
        if line.is_mark(place):
            if line.tokens[place].surface not in COMMAS:
                return "hard"
            found = "comma"
    return found


def _possibility(
    line: Line,
    place: int,
    quantities: Sequence[Quantity],
    words: Sequence[EffectWord],
    frames: Mapping[int, Frame],
    told: Sequence[Draft],
    setting: Setting,
    kinds: list[list[str]],
) -> Possibility:
    quantity = quantities[place]
    own = frames.get(id(quantity))
    live = [word for word in words if word.joined_to is None]
    by_effect = {}
    for effect in EFFECTS:
        signs = _of_words(line, quantity, quantities, live, effect, frames)
        for step in (-1, 1):
            if 0 <= place + step < len(quantities):
                signs += _of_neighbour(line, quantity, quantities[place + step], step, effect, frames)
        signs += _of_story(line, quantity, effect, told, setting)
        by_effect[effect] = tuple(signs)
    return Possibility(
        quantity, _of_itself(line, quantity, len(quantities), told, kinds), by_effect, own.effect if own is not None else None
    )


def _of_itself(
    line: Line,
    quantity: Quantity,
    many: int,
    told: Sequence[Draft],
    kinds: list[list[str]],
) -> tuple[str, ...]:
    """What the quantity is, what words stand around it, where it stands."""
    value = max(quantity.low or 0, quantity.high or 0)
    signs = [
        f"form:{quantity.form}",
        f"head:{quantity.head}",
        f"form-head:{quantity.form}:{quantity.head}",
        f"bound:{quantity.bound.value}",
        f"group:{quantity.group.value if quantity.group is not None else '-'}",
        f"size:{_size(value)}",
        f"size-head:{_size(value)}:{quantity.head}",
        f"field:{line.sentence.field}",
        f"quantities:{min(4, many)}",
        f"length:{_far(len(line) // 3)}",
        f"told:{_far(len(told))}",
        "opens" if quantity.start == 0 else "inside",
    ]
    signs += [name for name in ("more", "partitive", "singular") if getattr(quantity, name)]
    if quantity.possessive is not None:
        signs.append("possessive")
    if quantity.whole:
        signs.append("whole")
    if value >= 10 and value % 10 == 0:
        signs.append("round")
    if line.sentence.headline:
        signs.append("headline")
    last = len(line.tokens)
    for name, at in (
        ("before", quantity.start - 1),
        ("before2", quantity.start - 2),
        ("behind", quantity.stop),
        ("behind2", quantity.stop + 1),
    ):
        signs += [f"{name}:{kind}" for kind in (kinds[at] if 0 <= at < last else ("edge",))]
    signs += [f"noun:{kind}" for at in range(quantity.end, min(quantity.stop, last)) for kind in kinds[at]]
    begin, end = quantity.start, quantity.stop
    while begin > 0 and not line.is_mark(begin - 1):
        begin -= 1
    while end < last and not line.is_mark(end):
        end += 1
    if end >= last - 1:
        signs.append("last-clause")
    signs += [f"clause:{kind}" for at in range(begin, end) if not quantity.start <= at < quantity.stop for kind in kinds[at]]
    signs += [f"sentence:{kind}" for kind in line.kinds() if kind not in PLAIN]
    return tuple(dict.fromkeys(signs))


def _of_words(
    line: Line,
    quantity: Quantity,
    quantities: Sequence[Quantity],
    live: Sequence[EffectWord],
    effect: Effect,
    frames: Mapping[int, Frame],
) -> list[str]:
    """The nearest word of the effect on either side, how it takes victims, and what stands between."""
    signs = []
    mine = [word for word in live if word.effect is effect]
    if mine:
        signs.append("word")
    if any(word.start < quantity.stop and word.end > quantity.start for word in mine):
        signs.append("word:within")
    left = [word for word in mine if word.end <= quantity.start][-1:]
    right = [word for word in mine if word.start >= quantity.stop][:1]
    for name, word in [*(("L", word) for word in left), *(("R", word) for word in right)]:
        begin, end = (word.end, quantity.start) if name == "L" else (quantity.stop, word.start)
        marks = _marks(line, begin, end)
        others = min(2, sum(1 for other in quantities if other is not quantity and begin <= other.start < end and other.countable))
        form = "+".join(sorted(word.forms))
        signs += [
            f"{name}:{_far(end - begin)}",
            f"{name}:{marks}",
            f"{name}:q{others}",
            f"{name}:{form}",
            f"{name}:{form}:{_far(end - begin)}",
            f"{name}:{marks}:q{others}:{quantity.head}",
            f"{name}:{quantity.form}:{quantity.head}:{form}",
        ]
        signs += [f"{name}:{state}" for state in ("weak", "active", "negated") if getattr(word, state)]
        if word.passive:
            signs.append(f"{name}:passive:{form}")
        signs.append(f"{name}:used" if any(frame.word is word for frame in frames.values()) else f"{name}:free")
        if any(other.effect is not effect and begin <= other.start < end for other in live):
            signs.append(f"{name}:another")
    return signs


def _of_neighbour(line: Line, quantity: Quantity, other: Quantity, step: int, effect: Effect, frames: Mapping[int, Frame]) -> list[str]:
    """What the quantity before, or behind, counts, and how the two are joined."""
    frame = frames.get(id(other))
    if frame is None or frame.effect is not effect:
        return []
    name = "P" if step < 0 else "N"
    begin, end = (other.stop, quantity.start) if step < 0 else (quantity.stop, other.start)
    marks = _marks(line, begin, end)
    return [
        f"{name}:{marks}:{_far(max(0, end - begin))}",
        f"{name}:{other.head}:{quantity.head}",
        f"{name}:{other.form}:{quantity.form}:{marks}",
        f"{name}:conjunction" if line.within("conjunctions", begin, end) else f"{name}:no-conjunction",
        f"{name}:share" if frame.options.get("subset") else f"{name}:whole",
    ]


def _of_story(line: Line, quantity: Quantity, effect: Effect, told: Sequence[Draft], setting: Setting) -> list[str]:
    """What was told before: the last figure, the same number, the effects of the sentence before, of the title, of the article."""
    signs = []
    if told:
        last = told[-1]
        away = min(FARTHEST, line.sentence.index - last.line.sentence.index)
        if last.frame.effect is effect:
            signs += [
                f"last:{away}",
                f"last:{away}:{quantity.head}",
                f"last:{away}:{quantity.form}",
                f"last:{'share' if last.subset else 'whole'}:{min(away, 2)}",
            ]
            value = max(quantity.low or 0, quantity.high or 0)
            before = max(last.frame.quantity.low or 0, last.frame.quantity.high or 0)
            if value and before:
                order = "same" if value == before else "less" if value < before else "more"
                signs.append(f"last:{order}:{min(away, 2)}")
        same = [draft for draft in told if draft.frame.effect is effect]
        if same:
            signs.append("told-before")
        if any((draft.frame.quantity.low, draft.frame.quantity.high) == (quantity.low, quantity.high) for draft in same):
            signs.append("told-same")
    else:
        signs.append("first")
    if setting.index == line.sentence.index - 1 and any(word.effect is effect for word in setting.before):
        signs.append("sentence-before:same" if setting.paragraph == line.sentence.paragraph else "sentence-before:other")
    if effect.value in setting.title:
        signs.append("title")
    if effect.value in setting.article:
        signs.append("article:first" if setting.article[0] == effect.value else "article")
    if not setting.article:
        signs.append("article:none")
    return signs
