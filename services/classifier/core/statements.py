"""Sources without a verb: a body before a colon, behind a dash, in a heading, in the title of a statement."""

from __future__ import annotations

from services.classifier.core.discourse import Discourse, Voice, code_of
from services.classifier.core.document import Document
from services.classifier.core.lines import Line
from services.classifier.core.references import names_body, resolve

BRACKETED = 10
"""Tokens: a longer bracket tells something, it names no source."""


def trailing_of(line: Line, state: Discourse) -> Voice | None:
    """The source behind a dash at the end of a line: "two dead near Jabrayil - Karabakh army"."""
    last = len(line) - 1
    if last >= 0 and line.tokens[last].surface == ".":
        last -= 1
    for place in range(last, max(0, last - 7), -1):
        if line.tokens[place].surface in {"-", "–", "—"}:
            found = resolve(line, place + 1, last + 1, state) if place < last else None
            if found is None or found[0] is None or line.within("effect", place, last + 1):
                return None
            return Voice(found[0], 0, len(line), place, "said-after", (place + 1, last + 1))
    return None


def bracketed_of(line: Line, state: Discourse) -> Voice | None:
    """The source in brackets behind what it says: "Evening: 20 dead, 138 injured (ministry of health, Magas)"."""
    last = len(line) - 1
    while last > 0 and line.tokens[last].surface in {".", "…", "!"}:
        last -= 1
    if last < 3 or line.tokens[last].surface != ")":
        return None
    begin = next((place for place in range(last - 1, max(0, last - BRACKETED), -1) if line.tokens[place].surface == "("), None)
    if (
        begin is None
        or begin == 0
        or line.within("effect", begin, last)
        or any(line.tokens[at].kind == "number" for at in range(begin, last))
    ):
        return None
    if not names_body(line, begin + 1, last, state) and not line.within("office", begin + 1, last):
        return None
    found = resolve(line, begin + 1, last, state)
    if found is None or found[0] is None:
        return None
    return Voice(found[0], 0, begin, begin, "according-after", (begin + 1, last))


def label_of(line: Line, state: Discourse) -> str | None:
    """Whose version a short heading announces: "The BAKU version."; None where it announces none."""
    if len(line) <= 3 and line.tokens[0].surface.isupper() and (known := state.names.get(line.tokens[0].folded)) is not None:
        # "STEPANYAN." before an answer: who is asked speaks.
        return known
    if len(line) > 7 or not any(line.covers("reckoning", place) or line.covers("side", place) for place in range(len(line))):
        return None
    for place in range(len(line)):
        mention = line.mention_at.get(place)
        if mention is not None and (code := code_of(mention, state.day)):
            return code if "." in code else f"{code}.GOV"
    return None


def scene_of(line: Line, state: Discourse) -> str | None:
    """The body of a place that stands alone before the news of a paragraph: "KHASAVYURT.", "BAKU, 3 May."."""
    if not line.tokens or 0 not in line.mention_at or line.mention_at[0].entry.kind != "place":
        return None
    size = len(line)
    stop = next((place for place in range(size) if line.mention_at.get(place) is not line.mention_at[0]), size)
    rest = range(stop, size)
    alone = all(
        line.is_mark(at) or line.covers("month", at) or line.covers("weekday", at) or line.tokens[at].kind == "number" for at in rest
    )
    code = code_of(line.mention_at[0], state.day) if alone else None
    return code.split(".")[0] if code else None


def stated_by(document: Document, state: Discourse) -> str | None:
    """The body whose statement the whole text is, by its title: "... : statement of the Ministry of Defence of Armenia"."""
    pack = document.pack
    if pack is None:
        return None
    for sentence in document.sentences:
        if sentence.field != "title":
            break
        line = Line(document, sentence, pack)
        for tag in line.of_kind("statement"):
            found = resolve(line, tag.end, len(line), state)
            if found is not None and found[0] is not None and names_body(line, tag.end, len(line), state):
                return found[0]
    return None


def _is_scene(line: Line, end: int) -> bool:
    """Whether what stands before a colon only says where: "Nalchik: more than sixty gunmen killed"."""
    if any(line.covers("office", at) or line.covers("say", at) for at in range(end)):
        return False
    entries = [line.mention_at[at].entry for at in range(end) if at in line.mention_at]
    if len({one.speaks_for or one.code for one in entries}) > 1 and all(one.kind == "place" for one in entries):
        # "Armenia - Azerbaijan: ..." names both sides of a quarrel.
        return True
    return bool(entries) and all(
        one.kind == "place" and one.speaks_for is None and one.place_kind not in {"state", "republic"} for one in entries
    )


def colon_of(line: Line, state: Discourse) -> Voice | None:
    """The source in "Defence Ministry: four more ...": a body before a colon near the start."""
    marks = {":", ".", "\u2024", "՝"} if line.pack.language == "hy" else {":"}
    for place in range(1, min(18, len(line) - 1)):
        if line.tokens[place].surface in marks:
            if any(line.covers("effect", at) and not line.covers("weak", at) for at in range(place)):
                return None
            last = place - 1
            closes = (
                last in line.mention_at
                or line.covers("office", last)
                or line.covers("say", last)
                or line.tokens[last].folded in state.names
                or (line.tokens[last].title and line.within("office", 0, place))
            )
            if _is_scene(line, place):
                return None
            # "Baku, at 17:00: twelve dead": a body opens the line, and no verb stands before the colon.
            opens = 0 in line.mention_at and not line.within("auxiliaries", 0, place)
            # "The prosecutor's office brought its count up to date: 65 dead": an office opens the line.
            opens = opens or any(line.begins("office", at) and not line.within("place_preposition", 0, at) for at in range(2))
            told = any(line.covers("document", at) or line.covers("reckoning", at) for at in range(place))
            if not closes and not opens and not told:
                return None
            found = resolve(line, 0, place, state)
            if found and found[0]:
                return Voice(found[0], place + 1, len(line), place, "colon", (0, place))
            return None
    return None
