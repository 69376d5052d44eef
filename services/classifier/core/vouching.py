"""Who vouches for a figure: every source in reach is a candidate, and reviewed weights choose among them.

Candidates are the sources of the sentence, the one carried through the paragraph, that of the next sentence, that of
the figure before, the bodies that the sentence names, and nobody. Their signs say how each came into reach; none names
a word or a body, so that one set of weights serves all languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.classifier.core.discourse import WITHOUT_PEOPLE, Discourse, Voice, code_of
from services.classifier.core.frames import Frame
from services.classifier.core.hearing import Heard
from services.classifier.core.lines import HARD, Line
from services.classifier.core.parties import side_of_body
from services.classifier.core.speech import quoted_at
from services.classifier.core.weights import weights_of

CLEARLY = 0.7
"""By so much another candidate must outweigh the one of the rules."""

NEAR, FAR = 5, 14
"""Tokens between a source and its figure: up to NEAR it stands beside it, from FAR on apart."""

KINSHIP = frozenset({"share", "apposition", "coordinated", "gapped", "counted"})
"""Rules of frames that lean on the figure before."""


@dataclass(slots=True)
class Candidate:
    """A body that may vouch, None for the outlet itself, with the signs that speak of it."""

    code: str | None
    signs: list[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """What bears on the choice beside the sentence: `before` vouched for the figure before in the paragraph, `apart` sentences back."""

    by_rule: tuple[str | None, str]
    before: str | None = None
    apart: int = 0
    past: bool = False
    place: float = 0.0
    """Where in the text the sentence stands: 0 the first paragraph, 1 the last."""
    home: str | None = None


def candidates(heard: Heard, frame: Frame, state: Discourse, setting: Setting) -> list[Candidate]:
    """All who may vouch for the figure of a frame; each sign is also taken with those of the figure itself."""
    line = heard.line
    found: dict[str | None, Candidate] = {}
    context = _context(heard, frame, setting)

    def add(code: str | None, signs: Sequence[str]) -> None:
        body = code.split(".")[0] if code else None
        candidate = found.setdefault(body, Candidate(code, []))
        if signs == ["official"] and candidate.code is not None and "." not in candidate.code:
            candidate.code = code
        candidate.signs += signs
        candidate.signs += [f"{sign}|{word}" for sign in signs for word in context]

    add(None, ["none", *_of_nobody(heard, frame)])
    ruled, reason = setting.by_rule
    add(ruled, [f"rule:{reason or 'none'}" if ruled else f"rule-none:{reason or 'none'}"])
    for voice in heard.voices:
        if voice.code is not None:
            add(voice.code, list(_of_voice(heard, frame, voice)))
    amount = "alone" if not heard.voices else "beside"
    if heard.carried:
        since = min(heard.since, 3)
        add(heard.carried, [f"carried:{amount}", f"carried:{amount}:{since}", f"carried:{_opening_of(line)}:{amount}"])
    if heard.lead:
        add(heard.lead, [f"lead:{heard.lead_says}"])
    for code, name in (
        (heard.lead, "lead"),
        (heard.last, "last"),
        (heard.next, "next"),
        (setting.home if line.sentence.field != "title" else None, "home"),
    ):
        if code:
            add(code, [f"{name}:{amount}"])
    if setting.before:
        add(setting.before, [f"before:{amount}", f"before:{amount}:{min(setting.apart, 2)}"])
    for code, how in _named(line, frame, state):
        add(code, [f"named:{how}", f"named:{how}:{amount}"])
    if (official := _of_state(line, frame, state)) is not None:
        add(official, ["official"])
        add(None, ["none:official"])
    for candidate in found.values():
        candidate.signs = list(dict.fromkeys([*candidate.signs, *_of_body(candidate.code, heard, frame, state)]))
    return list(found.values())


def _of_nobody(heard: Heard, frame: Frame) -> Iterator[str]:
    """What speaks of the outlet's own voice."""
    line = heard.line
    covering = sum(1 for voice in heard.voices if voice.start <= frame.quantity.start < voice.end)
    yield f"none:covered:{min(covering, 2)}"
    yield f"none:voices:{min(len(heard.voices), 2)}"
    yield f"none:{'carried' if heard.carried else 'fresh'}:{min(heard.since, 3)}"
    yield f"none:{_opening_of(line)}"
    yield f"none:voices-in-all:{min(sum(heard.speakers.values()), 5)}"
    if heard.next and not heard.voices:
        yield "none:next-speaks"
    if line.has("weekday"):
        yield "none:weekday"
    if line.has("time_now"):
        yield "none:now-word"
    if quoted_at(line, frame.quantity.start):
        yield "none:quoted"
    if any(voice.code is None for voice in heard.voices):
        yield "none:nameless-voice"


def _of_voice(heard: Heard, frame: Frame, voice: Voice) -> Iterator[str]:
    """How a source of the sentence stands to the figure."""
    line, start = heard.line, frame.quantity.start
    covering = [one for one in heard.voices if one.start <= start < one.end]
    reach = "in" if voice in covering else "out"
    side = "ahead" if voice.at < start else "behind"
    kind = f"{voice.reason}:{reach}:{side}"
    yield f"voice:{kind}"
    apart = abs(voice.at - start)
    yield f"voice:{reach}:{side}:{'near' if apart <= NEAR else 'middle' if apart <= FAR else 'far'}"
    begin, end = min(voice.at, start), max(voice.at, start)
    breaks = any(line.tokens[place].surface in HARD for place in range(begin, end))
    yield f"voice:{reach}:{side}:{'broken' if breaks else 'whole'}"
    yield f"voice:{reach}:{meaning(line, voice)}"
    if len(covering) > 1 and voice in covering:
        nearest = min(covering, key=lambda other: abs(other.at - start))
        yield "nearest" if voice is nearest else "farther"
        if voice.cites:
            yield "cited"
    if reach == "out":
        between = any(one is not voice and begin < one.at < end for one in heard.voices)
        yield f"voice:out:{side}:{'second' if between else 'first'}"
    if line.covers("owning", voice.at):
        yield f"voice:{reach}:owns"


def meaning(line: Line, voice: Voice) -> str:
    """How a source is told: by a name, a place ("Baku said"), an office, a pronoun, or a name met before."""
    begin, end = voice.subject
    if begin >= end:
        return "implied"
    kinds = {line.mention_at[place].entry.kind for place in range(begin, min(end, len(line))) if place in line.mention_at}
    if kinds - {"place", "demonym", "people"}:
        return "named"
    office = line.within("office", begin, min(end, len(line)))
    if kinds:
        return "composed" if office else "capital"
    if any(line.begins("pronoun", place) for place in range(begin, min(end, len(line)))):
        return "pronoun"
    return "bare" if office else "surname"


def _of_body(code: str | None, heard: Heard, frame: Frame, state: Discourse) -> Iterator[str]:
    """What the body itself has to do with the figure, whatever way it came into reach."""
    if code is None:
        return
    body, _, sector = code.partition(".")
    group = frame.quantity.group.value if frame.quantity.group else "all"
    yield f"sector:{sector or 'body'}:{group if group in {'military', 'civilian', 'police'} else 'people'}"
    spoken = heard.speakers.get(body, 0)
    others = sum(heard.speakers.values()) - spoken
    yield f"speaks:{min(spoken, 3)}:{'alone' if not others else 'beside'}"
    own = next(
        (
            found
            for place in range(frame.quantity.start, frame.quantity.stop)
            if (mention := heard.line.mention_at.get(place)) is not None and (found := code_of(mention, state.day))
        ),
        None,
    )
    if own is not None:
        yield "victims:own" if own.split(".")[0] == body else "victims:others"


def _opening_of(line: Line) -> str:
    """What opens the sentence: a pronoun or a bare office carries a speaker on."""
    for place in range(min(3, len(line))):
        if line.begins("pronoun", place):
            return "pronoun"
        if place in line.mention_at:
            return "name"
        if line.begins("office", place):
            return "office"
        if not line.covers("the", place) and not line.is_mark(place):
            break
    return "other"


def _named(line: Line, frame: Frame, state: Discourse) -> Iterator[tuple[str, str]]:
    """The bodies that a sentence names, with their kind and on which side of the figure they stand."""
    for at, mention in line.mention_at.items():
        if line.tokens[at].start > mention.start or frame.quantity.start <= at < frame.quantity.stop:
            continue
        code = code_of(mention, state.day)
        if code is not None:
            led = at > 0 and line.covers("place_preposition", at - 1) is not None
            kind = "led" if led else mention.entry.kind if mention.entry.kind in {"place", "demonym", "people"} else "speaker"
            yield code, f"{kind}:{'ahead' if at < frame.start else 'behind'}"


def _of_state(line: Line, frame: Frame, state: Discourse) -> str | None:
    """The state whose count an official one is: "officially 335 people died", "by official figures" name no body."""
    if not line.has("official_count"):
        return None
    own = next(
        (
            code
            for place in range(frame.quantity.start, frame.quantity.stop)
            if (mention := line.mention_at.get(place)) is not None and (code := code_of(mention, state.day))
        ),
        None,
    )
    body = (own or state.main or state.dateline or "").split(".")[0]
    return f"{side_of_body(body)}.GOV" if body and body not in WITHOUT_PEOPLE else None


def _context(heard: Heard, frame: Frame, setting: Setting) -> list[str]:
    """Signs of the figure itself that bear on who vouches for it."""
    found = ["past" if setting.past else "now"]
    if heard.line.sentence.field == "title":
        found.append("title")
    else:
        found.append("opening" if setting.place == 0 else "closing" if setting.place >= 1 else "inside")
    if frame.rule in KINSHIP:
        found.append(frame.rule)
    return found


def vouched(found: Sequence[Candidate]) -> tuple[str | None, float]:
    """(code, sum of the weights) of the candidate that the weights choose; that of the rules unless another is clearly better."""
    weights = weights_of("vouching")
    sums = [sum(weights.get(sign, 0.0) for sign in candidate.signs) for candidate in found]
    best = max(range(len(found)), key=lambda place: sums[place])
    ruled = next((place for place, candidate in enumerate(found) if any(sign.startswith("rule") for sign in candidate.signs)), best)
    if sums[best] - sums[ruled] < CLEARLY:
        best = ruled
    return found[best].code, sums[best]


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
