"""Learning the small weights: a logistic regression over sparse features, in plain Python and always the same.

Each weight is stepped to its best in turn (Newton's step for one coordinate), which needs neither a matrix nor chance;
a few thousand examples take seconds. `strength` pulls weights towards nought, so that rare features weigh little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

Example = tuple[frozenset[str], bool]
"""The features of a candidate, and whether it was right."""

BIAS = "bias"
_LARGEST_STEP = 2.0


def fit(examples: Sequence[Example], *, strength: float, least: int = 4, sweeps: int = 200) -> dict[str, float]:
    """Weights by feature, rounded to two places, those near nought left out; features in fewer than `least` examples have none."""
    counts = Counter(feature for features, _ in examples for feature in features)
    names = [BIAS, *sorted(name for name, count in counts.items() if count >= least)]
    holders: dict[str, list[int]] = {name: [] for name in names}
    for row, (features, _) in enumerate(examples):
        holders[BIAS].append(row)
        for feature in features:
            if feature in holders:
                holders[feature].append(row)
    right = [1.0 if true else 0.0 for _, true in examples]
    margins = [0.0] * len(examples)
    weights = dict.fromkeys(names, 0.0)
    for _ in range(sweeps):
        largest = max((abs(_step(name, holders[name], right, margins, weights, strength)) for name in names), default=0.0)
        if largest < 1e-3:
            break
    return {name: round(weight, 2) for name, weight in weights.items() if abs(weight) >= 0.05}


def _step(
    name: str, rows: Sequence[int], right: Sequence[float], margins: list[float], weights: dict[str, float], strength: float
) -> float:
    pull = 0.0 if name == BIAS else strength
    slope, bend = pull * weights[name], pull + 1e-6
    for row in rows:
        chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, margins[row]))))
        slope += chance - right[row]
        bend += chance * (1 - chance)
    step = max(-_LARGEST_STEP, min(_LARGEST_STEP, -slope / bend))
    weights[name] += step
    for row in rows:
        margins[row] += step
    return step
