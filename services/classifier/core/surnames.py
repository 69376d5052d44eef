"""Surnames and for whom they speak: "President Aslan B." once, "B." from then on."""

from __future__ import annotations

from services.classifier.core.discourse import Discourse, code_of
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.references import office_word, resolve


def remember(line: Line, begin: int, end: int, code: str, state: Discourse) -> None:
    """Keep the surnames in a speaker's phrase, so that the surname alone speaks for the same body later."""
    for place in range(begin, end):
        token = line.tokens[place]
        if line.covers("office", place):
            state.office(office_word(line, place), code)
        mention = line.mention_at.get(place)
        named = mention is None or mention.entry.kind == "person"
        if token.title and named and len(token.surface) > 3 and not line.covers("office", place) and not line.covers("people", place):
            state.names.setdefault(token.folded, code)


def learn_names(line: Line, state: Discourse) -> None:
    """Keep surnames with whom they speak for, spoken or not: "President Aslan B.", "Movladi U., who speaks for the rebels,"."""
    for mention in line.mentions:
        code = code_of(mention, state.day) if mention.entry.kind == "person" else None
        if code is not None:
            last = max((at for at, found in line.mention_at.items() if found is mention), default=None)
            if last is not None:
                state.names.setdefault(line.tokens[last].folded, code)
    place = 0
    while place < len(line) - 1:
        stop = place
        while stop < len(line) and line.tokens[stop].title and line.tokens[stop].kind == "word" and stop not in line.mention_at:
            if (
                line.covers("office", stop)
                or line.covers("weekday", stop)
                or line.covers("month", stop)
                or line.covers("function_words", stop)
            ):
                break
            stop += 1
        if stop - place < 2:
            place = max(stop, place + 1)
            continue
        found = _titled(line, place, stop, state)
        if found is not None:
            state.names.setdefault(line.tokens[stop - 1].folded, found)
        place = stop


def _titled(line: Line, start: int, stop: int, state: Discourse) -> str | None:
    """The code of the office right before a name or in the apposition right behind it."""
    before = start - 1
    if before >= 0 and line.tokens[before].surface in COMMAS:
        before -= 1
    if before >= 0 and line.covers("office", before):
        found = resolve(line, max(0, before - 3), before + 1, state)
        if found is not None and found[0] is not None:
            return found[0]
    if stop < len(line) and line.tokens[stop].surface in COMMAS:
        end = next((at for at in range(stop + 1, min(len(line), stop + 14)) if line.is_mark(at)), stop)
        offices = any(line.covers("office", at) or line.covers("speaks_for", at) or line.covers("ngo", at) for at in range(stop + 1, end))
        if offices:
            found = resolve(line, stop + 1, end, state)
            return found[0] if found is not None else None
    return None
