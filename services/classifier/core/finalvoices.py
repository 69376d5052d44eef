"""Who speaks in languages whose verb closes the sentence: "Nazirlik iki hərbçinin öldüyünü bildirib", "Bakanlığa göre ...".

The source stands at the start of its clause, what it says follows, the verb of speech ends it; what comes before a
postposition is a source too; a verb in the passive has the document in the locative for its source.
"""

from __future__ import annotations

from services.classifier.core.discourse import SELF, Discourse, Voice, code_of
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.packs import Tag
from services.classifier.core.references import resolve
from services.classifier.core.statements import bracketed_of, colon_of
from services.classifier.core.verbfinal import genitive, oblique, tail_of

SCARE = 4
"""Tokens: so few between quotation marks are no quotation."""

OFFICE = 5
"""Letters of an office's name that stay the same under all endings."""

KINDS = ("say", "passive_say", "according_after", "say_participle")


def final_voices(line: Line, state: Discourse) -> list[Voice]:
    """The sources of one sentence, from the left."""
    found: list[Voice] = []
    floor = 0
    for cue in sorted((tag for kind in KINDS for tag in line.of_kind(kind)), key=lambda tag: (tag.start, -tag.end)):
        if cue.start < floor or line.covers("effect", cue.start) or (cue.kind == "say" and line.begins("passive_say", cue.start)):
            continue
        voice = _voice(line, cue, floor, found, state)
        if voice is not None:
            found.append(voice)
        if cue.kind != "according_after":
            floor = cue.end
    bracketed = bracketed_of(line, state)
    if bracketed is not None and not found:
        found.append(bracketed)
    colon = colon_of(line, state)
    if colon is not None and _closes(line, colon.at - 1, state) and not any(voice.at < colon.start for voice in found):
        found.insert(0, colon)
    return found


def _closes(line: Line, last: int, state: Discourse) -> bool:
    """Whether what stands before a colon can speak: a body, an office or a known surname, not a place where something happened."""
    mention = line.mention_at.get(last)
    if mention is not None and mention.entry.kind in {"place", "demonym"}:
        return not oblique(mention.tail) and "'" not in line.tokens[last].folded
    return (
        mention is not None
        or any(line.covers(kind, last) for kind in ("office", "say", "document"))
        or line.tokens[last].folded in state.names
    )


def _voice(line: Line, cue: Tag, floor: int, before: list[Voice], state: Discourse) -> Voice | None:
    if cue.kind == "according_after":
        return _by_postposition(line, cue, floor, state)
    if cue.kind == "say_participle":
        end = min(len(line), cue.end + 8)
        stop = next((at for at in range(cue.end, end) if line.tokens[at].surface in COMMAS), end)
        code = _code(line, cue.end, stop, state)
        return Voice(code, floor, cue.end, cue.start, "said-after", (cue.end, stop)) if code else None
    subject = _source(line, floor, cue.start, state) if cue.kind == "passive_say" else _subject(line, floor, cue.start, state)
    if subject is None and cue.kind == "passive_say":
        return None
    if subject is None:
        code = before[-1].code if before else state.speaker
        subject = (code, floor, floor) if code else None
    if subject is None or subject[0] is None:
        return None
    # "... bildirib ki, ...", "Savcılık bilançosunu güncelledi: 65 ölü": what is said follows.
    leads = any(
        line.tokens[place].folded == "ki" or line.tokens[place].surface == ":" for place in range(cue.end, min(len(line), cue.end + 2))
    )
    end = len(line) if leads else cue.end
    return Voice(subject[0], floor, end, cue.start, "said-before" if leads else "said-after", (subject[1], subject[2]))


def _code(line: Line, begin: int, end: int, state: Discourse) -> str | None:
    if begin >= end:
        return None
    named = any(place in line.mention_at and code_of(line.mention_at[place], state.day) for place in range(begin, end))
    offices = [line.tokens[place].folded[:OFFICE] for place in range(begin, end) if line.covers("office", place)]
    known = next((code for key in offices if (code := state.holder_of(key, here=True)) is not None), None)
    if known is not None and not named:
        return known
    found = resolve(line, begin, end, state)
    code = found[0] if found else None
    if code is not None and named:
        for key in offices:
            state.office(key, code)
    return code


def _by_postposition(line: Line, cue: Tag, floor: int, state: Discourse) -> Voice | None:
    """A source before its postposition: "Müdafiə Nazirliyinin məlumatına görə", "Bakü'ye göre"."""
    begin = cue.start
    while begin > floor and cue.start - begin < 12 and not line.is_mark(begin - 1):
        begin -= 1
    code = _code(line, begin, cue.start, state)
    if code is None:
        return None
    end = next((at for at in range(cue.end, len(line)) if line.tokens[at].surface == ";"), len(line))
    return Voice(code, begin, end, cue.start, "said-before", (begin, cue.start))


def _source(line: Line, floor: int, verb: int, state: Discourse) -> tuple[str | None, int, int] | None:
    """Whose statement a passive verb reports: "Hankendi'den yapılan açıklamada ... kaydedildi"."""
    for place in range(verb - 1, floor - 1, -1):
        if line.begins("source_in", place):
            begin = place
            while begin > floor and place - begin < 10 and line.tokens[begin - 1].surface not in COMMAS:
                begin -= 1
            code = _code(line, begin, place, state) or state.speaker
            return (code, begin, place + 1) if code else None
        if line.begins("by", place):
            code = _code(line, max(floor, place - 5), place, state)
            return (code, place, place + 1) if code else None
    return None


def _subject(line: Line, floor: int, verb: int, state: Discourse) -> tuple[str | None, int, int] | None:
    """(code, start, end) of the first body, office or person of the clause that stands in the nominative."""
    place, begin, quoted = floor, floor, False
    while place < verb:
        token = line.tokens[place]
        if token.surface in QUOTES:
            # “ombudsman”: a word in quotation marks is no quotation.
            short = any(line.tokens[at].surface in QUOTES for at in range(place + 1, min(len(line), place + SCARE)))
            quoted = not quoted and not (short and not quoted)
            begin = place + 1 if quoted else begin
        if token.kind == "mark" or quoted:
            place += 1
            continue
        if line.begins("pronoun", place) and place + 1 < len(line):
            return (state.speaker, place, place + 1) if state.speaker else None
        end = _named_until(line, place, state)
        if end is None:
            begin = begin if genitive(tail_of(line, place)) or line.covers("office", place) else place + 1
            place += 1
            continue
        if _nominative(line, place, end, verb) and (code := _code(line, begin, end, state)) is not None:
            for at in range(begin, end):
                if (
                    line.tokens[at].title
                    and at not in line.mention_at
                    and not line.covers("office", at)
                    and len(line.tokens[at].surface) > 3
                ):
                    state.names.setdefault(line.tokens[at].folded.split("'")[0], code)
            return code, begin, end
        place = end
    return None


def _named_until(line: Line, at: int, state: Discourse) -> int | None:
    """The end of a mention, an office word or a known surname that begins at token `at`."""
    mention = line.mention_at.get(at)
    if mention is not None:
        end = at
        while end < len(line) and line.mention_at.get(end) is mention:
            end += 1
        kind = mention.entry.kind
        if kind in SELF or (kind == "place" and code_of(mention, state.day)) or kind == "demonym":
            return end
    office = line.begins("office", at) or line.begins("ngo", at)
    if office is not None:
        return office.end
    return at + 1 if line.tokens[at].title and line.tokens[at].folded.split("'")[0] in state.names else None


def _nominative(line: Line, begin: int, end: int, verb: int) -> bool:
    """Whether the phrase that ends before token `end` may be the subject: no ending of another case, no noun that it only describes."""
    mention = line.mention_at.get(end - 1)
    if (
        mention is not None
        and mention.entry.kind in {"demonym", "place"}
        and (
            end >= verb
            or line.begins("office", end)
            or end in line.mention_at
            or line.begins("place_noun", end)
            or line.begins("people", end)
        )
    ):
        return end >= verb
    if (
        mention is not None
        and mention.entry.kind == "place"
        and mention.entry.speaks_for is None
        and mention.entry.place_kind not in {"state", None}
    ):
        return False
    tail = mention.tail if mention is not None else tail_of(line, end - 1)
    suffix = line.tokens[end - 1].folded.split("'", maxsplit=1)[1] if "'" in line.tokens[end - 1].folded else ""
    if suffix:
        return not oblique(suffix)
    following = line.tokens[end] if end < len(line) else None
    if (
        following is not None
        and following.folded in {"ilə", "ile", "və", "ve"}
        and end < verb
        and mention is not None
        and mention.entry.kind == "place"
    ):
        return following.folded in {"və", "ve"}
    del begin
    return tail in {
        "",
        "i",
        "si",
        "su",
        "u",
        "ü",
        "sü",
        "ları",
        "ləri",
        "leri",
        "lari",
        "lar",
        "lər",
        "ler",
        "lik",
        "luk",
        "liq",
        "y",
        "q",
        "k",
    } or not oblique(tail)
