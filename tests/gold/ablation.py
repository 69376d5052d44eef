"""What each stage of reading brings: the gold read with one stage turned off at a time. `python -m tests.gold.ablation`.

A stage whose absence costs nothing is dead weight.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from schemas.vocabulary import ZoneReason
from services.classifier.core import claims, document, drafts, hearing
from services.classifier.core.cleaning import Zone, zones_of
from tests.gold.score import FOLDERS, measure

SHOWN = (
    "casualty figures (all)",
    "casualty figures (current)",
    "casualty figure + side",
    "casualty figure + claimant body",
    "ceasefire statements",
)
CORE = "services.classifier.core"


def _all_kept(title: str, text: str) -> tuple[Zone, ...]:
    return tuple(zone if zone.kept else replace(zone, reason=ZoneReason.BODY) for zone in zones_of(title, text))


def _unheard(*given: Any) -> list[hearing.Heard]:
    """Every sentence with its own sources alone."""
    heard = hearing.listen(*given)
    for one in heard:
        one.carried = one.lead = one.last = None
    return heard


def _as_it_comes(line: Any, found: list[Any], *_: Any) -> list[Any]:
    del line
    return found


Off = Mapping[str, Callable[..., Any]]
STAGES: Mapping[str, Off] = {
    "cleaning": {f"{document.__name__}.zones_of": _all_kept},
    "sources across sentences": {f"{claims.__name__}.listen": _unheard},
    "who vouches, by weights": {
        f"{drafts.__name__}.vouched": lambda choice: (
            next((one.code for one in choice if any(sign.startswith("rule") for sign in one.signs)), None),
            0.0,
        )
    },
    "whose people, by weights": {f"{drafts.__name__}.weighed": lambda _, by_rule: by_rule},
    "now or background, by weights": {f"{drafts.__name__}.is_now": lambda found: ("verdict:now" in found, 0.0)},
    "now or background": {f"{drafts.__name__}.is_now": lambda _: (True, 0.0), f"{drafts.__name__}.verdict": lambda *_: (None, "")},
    "shares, repeats, what is left out": {f"{claims.__name__}.related": _as_it_comes},
    "figures replaced since": {f"{claims.__name__}.supersede": lambda _: None},
    "the editor's patterns": {f"{claims.__name__}.turned": lambda *_: []},
}


@contextmanager
def without(stage: str) -> Iterator[None]:
    """Reading with a stage turned off."""
    with ExitStack() as stack:
        for target, instead in STAGES[stage].items():
            stack.enter_context(patch(target, instead))
        yield


def table() -> list[str]:
    """F1 of the gold as it is read, and what each stage's absence costs, as Markdown."""
    whole = measure(FOLDERS, replays=False).slots
    rows = ["| without | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
    rows.append("| (everything on) | " + " | ".join(f"{whole[slot].f1:.3f}" for slot in SHOWN) + " |")
    for stage in STAGES:
        with without(stage):
            part = measure(FOLDERS, replays=False).slots
        rows.append(f"| {stage} | " + " | ".join(f"{part[slot].f1 - whole[slot].f1:+.3f}" for slot in SHOWN) + " |")
    return rows


if __name__ == "__main__":
    print("\n".join(table()))
    sys.exit(0)
