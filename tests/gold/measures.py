"""The measures of the gold standard: what was read against what is annotated, slot by slot.

A slot counts multisets: what was said and is true is a hit. The sides NKR and ARM count as one, as they do in the
product. The totals are the same as those of the gold standard's own scorer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import SAME_PEOPLE

SLOTS = (
    "relevant",
    "actors (body)",
    "actors (body and sector)",
    "event types",
    "casualty figures (all)",
    "casualty figures (current)",
    "casualty figure + side",
    "casualty figure + claimant body",
    "casualty figure + evidence",
    "ceasefire statements",
)
ANNOTATED_IN = {"relevant": "relevant", "actors (body)": "actors", "actors (body and sector)": "actors", "event types": "event_types"}
"""What of the annotation a slot needs; a sentence of the phrasebook has claims and truces alone."""


@dataclass(slots=True)
class Tally:
    """Hits, and how many were said and are true; F1 from them."""

    hit: int = 0
    said: int = 0
    true: int = 0

    def add(self, other: Tally) -> None:
        self.hit += other.hit
        self.said += other.said
        self.true += other.true

    @property
    def precision(self) -> float:
        if self.said:
            return self.hit / self.said
        return 0.0 if self.true else 1.0

    @property
    def recall(self) -> float:
        return self.hit / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


def _side(code: str | None) -> str | None:
    return SAME_PEOPLE.get(code, code) if code else None


def _body(claim: Mapping[str, Any]) -> str | None:
    return _side((claim.get("claimant") or "-").split(".")[0])


def _figure(claim: Mapping[str, Any]) -> tuple[Any, ...]:
    return (claim["effect"], claim.get("low"), claim.get("high"), bool(claim.get("current", True)))


def words(text: str) -> set[str]:
    """The words of a quote, for telling whether two point at the same place."""
    return set("".join(char if char.isalnum() else " " for char in text.lower()).split())


def _pointed(said: Iterable[Mapping[str, Any]], true: Iterable[Mapping[str, Any]]) -> Counter[Any]:
    """The said figures, each with the gold quote that shares half of the shorter one's words, or with none."""
    free, found = list(true), Counter[Any]()
    for claim in said:
        mine = words((claim.get("evidence") or {}).get("text") or "")
        match = next(
            (
                gold
                for gold in free
                if _figure(gold) == _figure(claim) and 2 * len(mine & words(gold["quote"])) >= min(len(mine), len(words(gold["quote"]))) > 0
            ),
            None,
        )
        if match is not None:
            free.remove(match)
        found[(*_figure(claim), match["quote"] if match else None)] += 1
    return found


def _pairs(said: Mapping[str, Any], gold: Mapping[str, Any]) -> dict[str, tuple[Counter[Any], Counter[Any]]]:
    claims, true = said.get("casualties", []), gold.get("casualties") or []

    def figures(rows: Iterable[Mapping[str, Any]], *extra: Any) -> Counter[Any]:
        return Counter((*_figure(row), *(one(row) for one in extra)) for row in rows)

    def current(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [row for row in rows if row.get("current", True)]

    def truces(rows: Iterable[Mapping[str, Any]]) -> Counter[Any]:
        return Counter({(row["status"], bool(row.get("current", True))) for row in rows})

    codes = [tag["code"] for tag in said.get("actors", [])]
    return {
        "relevant": (Counter([bool(said.get("relevant"))]), Counter([bool(gold.get("relevant"))])),
        "actors (body)": (
            Counter({code.split(".")[0] for code in codes}),
            Counter({code.split(".")[0] for code in gold.get("actors", ())}),
        ),
        "actors (body and sector)": (Counter(set(codes)), Counter(set(gold.get("actors", ())))),
        "event types": (Counter({tag["type"] for tag in said.get("event_types", [])}), Counter(set(gold.get("event_types", ())))),
        "casualty figures (all)": (figures(claims), figures(true)),
        "casualty figures (current)": (figures(current(claims)), figures(current(true))),
        "casualty figure + side": (figures(claims, lambda row: _side(row.get("side"))), figures(true, lambda row: _side(row.get("side")))),
        "casualty figure + claimant body": (figures(claims, _body), figures(true, _body)),
        "casualty figure + evidence": (_pointed(claims, true), Counter((*_figure(row), row["quote"]) for row in true)),
        "ceasefire statements": (truces(said.get("ceasefire", [])), truces(gold.get("ceasefire") or [])),
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """One article's tallies by slot, and what was missed and said falsely, in words."""

    tallies: Mapping[str, Tally]
    faults: tuple[str, ...]


def compared(article_id: str, said: Mapping[str, Any], gold: Mapping[str, Any]) -> Outcome:
    """`said` in the form that `classify` prints, `gold` as annotated."""
    tallies, faults = {}, []
    for slot, (mine, true) in _pairs(said, gold).items():
        if ANNOTATED_IN.get(slot, "casualties") not in gold:
            continue
        tallies[slot] = Tally(sum((mine & true).values()), sum(mine.values()), sum(true.values()))
        if mine != true:
            faults.append(f"{article_id}: {slot}: missed {dict(true - mine)} false {dict(mine - true)}")
    return Outcome(tallies, tuple(faults))
