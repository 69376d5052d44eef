"""Learns `services/classifier/weights/sides.json` from the annotated articles, and says how well it carries over.

    python -m tests.gold.train_sides            cross-validated by story: rules alone against rules with weights
    python -m tests.gold.train_sides --write    and writes the weights, for review

Each figure that is read and annotated is one case; its candidates are the sides that any sign speaks for, and none.
The model is a softmax over their sums of weights (conditional logit), with an L2 penalty; NKR and ARM count as one.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from schemas.reading import Article
from services.classifier.core.allegiance import FIRM, Sign, folded
from services.classifier.core.claims import drafted
from services.classifier.core.document import take_apart
from services.classifier.core.drafts import Draft
from services.region import Region
from services.standalone.annotated import BUNDLED
from tests.gold.measures import words
from tests.gold.score import HERE, gold_documents, story_name

WEIGHTS = HERE.parents[1] / "services" / "classifier" / "weights" / "sides.json"
FOLDERS = (HERE / "articles", BUNDLED, HERE.parent / "data" / "phrasebook")
FOLDS = 10
RARE = 4
"""A sign met in fewer cases gets no weight."""


@dataclass(frozen=True, slots=True)
class Case:
    """One figure: its story, its signs, what the rules say, and whose people they are."""

    story: str
    language: str
    signs: tuple[Sign, ...]
    rule: str | None
    firm: bool
    truth: str | None


def _match(draft: Draft, text: str, free: list[dict[str, Any]]) -> dict[str, Any] | None:
    quantity = draft.frame.quantity
    mine = words(text)
    for gold in free:
        same = gold["effect"] == draft.frame.effect and (gold["low"], gold["high"]) == (quantity.low, quantity.high)
        if same and 2 * len(mine & words(gold["quote"])) >= min(len(mine), len(words(gold["quote"]))) > 0:
            return gold
    return None


def cases(folders: Sequence[Path]) -> list[Case]:
    """All figures that are both read and annotated."""
    region = Region.load()
    found = []
    for key, gold in gold_documents(folders).items():
        article = Article.model_validate({name: gold.get(name, "") for name in ("id", "url", "title", "text", "published_at", "outlet")})
        free = list(gold["gold"].get("casualties") or [])
        for draft in drafted(take_apart(article, region)):
            text = draft.line.surface(draft.frame.start, min(draft.frame.end, len(draft.line)))
            match = _match(draft, text, free)
            if match is None or not draft.pointers:
                continue
            free.remove(match)
            reason, rule = draft.pointers[0][0].removeprefix("rule:"), draft.pointers[0][1]
            story = key if key.startswith("p") else story_name(key)
            found.append(Case(story, gold["lang"], draft.pointers, folded(rule), reason in FIRM, folded(match["side"])))
    return found


def fitted(train: Sequence[Case], penalty: float, rounds: int = 300) -> dict[str, float]:
    """The weights that make the truth likeliest, by gradient steps with momentum."""
    counted = Counter(name for case in train for name, _ in case.signs)
    names = sorted(name for name, count in counted.items() if count >= RARE)
    place = {name: number for number, name in enumerate(names)}
    rows, owners, truths = [], [], []
    for number, case in enumerate(train):
        sums: dict[str | None, Counter[int]] = defaultdict(Counter)
        sums[None].update()
        for name, side in case.signs:
            if name in place:
                sums[folded(side)][place[name]] += 1
        if case.truth not in sums or case.firm:
            continue
        for side, counts in sums.items():
            row = np.zeros(len(names))
            for index, count in counts.items():
                row[index] = count
            rows.append(row)
            owners.append(number)
            truths.append(side == case.truth)
    features, owner, truth = np.array(rows), np.array(owners), np.array(truths, dtype=float)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    groups = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(owner)]))
    weights, speed = np.zeros(len(names)), np.zeros(len(names))
    for _ in range(rounds):
        scores = features @ weights
        scores -= np.maximum.reduceat(scores, starts)[groups]
        powers = np.exp(scores)
        chance = powers / np.add.reduceat(powers, starts)[groups]
        slope = features.T @ (truth - chance) - penalty * weights
        speed = 0.9 * speed + slope / len(starts)
        weights = weights + 0.3 * speed
    return {name: round(float(weights[index]), 2) for name, index in place.items() if abs(weights[index]) >= 0.03}


def chosen(case: Case, weights: dict[str, float]) -> str | None:
    """What the product would choose with these weights."""
    if case.firm:
        return case.rule
    totals: dict[str | None, float] = {None: 0.0}
    for name, side in case.signs:
        totals[folded(side)] = totals.get(folded(side), 0.0) + weights.get(name, 0.0)
    return max(totals, key=lambda key: (totals[key], key == case.rule, key or ""))


def main() -> None:
    """Cross-validate, and write when asked."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.train_sides", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the weights learnt from all cases")
    parser.add_argument("--penalty", type=float, default=3.0)
    options = parser.parse_args()
    every = cases(FOLDERS)
    stories = sorted({case.story for case in every})
    fold = {story: number % FOLDS for number, story in enumerate(stories)}
    right: Counter[str] = Counter()
    rule: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for number in range(FOLDS):
        weights = fitted([case for case in every if fold[case.story] != number], options.penalty)
        for case in (case for case in every if fold[case.story] == number):
            for key in ("all", case.language):
                total[key] += 1
                rule[key] += case.rule == case.truth
                right[key] += chosen(case, weights) == case.truth
    for key, count in total.most_common():
        print(
            f"{key:4} {count:5} cases   rules {rule[key] / count:.3f}   with weights, on stories not learnt from {right[key] / count:.3f}"
        )
    if options.write:
        learnt = fitted(every, options.penalty)
        WEIGHTS.write_text(json.dumps({"weights": dict(sorted(learnt.items()))}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{len(learnt)} weights written to {WEIGHTS.name}")


if __name__ == "__main__":
    main()
