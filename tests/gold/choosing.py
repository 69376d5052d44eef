"""Learning to choose one of several candidates by their signs: a conditional logit with an L2 penalty, always the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RARE = 4
"""A sign met in fewer choices gets no weight."""
LEAST = 0.03
"""Smaller weights are left out."""
_RATE, _MEMORY, _SPREAD = 0.05, 0.9, 0.999


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of one figure: each with its signs, and whether it is the true one."""

    candidates: tuple[tuple[tuple[str, ...], bool], ...]


def fitted(choices: Sequence[Choice], penalty: float, rounds: int = 250) -> dict[str, float]:
    """The weights under which the true candidates are likeliest; choices without a true candidate teach nothing."""
    choices = [one for one in choices if any(true for _, true in one.candidates)]
    counted = Counter(sign for one in choices for sign in {sign for signs, _ in one.candidates for sign in signs})
    place = {sign: number for number, sign in enumerate(sorted(sign for sign, count in counted.items() if count >= RARE))}
    rows = [(number, signs, true) for number, one in enumerate(choices) for signs, true in one.candidates]
    # Few of all signs speak of one candidate: the pairs of row and sign are a hundredth of the whole table.
    pairs = np.array([(row, place[sign]) for row, (_, signs, _true) in enumerate(rows) for sign in signs if sign in place], dtype=np.int64)
    at_row, at_sign = pairs.reshape(-1, 2).T
    owner = np.array([number for number, _, _ in rows])
    truth = np.array([float(true) for _, _, true in rows])
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    groups = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(owner)]))
    weights, first, second = np.zeros(len(place)), np.zeros(len(place)), np.zeros(len(place))
    for step in range(1, rounds + 1):
        scores = np.bincount(at_row, weights=weights[at_sign], minlength=len(rows))
        scores = np.exp(scores - np.maximum.reduceat(scores, starts)[groups])
        chance = scores / np.add.reduceat(scores, starts)[groups]
        wanted = chance * truth
        wanted = wanted / np.add.reduceat(wanted, starts)[groups]
        slope = np.bincount(at_sign, weights=(chance - wanted)[at_row], minlength=len(place)) + penalty * weights
        first = _MEMORY * first + (1 - _MEMORY) * slope
        second = _SPREAD * second + (1 - _SPREAD) * slope * slope
        weights = weights - _RATE * (first / (1 - _MEMORY**step)) / (np.sqrt(second / (1 - _SPREAD**step)) + 1e-8)
    return {sign: round(float(weights[index]), 2) for sign, index in place.items() if abs(weights[index]) >= LEAST}
