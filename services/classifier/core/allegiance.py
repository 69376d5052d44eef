"""Signs of whose people are hurt, and the weights that sum them up: each sign speaks for one body, or for none.

The rules of `sides.py` are the strongest sign; who speaks, who struck, what was struck, who is named nearest and whose
the figure before was weigh beside them. Signs are classes of expression, never words, so that one reviewed set of
weights (`weights/sides.json`) serves all languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.vocabulary import SAME_PEOPLE, Effect, Group
from services.classifier.core.agents import agent_of, doer_of
from services.classifier.core.discourse import Discourse, Voice
from services.classifier.core.frames import Frame
from services.classifier.core.lines import Line
from services.classifier.core.parties import FOES, Parties, body_of, side_of_body
from services.classifier.core.sides import place_of
from services.classifier.core.weights import weights_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """The figure before in the paragraph: its side and claimant, whether words decided the side, how many sentences back."""

    side: str | None = None
    claimant: str | None = None
    firm: bool = False
    apart: int = 0


Sign = tuple[str, str | None]
"""A sign's name, and the side it speaks for; None where it says that nobody's side is told."""

FIRM = frozenset({"noun", "of", "rebels", "both-sides", "possessor", "agent", "doer", "on-side", "left-behind", "foe", "fellow"})
"""Rules that the words themselves decide: no sum of signs overturns them."""
REACH = 14
"""Tokens around a figure within which a body named is its neighbour."""


def signs_of(
    line: Line,
    frame: Frame,
    voice: Voice | None,
    state: Discourse,
    parties: Parties,
    told: tuple[str | None, str],
    before: Earlier,
    *,
    background: bool,
    line_before: Line | None = None,
    set_in: str | None = None,
) -> tuple[Sign, ...]:
    """All signs of one figure.

    `told` is what the rules say and why, `before` the figure before it, `line_before` the sentence before, `set_in` the
    body of the place that its paragraph has named last.
    """
    side, reason = told
    kind = (
        "held"
        if frame.effect is Effect.CAPTURED
        else "fighters"
        if frame.quantity.group in {Group.MILITARY, Group.POLICE}
        else "civil"
        if frame.quantity.group is Group.CIVILIAN
        else "people"
    )
    found: list[Sign] = [(f"rule:{reason}", side), (f"rule:{reason}:{kind}", side)]
    found += _of_speaker(voice, state, parties, kind)
    agent = agent_of(line, frame, state)
    if agent:
        found += [("agent-himself", side_of_body(agent)), ("agents-foe", side_of_body(parties.foe_of(agent)))]
    place = place_of(line, frame, state)
    if place:
        found += [("place", side_of_body(place)), (f"place:{kind}", side_of_body(place))]
        speaker = folded(side_of_body(voice.code.split(".")[0])) if voice and voice.code else None
        whose = "unclaimed" if speaker is None else "claimants" if folded(side_of_body(place)) == speaker else "others"
        found += [(f"place:{whose}:{kind}", side_of_body(place))]
    found += _neighbours(line, frame, voice, state)
    found += _doer(line, frame, voice, state, parties)
    found += _words(line, voice, parties)
    if before.side:
        earlier = before.side
        speaker = voice.code.split(".")[0] if voice and voice.code else None
        same = "same" if speaker is None or before.claimant is None or before.claimant.split(".")[0] == speaker else "other"
        head = "bare" if frame.quantity.head == "bare" else "noun"
        found += [(f"before:{same}", earlier), (f"before:{frame.rule}", earlier), (f"before:{min(before.apart, 2)}:{head}", earlier)]
        found += [(f"before:{same}:{'firm' if before.firm else 'guessed'}:{min(before.apart, 1)}", earlier)]
    ranking = [body for body, _ in parties.counted.most_common(6) if body in FOES]
    found += [(f"named:{number}", side_of_body(body)) for number, body in enumerate(ranking[:3], start=1)]
    found.append(("main", side_of_body(state.main)))
    found.append(("dateline", side_of_body(state.dateline)))
    if set_in is not None:
        found += [("set-in", side_of_body(set_in)), (f"set-in:{kind}", side_of_body(set_in))]
        found.append((f"set-in:{'spoken' if voice and voice.code else 'unspoken'}", side_of_body(set_in)))
    found += _of_names(line, frame, kind)
    found += _of_title(line, state)
    if line_before is not None:
        found += _of_sentence_before(line_before, line, state)
    found += [("none", None), (f"none:{kind}", None), (f"none:{'conflict' if parties.conflict else 'one-sided'}", None)]
    found.append((f"none:{'past' if background else 'now'}", None))
    found += [(f"none:{sign}", None) for sign in _of_nobody(line, frame, state, background=background)]
    if frame.quantity.head == "bare" or frame.quantity.group is None:
        last = line_before if line_before is not None and not line.has("rebels") else None
        if last is not None and last.has("rebels"):
            found.append(("rebels-before", "REB"))
    found.append((f"none:{'title' if line.sentence.field == 'title' else 'text'}", None))
    found.append((f"none:{'spoken' if voice and voice.code else 'unspoken'}", None))
    return tuple(sign for sign in found if sign[1] is not None or sign[0].startswith(("none", "rule")))


def _of_nobody(line: Line, frame: Frame, state: Discourse, *, background: bool) -> Iterator[str]:
    """What speaks of victims of all sides, or of nobody's."""
    war = line.has("time_war") or any(mention.entry.kind == "war" for mention in line.mentions)
    if war:
        yield f"war:{'past' if background else 'now'}"
    named = {
        folded(side_of_body(body))
        for mention in line.mentions
        if mention.entry.kind not in {"war", "agreement", "term"} and (body := body_of(mention, state)) in FOES
    }
    yield f"bodies:{min(len(named), 2)}"
    near = {
        folded(side_of_body(body))
        for place in range(max(0, frame.start - REACH), min(len(line), frame.end + REACH))
        if (mention := line.mention_at.get(place)) is not None and (body := body_of(mention, state)) in FOES
    }
    yield f"near:{min(len(near), 2)}"
    if line.has("in_all"):
        yield "in-all"
    if line.has("both_sides"):
        yield "both-in-sentence"


def _of_speaker(voice: Voice | None, state: Discourse, parties: Parties, kind: str) -> Iterator[Sign]:
    if voice is None or not voice.code:
        return
    body, _, sector = voice.code.partition(".")
    warring = "foe" if body in FOES else "main" if side_of_body(body) == side_of_body(state.main) else "third"
    how = "carried" if voice.reason in {"carried", "quoted", "lead"} else "spoken"
    yield f"claimant:{warring}:{kind}", side_of_body(body)
    yield f"claimant:{warring}:{how}", side_of_body(body)
    yield f"claimant:{sector or 'body'}", side_of_body(body)
    yield f"claimant:{sector or 'body'}:{kind}", side_of_body(body)
    yield f"claimant:{voice.reason}", side_of_body(body)
    yield f"claimants-foe:{kind}", side_of_body(parties.foe_of(body))
    yield f"claimants-foe:{how}", side_of_body(parties.foe_of(body))


def _neighbours(line: Line, frame: Frame, voice: Voice | None, state: Discourse) -> Iterator[Sign]:
    """The bodies named around the figure, and what was struck: "drones struck positions of the Karabakh army, killing four"."""
    speakers = line.mention_at.get(voice.at) if voice is not None and voice.reason != "carried" else None
    for step, places in (
        ("left", range(frame.start - 1, max(-1, frame.start - REACH), -1)),
        ("right", range(frame.end, min(len(line), frame.end + REACH))),
    ):
        for place in places:
            mention = line.mention_at.get(place)
            if mention is None or mention is speakers:
                continue
            body = body_of(mention, state)
            if body is None or mention.entry.kind in {"term", "event", "war"} or _strikes(line, place):
                continue
            where = (
                "by"
                if line.covers("by", place - 1) or line.covers("by", place - 2)
                else "on"
                if any(line.covers(kind, back) for kind in ("of", "place_preposition") for back in range(max(0, place - 2), place))
                else "bare"
            )
            sort = (
                mention.entry.kind if mention.entry.kind in {"place", "demonym", "people", "armed", "body", "person", "office"} else "other"
            )
            yield f"{step}:{where}", side_of_body(body)
            yield f"{step}:{sort}", side_of_body(body)
            break
    for place in range(len(line)):
        if line.covers("agents", place) and (place + 1 >= len(line) or not line.covers("agents", place + 1)):
            for near in range(place + 1, min(len(line), place + 9)):
                mention = line.mention_at.get(near)
                if line.is_mark(near) or line.covers("by", near):
                    break
                if mention is not None and mention is not speakers and (body := body_of(mention, state)):
                    yield "struck", side_of_body(body)
                    break
            break
    first = next(
        (mention for mention in line.mentions if mention is not speakers and mention.entry.kind not in {"term", "event", "war"}), None
    )
    if first is not None and (body := body_of(first, state)):
        yield "first-in-sentence", side_of_body(body)


ENDINGS = (
    ("ARM", ("yan", "ian", "jan", "ян", "յան", "եան", "იანი")),
    ("GEO", ("shvili", "schwili", "chvili", "şvili", "швили", "შვილი", "շվիլի", "dze", "дзе", "ძე", "ძის", "ձե")),
    ("AZE", ("zade", "zadə", "zadeh", "заде", "զադե", "ზადე")),
)
"""Endings of surnames, folded, that are common among one people and rare among its foes: weak signs of whose a named victim is."""


def _of_names(line: Line, frame: Frame, kind: str) -> Iterator[Sign]:
    """The surnames told with a figure: "Private Aram S.yan was killed"."""
    for place in range(frame.start, min(frame.end, len(line))):
        token = line.tokens[place]
        if place in line.mention_at or not token.title or len(token.folded) < 6:
            continue
        for side, endings in ENDINGS:
            if token.folded.endswith(endings):
                yield "surname", side
                yield f"surname:{kind}", side
                return


def _of_title(line: Line, state: Discourse) -> Iterator[Sign]:
    """The only body of the area that the title names."""
    named = {
        body
        for mention in line.document.mentions.get("title", ())
        if mention.entry.kind not in {"war", "agreement", "term", "event"} and (body := body_of(mention, state)) in FOES
    }
    if len({folded(side_of_body(body)) for body in named}) == 1 and line.sentence.field != "title":
        yield "title-alone", side_of_body(min(named, key=str))


def _of_sentence_before(before: Line, line: Line, state: Discourse) -> Iterator[Sign]:
    """Who the sentence before was about: its first and its last body, and whether it named no other."""
    named = [
        body
        for mention in before.mentions
        if mention.entry.kind not in {"war", "agreement", "term", "event"} and (body := body_of(mention, state)) is not None
    ]
    if not named:
        return
    where = "here" if before.sentence.paragraph == line.sentence.paragraph else "apart"
    bare = "named" if any(body_of(mention, state) for mention in line.mentions) else "bare"
    yield f"first-before:{where}:{bare}", side_of_body(named[0])
    yield f"last-before:{where}:{bare}", side_of_body(named[-1])
    if len({folded(side_of_body(body)) for body in named}) == 1:
        yield f"only-before:{where}:{bare}", side_of_body(named[0])


def _strikes(line: Line, at: int) -> bool:
    """Whether the mention at token `at` stands right before a word of attack: "Azerbaijani shelling" names who fired."""
    mention = line.mention_at[at]
    after = at + 1
    while after < len(line) and line.mention_at.get(after) is mention:
        after += 1
    return line.covers("agents", after) is not None


def _doer(line: Line, frame: Frame, voice: Voice | None, state: Discourse, parties: Parties) -> Iterator[Sign]:
    body = doer_of(line, frame, voice, state)
    if body is not None:
        yield "doer", side_of_body(body)
        yield "doers-foe", side_of_body(parties.foe_of(body))


def _words(line: Line, voice: Voice | None, parties: Parties) -> Iterator[Sign]:
    """Words that say whose: of the enemy, owning to, of its own; and those whom a state calls militants."""
    body = voice.code.split(".")[0] if voice is not None and voice.code else None
    if body and line.has("foe"):
        yield "enemy-word", side_of_body(parties.foe_of(body))
    if body and line.has("owning"):
        yield "owning-word", side_of_body(body)
    if line.has("rebels"):
        yield "rebels-told", "REB"
    if body in {"RUS", "CHE", "DAG", "ING", "KBR", "GEO"} and line.has("bandits"):
        yield "bandits-told", "REB"


def folded(side: str | None) -> str | None:
    """Karabakh's people and Armenia's count as one when signs are summed."""
    return SAME_PEOPLE.get(side, side) if side else None


def sums(signs: Sequence[Sign], weights: Mapping[str, float]) -> dict[str | None, float]:
    """What the signs give each side, and nobody's (None)."""
    found: dict[str | None, float] = {None: 0.0}
    for name, side in signs:
        key = folded(side)
        found[key] = found.get(key, 0.0) + weights.get(name, 0.0)
    return found


def weighed(signs: Sequence[Sign], told: tuple[str | None, str]) -> tuple[str | None, str]:
    """(side, reason): the side that the signs speak for most; the rules' own where they agree or the words decide."""
    side, reason = told
    if reason in FIRM:
        return told
    totals = sums(signs, weights_of("sides"))
    best = max(totals, key=lambda key: (totals[key], key == folded(side), key or ""))
    if best == folded(side):
        return told
    if best is None:
        return None, "signs"
    # Of the two codes of one people the one that more signs name.
    named = [one for _, one in signs if one is not None and folded(one) == best]
    return max(sorted(set(named)), key=named.count), "signs"
