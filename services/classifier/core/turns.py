"""Turns of phrase: an editor's patterns over words and token classes, read from `patterns/<lang>.yaml`.

A pattern is a row of steps, each matching one stretch of a sentence:

    word            that word, folded; `word*` by its beginning
    <class>         any entry of a lexicon class (effect, people, say, toll, rise, … or one of `words`)
    N               a quantity as the grammar finds it, with its noun
    ~3              up to three tokens of any kind, but no mark that ends a clause
    (a|b)           one of several words
    step?           the step may be missing

A match makes a claim of the pattern's effect with the quantity at N; it stands before whatever the frames say of that
quantity. Matching walks each pattern once along the sentence: it is linear in the sentence and never goes back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from schemas.vocabulary import Effect
from services.classifier.core.forms import Pattern
from services.classifier.core.frames import Frame
from services.classifier.core.lines import HARD, Line
from services.classifier.core.numerals import Quantity
from services.classifier.core.packs import Pack
from services.classifier.core.text import fold

SCORE = 12.0
"""A pattern outweighs every frame."""

_STEP = re.compile(r"\([^)]*\)\??|\S+")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pattern: `kind` is word, tag, number or gap."""

    kind: str
    words: tuple[str, ...] = ()
    reach: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A pattern ready to match."""

    name: str
    effect: Effect
    steps: tuple[Step, ...]
    needs: tuple[frozenset[str], ...]
    """Of each of these sets a word must stand in the sentence; without one the pattern is not tried."""
    options: tuple[tuple[str, bool | int | str], ...]


def compiled(pattern: Pattern) -> Turn:
    """The turn that a pattern of the YAML describes.

    Raises:
        ValueError: it has no effect, no N, or an empty match.
    """
    steps = tuple(_step(piece) for piece in _STEP.findall(pattern.match))
    if pattern.effect is None or not any(step.kind == "number" for step in steps):
        raise ValueError(f"pattern {pattern.name}: it needs an effect and one N")
    needs = tuple(
        frozenset(step.words)
        for step in steps
        if step.kind == "word" and not step.optional and not any(word.endswith("*") for word in step.words)
    )
    return Turn(pattern.name, pattern.effect, steps, needs, tuple(pattern.options.items()))


def _step(piece: str) -> Step:
    optional = piece.endswith("?") and len(piece) > 1
    body = piece[:-1] if optional else piece
    if body == "N":
        return Step("number", optional=optional)
    if body.startswith("~"):
        return Step("gap", reach=int(body[1:]), optional=True)
    if body.startswith("<"):
        return Step("tag", (body.strip("<>"),), optional=optional)
    if body.startswith("("):
        return Step("word", tuple(fold(word.strip()) for word in body[1:-1].split("|")), optional=optional)
    return Step("word", (fold(body),), optional=optional)


@cache
def turns_of(pack: Pack) -> tuple[Turn, ...]:
    """The compiled patterns of a language."""
    return tuple(compiled(pattern) for pattern in pack.patterns.patterns)


@cache
def _by_word(pack: Pack) -> tuple[dict[str, list[int]], tuple[int, ...]]:
    """The places of patterns by a word of which one must stand in the sentence, and those that need none."""
    by_word: dict[str, list[int]] = {}
    free: list[int] = []
    for place, turn in enumerate(turns_of(pack)):
        if not turn.needs:
            free.append(place)
            continue
        for word in max(turn.needs, key=lambda need: (min(map(len, need)), -len(need))):
            by_word.setdefault(word, []).append(place)
    return by_word, tuple(free)


def possible(line: Line) -> list[Turn]:
    """The patterns whose words stand in the sentence, in the order of the file."""
    by_word, free = _by_word(line.pack)
    if not by_word and not free:
        return []
    words = {token.folded for token in line.tokens}
    places = {place for word in words if word in by_word for place in by_word[word]}
    turns = turns_of(line.pack)
    return [turns[place] for place in sorted(places.union(free)) if not any(words.isdisjoint(need) for need in turns[place].needs)]


def turned(line: Line, turns: list[Turn], found: list[Quantity]) -> list[Frame]:
    """The claims that the possible patterns make of a sentence; of one quantity the first pattern of the file wins."""
    if not turns or not found:
        return []
    by_start = {quantity.start: quantity for quantity in found if quantity.countable}
    made: dict[int, Frame] = {}
    for turn in turns:
        for start in range(len(line)):
            match = _match(line, turn.steps, start, by_start)
            if match is None:
                continue
            end, quantity = match
            if quantity is not None and id(quantity) not in made:
                frame = Frame(quantity, turn.effect, start, max(end, quantity.stop), SCORE, f"pattern:{turn.name}")
                frame.options.update(turn.options)
                made[id(quantity)] = frame
    return list(made.values())


def _match(line: Line, steps: tuple[Step, ...], start: int, by_start: dict[int, Quantity]) -> tuple[int, Quantity | None] | None:
    """(end, quantity) where the steps match from token `start`; the states that are alive move on together."""
    states: list[tuple[int, Quantity | None]] = [(start, None)]
    for step in steps:
        moved: dict[int, Quantity | None] = {}
        for at, quantity in states:
            if step.optional:
                moved.setdefault(at, quantity)
            if step.kind == "gap":
                for far in range(at + 1, min(len(line), at + step.reach) + 1):
                    if line.tokens[far - 1].surface in HARD or line.tokens[far - 1].surface in {".", ":"}:
                        break
                    moved.setdefault(far, quantity)
            elif at < len(line) and (after := _moved(line, step, at, by_start)) is not None:
                moved[after] = by_start.get(at, quantity) if step.kind == "number" else quantity
        states = list(moved.items())
        if not states:
            return None
    ended = [state for state in states if state[1] is not None]
    return max(ended, key=lambda state: state[0]) if ended else None


def _moved(line: Line, step: Step, at: int, by_start: dict[int, Quantity]) -> int | None:
    if step.kind == "number":
        quantity = by_start.get(at)
        return quantity.stop if quantity is not None else None
    if step.kind == "tag":
        tag = line.begins(step.words[0], at)
        return tag.end if tag is not None else None
    word = line.tokens[at].folded
    if any(word == wanted or (wanted.endswith("*") and word.startswith(wanted[:-1])) for wanted in step.words):
        return at + 1
    return None
