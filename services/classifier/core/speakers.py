"""Who speaks: the sources of every sentence, how far each reaches, and who vouches for a figure.

Sources are found in every sentence, figures or not, and kept in a discourse state, so that "the ministry", "he" and
"officials" resolve to the last fitting body. The claimant of a figure is the deepest source that covers it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

from services.classifier.core.document import Document
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.packs import Tag
from services.region import Mention

NATIONS = frozenset({"demonym", "place", "body", "people"})
REPUBLICS = frozenset({"CHE", "DAG", "ING", "KBR"})
"""Republics of Russia: their victims are Russia's, and they have no army of their own."""

PART_OF_RUSSIA = frozenset({"SEO", "KCR", "ADY"})
"""Republics that have no code of their own in the annotation manual."""

WITHOUT_PEOPLE = frozenset({"UNO", "OSCE", "NATO", "EUR", "CSTO", "ICRC", "NGO", "ISIS", "REB", "CIS", "COE", "ECHR", "ICJ", "OTS", "MUL"})
"""Bodies that have no villagers and no hospitals: never whose people are hurt by default."""

SELF = frozenset({"body", "office", "person", "armed", "group", "party", "org", "church"})


@dataclass(frozen=True, slots=True)
class Voice:
    """A source in a sentence: it covers tokens `start` to `end`; `at` is its cue. `code` is None where nobody known speaks."""

    code: str | None
    start: int
    end: int
    at: int
    reason: str
    subject: tuple[int, int] = (0, 0)
    cites: bool = False
    """Whether the source is cited by another one: then it is the deeper of the two."""


@dataclass(slots=True)
class Discourse:
    """What the text has spoken of so far."""

    day: date | None
    main: str | None = None
    dateline: str | None = None
    """The body of the town in the dateline: whose ministry "the ministry" is until another is named."""
    separatists: str | None = None
    """The breakaway body that the article names most: whom "the separatists", "the enclave" mean."""
    last_paragraph: int = 0
    looks_back: bool = False
    """Whether the article keeps an anniversary: what it counts is past unless it says otherwise."""
    paragraph: tuple[str, int] = ("", -1)
    last_voice: str | None = None
    """The source before this one in the same sentence."""
    speaker: str | None = None
    speaker_paragraph: tuple[str, int] = ("", -1)
    names: dict[str, str] = field(default_factory=dict)
    """Surnames of speakers, folded, with the code that they spoke for when they were introduced."""
    by_office: dict[str, str] = field(default_factory=dict)
    """Words of offices ("ministry", "spokesman") with the code that they last spoke for."""
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
    entry = mention.entry
    code = mention.code
    if code is None and entry.kind == "person":
        code = entry.code_on(day)
    elif code is None and entry.kind == "place":
        code = entry.speaks_for or entry.holder(day)
    elif code is None:
        code = entry.code or entry.speaks_for
    if code is not None and (code[:3] in PART_OF_RUSSIA or (code.endswith(".MIL") and code[:3] in REPUBLICS - {"CHE"})):
        return "RUS" + code[3:]
    return code


def bodies_named(document: Document, day: date | None) -> Counter[str]:
    """How often the article names each body."""
    counted: Counter[str] = Counter()
    for name, mentions in document.mentions.items():
        for mention in mentions:
            code = code_of(mention, day)
            if code and mention.entry.kind in {"place", "demonym", "body", "office", "people", "armed", "person"}:
                counted[code.split(".")[0]] += 2 if name == "title" else 1
    return counted


def opened(document: Document, day: date | None) -> Discourse:
    """The discourse at the start of an article: its main body (whose hospital, whose villagers) and its separatists."""
    counted = bodies_named(document, day)
    separatists = [body for body in ("NKR", "ABK", "OSS", "CHE") if counted[body]]
    return Discourse(
        day,
        main=next((body for body, _ in counted.most_common() if body not in WITHOUT_PEOPLE), None),
        dateline=_dateline(document, day) or _home(document, counted),
        separatists=max(separatists, key=lambda body: counted[body]) if separatists else None,
    )


def _home(document: Document, counted: Counter[str]) -> str | None:
    """The body at home in the language of the text, where the text speaks of it or of its foe more than of others."""
    home = document.pack.lexicon.home if document.pack else ""
    about = counted[home] or counted["ARM"] + counted["NKR"] > counted["RUS"] + counted["GEO"]
    return home if home and about else None


def _dateline(document: Document, day: date | None) -> str | None:
    """The body of the town that opens the text in capitals: "BAKU, Aug 1 -", "TBILISI."."""
    first = next((sentence for sentence in document.sentences if sentence.field == "text"), None)
    if first is None or not first.tokens or not first.tokens[0].surface.isupper() or len(first.tokens[0].surface) < 3:
        return None
    mentions = document.mentions_in(first)
    if not mentions or mentions[0].start != first.start or mentions[0].entry.kind != "place":
        return None
    if len(first.tokens) > 1 and first.tokens[1].surface == "/":
        return None
    code = code_of(mentions[0], day)
    return code.split(".")[0] if code else None


def voices(line: Line, state: Discourse) -> list[Voice]:
    """The sources of one sentence, from the left."""
    found: list[Voice] = []
    state.last_voice = None
    cues = sorted(
        [*line.of_kind("say"), *line.of_kind("according"), *line.of_kind("reckoning"), *line.of_kind("according_after")],
        key=lambda tag: (tag.start, -tag.end),
    )
    free = 0
    size = len(line)
    for cue in cues:
        if cue.start < free or (cue.kind == "say" and _no_speech(line, cue.start, cue.end)):
            continue
        if cue.kind == "say":
            made = _by_say(line, cue, free, state)
        elif cue.kind == "according_after":
            made = _by_postposition(line, cue, free, state)
        else:
            made = _by_name(line, cue, state)
        if made is None:
            continue
        voice, free = made
        found.append(voice)
        state.last_voice = voice.code
    trailing = _trailing(line, state) if not found else None
    if trailing is not None:
        found.append(trailing)
    colon = _colon(line, state)
    if colon is not None and not any(voice.at < colon.start for voice in found):
        found.insert(0, colon)
    return _closed(found, size)


def _no_speech(line: Line, start: int, end: int) -> bool:
    """Whether a verb of speech is none here: a noun ("the reports", "United States") or a word of casualties."""
    if start in line.mention_at and line.tokens[start].title:
        return True
    if (
        start
        and (line.covers("the", start - 1) or line.covers("number_one", start - 1) or line.covers("possessives", start - 1))
        and not line.covers("pronoun", start - 1)
    ):
        return True
    if line.covers("life_taking", start) and any(line.covers("lives", place) for place in range(end, min(len(line), end + 8))):
        return True
    if line.covers("passive_report", start) and end < len(line) and line.covers("effect", end):
        return True
    return _is_effect(line, start, end)


def _is_effect(line: Line, start: int, end: int) -> bool:
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


def _by_name(line: Line, cue: Tag, state: Discourse) -> tuple[Voice, int] | None:
    """A source named by a preposition: "according to X", "by Tbilisi's reckoning"."""
    if cue.kind == "reckoning":
        begin = cue.start
        while begin > 0 and cue.start - begin < 9 and not line.covers("by", begin - 1) and not line.is_mark(begin - 1):
            begin -= 1
        if begin == 0 or not line.covers("by", begin - 1):
            return None
        at, stop = begin - 1, cue.end
        found = _resolve(line, begin, stop, state) if _names_body(line, begin, stop, state) else None
        if found is None and stop < len(line) and line.begins("partitive", stop):
            after = _after(line, stop + 1, state)
            if _names_body(line, stop + 1, after[1], state) or any(line.covers("office", place) for place in range(stop + 1, after[1])):
                found, stop = after
    else:
        at = cue.start
        found, stop = _after(line, cue.end, state)
    if found is None:
        return None
    code = found[0]
    if code is None and cue.kind == "according":
        return None
    opening = at <= 1 or line.tokens[at - 1].surface in QUOTES
    break_ = 0 if opening else max(_chain_start(line, at), _colon_before(line, at))
    cites = line.covers("cite", cue.start) is not None
    return Voice(code, 0 if opening else break_, len(line), at, "according" if opening else "according-after", (at, stop), cites), stop


def _colon_before(line: Line, at: int) -> int:
    """Past the last colon before token `at`: "depending on the source: 17 according to X, six by Y's"."""
    return next((place + 1 for place in range(at - 2, -1, -1) if line.tokens[place].surface == ":"), 0)


def _names_body(line: Line, begin: int, end: int, state: Discourse) -> bool:
    """Whether a phrase names somebody: a body, the separatists, a person known by name, or "its"."""
    return any(
        (place in line.mention_at and code_of(line.mention_at[place], state.day))
        or line.covers("separatist", place)
        or (line.begins("possessives", place) and (state.speaker or _first_body(line, begin, state)))
        or line.tokens[place].folded in state.names
        for place in range(begin, min(end, len(line)))
    )


def _by_postposition(line: Line, cue: Tag, floor: int, state: Discourse) -> tuple[Voice, int] | None:
    """A source before its postposition: "Müdafiə Nazirliyinin məlumatına görə"."""
    begin = cue.start
    while begin > floor and cue.start - begin < 10 and not line.is_mark(begin - 1):
        begin -= 1
    found = _resolve(line, begin, cue.start, state)
    if found is None or found[0] is None:
        return None
    opening = begin <= 2
    return Voice(
        found[0],
        0 if opening else _chain_start(line, begin),
        len(line),
        cue.start,
        "according" if opening else "according-after",
        (begin, cue.start),
    ), cue.end


def _by_final_verb(line: Line, cue: Tag, floor: int, state: Discourse) -> tuple[Voice, int] | None:
    """A source in a language whose verb closes the clause: the first body of the clause speaks, all up to the verb is its word."""
    begin = floor
    stop = begin
    while stop < cue.start:
        token = line.tokens[stop]
        if token.surface in COMMAS or token.surface in QUOTES or token.surface in {"-", "–", "—", ":"}:
            found = _resolve(line, begin, stop, state)
            if found is not None and found[0] is not None and not any(line.covers("effect", place) for place in range(begin, stop)):
                break
            begin = stop + 1
        stop += 1
    found = _resolve(line, begin, stop, state)
    if found is None or found[0] is None:
        found = _resolve(line, floor, cue.start, state)
        begin = floor
    if found is None or found[0] is None:
        found, after = _after(line, cue.end, state)
        if found is None or found[0] is None:
            return None
        return Voice(found[0], floor, len(line), cue.start, "said-after", (cue.end, after)), after
    return Voice(found[0], floor, cue.end, cue.start, "said-after", (begin, stop)), cue.end


def _by_say(line: Line, cue: Tag, floor: int, state: Discourse) -> tuple[Voice, int] | None:
    """A source with a verb of speech on either side of it."""
    size = len(line)
    if line.pack.lexicon.order == "sov":
        return _by_final_verb(line, cue, floor, state)
    free = line.pack.lexicon.order == "free"
    if line.covers("saying", cue.start) and cue.start and (line.is_mark(cue.start - 1) or line.covers("conjunctions", cue.start - 1)):
        # "... withdrew, saying that": the participle has the subject of its sentence.
        code = state.last_voice or _first_self(line, cue.start, state) or state.speaker
        if code is not None:
            return Voice(code, cue.start, size, cue.start, "said-before", (cue.start, cue.start)), cue.end
    if line.covers("told_by_pronoun", cue.start) and (code := _pronoun(line, cue.start, state)) is not None:
        # "..., a-t-il précisé": the verb has its subject in it.
        return Voice(code, _chain_start(line, cue.start), size, cue.start, "said-after", (cue.start, cue.start)), cue.end
    # "..., сообщил глава ведомства": where word order is free, a verb right behind a mark has its speaker behind it.
    behind_mark = (
        cue.start > 0 and line.is_mark(cue.start - 1) and (free or (not line.covers("tell", cue.start) and _speaker_follows(line, cue.end)))
    )
    subject = None if behind_mark else _subject(line, cue.start, floor, state)
    if subject is not None:
        code, begin, finish = subject
        chain = _chain_start(line, begin)
        behind = (
            begin - chain >= 3
            and begin > 0
            and (line.is_mark(begin - 1) or _closes_quote(line, begin))
            and line.tokens[begin - 1].surface != ":"
        )
        if behind and (_tail_is_empty(line, cue.end) or _closes_quote(line, begin)):
            start = max(chain, floor if floor < begin - 3 else chain)
            return Voice(code, start, size, cue.start, "said-after", (begin, finish)), cue.end
        return Voice(code, cue.start, size, cue.start, "said-before", (begin, finish)), cue.end
    if free or (cue.start > 0 and line.is_mark(cue.start - 1) and not line.covers("tell", cue.start) and _speaker_follows(line, cue.end)):
        found, stop = _after(line, cue.end, state)
        if found is not None and found[0] is not None:
            start = _chain_start(line, cue.start)
            if cue.start - start < 3:
                start = stop
            return Voice(found[0], start, size, cue.start, "said-inverted", (cue.end, stop)), stop
    return None


def _speaker_follows(line: Line, at: int) -> bool:
    """Whether a name or an office right behind the verb is its subject: ", said the mayor", ", said Tamaz N."."""
    if at >= len(line):
        return False
    lead = at + 1 if line.covers("the", at) or line.covers("number_one", at) or line.begins("possessives", at) else at
    if lead >= len(line):
        return False
    named = (
        (line.tokens[lead].title and line.covers("weekday", lead) is None)
        or line.covers("office", lead) is not None
        or line.covers("people", lead) is not None
    )
    if not named:
        return False
    for place in range(lead, min(len(line), lead + 12)):
        if line.is_mark(place):
            return True
        if line.covers("effect", place) or line.covers("that", place) or line.covers("auxiliaries", place):
            return False
    return True


def _closed(found: list[Voice], size: int) -> list[Voice]:
    """Each source that reaches forward ends where the subject of the next one begins."""
    closed = []
    for number, voice in enumerate(found):
        end = voice.end
        for later in found[number + 1 :]:
            if later.reason == "said-before" and later.subject[0] > voice.at:
                end = min(end, later.subject[0])
                break
            if later.reason in {"said-after", "said-inverted"} and voice.reason == "said-after" and later.start > voice.at:
                end = min(end, later.start)
                break
        closed.append(replace(voice, end=min(end, size)))
    return closed


def _chain_start(line: Line, at: int) -> int:
    """Where the clause chain that ends before token `at` begins: after a semicolon or a dash, else at the sentence's start."""
    dashes = sum(1 for token in line.tokens[: max(0, at)] if token.surface in {"—", "–"})
    for place in range(at - 3, -1, -1):
        if line.tokens[place].surface == ";" or (dashes == 1 and line.tokens[place].surface in {"—", "–"}):
            return place + 1
    return 0


def _tail_is_empty(line: Line, at: int) -> bool:
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


def _closes_quote(line: Line, begin: int) -> bool:
    return begin > 0 and (
        line.tokens[begin - 1].surface in QUOTES or (begin > 1 and line.tokens[begin - 2].surface in QUOTES and line.is_mark(begin - 1))
    )


def _subject(line: Line, verb: int, floor: int, state: Discourse) -> tuple[str | None, int, int] | None:
    """(code, start, end) of who speaks with the verb at token `verb`; None where nobody is found on its left."""
    near = verb - 1
    while near >= floor and (
        line.covers("auxiliaries", near)
        or line.covers("adverbs", near)
        or line.covers("negation", near)
        or (line.pack.language == "en" and line.tokens[near].folded.endswith("ly"))
    ):
        near -= 1
    if near < floor:
        return None
    if line.covers("conjunctions", near) and not line.is_mark(near):
        # "put the dead at 175 and warned": one subject, two verbs.
        first = state.last_voice if floor > 0 else _first_self(line, near, state)
        if first is not None:
            if floor == 0:
                _remember(line, 0, near, first, state)
            return first, near, near + 1
    pronoun = line.begins("pronoun", near)
    if pronoun is not None:
        begin = near
        return _pronoun(line, near, state), begin, near + 1
    commas = 0
    apposed = False
    if line.tokens[near].surface in COMMAS:
        # "X, spokesman for Y, said": the apposition and what it stands by.
        commas = 2
        apposed = True
        near -= 1
    elif line.is_mark(near) and line.tokens[near].surface not in {"'", "’", ")"}:
        return None
    begin = near + 1
    while begin > floor:
        place = begin - 1
        token = line.tokens[place]
        if token.surface in COMMAS:
            if commas <= 1:
                break
            commas -= 1
        elif token.surface in {";", "—", "–", ":"} or token.surface in QUOTES:
            break
        elif not apposed and line.covers("clause_opener", place):
            if not line.covers("relative", place) or place == floor:
                break
            # "the authorities, who had reported three": the noun before the relative speaks.
            apposed, commas = True, 2 if line.is_mark(place - 1) else 1
        elif (not apposed and line.covers("conjunctions", place) and place > 0 and line.tokens[place - 1].surface in COMMAS) or (
            not apposed and line.begins("say", place) and not _is_effect(line, place, begin)
        ):
            break
        begin -= 1
    while begin <= near and (line.is_mark(begin) or line.covers("conjunctions", begin)):
        begin += 1
    if begin > near:
        return None
    if (
        floor > 0
        and line.covers("tell", floor - 1)
        and not any(line.is_mark(at) or line.covers("conjunctions", at) for at in range(floor, verb))
    ):
        # "told the paper on Tuesday said": what stands after the first verb is its hearer.
        return state.last_voice, begin, near + 1
    found = _resolve(line, begin, near + 1, state)
    if apposed and floor > 0 and state.last_voice is not None and not any(place in line.mention_at for place in range(begin, near + 1)):
        # "the ministry, which released the names at noon, said": the relative clause had its verb too.
        return state.last_voice, begin, near + 1
    if found is None:
        return None
    if found[0] is not None:
        _remember(line, begin, near + 1, found[0], state)
    return found[0], begin, near + 1


def office_word(line: Line, at: int) -> str:
    """The word of an office without its case: the lexicon's stem where it has one."""
    return next(iter(line.pack.keys(line.tokens[at].folded)), line.tokens[at].folded)


def _remember(line: Line, begin: int, end: int, code: str, state: Discourse) -> None:
    """Keep the surnames in a speaker's phrase, so that the surname alone speaks for the same body later."""
    for place in range(begin, end):
        token = line.tokens[place]
        if line.covers("office", place):
            state.by_office[office_word(line, place)] = code
        mention = line.mention_at.get(place)
        named = mention is None or mention.entry.kind == "person"
        if token.title and named and len(token.surface) > 3 and not line.covers("office", place) and not line.covers("people", place):
            state.names.setdefault(token.folded, code)


def _pronoun(line: Line, at: int, state: Discourse) -> str | None:
    """Whom "it", "he" or "they" means as speaker: who spoke last, else who was named last as the subject before it."""
    if state.last_voice is not None:
        return state.last_voice
    for place in range(at - 1, -1, -1):
        mention = line.mention_at.get(place)
        if mention is None or not (code := code_of(mention, state.day)):
            continue
        if mention.entry.kind in SELF and "." in code:
            return code
        # "Baku keeps its losses secret; it gives ...": a capital that opens the clause is its subject.
        if mention.entry.kind == "place" and (place == 0 or line.is_mark(place - 1)):
            return code if "." in code else f"{code}.GOV"
    if state.speaker is not None:
        return state.speaker
    return state.bodies[-1] if state.bodies else None


def _resolve(line: Line, begin: int, end: int, state: Discourse) -> tuple[str | None, int] | None:
    """(code, first token) of the body that a noun phrase in tokens `begin` to `end` names; None where it names nobody."""
    body: str | None = None
    loose: str | None = None
    office: int | None = None
    sector: str | None = None
    bare_nation = False
    place = begin
    while place < end:
        mention = line.mention_at.get(place)
        if mention is not None and line.tokens[place].start <= mention.start < line.tokens[place].end:
            code = code_of(mention, state.day)
            kind = mention.entry.kind
            led = place > 0 and line.covers("place_preposition", place - 1) is not None
            if kind in {"war", "agreement", "event", "term", "weapon"}:
                place += 1
                continue
            if code and "." in code and kind != "place" and not led:
                return code, begin
            if kind in {"office", "armed", "group", "people"} and office is None:
                office, sector = place, mention.entry.sector
            if code:
                if led and (kind == "place" or "." in code) and body is None:
                    loose = loose or code
                elif body is None:
                    body = code
                    bare_nation = True
        if office is None and (line.begins("office", place) or line.begins("people", place) or line.begins("persons", place)):
            office = place
        if line.covers("separatist", place) and body is None:
            body = state.separatists
        if line.begins("possessives", place) and not line.covers("possessive_clitic", place) and body is None:
            owner = _first_body(line, begin, state) or state.speaker
            body = owner.split(".")[0] if owner else None
        known = state.names.get(line.tokens[place].folded) if line.tokens[place].title or not line.pack.lexicon.articles else None
        if known is not None and place not in line.mention_at:
            return known, begin
        place += 1
    if sector == "REB":
        return "REB", begin
    if any(line.covers("ngo", place) for place in range(begin, end)):
        return "NGO", begin
    if body is None and any(line.covers("foreign", place) for place in range(begin, end)):
        return None, begin
    if office is not None and sector is None:
        sector = _sector(line, office)
    if office is not None:
        body = body or loose
    if body is not None:
        if "." in body:
            return body, begin
        return (f"{body}.{sector}" if sector else f"{body}.GOV" if bare_nation or body else body), begin
    if office is None:
        return None
    return _last_fitting(line, begin, sector, state), begin


def _first_body(line: Line, end: int, state: Discourse) -> str | None:
    """The body of the first mention before token `end` of the sentence: whose mayor "its mayor" is."""
    for place in range(end):
        mention = line.mention_at.get(place)
        if mention is not None and (code := code_of(mention, state.day)):
            return code
    return None


def _first_self(line: Line, end: int, state: Discourse) -> str | None:
    """The first body, office or person of the sentence that can speak."""
    for place in range(end):
        mention = line.mention_at.get(place)
        if mention is not None and (mention.entry.kind in SELF or place < 3) and (code := code_of(mention, state.day)):
            return code if "." in code else f"{code}.GOV"
    return None


def _last_fitting(line: Line, begin: int, sector: str | None, state: Discourse) -> str | None:
    """Whom a bare office means: the last one with its sector, else the body of the place named in the sentence, else the main one."""
    if any(line.covers("local_office", place) for place in range(begin, min(len(line), begin + 4))):
        for place in range(begin - 1, -1, -1):
            mention = line.mention_at.get(place)
            if mention is not None and mention.entry.kind == "place" and (code := code_of(mention, state.day)):
                return f"{code.split('.')[0]}.{sector or 'GOV'}"
    for place in range(begin, min(len(line), begin + 6)):
        if line.covers("office", place) and (known := state.by_office.get(office_word(line, place))):
            return known
        if line.covers("say", place):
            break
    if sector in {"MIL", "GOV", "POL", "PKO"}:
        known = state.last_of(sector)
        if known is None and sector == "GOV" and not (line.pack.lexicon.home and state.dateline):
            known = state.last_of("MIL")
        if known is not None:
            return known
    body = state.dateline
    if body is None:
        for place in range(begin - 1, -1, -1):
            mention = line.mention_at.get(place)
            if mention is not None and mention.entry.kind in {"place", "demonym"} and (code := code_of(mention, state.day)):
                body = code.split(".")[0]
                break
    body = body or state.main
    if body in REPUBLICS and (
        sector in {"MIL", "MED"} or any(line.covers("federal", place) for place in range(begin, min(len(line), begin + 4)))
    ):
        body = "RUS"
    return f"{body}.{sector or 'GOV'}" if body else None


def _sector(line: Line, at: int) -> str | None:
    """The sector that the words of an office tell: "defence ministry" MIL, "hospital" CVL, else GOV for an office."""
    near = range(max(0, at - 3), min(len(line), at + 3))
    for sector in ("MIL", "POL", "CVL", "MED", "OPP"):
        if any(line.covers(f"sector_{sector.lower()}", place) for place in near):
            return sector
    return "GOV" if line.begins("office", at) else "CVL"


def _after(line: Line, begin: int, state: Discourse, depth: int = 0) -> tuple[tuple[str | None, int] | None, int]:
    """(found, end) for the noun phrase that follows a cue: "according to the ministry", "said the mayor"."""
    end = begin
    while end < len(line) and end - begin < 14:
        token = line.tokens[end]
        if token.kind == "mark" and token.surface not in {"'", "’", "-"}:
            break
        if end > begin and (line.begins("say", end) or line.covers("clause_opener", end)):
            break
        end += 1
    if end < len(line) and begin < len(line) and line.begins("pronoun", begin):
        return (state.speaker, begin), begin + 1
    found = _resolve(line, begin, end, state)
    if (
        (found is None or found[0] is None)
        and depth < 2
        and end + 1 < len(line)
        and line.tokens[end].surface in COMMAS
        and end - begin <= 6
    ):
        # "сообщила в пятницу, 1 августа, пресс-служба"; "said Tamaz N., chairman of the government": the body comes after the comma.
        further, stop = _after(line, end + 1, state, depth + 1)
        if further is not None and further[0] is not None:
            return further, stop
    return found, end


def _trailing(line: Line, state: Discourse) -> Voice | None:
    """The source behind a dash at the end of a line: "two dead near Jabrayil - Karabakh army"."""
    last = len(line) - 1
    if last >= 0 and line.tokens[last].surface == ".":
        last -= 1
    for place in range(last, max(0, last - 7), -1):
        if line.tokens[place].surface in {"-", "–", "—"}:
            found = _resolve(line, place + 1, last + 1, state) if place < last else None
            if found is None or found[0] is None or any(line.covers("effect", at) for at in range(place, last + 1)):
                return None
            return Voice(found[0], 0, len(line), place, "said-after", (place + 1, last + 1))
    return None


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
        found = _resolve(line, max(0, before - 3), before + 1, state)
        if found is not None and found[0] is not None:
            return found[0]
    if stop < len(line) and line.tokens[stop].surface in COMMAS:
        end = next((at for at in range(stop + 1, min(len(line), stop + 14)) if line.is_mark(at)), stop)
        offices = any(line.covers("office", at) or line.covers("speaks_for", at) or line.covers("ngo", at) for at in range(stop + 1, end))
        if offices:
            found = _resolve(line, stop + 1, end, state)
            return found[0] if found is not None else None
    return None


def label_of(line: Line, state: Discourse) -> str | None:
    """Whose version a short heading announces: "The BAKU version."; None where it announces none."""
    if len(line) > 7 or not any(line.covers("reckoning", place) or line.covers("side", place) for place in range(len(line))):
        return None
    for place in range(len(line)):
        mention = line.mention_at.get(place)
        if mention is not None and (code := code_of(mention, state.day)):
            return code if "." in code else f"{code}.GOV"
    return None


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
            found = _resolve(line, tag.end, len(line), state)
            if found is not None and found[0] is not None and _names_body(line, tag.end, len(line), state):
                return found[0]
    return None


def _colon(line: Line, state: Discourse) -> Voice | None:
    """The source in "Defence Ministry: four more ...": a body before a colon near the start."""
    marks = {":", ".", "\u2024", "՝"} if line.pack.language == "hy" else {":"}
    for place in range(1, min(18, len(line) - 1)):
        if line.tokens[place].surface in marks:
            if any(line.covers("effect", at) for at in range(place)):
                return None
            last = place - 1
            closes = (
                last in line.mention_at
                or line.covers("office", last)
                or line.covers("say", last)
                or line.tokens[last].folded in state.names
            )
            # "Baku, at 17:00: twelve dead": a body opens the line, and no verb stands before the colon.
            opens = 0 in line.mention_at and not any(line.covers("auxiliaries", at) for at in range(place))
            told = any(line.covers("document", at) or line.covers("reckoning", at) for at in range(place))
            if not closes and not opens and not told:
                return None
            found = _resolve(line, 0, place, state)
            if found and found[0]:
                return Voice(found[0], place + 1, len(line), place, "colon", (0, place))
            return None
    return None


resolve, colon_of = _resolve, _colon
"""For the grammar of verb-final languages."""


def claimant_of(voices_here: list[Voice], at: int) -> Voice | None:
    """The deepest source that covers token `at`: one cited after the words, else the last that leads to them, else the one that closes them."""
    covering = [voice for voice in voices_here if voice.start <= at < voice.end]
    if not covering:
        return None
    named = [voice for voice in covering if voice.reason == "according-after" and voice.code]
    told = [voice for voice in covering if voice.reason == "said-after" and voice.code]
    if named and told and not named[0].cites and min(voice.at for voice in told) < named[0].at:
        # "A told a closed sitting, according to two who were there": A vouches, they only pass it on.
        return min(told, key=lambda voice: abs(voice.at - at))
    if named:
        return min(named, key=lambda voice: (abs(voice.at - at), voice.at))
    leading = [voice for voice in covering if voice.reason in {"said-before", "colon"} and voice.at < at]
    if leading:
        return max(leading, key=lambda voice: voice.at)
    return min(covering, key=lambda voice: (voice.reason == "according", abs(voice.at - at)))
