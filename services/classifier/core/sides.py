"""Whose people: from the noun, a possessive, the agent, the place hit and who holds it, the claimant, the sentence before."""

from __future__ import annotations

from schemas.vocabulary import Group
from services.classifier.core.agents import LOSERS_REACH, agent_of, doer_of, left_behind, loser_of, nearest
from services.classifier.core.discourse import REPUBLICS, Discourse, Voice
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, HARD, QUOTES, Line
from services.classifier.core.parties import FOES, Parties, body_of, side_of_body


def side_of(
    line: Line,
    frame: Frame,
    voice: Voice | None,
    state: Discourse,
    parties: Parties,
    before: str | None,
    before_claimant: str | None,
    *,
    background: bool,
) -> tuple[str | None, str]:
    """(side, reason) of a claim; `before` is the side of the claim that it is coordinated with or that stands before it."""
    quantity = frame.quantity
    main = state.main or state.dateline
    speaker = voice.code.split(".")[0] if voice and voice.code else None
    if _both(line, quantity.start, min(len(line), max(quantity.stop, frame.end) + 6)):
        return None, "both-sides"
    # 1. The noun itself or what hangs on it.
    for place in range(quantity.start, quantity.stop):
        mention = line.mention_at.get(place)
        if mention is not None and (body := body_of(mention, state)) is not None:
            return _rebels(line, frame, side_of_body(body), parties), "noun"
    body = _before_number(line, quantity.start, state)
    if body is not None:
        return _rebels(line, frame, side_of_body(body), parties), "noun"
    body = _hanging(line, quantity.stop, state)
    if body is not None:
        return side_of_body(body), "of"
    body = _on_side(line, frame, voice, state)
    if body is not None:
        return side_of_body(body), "on-side"
    if speaker and _foe_word(line, quantity.start, quantity.stop):
        return side_of_body(parties.foe_of(speaker)), "foe"
    rebels = _rebels(line, frame, None, parties)
    if rebels:
        return rebels, "rebels"
    body = left_behind(line, frame, state, voice, parties)
    if body is not None:
        return side_of_body(body), "left-behind"
    if before and line.within("fellow", quantity.start, quantity.stop):
        return before, "fellow"
    if (
        quantity.group is Group.PEACEKEEPERS
        and parties.counted["RUS"]
        and not line.within("possessives", quantity.start - 2, quantity.start)
    ):
        # Every force of peacekeepers that was in the area was Russia's, other nations' are named.
        return "RUS", "peacekeepers"
    # 2. A possessive before the quantity or in it.
    owner = quantity.possessive
    if owner is None and quantity.start and line.begins("possessives", quantity.start - 1):
        owner = quantity.start - 1
    if owner is None and line.begins("possessives", quantity.start):
        owner = quantity.start
    if owner is not None:
        if line.covers("possessive_clitic", owner):
            mention = line.mention_at.get(owner - 1)
            if mention is not None and (body := body_of(mention, state)):
                return side_of_body(body), "possessor"
        else:
            subject = _subject_between(line, voice.at if voice and voice.at < owner else -1, owner, state)
            whose = (
                subject
                or (speaker if voice and (voice.at < owner or voice.reason == "carried") else None)
                or nearest(line, owner, state)
                or speaker
            )
            if whose:
                return side_of_body(whose), "possessive"
    # 3. A possessor of the effect noun, or the loser: "Armenian losses", "Georgia lost".
    word = frame.word
    if word is not None and (word.forms & {"noun", "joint", "state"}):
        for place in range(word.start - 1, max(-1, word.start - 7), -1):
            if line.is_mark(place) or line.covers("say", place) or line.covers("auxiliaries", place) or line.covers("agents", place):
                break
            if line.begins("possessives", place) and not line.covers("possessive_clitic", place) and speaker:
                return side_of_body(speaker), "possessive"
            mention = line.mention_at.get(place)
            if mention is not None and mention.entry.kind != "place" and (body := body_of(mention, state)):
                return side_of_body(body), "loser"
    if frame.rule == "losing" and word is not None:
        loser = loser_of(line, word.start, state, voice, parties)
        if loser:
            enemy = speaker is not None and line.within("foe", word.start - LOSERS_REACH, word.start) and loser == parties.foe_of(speaker)
            return side_of_body(loser), "foe" if enemy else "loser"
    # 4. What it is coordinated with.
    if frame.rule == "coordinated" and before:
        return before, "coordinated"
    # 5. Agent and claimant: whoever admits, counts his own.
    agent = agent_of(line, frame, state)
    foe = parties.foe_of(agent) if agent else None
    if foe:
        return side_of_body(foe), "agent"
    doer = doer_of(line, frame, voice, state)
    foe = parties.foe_of(doer) if doer else None
    if foe:
        return side_of_body(foe), "doer"
    fighting = quantity.group in {Group.MILITARY, Group.POLICE}
    belligerent = speaker is not None and (speaker in FOES or side_of_body(speaker) == main)
    if speaker and belligerent and word is not None and line.within("strikes_foe", word.start, word.end):
        return side_of_body(parties.foe_of(speaker) or speaker), "foe-of-claimant"
    same_speaker = before_claimant is None or speaker is None or before_claimant.split(".")[0] == speaker
    if before and same_speaker and frame.rule in {"share", "spoken-number", "superseded", "counted"}:
        return before, "before"
    if fighting and belligerent and parties.conflict:
        return side_of_body(speaker), "claimant"
    place_body = place_of(line, frame, state)
    if place_body and not (background and parties.conflict):
        return side_of_body(place_body), "place"
    if before and same_speaker:
        return before, "before"
    if speaker and belligerent:
        return side_of_body(speaker), "claimant"
    if parties.conflict:
        return None, "untold"
    return side_of_body(main), "main"


def _before_number(line: Line, at: int, state: Discourse) -> str | None:
    """The people named right before a number, where adjectives stand so: "ադրբեջանցի երկու զինծառայող", "azərbaycanlı iki hərbçi"."""
    mention = line.mention_at.get(at - 1)
    if line.pack.lexicon.articles or mention is None or mention.entry.kind not in {"demonym", "people"}:
        return None
    return body_of(mention, state)


def _on_side(line: Line, frame: Frame, voice: Voice | None, state: Discourse) -> str | None:
    """The body whose side is named beside the figure: "more than 200 died on the Armenian side", "с грузинской стороны"."""
    spoken = range(voice.subject[0], max(voice.subject[1], voice.at + 1)) if voice is not None and voice.reason != "carried" else range(0)
    for begin, end, step in ((frame.end, min(len(line), frame.end + 7), 1), (frame.start - 1, max(-1, frame.start - 8), -1)):
        for place in range(begin, end, step):
            if line.tokens[place].surface in QUOTES:
                continue
            if line.is_mark(place) or line.covers("clause_opener", place):
                break
            mention = line.mention_at.get(place)
            if place in spoken or mention is None or mention.entry.kind == "place":
                continue
            if line.covers("side", place + 1) and (
                line.within("place_preposition", place - 2, place) or line.within("on_side", place - 2, place)
            ):
                return body_of(mention, state)
    return None


def _foe_word(line: Line, start: int, stop: int) -> bool:
    """Whether a figure counts the enemy: not "killed by enemy fire", nor "by the enemy"."""
    for place in range(max(0, start - 1), min(len(line), stop + 4)):
        if place >= stop and line.tokens[place].surface in HARD:
            return False
        if line.covers("foe", place):
            return not line.covers("agents", place + 1) and not line.within("by", place - 2, place)
    return False


def _subject_between(line: Line, begin: int, end: int, state: Discourse) -> str | None:
    """A body that is the subject of the clause between a verb of speech and a possessive: "said Azerbaijan had lost 12 of its men"."""
    if begin < 0:
        return None
    for place in range(begin + 1, end):
        mention = line.mention_at.get(place)
        if mention is None or line.covers("place_preposition", place - 1) or line.covers("of", place - 1) or line.covers("the", place - 1):
            continue
        if mention.entry.kind in {"place", "body", "people", "armed", "office"} and (body := body_of(mention, state)):
            follows = min((at for at in range(place, end) if line.mention_at.get(at) is not mention), default=end)
            if follows < end and (line.covers("auxiliaries", follows) or line.begins("effect", follows)):
                return body
    return None


def _both(line: Line, start: int, end: int) -> bool:
    return line.within("both_sides", start, end)


def _hanging(line: Line, at: int, state: Discourse) -> str | None:
    """The body in "of the Azerbaijani Army", "from Georgia" right behind the noun."""
    place = at
    if place < len(line) and line.tokens[place].surface == "(":
        place += 1
    genitive = not line.pack.lexicon.articles and place < len(line) and place in line.mention_at
    if place >= len(line) or not (genitive or line.covers("of", place) or line.covers("hanging_place", place)):
        return None
    on = line.covers("hanging_place", place) is not None and not line.covers("of", place)
    place -= 1 if genitive else 0
    for near in range(place + 1, min(place + 6, len(line))):
        if line.tokens[near].surface in COMMAS or line.covers("effect", near):
            return None
        mention = line.mention_at.get(near)
        if mention is not None:
            if on and mention.entry.kind != "place" and not line.within("side", near, near + 3):
                return None
            return body_of(mention, state)
    return None


def place_of(line: Line, frame: Frame, state: Discourse) -> str | None:
    """Who holds the place in the clause."""
    best: tuple[int, str] | None = None
    for place in range(len(line)):
        mention = line.mention_at.get(place)
        if mention is None or mention.entry.kind != "place" or place == 0:
            continue
        locative = line.pack.lexicon.order == "sov"
        if not locative and not any(
            line.covers("place_preposition", back) or line.covers("of", back) for back in range(max(0, place - 4), place)
        ):
            continue
        body = mention.entry.holder(state.day) or body_of(mention, state)
        if body is None:
            continue
        distance = frame.start - place if place < frame.start else place - frame.end
        if best is None or distance < best[0]:
            best = (distance, body.split(".")[0])
    return best[1] if best and best[0] < 25 else None


def _rebels(line: Line, frame: Frame, side: str | None, parties: Parties) -> str | None:
    """Those whom a state of the North Caucasus calls militants are nobody's but their own."""
    called = line.within("rebels", frame.quantity.start, frame.quantity.stop)
    karabakh = sum(parties.counted[body] for body in ("AZE", "NKR", "ARM"))
    others = sum(parties.counted[body] for body in (*REPUBLICS, "RUS", "GEO", "ABK", "OSS"))
    georgian = parties.counted["GEO"] > parties.counted["RUS"]
    bandits = line.within("bandits", frame.quantity.start, frame.quantity.stop)
    if called and (bandits or not georgian) and others > karabakh and frame.quantity.group is Group.MILITARY:
        return "REB"
    return side
