"""Who speaks: the sources of every sentence, how far each reaches, and who vouches for a figure.

Sources are found in every sentence, figures or not, and kept in a discourse state, so that "the ministry", "he" and
"officials" resolve to the last fitting body. The claimant of a figure is the deepest source that covers it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from services.classifier.core.document import Document
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.region import Mention

NATIONS = frozenset({"demonym", "place", "body", "people"})
SELF = frozenset({"body", "office", "person", "armed", "group", "party", "org", "church"})


@dataclass(frozen=True, slots=True)
class Voice:
    """A source in a sentence: it covers tokens `start` to `end`; `at` is its cue. `code` is None where nobody known speaks."""

    code: str | None
    start: int
    end: int
    at: int
    depth: int
    reason: str
    subject: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Discourse:
    """What the text has spoken of so far."""

    day: date | None
    main: str | None = None
    paragraph: tuple[str, int] = ("", -1)
    speaker: str | None = None
    speaker_paragraph: tuple[str, int] = ("", -1)
    speakers: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def said(self, code: str, paragraph: tuple[str, int]) -> None:
        """`code` has spoken in `paragraph`."""
        self.speaker, self.speaker_paragraph = code, paragraph
        self.speakers.append(code)

    def last_of(self, sector: str | None) -> str | None:
        """The last code named or speaking with this sector."""
        for pool in (self.speakers, self.bodies):
            for code in reversed(pool):
                if sector is None or code.endswith(f".{sector}"):
                    return code
        return None


def code_of(mention: Mention, day: date | None) -> str | None:
    """The code that a mention speaks for on that day."""
    if mention.code:
        return mention.code
    entry = mention.entry
    if entry.kind == "person":
        return entry.code_on(day)
    if entry.kind == "place":
        return entry.speaks_for or entry.holder(day)
    return entry.code or entry.speaks_for


def main_body(document: Document, day: date | None) -> str | None:
    """The body that the article names most often: whose hospital, whose villagers, where nothing else is said."""
    counted: Counter[str] = Counter()
    for name, mentions in document.mentions.items():
        for mention in mentions:
            code = code_of(mention, day)
            if code and mention.entry.kind in {"place", "demonym", "body", "office", "people", "armed"}:
                counted[code.split(".")[0]] += 2 if name == "title" else 1
    return counted.most_common(1)[0][0] if counted else None


def voices(line: Line, state: Discourse) -> list[Voice]:
    """The sources of one sentence, from the left."""
    found: list[Voice] = []
    cues = sorted([*line.of_kind("say"), *line.of_kind("according"), *line.of_kind("cite")], key=lambda tag: (tag.start, -tag.end))
    last_end = 0
    size = len(line)
    for cue in cues:
        if cue.start < last_end:
            continue
        if cue.kind in {"according", "cite"}:
            code, stop = _after(line, cue.end, state)
            if code is None:
                continue
            # "According to X, ..." covers what follows; ", according to X" what precedes it and its own clause.
            if cue.start <= 1:
                found.append(Voice(code, stop, size, cue.start, 1, "according", (cue.end, stop)))
            else:
                begin = max((voice.subject[0] for voice in found if voice.start >= voice.at and voice.subject[0] < cue.start), default=0)
                begin = max(begin, _sentence_break(line, cue.start))
                found.append(Voice(code, begin, size, cue.start, 2 + len(found), "according-after", (cue.end, stop)))
            last_end = max(cue.end, stop)
            continue
        subject = _subject(line, cue.start, last_end, state)
        inverted = None
        if subject is None and _opens(line, cue.start):
            inverted = _after(line, cue.end, state)
        if subject is not None:
            code, begin, finish = subject
            before = _sentence_break(line, begin)
            tail = _tail_is_empty(line, cue.end)
            if begin - before >= 3 and (tail or _closes_quote(line, begin)) and not _coordinator_before(line, begin):
                found.append(Voice(code, before, size if not tail else cue.end, cue.start, 1 + len(found), "said-after", (begin, finish)))
            else:
                found.append(Voice(code, cue.start, size, cue.start, 1 + len(found), "said-before", (begin, finish)))
            last_end = cue.end
        elif inverted is not None and inverted[0] is not None:
            before = _sentence_break(line, cue.start)
            found.append(Voice(inverted[0], before, size, cue.start, 1 + len(found), "said-inverted", (cue.end, inverted[1])))
            last_end = inverted[1]
    colon = _colon(line, state)
    if colon is not None and not any(voice.at < colon.start for voice in found):
        found.insert(0, colon)
    return _closed(found, size)


def _closed(found: list[Voice], size: int) -> list[Voice]:
    """Each source that reaches forward ends where the next one's subject begins."""
    closed = []
    for number, voice in enumerate(found):
        end = voice.end
        for later in found[number + 1 :]:
            if later.reason == "said-before" and later.subject[0] > voice.at:
                end = min(end, later.subject[0])
                break
        closed.append(Voice(voice.code, voice.start, min(end, size), voice.at, voice.depth, voice.reason, voice.subject))
    return closed


def _sentence_break(line: Line, at: int) -> int:
    """Where the clause chain that ends before token `at` begins: after a semicolon or a dash, else the sentence's start."""
    for place in range(at - 1, -1, -1):
        if line.tokens[place].surface in {";", "—", "–"} and place < at - 2:
            return place + 1
    return 0


def _opens(line: Line, at: int) -> bool:
    """Whether a verb of speech stands right after a comma or a closing quote, or opens the sentence: ", said the mayor"."""
    return at == 0 or line.tokens[at - 1].surface in COMMAS or line.tokens[at - 1].surface in QUOTES or line.pack.lexicon.order == "free"


def _tail_is_empty(line: Line, at: int) -> bool:
    """Whether nothing but times and marks follow the verb: ", the ministry said on Friday."""
    words = 0
    for place in range(at, len(line)):
        token = line.tokens[place]
        if token.surface in {";", "—", "–", ":"}:
            break
        if token.surface in COMMAS and place > at:
            return words <= 5
        if token.kind == "mark" or line.covers("weekday", place) or line.covers("month", place) or line.covers("time_now", place):
            continue
        if line.begins("subordinators", place) and words == 0:
            return False
        words += 1
    return words <= 6


def _closes_quote(line: Line, begin: int) -> bool:
    return begin > 0 and (line.tokens[begin - 1].surface in QUOTES or (begin > 1 and line.tokens[begin - 2].surface in QUOTES))


def _coordinator_before(line: Line, begin: int) -> bool:
    if begin == 0:
        return False
    before = line.tokens[begin - 1]
    return (
        line.covers("conjunctions", begin - 1) is not None
        or before.folded in {"but", "while", "whereas", "though", "although"}
        or before.surface in {";", "—", "–"}
    )


def _subject(line: Line, verb: int, floor: int, state: Discourse) -> tuple[str | None, int, int] | None:
    """(code, start, end) of who speaks with the verb at token `verb`; None where nobody is found on its left."""
    begin = verb
    while begin > floor:
        token = line.tokens[begin - 1]
        if token.surface in {";", "—", "–", ":"} or token.surface in QUOTES:
            break
        folded = token.folded
        if folded in _CLAUSE_OPENERS and begin < verb:
            break
        if line.covers("conjunctions", begin - 1) and begin - 2 >= 0 and line.tokens[begin - 2].surface in COMMAS:
            break
        begin -= 1
    while begin < verb and line.is_mark(begin):
        begin += 1
    if begin >= verb:
        return None
    # The relative "who" and the bare infinitive speak for the noun before them.
    near = verb - 1
    while near > begin and (line.covers("auxiliaries", near) or line.covers("adverbs", near) or line.tokens[near].folded.endswith("ly")):
        near -= 1
    pronoun = line.begins("pronoun", near)
    if pronoun is not None:
        start = near
        return state.speaker, start, near + 1
    found = _resolve(line, begin, verb, state)
    if found is None:
        return None
    return found[0], found[1], verb


_CLAUSE_OPENERS = frozenset(
    {"while", "after", "as", "because", "that", "whereas", "although", "though", "what", "which", "where", "when", "but"}
)


def _resolve(line: Line, begin: int, end: int, state: Discourse) -> tuple[str | None, int] | None:
    """(code, first token) of the body that a noun phrase in tokens `begin` to `end` names; None where it names nobody."""
    body: str | None = None
    first: int | None = None
    office: int | None = None
    place = begin
    commas = sum(1 for at in range(begin, end) if line.tokens[at].surface in COMMAS)
    while place < end:
        mention = line.mention_at.get(place)
        if mention is not None and line.tokens[place].start <= mention.start < line.tokens[place].end:
            code = code_of(mention, state.day)
            led = place > begin and line.tokens[place - 1].folded in _PLACE_LEADERS
            if code and mention.entry.kind in SELF and "." in code and not led:
                return code, begin if commas < 2 else place
            if (
                code
                and body is None
                and not (mention.entry.kind == "place" and led and office is None and not _office_follows(line, place, end))
            ) or (code and body is None and led):
                body, first = code, place
        if office is None and (line.begins("office", place) or line.begins("people", place) or line.begins("speaking_people", place)):
            office = place
        place += 1
    if body is not None and (office is not None or first is not None):
        if office is None and first is not None and first > begin and line.tokens[first - 1].folded in _PLACE_LEADERS:
            return None
        if "." not in body and office is not None:
            sector = _sector(line, office)
            body = f"{body}.{sector}" if sector else body
        return body, begin
    if office is not None:
        sector = _sector(line, office)
        known = state.last_of(sector if sector not in {None, "CVL"} else None) if sector != "CVL" else None
        if known is None:
            known = f"{state.main}.{sector or 'GOV'}" if state.main else None
        return known, begin
    return None


_PLACE_LEADERS = frozenset({"in", "at", "near", "from", "to", "into", "around", "outside", "against", "on", "over", "across", "with", "by"})


def _office_follows(line: Line, at: int, end: int) -> bool:
    return any(line.begins("office", place) for place in range(at + 1, end))


_SECTORS = {
    "MIL": ("defence", "defense", "army", "military", "general", "colonel", "troops", "commander", "command", "forces", "staff"),
    "POL": ("police", "interior", "security", "investigators", "fsb", "militia"),
    "CVL": (
        "doctor",
        "doctors",
        "surgeon",
        "surgeons",
        "hospital",
        "hospitals",
        "resident",
        "residents",
        "villager",
        "villagers",
        "neighbour",
        "neighbor",
        "witness",
        "witnesses",
        "morgue",
        "physician",
        "reader",
        "medics",
    ),
    "MED": ("media", "channel", "website", "newspaper", "agency", "television", "reporter"),
    "OPP": ("opposition", "protesters", "demonstrators"),
}


def _sector(line: Line, at: int) -> str | None:
    words = {token.folded for token in line.tokens[max(0, at - 3) : at + 3]}
    for sector, names in _SECTORS.items():
        if words & set(names):
            return sector
    return "GOV" if line.begins("office", at) else "CVL"


def _after(line: Line, begin: int, state: Discourse) -> tuple[str | None, int]:
    """(code, end) of the noun phrase that follows a cue: "according to the ministry", "said the mayor"."""
    end = begin
    while end < len(line) and end - begin < 14:
        token = line.tokens[end]
        if token.kind == "mark" and token.surface not in {"'", "’", "-"} and not (token.surface in COMMAS and end == begin):
            break
        if end > begin and (line.begins("say", end) or token.folded in {"who", "which", "that", "while", "when", "as"}):
            break
        end += 1
    if end < len(line) and begin < len(line) and line.begins("pronoun", begin):
        return state.speaker, begin + 1
    found = _resolve(line, begin, end, state)
    return (found[0], end) if found else (None, end)


def _colon(line: Line, state: Discourse) -> Voice | None:
    """The source in "Defence Ministry: four more ...": a body before a colon near the start."""
    for place in range(1, min(14, len(line))):
        if line.tokens[place].surface == ":" and line.tokens[place - 1].kind != "number":
            found = _resolve(line, 0, place, state)
            if found and found[0] and not line.has("nothing"):
                return Voice(found[0], place + 1, len(line), place, 1, "colon", (0, place))
            return None
    return None


def claimant_of(voices_here: list[Voice], at: int) -> Voice | None:
    """The deepest source that covers token `at`."""
    covering = [voice for voice in voices_here if voice.start <= at < voice.end]
    if not covering:
        return None
    after = [voice for voice in covering if voice.reason in {"according-after", "said-after", "said-inverted"}]
    before = [voice for voice in covering if voice not in after]
    named = [voice for voice in after if voice.reason == "according-after"]
    if named:
        return named[0]
    if before:
        return max(before, key=lambda voice: voice.at)
    return min(after, key=lambda voice: abs(voice.at - at))
