"""Relations between figures: shares, increments, figures that a newer one replaces, ordinals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.classifier.core.frames import Frame
from services.classifier.core.lines import Line

if TYPE_CHECKING:
    from services.classifier.core.claims import Draft


def related(line: Line, found: list[Frame], before: Sequence[Draft]) -> list[Frame]:
    """The frames of a sentence with their relations marked, those that tell nothing of their own left out."""
    del before
    kept = []
    for frame in found:
        if frame.negated and frame.quantity.form != "none":
            continue
        if frame.quantity.form == "ordinal" and frame.quantity.head == "bare":
            continue
        kept.append(frame)
    for number, frame in enumerate(kept):
        if number and (_after_subset(line, frame) or frame.quantity.partitive):
            frame.options["subset"] = True
        if frame.quantity.more:
            frame.options["addition"] = True
    return kept


def _after_subset(line: Line, frame: Frame) -> bool:
    start = frame.quantity.start
    return any(line.covers("subset", place) for place in range(max(0, start - 3), start))
