"""Learns which quantities count casualties, from the annotated articles, and says how well that carries over.

    python -m tests.gold.train_counts            cross-validated by story: rules alone against the weights
    python -m tests.gold.train_counts --write    and writes `counts.json`, for review

A conditional logit over the five effects and nothing, with an L2 penalty, learnt by L-BFGS. While it learns, what was told before
a quantity is what the annotation says of it; when it is judged, what the weights said.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from schemas.vocabulary import Effect
from services.classifier.core import counts
from services.classifier.core.claims import told
from services.classifier.core.counts import EFFECTS, PAIRED, Possibility
from services.classifier.core.document import Document
from services.classifier.core.lines import Line
from tests.gold.cases import FOLDS, annotated, matched
from tests.gold.score import HERE

WEIGHTS = HERE.parents[1] / "services" / "classifier" / "weights"
RARE = 12
"""A sign met in fewer possibilities gets no weight."""

NEAR = 4
"""Tokens: a quantity may begin so far before its quote."""


Loss = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]
"""A value and its slope at some weights."""


@dataclass(slots=True)
class Example:
    """One quantity with what it counts; `again` where it may be the same figure told once more, which teaches nothing."""

    fold: int
    possibility: Possibility
    truth: Effect | None
    again: bool


@dataclass(slots=True)
class Annotation:
    """What an article's annotation says of its quantities, found by quote and numbers."""

    document: Document
    casualties: list[dict[str, Any]]
    fold: int
    examples: list[Example] = field(default_factory=list)
    _spans: list[tuple[str, int, int]] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._spans = [self._span(str(one["quote"])) for one in self.casualties]

    def _span(self, quote: str) -> tuple[str, int, int]:
        pattern = re.compile(r"\s+".join(re.escape(word) for word in quote.split()))
        for name in ("text", "title"):
            found = pattern.search(self.document.text_of(name))
            if found is not None:
                return name, *found.span()
        return "", 0, 0

    def choose(self, line: Line, possibility: Possibility) -> Effect | None:
        """What the quantity counts by the annotation; noted as an example."""
        quantity = possibility.quantity
        numbers = (quantity.low, quantity.high)
        begin = line.tokens[quantity.start].start
        before = line.tokens[max(0, quantity.start - NEAR)].start
        fitting = []
        for place, (name, start, end) in enumerate(self._spans):
            one = self.casualties[place]
            if place in self._used or name != line.sentence.field or (one["low"], one["high"]) != numbers:
                continue
            if begin < end and (start <= begin or before <= start):
                fitting.append(place)
        truth = None
        if fitting:
            best = max(fitting, key=lambda place: (self.casualties[place]["effect"] == possibility.ruled, -place))
            self._used.add(best)
            truth = Effect(self.casualties[best]["effect"])
        again = truth is None and possibility.ruled is not None and any((one["low"], one["high"]) == numbers for one in self.casualties)
        self.examples.append(Example(self.fold, possibility, truth, again))
        return possibility.ruled if again else truth


def of_all() -> list[Annotation]:
    """All annotated articles that concern the area."""
    return [Annotation(one.document, list(one.casualties), one.fold) for one in annotated()]


def rows_of(example: Example) -> list[list[str]]:
    """The signs of each effect's possibility, by the names their weights bear."""
    signs = example.possibility.signs
    paired = [sign for sign in signs if sign.startswith(PAIRED)]
    return [
        [*signs, *example.possibility.by_effect[effect], f"{effect.value}|bias", *(f"{effect.value}|{sign}" for sign in paired)]
        for effect in EFFECTS
    ]


def fitted(examples: Sequence[Example], penalty: float) -> dict[str, float]:
    """The weights that make the annotations likeliest."""
    used = [example for example in examples if not example.again]
    rows = [row for example in used for row in rows_of(example)]
    seen = Counter(sign for row in rows for sign in row)
    names = sorted(sign for sign, count in seen.items() if count >= RARE)
    place = {sign: number for number, sign in enumerate(names)}
    owners, columns = [], []
    for number, row in enumerate(rows):
        mine = [place[sign] for sign in row if sign in place]
        columns.extend(mine)
        owners.extend([number] * len(mine))
    owner, column = np.array(owners), np.array(columns)
    truth = np.array([EFFECTS.index(example.truth) if example.truth is not None else len(EFFECTS) for example in used])
    wanted = np.zeros((len(used), len(EFFECTS)))
    wanted[truth < len(EFFECTS), truth[truth < len(EFFECTS)]] = 1.0

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sums = np.bincount(owner, weights[column], minlength=len(rows)).reshape(-1, len(EFFECTS))
        highest = np.maximum(sums.max(axis=1), 0.0)
        parts = np.exp(sums - highest[:, None])
        whole = parts.sum(axis=1) + np.exp(-highest)
        chances = parts / whole[:, None]
        told_of = (sums * wanted).sum(axis=1)
        value = float((highest + np.log(whole) - told_of).sum() + 0.5 * penalty * (weights @ weights))
        slope = np.bincount(column, (chances - wanted).reshape(-1)[owner], minlength=len(names)) + penalty * weights
        return value, slope

    weights = _least(loss, np.zeros(len(names), dtype=np.float64))
    return {name: round(float(weights[number]), 2) for name, number in place.items() if abs(weights[number]) >= 0.03}


def _least(loss: Loss, start: NDArray[np.float64], *, steps: int = 120, memory: int = 8) -> NDArray[np.float64]:
    """L-BFGS with backtracking (Nocedal and Wright, Numerical Optimization, algorithm 7.4)."""
    at = start
    value, slope = loss(at)
    moves: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    for _ in range(steps):
        way = slope.copy()
        kept = []
        for move, turn in reversed(moves):
            share = (move @ way) / (turn @ move)
            kept.append(share)
            way -= share * turn
        if moves:
            move, turn = moves[-1]
            way *= (move @ turn) / (turn @ turn)
        for (move, turn), share in zip(moves, reversed(kept), strict=True):
            way = way + (share - float(turn @ way) / float(turn @ move)) * move
        stride = 1.0 if moves else 1.0 / max(1.0, float(np.abs(slope).sum()))
        downhill = float(slope @ way)
        while True:
            tried = at - stride * way
            after, turned = loss(tried)
            if after <= value - 1e-4 * stride * downhill or stride < 1e-8:
                break
            stride /= 2
        moves = [*moves, (tried - at, turned - slope)][-memory:]
        if value - after < 1e-6 * max(1.0, abs(value)):
            return tried
        at, value, slope = tried, after, turned
    return at


def as_read(weights: dict[str, float]) -> tuple[dict[str, float], dict[Effect, dict[str, float]]]:
    """The weights as the product reads them."""
    with patch.object(counts, "weights_of", lambda name: weights if name == "counts" else {}):
        counts.tables.cache_clear()
        read = counts.tables()
    counts.tables.cache_clear()
    return read


def main() -> None:
    """Cross-validate, and write when asked."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.train_counts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the weights learnt from all cases")
    parser.add_argument("--penalty", type=float, default=2.0)
    parser.add_argument("--folds", type=int, default=FOLDS, help="judge by so many of the folds")
    options = parser.parse_args()
    every = of_all()
    for one in every:
        told(one.document, one.choose)
    examples = [example for one in every for example in one.examples]
    if options.folds:
        tally: dict[str, Counter[str]] = defaultdict(Counter)
        for number in range(options.folds):
            learnt = as_read(fitted([example for example in examples if example.fold != number], options.penalty))
            with patch.object(counts, "tables", lambda learnt=learnt: learnt):
                for one in every:
                    if one.fold == number:
                        for name, chooser in (("rules", lambda _, possibility: possibility.ruled), ("weights", None)):
                            for scope in ("all", one.document.language):
                                _judge(tally[f"{name} {scope}"], one, chooser)
        for name, tallied in sorted(tally.items()):
            precision, recall = tallied["right"] / max(1, tallied["said"]), tallied["right"] / max(1, tallied["true"])
            print(f"{name:12} P {precision:.3f} R {recall:.3f} F1 {2 * precision * recall / max(1e-9, precision + recall):.3f}")
    if options.write:
        learnt_all = fitted(examples, options.penalty)
        written = json.dumps({"weights": dict(sorted(learnt_all.items()))}, indent=1, ensure_ascii=False)
        (WEIGHTS / "counts.json").write_text(written + "\n", encoding="utf-8")
        print(f"{len(learnt_all)} weights written to counts.json")


def _judge(tally: Counter[str], one: Annotation, chooser: counts.Chooser | None) -> None:
    free = list(one.casualties)
    tally["true"] += len(free)
    for draft in told(one.document, chooser):
        tally["said"] += 1
        match = matched(draft, free)
        if match is not None:
            free.remove(match)
            tally["right"] += 1


if __name__ == "__main__":
    main()
