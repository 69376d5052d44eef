"""Learns the weights of now or background from the annotated articles, and says how well they carry over.

    python -m tests.gold.train_claims            cross-validated by story: rules alone against the weights
    python -m tests.gold.train_claims --write    and writes `moments.json`, for review

A logistic regression over the signs of time, with an L2 penalty. Who vouches and whose people is learnt by `train_bodies`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.gold.cases import FOLDS
from tests.gold.cases import cases as annotated
from tests.gold.score import HERE

WEIGHTS = HERE.parents[1] / "services" / "classifier" / "weights"
RARE = 4
"""A sign met in fewer cases gets no weight."""


@dataclass(frozen=True, slots=True)
class Case:
    """One figure: its fold, its signs of time and whether it is of now."""

    fold: int
    signs: tuple[str, ...]
    now: bool
    rule_now: bool
    weighable: bool


def cases() -> list[Case]:
    """All figures that are both read and annotated, in articles that concern the area."""
    return [
        Case(
            one.fold,
            one.draft.signs,
            bool(one.gold["current"]),
            "verdict:now" in one.draft.signs,
            one.draft.frame.options.get("current") is not False and "time:at-first" not in one.draft.reasons,
        )
        for one in annotated()
    ]


def _vocabulary(lists: Sequence[Sequence[str]]) -> dict[str, int]:
    counted = Counter(sign for signs in lists for sign in signs)
    return {sign: place for place, sign in enumerate(sorted(sign for sign, count in counted.items() if count >= RARE))}


def fitted_moments(train: Sequence[Case], penalty: float) -> dict[str, float]:
    """Weights of the signs of time, by Newton's method."""
    train = [case for case in train if case.weighable]
    place = _vocabulary([case.signs for case in train])
    features = np.zeros((len(train), len(place) + 1))
    features[:, -1] = 1.0
    for row, case in enumerate(train):
        features[row, [place[sign] for sign in case.signs if sign in place]] = 1.0
    truth = np.array([float(case.now) for case in train])
    weights = np.zeros(features.shape[1])
    penalties = np.full(features.shape[1], penalty)
    penalties[-1] = 0.05
    for _ in range(15):
        chance = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (chance - truth) + penalties * weights
        curve = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(penalties)
        weights -= np.linalg.solve(curve, slope)
    told = {sign: round(float(weights[index]), 2) for sign, index in place.items() if abs(weights[index]) >= 0.05}
    return {**told, "bias": round(float(weights[-1]), 2)}


def says_now(case: Case, weights: dict[str, float]) -> bool:
    """What the product would say of the time with these weights."""
    if not case.weighable:
        return case.rule_now
    return weights.get("bias", 0.0) + sum(weights.get(sign, 0.0) for sign in case.signs) >= 0


def main() -> None:
    """Cross-validate, and write when asked."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.train_claims", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the weights learnt from all cases")
    parser.add_argument("--penalty", type=float, default=2.0)
    options = parser.parse_args()
    every = cases()
    right = Counter[str]()
    for number in range(FOLDS):
        moments = fitted_moments([case for case in every if case.fold != number], options.penalty)
        for case in (case for case in every if case.fold == number):
            right["time by rules"] += case.rule_now == case.now
            right["time by weights"] += says_now(case, moments) == case.now
    for name, count in right.items():
        print(f"{name:30} {count / len(every):.3f} of {len(every)} figures, on stories not learnt from")
    if options.write:
        learnt = fitted_moments(every, options.penalty)
        told = json.dumps({"weights": dict(sorted(learnt.items()))}, indent=1, ensure_ascii=False)
        (WEIGHTS / "moments.json").write_text(told + "\n", encoding="utf-8")
        print(f"{len(learnt)} weights written to moments.json")


if __name__ == "__main__":
    main()
