"""Who struck: whose fire it was, who is the subject of an active verb; and who has lost."""

from __future__ import annotations

from services.classifier.core.discourse import Discourse, Voice
from services.classifier.core.frames import Frame
from services.classifier.core.lines import Line
from services.classifier.core.parties import Parties, body_of

DOERS_REACH = 14
"""Tokens between a verb and its subject."""

LOSERS_REACH = 14
"""Tokens between a verb of losing and its subject."""


def agent_of(line: Line, frame: Frame, state: Discourse) -> str | None:
    """Whose fire it was: a body right before a word of attack in the clause, or after "by"."""
    start, end = max(0, frame.start - 18), min(len(line), frame.end + 12)
    if not (line.within("agents", start, end) or line.within("by", start, end)):
        return None
    for place in range(start, end):
        if not line.covers("agents", place):
            if line.covers("by", place) and frame.word is not None and place >= frame.word.end - 1:
                for near in range(place + 1, min(place + 4, len(line))):
                    mention = line.mention_at.get(near)
                    if mention is not None and mention.entry.kind in {"demonym", "body", "armed", "people"}:
                        return body_of(mention, state)
            continue
        for near in range(place - 1, max(-1, place - 4), -1):
            if line.is_mark(near):
                break
            mention = line.mention_at.get(near)
            owner = mention is not None and (
                line.covers("possessive_clitic", near + 1) or "'" in mention.tail or mention.surface.endswith(("'s", "’s"))
            )
            if mention is not None and (mention.entry.kind in {"demonym", "body", "armed"} or owner):
                return body_of(mention, state)
        for near in range(place + 1, min(place + 4, len(line))):
            if line.is_mark(near) or line.covers("effect", near):
                break
            if line.covers("by", near) or line.covers("of", near):
                for far in range(near + 1, min(near + 5, len(line))):
                    mention = line.mention_at.get(far)
                    if mention is not None and mention.entry.kind in {"demonym", "body", "armed", "people"}:
                        return body_of(mention, state)
    return None


def doer_of(line: Line, frame: Frame, voice: Voice | None, state: Discourse) -> str | None:
    """The subject of an active verb, who has done it: "Abkhaz border troops killed two men", "its units have killed 60"."""
    word = frame.word
    active = word is not None and not word.passive and not word.forms & {"subject", "losing", "state", "noun", "joint"}
    if word is None or not active or frame.quantity.start < word.start:
        return None
    speaker = voice.code.split(".")[0] if voice is not None and voice.code else None
    own = range(*voice.subject) if voice is not None else range(0)
    for place in range(word.start - 1, max(-1, word.start - DOERS_REACH), -1):
        mention = line.mention_at.get(place)
        if line.tokens[place].surface in {";", ":", "."}:
            return None
        if speaker and place not in own and (line.begins("pronoun", place) or line.begins("possessives", place)):
            owner = line.mention_at.get(place - 1) if line.covers("possessive_clitic", place) else None
            return body_of(owner, state) if owner is not None else speaker
        if mention is None or place in own or mention.entry.kind not in {"people", "armed", "demonym", "body", "group"}:
            continue
        begin = place
        while begin > 0 and line.mention_at.get(begin - 1) is mention:
            begin -= 1
        if line.within("of", begin - 2, begin) or line.within("place_preposition", begin - 2, begin):
            # "Drones struck positions of the Karabakh army, killing four": the army is what was struck.
            continue
        if (body := body_of(mention, state)) is not None:
            return body
    return None


def loser_of(line: Line, at: int, state: Discourse, voice: Voice | None, parties: Parties) -> str | None:
    """Whose losses the verb at token `at` tells: its subject, where that is "it" or "they" the speaker, "the enemy" his foe."""
    speaker = voice.code.split(".")[0] if voice is not None and voice.code else None
    told = range(*voice.subject) if voice is not None and 0 < voice.subject[0] < at else range(0)
    for place in range(at - 1, max(-1, at - LOSERS_REACH), -1):
        if place in told and voice is not None and voice.at > told.start:
            # "the Azerbaijani side, the army's spokesman claims, has lost 25": the one who claims it stands between.
            continue
        if line.covers("foe", place) and speaker:
            return parties.foe_of(speaker)
        if line.begins("pronoun", place):
            return speaker or nearest(line, place, state)
        mention = line.mention_at.get(place)
        if mention is not None and (body := body_of(mention, state)):
            return body
        if line.begins("possessives", place) and not line.covers("possessive_clitic", place) and speaker:
            return speaker
        if line.tokens[place].surface in {";", ":", "."}:
            break
    return speaker


def left_behind(line: Line, frame: Frame, state: Discourse, voice: Voice | None, parties: Parties) -> str | None:
    """Who left his dead on the field: "the attackers left at least 14 dead behind"."""
    if not line.has("left_behind"):
        return None
    speaker = voice.code.split(".")[0] if voice is not None and voice.code else None
    reach = range(max(0, frame.start - 6), min(len(line), frame.end + 4))
    at = next((place for place in reach if line.covers("left_behind", place)), None)
    if at is None:
        return None
    own = range(*voice.subject) if voice is not None else range(0)
    for place in range(min(at, frame.start) - 1, max(-1, at - LOSERS_REACH), -1):
        if line.covers("foe", place) or line.covers("rebels", place) or line.covers("raiders", place):
            return parties.foe_of(speaker)
        mention = line.mention_at.get(place)
        if mention is not None and place not in own and mention.entry.kind != "place" and (body := body_of(mention, state)):
            return body
    return parties.foe_of(speaker) if speaker else None


def nearest(line: Line, at: int, state: Discourse) -> str | None:
    """The body named last before token `at`, in the same sentence."""
    for place in range(at - 1, -1, -1):
        mention = line.mention_at.get(place)
        if mention is not None and mention.entry.kind not in {"term", "event", "war"}:
            body = body_of(mention, state)
            if body:
                return body
    return None
