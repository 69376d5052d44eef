"""Learns how sure a claim is, and says whether what is stated is what is seen.

python -m tests.gold.train_assurance            the table, cross-validated by story
python -m tests.gold.train_assurance --write    and writes `assurance.json`, for review
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.vocabulary import SAME_PEOPLE
from services.classifier.core.assurance import signs_of
from services.classifier.core.claims import told
from services.classifier.core.weighing import fit
from tests.gold.cases import FOLDS, annotated, matched
from tests.gold.score import HERE

WEIGHTS = HERE.parents[1] / "services" / "classifier" / "weights" / "assurance.json"
STRENGTH = 8.0
LEAST = 10
EDGES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim that was read: its fold, its signs, and whether number, time, side and claimant's body are as annotated."""

    fold: int
    signs: frozenset[str]
    right: bool


def _body(code: str | None) -> str | None:
    body = code.split(".")[0] if code else None
    return min(SAME_PEOPLE) if body in SAME_PEOPLE else body


def judged() -> list[Judged]:
    """Every claim that is read in the annotated articles."""
    found = []
    for one in annotated():
        free = list(one.casualties)
        for draft in told(one.document):
            match = matched(draft, free)
            right = False
            if match is not None:
                free.remove(match)
                same_side = _body(match["side"]) == _body(draft.side)
                right = same_side and _body(match["claimant"]) == _body(draft.claimant) and match["current"] is draft.current
            found.append(Judged(one.fold, signs_of(draft), right))
    return found


def stated(cases: Sequence[Judged]) -> list[tuple[float, bool]]:
    """What would be stated of each claim by weights learnt without its story, and whether it was right."""
    found = []
    for fold in range(FOLDS):
        weights = fit([(case.signs, case.right) for case in cases if case.fold != fold], strength=STRENGTH, least=LEAST)
        for case in cases:
            if case.fold == fold:
                total = weights.get("bias", 0.0) + math.fsum(weights.get(sign, 0.0) for sign in case.signs)
                found.append((1 / (1 + math.exp(-total)), case.right))
    return found


def table(cases: Sequence[Judged]) -> list[str]:
    """What is stated against what is seen, as Markdown."""
    rows = ["| stated | claims | right | mean of the stated |", "|---|---|---|---|"]
    told_of = stated(cases)
    for low, high in itertools.pairwise(EDGES):
        within = [one for one in told_of if low <= one[0] < high]
        if within:
            right = sum(is_right for _, is_right in within) / len(within)
            rows.append(
                f"| {low:.1f} to {min(high, 1.0):.1f} | {len(within)} | {right:.2f} | {sum(chance for chance, _ in within) / len(within):.2f} |"
            )
    error = sum(abs(sum(r for _, r in b) - sum(c for c, _ in b)) for b in _bins(told_of)) / len(told_of)
    return [*rows, "", f"Stated and seen differ by {error:.3f} on average (expected calibration error)."]


def _bins(told_of: Sequence[tuple[float, bool]]) -> list[list[tuple[float, bool]]]:
    return [[one for one in told_of if low <= one[0] < high] for low, high in itertools.pairwise(EDGES)]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; with --write learn from all and write the weights."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.train_assurance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(argv)
    cases = judged()
    print("\n".join(table(cases)))
    if options.write:
        weights = fit([(case.signs, case.right) for case in cases], strength=STRENGTH, least=LEAST)
        WEIGHTS.write_text(json.dumps({"weights": weights}, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
