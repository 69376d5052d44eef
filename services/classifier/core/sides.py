"""Whose people: from the noun, a possessive, the agent, the place hit and who holds it, the claimant, the sentence before."""

from __future__ import annotations

from collections import Counter
from datetime import date

from schemas.vocabulary import Group
from services.classifier.core.document import Document
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, Line
from services.classifier.core.speakers import Discourse, Voice, code_of
from services.region import Mention

REPUBLICS = frozenset({"CHE", "DAG", "ING", "KBR"})
"""Republics of Russia whose victims are told as Russia's."""

FOES: dict[str, tuple[str, ...]] = {
    "AZE": ("NKR", "ARM"),
    "ARM": ("AZE",),
    "NKR": ("AZE",),
    "GEO": ("OSS", "ABK", "RUS"),
    "OSS": ("GEO",),
    "ABK": ("GEO",),
    "RUS": ("REB", "CHE", "GEO", "UKR"),
    "CHE": ("RUS",),
    "REB": ("RUS",),
}


def side_of_body(body: str | None) -> str | None:
    """The side whose people a body's people are."""
    return "RUS" if body in REPUBLICS else body


class Parties:
    """Which bodies the article is about, for telling who a side's foe is."""

    def __init__(self, document: Document, day: date | None) -> None:
        """Count the bodies that the article names."""
        self.counted: Counter[str] = Counter()
        for mentions in document.mentions.values():
            for mention in mentions:
                code = code_of(mention, day)
                if code:
                    self.counted[code.split(".")[0]] += 1

    def foe_of(self, body: str | None) -> str | None:
        """The foe of `body` that the article names most often, None where it names none."""
        foes = FOES.get(body or "", ())
        named = [foe for foe in foes if self.counted[foe]]
        return max(named, key=lambda foe: (self.counted[foe], -foes.index(foe))) if named else None


def side_of(
    line: Line,
    frame: Frame,
    voice: Voice | None,
    state: Discourse,
    parties: Parties,
    before: str | None,
    main: str | None,
) -> tuple[str | None, str]:
    """(side, reason) of a claim; `before` is the side of the claim that it is coordinated with or that stands before it."""
    quantity = frame.quantity
    speaker = voice.code.split(".")[0] if voice and voice.code else None
    if _both(line, quantity.start, min(len(line), max(quantity.stop, frame.end) + 6)):
        return None, "both-sides"
    # 1. The noun itself or what hangs on it.
    for place in range(quantity.start, quantity.stop):
        mention = line.mention_at.get(place)
        if mention is not None and (body := _body(mention, state)) is not None:
            return _rebels(line, frame, side_of_body(body), parties), "noun"
    body = _hanging(line, quantity.stop, state)
    if body is not None:
        return side_of_body(body), "of"
    foe_word = any(line.covers("foe", place) for place in range(max(0, quantity.start - 4), min(len(line), quantity.stop + 4)))
    if foe_word and speaker:
        return side_of_body(parties.foe_of(speaker)), "foe"
    rebels = _rebels(line, frame, None, parties)
    if rebels:
        return rebels, "rebels"
    # 2. A possessive before the quantity or in it.
    owner = quantity.possessive
    if owner is None and quantity.start and line.begins("possessives", quantity.start - 1):
        owner = quantity.start - 1
    if owner is None and line.begins("possessives", quantity.start):
        owner = quantity.start
    if owner is not None:
        if line.tokens[owner].folded == "'s":
            mention = line.mention_at.get(owner - 1)
            if mention is not None and (body := _body(mention, state)):
                return side_of_body(body), "possessor"
        else:
            nearest = _nearest(line, owner, state)
            if nearest:
                return side_of_body(nearest), "possessive"
            if speaker:
                return side_of_body(speaker), "possessive"
    # 3. A possessor of the effect noun, or the loser: "Armenian losses", "Georgia lost".
    word = frame.word
    if word is not None and (word.forms & {"noun", "joint"} or frame.rule == "losing"):
        for place in range(word.start - 1, max(-1, word.start - 5), -1):
            mention = line.mention_at.get(place)
            if mention is not None and (body := _body(mention, state)):
                return side_of_body(body), "loser"
    if frame.rule.startswith("losing"):
        nearest = _nearest(line, frame.start, state)
        if nearest:
            return side_of_body(nearest), "loser"
        if speaker:
            return side_of_body(speaker), "loser"
    # 4. What it is coordinated with.
    if frame.rule == "coordinated" and before:
        return before, "coordinated"
    # 5. Place or agent in the clause.
    agent = _agent(line, frame, state)
    if agent:
        foe = parties.foe_of(agent)
        if foe:
            return side_of_body(foe), "agent"
    place_body = _place(line, frame, state)
    if place_body:
        return side_of_body(place_body), "place"
    if before:
        return before, "before"
    if speaker:
        if word is not None and any(line.covers("strikes_foe", place) for place in range(word.start, word.end)):
            return side_of_body(parties.foe_of(speaker) or speaker), "foe-of-claimant"
        if (speaker in parties.counted and speaker in FOES) or speaker == main:
            return side_of_body(speaker), "claimant"
    return side_of_body(main), "main"


def _body(mention: Mention, state: Discourse) -> str | None:
    code = code_of(mention, state.day)
    body = code.split(".")[0] if code else None
    return body if body not in {"UNO", "OSCE", "EUR", "ICRC", "NGO", "NATO", "CSTO"} else None


def _both(line: Line, start: int, end: int) -> bool:
    return any(line.covers("both_sides", place) for place in range(start, end))


def _hanging(line: Line, at: int, state: Discourse) -> str | None:
    """The body in "of the Azerbaijani Army", "from Georgia" right behind the noun."""
    place = at
    if place < len(line) and line.tokens[place].surface == "(":
        place += 1
    if place >= len(line) or line.tokens[place].folded not in {"of", "from", "on", "in", "serving"}:
        return None
    led = line.tokens[place].folded
    for near in range(place + 1, min(place + 6, len(line))):
        if line.tokens[near].surface in COMMAS or line.covers("effect", near):
            return None
        mention = line.mention_at.get(near)
        if mention is not None:
            if led in {"on", "in"} and mention.entry.kind != "place":
                return None
            return _body(mention, state)
    return None


def _nearest(line: Line, at: int, state: Discourse) -> str | None:
    """The body named last before token `at`, in the same sentence."""
    for place in range(at - 1, -1, -1):
        mention = line.mention_at.get(place)
        if mention is not None and mention.entry.kind not in {"term", "event", "war"}:
            body = _body(mention, state)
            if body:
                return body
    return None


def _agent(line: Line, frame: Frame, state: Discourse) -> str | None:
    """Whose fire it was: a body right before a word of attack in the clause, or after "by"."""
    start, end = max(0, frame.start - 18), min(len(line), frame.end + 12)
    for place in range(start, end):
        if not line.covers("agents", place):
            if line.tokens[place].folded == "by" and frame.word is not None and place >= frame.word.end - 1:
                for near in range(place + 1, min(place + 4, len(line))):
                    mention = line.mention_at.get(near)
                    if mention is not None and mention.entry.kind in {"demonym", "body", "armed", "people"}:
                        return _body(mention, state)
            continue
        for near in range(place - 1, max(-1, place - 4), -1):
            if line.is_mark(near):
                break
            mention = line.mention_at.get(near)
            if mention is not None and mention.entry.kind in {"demonym", "body", "armed"}:
                return _body(mention, state)
        for near in range(place + 1, min(place + 4, len(line))):
            if line.is_mark(near) or line.covers("effect", near):
                break
            if line.tokens[near].folded in {"by", "from"}:
                for far in range(near + 1, min(near + 5, len(line))):
                    mention = line.mention_at.get(far)
                    if mention is not None and mention.entry.kind in {"demonym", "body", "armed", "people"}:
                        return _body(mention, state)
    return None


def _place(line: Line, frame: Frame, state: Discourse) -> str | None:
    """Who holds the place in the clause."""
    best: tuple[int, str] | None = None
    for place in range(len(line)):
        mention = line.mention_at.get(place)
        if mention is None or mention.entry.kind != "place" or place == 0:
            continue
        leaders = {line.tokens[back].folded for back in range(max(0, place - 4), place)}
        if not leaders & _IN:
            continue
        body = mention.entry.holder(state.day) or _body(mention, state)
        if body is None:
            continue
        distance = frame.start - place if place < frame.start else place - frame.end
        if best is None or distance < best[0]:
            best = (distance, body.split(".")[0])
    return best[1] if best and best[0] < 25 else None


_IN = frozenset({"in", "near", "at", "outside", "around", "inside", "village", "town", "district", "across", "on", "over", "of"})
REBEL_WORDS = frozenset(
    {
        "militant",
        "militants",
        "gunman",
        "gunmen",
        "bandit",
        "bandits",
        "rebel",
        "rebels",
        "insurgent",
        "insurgents",
        "terrorists",
        "terrorist",
        "attackers",
        "attacker",
        "jihadists",
        "guerrillas",
    }
)


def _rebels(line: Line, frame: Frame, side: str | None, parties: Parties) -> str | None:
    """Those whom a state of the North Caucasus calls militants are nobody's but their own."""
    words = {line.tokens[place].folded for place in range(frame.quantity.start, frame.quantity.stop)}
    north = sum(parties.counted[body] for body in (*REPUBLICS, "RUS"))
    south = sum(parties.counted[body] for body in ("AZE", "NKR", "GEO", "OSS", "ABK"))
    if words & REBEL_WORDS and north > south and frame.quantity.group is Group.MILITARY:
        return "REB"
    return side
