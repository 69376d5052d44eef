"""How sure a claim is: the chance that its number, time, side and claimant are all right, learnt from the annotated articles.

A logistic sum of signs of how the figure was read: by which rule and how well it fitted, who vouches and by which cue,
whose people and why. `python -m tests.gold.train_assurance` learns the weights and says how well stated and seen agree.
"""

from __future__ import annotations

import math

from services.classifier.core.drafts import Draft
from services.classifier.core.weights import weights_of

LEAST, MOST = 0.02, 0.99
"""Nothing is stated to be surer, or less sure, than so many articles can tell."""

_STEPS = (3.0, 4.5, 6.0, 7.5)
"""Scores of a frame that part good fits from poor ones."""


def signs_of(draft: Draft) -> frozenset[str]:
    """What the way in which a claim was read says of it."""
    frame, quantity, line = draft.frame, draft.frame.quantity, draft.line
    reasons = {told.split(":", 1)[0]: told for told in draft.reasons}
    fit = sum(frame.score >= step for step in _STEPS)
    found = {
        f"rule:{frame.rule}",
        f"fit:{fit}",
        f"form:{quantity.form}",
        f"head:{quantity.head}",
        f"bound:{quantity.bound}",
        f"effect:{frame.effect}",
        f"language:{line.pack.language}",
        reasons.get("side", "side:none"),
        reasons.get("claimant", "claimant:none"),
        reasons.get("time", "time:none"),
        "now" if draft.current else "past",
        "side" if draft.side else "no-side",
        "subset" if draft.subset else "whole",
        f"size:{_size(quantity.low if quantity.low is not None else quantity.high)}",
    }
    if line.sentence.field == "title":
        found.add("title")
    if draft.addition:
        found.add("addition")
    if draft.claimant and draft.side:
        found.add("own" if draft.claimant.split(".")[0] == draft.side else "other's")
    return frozenset(found)


def _size(number: int | None) -> str:
    if number is None:
        return "vague"
    return next((name for most, name in ((0, "none"), (1, "one"), (9, "few"), (99, "tens"), (999, "hundreds")) if number <= most), "more")


def assured(draft: Draft) -> float:
    """The chance, 0 to 1, that the claim is right in all that it says."""
    weights = weights_of("assurance")
    total = weights.get("bias", 0.0) + math.fsum(weights.get(sign, 0.0) for sign in signs_of(draft))
    return round(min(MOST, max(LEAST, 1 / (1 + math.exp(-total)))), 2)
