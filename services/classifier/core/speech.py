"""Whether a verb of speech speaks here, and where the words end that it reports."""

from __future__ import annotations

from services.classifier.core.lines import QUOTES, Line

TELLING = 9
"""Tokens of an office that closes a sentence."""


def no_speech(line: Line, start: int, end: int) -> bool:
    """Whether a verb of speech is none here: a noun ("the reports", "United States") or a word of casualties."""
    if start in line.mention_at and line.tokens[start].title:
        return True
    if (
        start
        and (line.covers("the", start - 1) or line.covers("number_one", start - 1) or line.covers("possessives", start - 1))
        and not line.covers("pronoun", start - 1)
    ):
        return True
    if line.covers("life_taking", start) and line.within("lives", end, min(len(line), end + 8)):
        return True
    if line.covers("passive_report", start) and end < len(line) and line.covers("effect", end):
        return True
    return is_effect(line, start, end)


def is_effect(line: Line, start: int, end: int) -> bool:
    """Whether the word is one of casualties here: "claimed 30 lives", "reported missing"."""
    effect = line.covers("effect", start)
    if effect is not None and effect.end == end and line.covers("weak", start):
        kinds = ("number", "number_vague", "hedge", "number_one", "exact", "scale")
        near = range(end, min(len(line), end + 3))
        counted = any(line.covers(kind, place) for kind in kinds for place in near) or any(
            line.tokens[place].kind == "number" for place in near
        )
        return counted or any(line.covers("effect", place) for place in near)
    return effect is not None and (effect.start < start or effect.end >= end) and line.covers("both_readings", start) is None


def tells_of_itself(line: Line, at: int) -> bool:
    """Whether an office right behind a verb of telling closes the sentence: ", informs the Ministry of Defence"."""
    lead = at + 1 if line.covers("the", at) else at
    if lead >= len(line) or not (line.covers("office", lead) or (lead in line.mention_at and line.mention_at[lead].entry.kind == "office")):
        return False
    return all(not line.is_mark(place) for place in range(lead, len(line) - 1)) and len(line) - lead <= TELLING


def speaker_follows(line: Line, at: int) -> bool:
    """Whether a name or an office right behind the verb is its subject: ", said the mayor", ", said Tamaz N."."""
    if at >= len(line):
        return False
    lead = at + 1 if line.covers("the", at) or line.covers("number_one", at) or line.begins("possessives", at) else at
    if lead >= len(line):
        return False
    named = (line.tokens[lead].title and line.covers("weekday", lead) is None) or any(
        line.covers("office", place) or line.covers("people", place) for place in range(lead, min(len(line), lead + 4))
    )
    if not named:
        return False
    for place in range(lead, min(len(line), lead + 12)):
        if line.is_mark(place) or (place > lead and line.covers("relative", place)):
            return True
        if line.covers("effect", place) or line.covers("that", place) or line.covers("auxiliaries", place):
            return False
    return True


def chain_start(line: Line, at: int) -> int:
    """Where the clause chain that ends before token `at` begins: after a semicolon or a dash, else at the sentence's start."""
    dashes = sum(1 for token in line.tokens[: max(0, at)] if token.surface in {"—", "–"})
    for place in range(at - 3, -1, -1):
        if line.tokens[place].surface == ";" or (dashes == 1 and line.tokens[place].surface in {"—", "–"}):
            return place + 1
    return 0


def tail_is_empty(line: Line, at: int) -> bool:
    """Whether nothing but times, places and the hearer follow the verb: ", the ministry said on Friday", ", he told reporters"."""
    place = at
    size = len(line)
    if at > 0 and line.covers("tell", at - 1):
        while (
            place < size
            and place - at < 6
            and not line.is_mark(place)
            and not line.covers("place_preposition", place)
            and not line.covers("weekday", place)
        ):
            if line.covers("clause_opener", place) or line.covers("effect", place) or line.tokens[place].kind == "number":
                return False
            place += 1
    if place >= size or line.tokens[place].surface == ":":
        return place >= size
    if line.is_mark(place):
        return True
    loose = ("place_preposition", "weekday", "month", "time_now", "adverbs", "according", "tail", "time_earlier")
    if not any(line.covers(kind, place) for kind in loose):
        return False
    for later in range(place, min(size, place + 9)):
        if line.is_mark(later):
            return True
        if line.covers("that", later) or line.covers("effect", later):
            return False
    return True


def closes_quote(line: Line, begin: int) -> bool:
    """Whether a quotation ends right before token `begin`, a comma between or not."""
    return begin > 0 and (
        line.tokens[begin - 1].surface in QUOTES or (begin > 1 and line.tokens[begin - 2].surface in QUOTES and line.is_mark(begin - 1))
    )


def colon_before(line: Line, at: int) -> int:
    """Past the last colon before token `at`: "depending on the source: 17 according to X, six by Y's"."""
    return next((place + 1 for place in range(at - 2, -1, -1) if line.tokens[place].surface == ":"), 0)


def quoted_at(line: Line, at: int) -> bool:
    """Whether token `at` stands within quotation marks of its sentence."""
    return sum(1 for place in range(at) if line.tokens[place].surface in QUOTES) % 2 == 1
