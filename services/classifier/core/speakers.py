"""Who speaks: the sources of a sentence and how far each reaches, by verbs of speech and by "according to".

Sources are found in every sentence, figures or not. Languages whose verb closes the sentence have a grammar of their own
(`finalvoices`).
"""

from __future__ import annotations

from dataclasses import replace

from services.classifier.core.discourse import Discourse, Voice, code_of
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.packs import Tag
from services.classifier.core.references import first_self, names_body, phrase_after, pronoun_of, resolve
from services.classifier.core.speech import (
    chain_start,
    closes_quote,
    colon_before,
    is_effect,
    no_speech,
    quoted_at,
    speaker_follows,
    tail_is_empty,
    tells_of_itself,
)
from services.classifier.core.statements import bracketed_of, colon_of, trailing_of
from services.classifier.core.surnames import remember

REPORTING = frozenset({"said-after", "said-inverted"})
"""Sources that close what they say."""


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
        if cue.start < free or (cue.kind == "say" and no_speech(line, cue.start, cue.end)):
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
    trailing = trailing_of(line, state) if not found else None
    if trailing is not None:
        found.append(trailing)
    colon = colon_of(line, state)
    if colon is not None and not any(voice.at < colon.start for voice in found):
        found.insert(0, colon)
    bracketed = bracketed_of(line, state)
    if bracketed is not None and not any(voice.end > bracketed.at for voice in found):
        found.append(bracketed)
    if len(found) == 1 and found[0].reason in REPORTING and found[0].start > 0 and _ends(line, found[0]):
        # "One blew himself up at the gate; two were killed inside, the minister told reporters": both are his word.
        found = [replace(found[0], start=0)]
    return _closed(found, size)


def _ends(line: Line, voice: Voice) -> bool:
    """Whether nothing of casualties follows a source, so that the whole sentence leads to it."""
    return not line.within("effect", max(voice.at, voice.subject[1]), len(line))


def _by_name(line: Line, cue: Tag, state: Discourse) -> tuple[Voice, int] | None:
    """A source named by a preposition: "according to X", "by Tbilisi's reckoning"."""
    if cue.kind == "reckoning":
        begin = cue.start
        while begin > 0 and cue.start - begin < 9 and not line.covers("by", begin - 1) and not line.is_mark(begin - 1):
            begin -= 1
        if begin == 0 or not line.covers("by", begin - 1):
            return None
        at, stop = begin - 1, cue.end
        found = _whose_count(line, begin, stop, state) or (
            resolve(line, begin, stop, state) if names_body(line, begin, stop, state) else None
        )
        if found is None and stop < len(line) and line.begins("partitive", stop):
            after = phrase_after(line, stop + 1, state)
            if names_body(line, stop + 1, after[1], state) or line.within("office", stop + 1, after[1]):
                found, stop = after
    else:
        at = cue.start
        found, stop = phrase_after(line, cue.end, state)
    if found is None:
        return None
    code = found[0]
    if code is None and cue.kind == "according":
        return None
    opening = at <= 1 or line.tokens[at - 1].surface in QUOTES
    break_ = 0 if opening else max(chain_start(line, at), colon_before(line, at))
    cites = line.covers("cite", cue.start) is not None
    return Voice(code, 0 if opening else break_, len(line), at, "according" if opening else "according-after", (at, stop), cites), stop


def _whose_count(line: Line, begin: int, stop: int, state: Discourse) -> tuple[str | None, int] | None:
    """The body that an opening "by its ministry's count" looks forward to: "By its defence ministry's count Azerbaijan lost 2,823"."""
    if begin > 1 or not line.begins("possessives", begin) or line.covers("possessive_clitic", begin):
        return None
    ahead = stop + 1 if stop < len(line) and line.tokens[stop].surface in COMMAS else stop
    mention = line.mention_at.get(ahead)
    code = code_of(mention, state.day) if mention is not None else None
    if code is None:
        return None
    found = resolve(line, begin + 1, stop, state)
    sector = found[0].partition(".")[2] if found is not None and found[0] else ""
    return f"{code.split('.')[0]}.{sector or 'GOV'}", begin


def _by_postposition(line: Line, cue: Tag, floor: int, state: Discourse) -> tuple[Voice, int] | None:
    """A source before its postposition: "Müdafiə Nazirliyinin məlumatına görə"."""
    begin = cue.start
    while begin > floor and cue.start - begin < 10 and not line.is_mark(begin - 1):
        begin -= 1
    found = resolve(line, begin, cue.start, state)
    if found is None or found[0] is None:
        return None
    opening = begin <= 2
    return Voice(
        found[0],
        0 if opening else chain_start(line, begin),
        len(line),
        cue.start,
        "according" if opening else "according-after",
        (begin, cue.start),
    ), cue.end


def _by_say(line: Line, cue: Tag, floor: int, state: Discourse) -> tuple[Voice, int] | None:
    """A source with a verb of speech on either side of it."""
    size = len(line)
    free = line.pack.lexicon.order == "free"
    if line.covers("saying", cue.start) and cue.start and (line.is_mark(cue.start - 1) or line.covers("conjunctions", cue.start - 1)):
        # "... withdrew, saying that": the participle has the subject of its sentence.
        code = state.last_voice or first_self(line, cue.start, state) or state.speaker
        if code is not None:
            return Voice(code, cue.start, size, cue.start, "said-before", (cue.start, cue.start)), cue.end
    if line.covers("told_by_pronoun", cue.start) and (code := pronoun_of(line, cue.start, state)) is not None:
        # "..., a-t-il précisé": the verb has its subject in it.
        return Voice(code, chain_start(line, cue.start), size, cue.start, "said-after", (cue.start, cue.start)), cue.end
    # "..., сообщил глава ведомства": where word order is free, a verb right behind a mark has its speaker behind it.
    behind_mark = (
        cue.start > 0
        and line.is_mark(cue.start - 1)
        and (free or ((not line.covers("tell", cue.start) or tells_of_itself(line, cue.end)) and speaker_follows(line, cue.end)))
    )
    subject = None if behind_mark else _subject(line, cue.start, floor, state)
    if subject is not None:
        code, begin, finish = subject
        chain = chain_start(line, begin)
        behind = (
            begin - chain >= 3
            and begin > 0
            and (line.is_mark(begin - 1) or closes_quote(line, begin))
            and line.tokens[begin - 1].surface != ":"
        )
        if behind and (tail_is_empty(line, cue.end) or closes_quote(line, begin)):
            start = max(chain, floor if floor < begin - 3 else chain)
            return Voice(code, start, size, cue.start, "said-after", (begin, finish)), cue.end
        return Voice(code, cue.start, size, cue.start, "said-before", (begin, finish)), cue.end
    if free or (
        cue.start > 0
        and line.is_mark(cue.start - 1)
        and (not line.covers("tell", cue.start) or tells_of_itself(line, cue.end))
        and speaker_follows(line, cue.end)
    ):
        found, stop = phrase_after(line, cue.end, state)
        if found is not None and found[0] is not None:
            start = chain_start(line, cue.start)
            if cue.start - start < 3:
                start = stop
            return Voice(found[0], start, size, cue.start, "said-inverted", (cue.end, stop)), stop
    return None


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
        first = state.last_voice if floor > 0 else first_self(line, near, state)
        if first is not None:
            if floor == 0:
                remember(line, 0, near, first, state)
            return first, near, near + 1
    if line.covers("ourselves", near) and not quoted_at(line, near):
        # "we had to report 15": the outlet itself.
        return None, near, near + 1
    pronoun = line.begins("pronoun", near)
    if pronoun is not None:
        begin = near
        return pronoun_of(line, near, state), begin, near + 1
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
            if not line.covers("relative", place):
                break
            if place <= floor + 1:
                # "according to the ministry in Yerevan, which raised the number": the source before the relative speaks on.
                if floor > 0 and state.last_voice is not None:
                    return state.last_voice, place, near + 1
                break
            # "the authorities, who had reported three": the noun before the relative speaks.
            apposed, commas = True, 2 if line.is_mark(place - 1) else 1
        elif (not apposed and line.covers("conjunctions", place) and place > 0 and line.tokens[place - 1].surface in COMMAS) or (
            not apposed and line.begins("say", place) and not is_effect(line, place, begin)
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
    found = resolve(line, begin, near + 1, state)
    if apposed and floor > 0 and state.last_voice is not None and not any(place in line.mention_at for place in range(begin, near + 1)):
        # "the ministry, which released the names at noon, said": the relative clause had its verb too.
        return state.last_voice, begin, near + 1
    if found is None:
        return None
    if found[0] is not None:
        remember(line, begin, near + 1, found[0], state)
    return found[0], begin, near + 1


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
