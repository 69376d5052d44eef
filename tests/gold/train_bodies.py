"""Learns who vouches for a figure and whose people it counts from the annotated articles, and says how well that carries over.

    python -m tests.gold.train_bodies            cross-validated by story: rules alone against rules with weights
    python -m tests.gold.train_bodies --faults   and each wrong choice with its candidates
    python -m tests.gold.train_bodies --write    and writes `vouching.json` and `sides.json`, for review

Each figure that becomes a claim and is annotated is one case of both; NKR and ARM count as one.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.vocabulary import SAME_PEOPLE
from services.classifier.core import vouching
from services.classifier.core.allegiance import FIRM, folded
from tests.gold.cases import FOLDS, Case, cases
from tests.gold.choosing import Choice, fitted
from tests.gold.score import HERE

WEIGHTS = HERE.parents[1] / "services" / "classifier" / "weights"


@dataclass(frozen=True, slots=True)
class Question:
    """One choice: what is asked, its candidates with their signs, what the rules say, by how much they are overruled, the truth."""

    case: Case
    candidates: tuple[tuple[str, tuple[str, ...]], ...]
    rule: int
    clearly: float
    truth: str

    @property
    def choice(self) -> Choice:
        """The candidates for learning."""
        return Choice(tuple((signs, name == self.truth) for name, signs in self.candidates))

    def answer(self, weights: dict[str, float]) -> str:
        """What the product would choose with these weights."""
        sums = [sum(weights.get(sign, 0.0) for sign in signs) for _, signs in self.candidates]
        best = max(range(len(sums)), key=lambda place: sums[place])
        return self.candidates[best if sums[best] - sums[self.rule] >= self.clearly else self.rule][0]


def body(code: str | None) -> str:
    """The body of a code as the score compares it, "-" for nobody."""
    name = (code or "-").split(".")[0]
    return SAME_PEOPLE.get(name, name)


def of_claimant(case: Case) -> Question:
    """Who vouches."""
    found = case.draft.choice
    rule = next(place for place, one in enumerate(found) if any(sign.startswith("rule") for sign in one.signs))
    named = tuple((body(one.code), tuple(one.signs)) for one in found)
    return Question(case, named, rule, vouching.CLEARLY, body(case.gold.get("claimant")))


def of_side(case: Case) -> Question:
    """Whose people; where the words decide, no weight overrules them."""
    found: dict[str, list[str]] = {"-": []}
    for sign, side in case.draft.pointers:
        found.setdefault(folded(side) or "-", []).append(sign)
    reason, told = case.draft.pointers[0]
    firm = reason.removeprefix("rule:") in FIRM
    names = list(found)
    named = tuple((name, tuple(signs)) for name, signs in found.items())
    truth = folded(case.gold["side"]) or "-"
    return Question(case, named, names.index(folded(told) or "-"), float("inf") if firm else 0.0, truth)


def judged(name: str, questions: Sequence[Question], penalty: float, *, faults: bool) -> None:
    """Print how often the rules and the weights are right, on stories not learnt from."""
    total, rule, right, among = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for number in range(FOLDS):
        weights = fitted([one.choice for one in questions if one.case.fold != number and one.clearly != float("inf")], penalty)
        for one in questions:
            if one.case.fold != number:
                continue
            said = one.answer(weights)
            for key in ("all", one.case.language, "phrasebook" if one.case.article.startswith("p") else "articles"):
                total[key] += 1
                rule[key] += one.candidates[one.rule][0] == one.truth
                right[key] += said == one.truth
                among[key] += any(candidate == one.truth for candidate, _ in one.candidates)
            if faults and said != one.truth:
                line = one.case.draft.line
                print(
                    f"{one.case.article}: {name} {said}, is {one.truth}, rules {one.candidates[one.rule][0]}: {line.surface(0, len(line))}"
                )
    for key, count in total.most_common():
        print(
            f"{name:9} {key:10} {count:5} figures   rules {rule[key] / count:.3f}   with weights {right[key] / count:.3f}"
            f"   among the candidates {among[key] / count:.3f}"
        )


def main() -> None:
    """Cross-validate, and write when asked."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.gold.train_bodies", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the weights learnt from all cases")
    parser.add_argument("--faults", action="store_true", help="print each wrong choice")
    options = parser.parse_args()
    every = cases()
    for name, file, questions, penalty in (
        ("claimant", "vouching", [of_claimant(case) for case in every], 5.0),
        ("side", "sides", [of_side(case) for case in every], 2.0),
    ):
        judged(name, questions, penalty, faults=options.faults)
        if options.write:
            learnt = fitted([one.choice for one in questions if one.clearly != float("inf")], penalty)
            told = json.dumps({"weights": dict(sorted(learnt.items()))}, indent=1, ensure_ascii=False)
            (WEIGHTS / f"{file}.json").write_text(told + "\n", encoding="utf-8")
            print(f"{len(learnt)} weights written to {file}.json")


if __name__ == "__main__":
    main()
