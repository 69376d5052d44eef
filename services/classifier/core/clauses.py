"""How far two places of a sentence are from one another, clause breaks counted."""

from __future__ import annotations

from collections.abc import Sequence

from services.classifier.core.tokens import Token

COMMA = 1.5
BREAK = 5.0
"""What a comma and a stronger break cost beside the tokens between."""

_BREAKS = frozenset({";", ":", "—", "–", "(", ")", "•", "*", "։", ".", "!", "?"})
_COMMAS = frozenset({",", "՝"})


def costs(tokens: Sequence[Token]) -> list[float]:
    """Running cost of the tokens of a sentence: the distance of two places is the difference of their costs."""
    total, found = 0.0, [0.0]
    for token in tokens:
        surface = token.surface
        if token.kind != "mark":
            total += 1.0
        elif surface in _COMMAS:
            total += COMMA
        elif surface in _BREAKS:
            total += BREAK
        found.append(total)
    return found


def distance(running: Sequence[float], a: tuple[int, int], b: tuple[int, int]) -> float:
    """The cost between two spans of tokens; 0 where they touch or overlap."""
    if a[0] > b[0]:
        a, b = b, a
    return max(0.0, running[b[0]] - running[a[1]]) if b[0] >= a[1] else 0.0
