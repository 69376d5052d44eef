"""Learns the weights of now or background and of who vouches from the annotated articles, and says how well they carry over.

    python -m tests.gold.train_claims            cross-validated by article: rules alone against the weights
    python -m tests.gold.train_claims --write    and writes `moments.json` and `vouching.json`, for review

A figure that is read and annotated is a case of both. `moments` is a logistic regression over the signs of time;
`vouching` a softmax over candidates. Both have an L2 penalty; NKR and ARM count as one.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.reading import Article
from schemas.vocabulary import SAME_PEOPLE
from services.classifier.core.claims import drafted
from services.classifier.core.document import take_apart
from services.classifier.core.drafts import Draft
from services.classifier.core.vouching import CLEARLY
from services.region import Region
from services.standalone.annotated import BUNDLED
from tests.gold.score import HERE, gold_documents

WEIGHTS = HERE.parents[1] / "services" / "classifier" / "weights"
FOLDERS = (HERE / "articles", BUNDLED, HERE.parent / "data" / "phrasebook")
FOLDS = 10
RARE = 4
"""A sign met in fewer cases gets no weight."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One figure: its article, its signs of time and whether it is of now, its candidates and who vouches."""

    article: str
    signs: tuple[str, ...]
    now: bool
    rule_now: bool
    weighable: bool
    candidates: tuple[tuple[str, tuple[str, ...]], ...]
    claimant: str
    rule_claimant: str


def body(code: str | None) -> str:
    """The body of a code as the score compares it, "-" for nobody."""
    name = (code or "-").split(".")[0]
    return SAME_PEOPLE.get(name, name)


def _matched(draft: Draft, golden: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    quantity = draft.frame.quantity
    mine = set(draft.line.surface(draft.frame.start, min(draft.frame.end, len(draft.line))).split())
    same = [g for g in golden if g["effect"] == draft.frame.effect and (g["low"], g["high"]) == (quantity.low, quantity.high)]
    same.sort(key=lambda g: -len(mine & set(g["quote"].split())))
    if not same or (len(same) > 1 and not mine & set(same[0]["quote"].split())):
        return None
    return same[0]


def cases(folders: Sequence[Path]) -> list[Case]:
    """All figures that are both read and annotated, in articles that concern the area."""
    region = Region.load()
    found = []
    for key, gold in gold_documents(folders).items():
        if not gold["gold"]["relevant"]:
            continue
        article = Article.model_validate({name: gold.get(name, "") for name in ("id", "url", "title", "text", "published_at", "outlet")})
        golden = list(gold["gold"].get("casualties") or [])
        for draft in drafted(take_apart(article, region)):
            match = _matched(draft, golden)
            if match is None:
                continue
            by_rule = next((c.code for c in draft.choice if any(s.startswith("rule") and "|" not in s for s in c.signs)), None)
            found.append(
                Case(
                    key,
                    draft.signs,
                    bool(match["current"]),
                    "verdict:now" in draft.signs,
                    draft.frame.options.get("current") is not False and "time:at-first" not in draft.reasons,
                    tuple((body(c.code), tuple(c.signs)) for c in draft.choice),
                    body(match.get("claimant")),
                    body(by_rule),
                )
            )
    return found


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


def fitted_vouching(train: Sequence[Case], penalty: float, rounds: int = 200) -> dict[str, float]:
    """Weights of the signs of candidates: those of the one who vouches become likeliest."""
    place = _vocabulary([signs for case in train for _, signs in case.candidates])
    problems: list[tuple[Floats, Floats]] = []
    for case in train:
        truth = np.array([float(code == case.claimant) for code, _ in case.candidates])
        if not truth.any():
            continue
        features = np.zeros((len(case.candidates), len(place)))
        for row, (_, signs) in enumerate(case.candidates):
            features[row, [place[sign] for sign in signs if sign in place]] = 1.0
        problems.append((features, truth))
    weights, first, second = np.zeros(len(place)), np.zeros(len(place)), np.zeros(len(place))
    for step in range(1, rounds + 1):
        slope = penalty * weights
        for features, truth in problems:
            scores = features @ weights
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            wanted = chance * truth
            slope = slope + features.T @ (chance - wanted / wanted.sum())
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope * slope
        weights = weights - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return {sign: round(float(weights[index]), 2) for sign, index in place.items() if abs(weights[index]) >= 0.05}


def says_now(case: Case, weights: dict[str, float]) -> bool:
    """What the product would say of the time with these weights."""
    if not case.weighable:
        return case.rule_now
    return weights.get("bias", 0.0) + sum(weights.get(sign, 0.0) for sign in case.signs) >= 0


def vouches(case: Case, weights: dict[str, float]) -> str:
    """Whom the product would choose with these weights."""
    sums = {code: sum(weights.get(sign, 0.0) for sign in signs) for code, signs in case.candidates}
    best = max(sums, key=lambda code: sums[code])
    return best if sums[best] - sums.get(case.rule_claimant, sums[best]) >= CLEARLY else case.rule_claimant


def main() -> None:
    """Cross-validate, and write when asked."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.train_claims", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the weights learnt from all cases")
    parser.add_argument("--penalty", type=float, default=2.0)
    options = parser.parse_args()
    every = cases(FOLDERS)
    articles = sorted({case.article for case in every})
    fold = {article: number % FOLDS for number, article in enumerate(articles)}
    right = Counter[str]()
    for number in range(FOLDS):
        train = [case for case in every if fold[case.article] != number]
        moments, vouching = fitted_moments(train, options.penalty), fitted_vouching(train, options.penalty)
        for case in (case for case in every if fold[case.article] == number):
            right["time by rules"] += case.rule_now == case.now
            right["time by weights"] += says_now(case, moments) == case.now
            right["claimant by rules"] += case.rule_claimant == case.claimant
            right["claimant by weights"] += vouches(case, vouching) == case.claimant
            right["claimant among the candidates"] += any(code == case.claimant for code, _ in case.candidates)
    for name, count in right.items():
        print(f"{name:30} {count / len(every):.3f} of {len(every)} figures, on articles not learnt from")
    if options.write:
        for name, learnt in (
            ("moments", fitted_moments(every, options.penalty)),
            ("vouching", fitted_vouching(every, options.penalty)),
        ):
            told = json.dumps({"weights": dict(sorted(learnt.items()))}, indent=1, ensure_ascii=False)
            (WEIGHTS / f"{name}.json").write_text(told + "\n", encoding="utf-8")
            print(f"{len(learnt)} weights written to {name}.json")


if __name__ == "__main__":
    main()
