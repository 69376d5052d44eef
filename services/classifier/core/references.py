"""Whom a noun phrase means: "the ministry", "its mayor", "he", "officials" resolve to the last fitting body."""

from __future__ import annotations

from services.classifier.core.discourse import REPUBLICS, SELF, WITHOUT_PEOPLE, Discourse, code_of
from services.classifier.core.lines import COMMAS, Line

BESIDE = frozenset({"place", "demonym", "office", "armed"})
"""What a bare office may belong to where it stands beside it: "in the Georgian parliament ..., according to the health ministry"."""

RECENT = 12
"""So many bodies named before are looked back upon."""


def resolve(line: Line, begin: int, end: int, state: Discourse) -> tuple[str | None, int] | None:
    """(code, first token) of the body that a noun phrase in tokens `begin` to `end` names; None where it names nobody."""
    if line.within("both_sides", begin, end):
        return None, begin
    # "a Western diplomat in Baku" speaks for nobody here; "the Foreign Ministry" does.
    foreign = any(line.covers("foreign", place) and place not in line.mention_at for place in range(begin, end))
    body: str | None = None
    owned = False
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
            if foreign and place and line.covers("foreign", place - 1) and kind == "office":
                # "a Western diplomat in Baku": the place says where he sits, not for whom he speaks.
                return None, begin
            if code and "." in code and kind != "place" and not led and not foreign:
                if kind == "office" and code.split(".")[0] in REPUBLICS and line.within("federal", begin, place):
                    # "the Investigative Committee's department for Kabardino-Balkaria": the federal body speaks.
                    return f"RUS.{sector or 'POL'}", begin
                return code, begin
            if kind == "org" and code is not None and code.split(".")[0] in WITHOUT_PEOPLE and not led:
                # "Russia's Memorial centre": an organisation speaks for itself, whosever it is.
                return code, begin
            if kind in {"office", "armed", "group", "people"} and office is None:
                office, sector = place, mention.entry.sector
            if code:
                if led and (kind == "place" or "." in code) and (body is None or owned):
                    loose = loose or code
                elif body is None or (owned and kind == "demonym"):
                    # "its Azerbaijani counterpart": the people named stand before the possessive.
                    body, owned = code, False
                    bare_nation = True
        if office is None and (line.begins("office", place) or line.begins("people", place) or line.begins("persons", place)):
            office = place
        if line.covers("separatist", place) and body is None:
            body = state.separatists
        if body is None and line.covers("of_there", place):
            body = _there(line, begin, state)
        if line.begins("possessives", place) and not line.covers("possessive_clitic", place) and body is None:
            owner = _first_body(line, begin, state) or (state.subject if begin <= 1 else None) or state.speaker
            body, owned = (owner.split(".")[0], True) if owner else (None, False)
        known = state.names.get(line.tokens[place].folded) if line.tokens[place].title or not line.pack.lexicon.articles else None
        if known is not None and place not in line.mention_at:
            return known, begin
        place += 1
    if sector == "REB":
        return "REB", begin
    if line.within("ngo", begin, end):
        return "NGO", begin
    if foreign and (body is None or owned):
        return None, begin
    if office is not None and sector is None:
        sector = _sector(line, office)
    federal = body in {*REPUBLICS, None} and (state.main in REPUBLICS or state.main == "RUS") and line.within("federal", begin, end)
    if office is not None and federal:
        # "the Investigative Committee's department for Kabardino-Balkaria": the federal body speaks.
        return f"RUS.{sector or 'POL'}", begin
    if office is not None:
        # "its press centre in Stepanakert": the place says whose, before the possessive does.
        body = loose if owned and loose else body or loose
    if body is not None:
        if "." in body:
            return body, begin
        return (f"{body}.{sector}" if sector else f"{body}.GOV" if bare_nation or body else body), begin
    if office is None:
        return None
    return _last_fitting(line, begin, sector, state), begin


def phrase_after(line: Line, begin: int, state: Discourse, depth: int = 0) -> tuple[tuple[str | None, int] | None, int]:
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
    found = resolve(line, begin, end, state)
    if (
        (found is None or found[0] is None)
        and depth < 2
        and end + 1 < len(line)
        and line.tokens[end].surface in COMMAS
        and end - begin <= 6
    ):
        # "сообщила в пятницу, 1 августа, пресс-служба"; "said Tamaz N., chairman of the government": the body comes after the comma.
        further, stop = phrase_after(line, end + 1, state, depth + 1)
        if further is not None and further[0] is not None:
            return further, stop
    return found, end


def names_body(line: Line, begin: int, end: int, state: Discourse) -> bool:
    """Whether a phrase names somebody: a body, the separatists, a person known by name, or "its"."""
    return any(
        (place in line.mention_at and code_of(line.mention_at[place], state.day))
        or line.covers("separatist", place)
        or (line.begins("possessives", place) and (state.speaker or _first_body(line, begin, state)))
        or line.tokens[place].folded in state.names
        for place in range(begin, min(end, len(line)))
    )


def pronoun_of(line: Line, at: int, state: Discourse) -> str | None:
    """Whom "it", "he" or "they" means as speaker: who spoke last, else who was named last as the subject before it."""
    if line.covers("of_there", at) and (there := _there(line, at, state)) is not None:
        return f"{there}.GOV"
    if state.last_voice is not None:
        return state.last_voice
    if (capital := _capital_before(line, at, state)) is not None:
        # "In Tbilisi they speak of twenty-nine."
        return f"{capital}.GOV"
    for place in range(at - 1, -1, -1):
        mention = line.mention_at.get(place)
        if mention is None or not (code := code_of(mention, state.day)):
            continue
        if mention.entry.kind in SELF and "." in code:
            return code
        # "Baku keeps its losses secret; it gives ...": a capital that opens the clause is its subject.
        if mention.entry.kind == "place" and (place == 0 or line.is_mark(place - 1)):
            return code if "." in code else f"{code}.GOV"
    if state.subject is not None:
        return state.subject
    if state.speaker is not None:
        return state.speaker
    return state.bodies[-1] if state.bodies else None


def _there(line: Line, begin: int, state: Discourse) -> str | None:
    """The body of the place that was named last: whose ministry "the ministry of that country" is."""
    for place in range(begin - 1, -1, -1):
        mention = line.mention_at.get(place)
        if mention is not None and mention.entry.kind == "place" and (code := code_of(mention, state.day)):
            return code.split(".")[0]
    return state.locale


def _first_body(line: Line, end: int, state: Discourse) -> str | None:
    """The body of the first mention before token `end` of the sentence: whose mayor "its mayor" is."""
    for place in range(end):
        mention = line.mention_at.get(place)
        if mention is not None and (code := code_of(mention, state.day)):
            return code
    return None


def first_self(line: Line, end: int, state: Discourse) -> str | None:
    """The first body, office or person of the sentence that can speak."""
    for place in range(end):
        mention = line.mention_at.get(place)
        if mention is not None and (mention.entry.kind in SELF or place < 3) and (code := code_of(mention, state.day)):
            return code if "." in code else f"{code}.GOV"
    return None


def _last_fitting(line: Line, begin: int, sector: str | None, state: Discourse) -> str | None:
    """Whom a bare office means: that of the scene, the one that the paragraph or the text has spoken of, else that of the main body."""
    if line.within("org_noun", begin, begin + 4) and sector in {None, "GOV", "CVL"} and (known := _last_organisation(state)) is not None:
        return known
    scene = _capital_before(line, begin, state) or state.scene
    if line.within("local_office", begin, begin + 4):
        for place in range(begin - 1, -1, -1):
            mention = line.mention_at.get(place)
            if mention is not None and mention.entry.kind == "place" and (code := code_of(mention, state.day)):
                return f"{code.split('.')[0]}.{sector or 'GOV'}"
        if (local := state.locale or scene) is not None:
            return f"{local}.{sector or 'GOV'}"
    if scene is not None:
        return f"{scene}.{sector or 'GOV'}"
    words = _office_words(line, begin)
    for word in words:
        if (known := state.holder_of(word, here=True)) is not None:
            return known
    if _any_office(line, begin):
        if state.subject is not None:
            return state.subject
        if state.speaker is not None and state.speaker_paragraph == state.paragraph:
            return state.speaker
    if line.pack.lexicon.home and state.dateline and sector in {"MIL", "GOV", "POL"}:
        return f"{state.dateline}.{sector}"
    for word in words:
        if (known := state.holder_of(word)) is not None:
            return known
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
            if mention is not None and mention.entry.kind in BESIDE and (code := code_of(mention, state.day)):
                body = code.split(".")[0]
                break
    body = body or state.main
    if body in REPUBLICS and (sector in {"MIL", "MED"} or line.within("federal", begin, min(len(line), begin + 4))):
        body = "RUS"
    return f"{body}.{sector or 'GOV'}" if body else None


def _last_organisation(state: Discourse) -> str | None:
    """The international body that was named last: "the organisation", "the Mission"."""
    named = [
        code for code in (*state.bodies[-RECENT:], *state.speakers[-RECENT:]) if code.split(".")[0] in WITHOUT_PEOPLE - {"REB", "ISIS"}
    ]
    return named[-1] if named else None


def _capital_before(line: Line, begin: int, state: Discourse) -> str | None:
    """The body of the capital that opens the clause right before an office: "In Yerevan, the military ..."."""
    place = begin - 1
    while place >= 0 and (line.is_mark(place) or line.covers("the", place)):
        place -= 1
    mention = line.mention_at.get(place)
    if mention is None or mention.entry.kind != "place" or mention.entry.speaks_for is None:
        return None
    while place > 0 and line.mention_at.get(place - 1) is mention:
        place -= 1
    if place > 2 or (place and not line.covers("place_preposition", place - 1)):
        return None
    code = code_of(mention, state.day)
    return code.split(".")[0] if code else None


def _office_words(line: Line, begin: int) -> list[str]:
    """The words of offices from token `begin` on, up to a verb of speech."""
    found = []
    for place in range(begin, min(len(line), begin + 6)):
        if line.covers("office", place):
            found.append(office_word(line, place))
        if line.covers("say", place):
            break
    return found


def _any_office(line: Line, begin: int) -> bool:
    """Whether a phrase names an office that any body has ("the ministry", "a spokesman"), no particular one."""
    near = range(begin, min(len(line), begin + 4))
    return any(line.covers("any_office", place) for place in near) and not any(
        line.covers(f"sector_{sector}", place) for place in near for sector in ("mil", "pol", "cvl", "med", "opp")
    )


def _sector(line: Line, at: int) -> str | None:
    """The sector that the words of an office tell: "defence ministry" MIL, "hospital" CVL, else GOV for an office."""
    near = range(max(0, at - 3), min(len(line), at + 3))
    for sector in ("MIL", "POL", "CVL", "MED", "OPP"):
        if any(line.covers(f"sector_{sector.lower()}", place) for place in near):
            return sector
    return "GOV" if line.begins("office", at) else "CVL"


def office_word(line: Line, at: int) -> str:
    """The word of an office without its case: the lexicon's stem where it has one."""
    return next(iter(line.pack.keys(line.tokens[at].folded)), line.tokens[at].folded)
