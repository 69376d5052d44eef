"""Effect words: every telling of death, wounds, loss, captivity or flight in a sentence, with its voice and mood."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from schemas.vocabulary import Effect
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.nouns import modifies

GRAVITY = (Effect.KILLED, Effect.MISSING, Effect.WOUNDED, Effect.CAPTURED, Effect.DISPLACED)


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
    active: bool = False
    """Whether an auxiliary stands before it that makes no passive: "had hit"."""


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
        passive, negated, modal, helped = _voice(line, tag.start)
        passive = passive or line.within("passive", tag.start, tag.end - 1)
        if modal:
            continue
        found.append(
            EffectWord(
                tag.start,
                tag.end,
                effect,
                forms,
                weak is not None and weak.end >= tag.end,
                passive,
                negated or denied,
                "joint" in forms,
                active=helped and not passive and bool(line.pack.lexicon.passive),
            )
        )
    _join(line, found)
    return found


def _voice(line: Line, at: int) -> tuple[bool, bool, bool, bool]:
    """Whether an auxiliary stands before token `at` with nothing but adverbs between, a negation with it, a mood of what may yet come, any auxiliary."""
    passive = negated = modal = helped = False
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
            helped = True
            passive = passive or not line.pack.lexicon.passive or line.covers("passive", place) is not None
            place -= 1
            continue
        if line.covers("negation", place) and not line.covers("number_none", place):
            negated = True
            place -= 1
            continue
        if steps == 0 and not passive and line.begins("conjunctions", place) and place == at - 1:
            # "were led out of their building and shot": one auxiliary for two participles.
            passive = line.within("passive", max(0, place - 12), place) and not any(
                line.is_mark(near) or line.covers("effect", near) for near in range(max(0, place - 3), place)
            )
            break
        if passive or line.is_mark(place) or line.covers("effect", place) or line.covers("people", place) or line.covers("persons", place):
            break
        if not ((line.pack.language == "en" and token.folded.endswith("ly")) or line.covers("adverbs", place)):
            break
        place -= 1
        steps += 1
    return passive, negated, modal, helped


def _join(line: Line, words: list[EffectWord]) -> None:
    """Join "killed or wounded", "dead and missing": two effects told of one figure become one, the gravest."""
    for first, second, third in zip(words, words[1:], words[2:], strict=False):
        # "92 dead, wounded and missing"
        listed = second.start - first.end == 1 and line.tokens[first.end].surface in COMMAS
        closed = third.start - second.end == 1 and line.begins("conjunctions", second.end) is not None
        if listed and closed and first.joined_to is None and first.forms & second.forms & third.forms:
            grave = min((first, second, third), key=lambda word: GRAVITY.index(word.effect))
            first.effect, first.joint, first.end = grave.effect, True, third.end
            second.joined_to = third.joined_to = words.index(first)
    for first, second in itertools.pairwise(words):
        if first.joined_to is not None or second.joined_to is not None:
            continue
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
