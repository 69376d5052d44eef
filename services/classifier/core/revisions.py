"""Figures that the same body replaces by a newer one within the article, takes back, or overtakes in a later entry of a chronicle."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from schemas.vocabulary import Group
from services.classifier.core.drafts import Draft
from services.classifier.core.lines import Line

CLOCKED = 3
"""Paragraphs that begin with a time of day: from so many on the article is a chronicle."""


def supersede(drafts: Sequence[Draft]) -> None:
    """Make background of every figure that is told as an earlier word of a body which has another for the same people."""
    for draft in drafts:
        if not draft.current or draft.subset:
            continue
        newer = next((other for other in drafts if other.current and not other.subset and _replaces(other, draft)), None)
        if newer is not None:
            draft.current = False
            draft.reasons.append("time:superseded")
    for draft in drafts:
        if draft.current and (draft.earlier or draft.hour) and any(_told_with(draft, other) for other in drafts):
            draft.current = False
            draft.reasons.append("time:superseded")


def _replaces(newer: Draft, older: Draft) -> bool:
    if newer is older or newer.frame.effect is not older.frame.effect or newer.key[1:3] == older.key[1:3]:
        return False
    same_people = newer.side == older.side and (newer.group is older.group or Group.ALL in {newer.group, older.group})
    if not same_people or newer.frame.quantity.form != "number":
        return False
    same_voice = _body(older) is not None and _body(older) == _body(newer)
    near = older.claimant is None and older.line.sentence.paragraph == newer.line.sentence.paragraph
    if not newer.earlier and not newer.hour and newer.key[1] != 1 and ((older.hour and (same_voice or near)) or older.earlier):
        return same_voice or not older.claimant or not newer.claimant
    counts = newer.frame.quantity.low, older.frame.quantity.low
    return (
        newer.clock is not None
        and older.clock is not None
        and newer.clock > older.clock
        and same_voice
        and None not in counts
        and (counts[0] or 0) > (counts[1] or 0) > 1
    )


def _told_with(draft: Draft, other: Draft) -> bool:
    """Whether another figure of the same sentence and source has been replaced: so has this one."""
    return (
        other is not draft
        and other.line is draft.line
        and (other.earlier or other.hour)
        and not other.current
        and "time:superseded" in other.reasons
        and other.claimant == draft.claimant
    )


def _body(draft: Draft) -> str | None:
    return draft.claimant.split(".", maxsplit=1)[0] if draft.claimant else None


def withdraw(line: Line, drafts: Sequence[Draft]) -> None:
    """Make background of the figures of the sentence before, where this one says that they were taken back."""
    tag = next(line.of_kind("taken_back"), None)
    if tag is None or line.within("time_earlier", tag.start, min(len(line), tag.start + 5)):
        return
    for draft in drafts:
        before = draft.line.sentence
        near = (
            before.field == line.sentence.field and before.paragraph == line.sentence.paragraph and line.sentence.index - before.index == 1
        )
        if near and any(reason.startswith("claimant:") for reason in draft.reasons):
            draft.current = False
            draft.reasons.append("time:withdrawn")


def clocks_of(lines: Sequence[Line]) -> dict[int, int]:
    """The place in time of every paragraph of a chronicle, the latest the highest; empty where the article is none."""
    times: list[tuple[int, int]] = []
    paragraphs: list[int] = []
    for line in lines:
        paragraph = line.sentence.paragraph
        if line.sentence.field != "text" or (paragraphs and paragraphs[-1] == paragraph):
            continue
        paragraphs.append(paragraph)
        clock = _clock(line)
        if clock is not None:
            times.append((paragraph, clock))
    if len(times) < CLOCKED:
        return {}
    falls = sum(second[1] < first[1] for first, second in itertools.pairwise(times))
    newest_first = falls * 2 > len(times) - 1
    entry = {paragraph: place for place, (paragraph, _) in enumerate(times)}
    found: dict[int, int] = {}
    place: int | None = None
    for paragraph in paragraphs:
        place = entry.get(paragraph, place)
        if place is not None:
            found[paragraph] = -place if newest_first else place
    return found


def _clock(line: Line) -> int | None:
    """The minute of the day that a sentence begins with: "18:50 - Azerbaijan publishes a figure"."""
    for at, token in enumerate(line.tokens[:3]):
        if token.kind == "mark":
            continue
        for mark in ":.":
            hour, found, minute = token.surface.partition(mark)
            if found and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and int(hour) < 24 and int(minute) < 60:
                return int(hour) * 60 + int(minute) if at == 0 or line.is_mark(at - 1) else None
        return None
    return None
