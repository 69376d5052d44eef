"""Casualty claims: the frames of every sentence, each with its claimant, side, time and evidence."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from schemas.reading import CasualtyClaim
from schemas.vocabulary import Bound, Effect, Group
from services.classifier.core.allegiance import Sign, signs_of, weighed
from services.classifier.core.document import Document
from services.classifier.core.finalvoices import final_voices
from services.classifier.core.frames import Frame, effect_words, frames
from services.classifier.core.lines import QUOTES, Line
from services.classifier.core.moments import is_now, signs
from services.classifier.core.quantities import quantities
from services.classifier.core.relations import related
from services.classifier.core.sides import Parties, side_of, side_of_body
from services.classifier.core.speakers import (
    WITHOUT_PEOPLE,
    Discourse,
    Voice,
    claimant_of,
    code_of,
    label_of,
    learn_names,
    opened,
    stated_by,
    voices,
)
from services.classifier.core.times import TimeMark, time_marks, verdict
from services.classifier.core.turns import turned
from services.classifier.core.verbfinal import birth_year, pluperfect, possessor, said_before
from services.classifier.core.vouching import Candidate, candidates, vouched
from services.region import Region

VAGUE_FROM = 12
"""Heads: from here on "dozens" may be the same figure."""

FIRM = frozenset({"at-first", "missing-since-war", "still-held"})
"""Verdicts of a rule that no sum of signs overturns."""

CLOSE = 2
"""Sentences: a bare number farther behind a figure does not speak of it."""

GUESSES = frozenset({"side:main", "side:claimant"})
"""Reasons of a side that no word of the sentence tells."""

DRILL = 3
"""So many words of an exercise make its victims players."""


@dataclass(slots=True)
class Heard:
    """A sentence with its sources; `carried` is who speaks on where it names none, `quoted` whether it stands in his quotation."""

    line: Line
    voices: tuple[Voice, ...]
    carried: str | None
    quoted: bool = False
    last: str | None = None
    """Who spoke last before it, in whatever paragraph."""
    next: str | None = None
    """The first source of the next sentence of the paragraph."""
    lead: str | None = None
    """The source that the next sentence of the opening paragraph names: it stands for the figure of the lead too."""


@dataclass(slots=True)
class Draft:
    """A claim in the making, with the frame it came from."""

    line: Line
    frame: Frame
    claimant: str | None
    side: str | None
    group: Group
    current: bool
    subset: bool
    addition: bool
    earlier: bool
    reasons: list[str]
    signs: tuple[str, ...] = ()
    pointers: tuple[Sign, ...] = ()
    choice: list[Candidate] = field(default_factory=list)

    @property
    def key(self) -> tuple[Effect, int | None, int | None, Bound]:
        """What makes two claims tell the same figure."""
        quantity = self.frame.quantity
        return self.frame.effect, quantity.low, quantity.high, quantity.bound


def find_claims(document: Document, region: Region) -> tuple[CasualtyClaim, ...]:
    """All casualty claims of the document, in the order in which they stand."""
    del region
    kept = _without_sums(_merged(drafted(document)))
    _supersede(kept)
    return tuple(_claim(document, draft) for draft in kept)


def drafted(document: Document) -> list[Draft]:
    """Every figure as it is told, before repeated and superseded ones are joined."""
    pack = document.pack
    if pack is None:
        return []
    day = document.article.published_at.date() if document.article.published_at else None
    state = opened(document, day)
    parties = Parties(document, day)
    if sum(1 for tags in document.tags for tag in tags if tag.kind == "drill") >= DRILL:
        return []
    opening = [tag for tags in document.tags[:3] for tag in tags]
    state.looks_back = any(tag.kind == "retrospective" for tag in opening)
    state.last_paragraph = max((sentence.paragraph for sentence in document.sentences if sentence.field == "text"), default=0)
    spoken = _listen(document, state)
    drafts: list[Draft] = []
    paragraph_time: tuple[tuple[str, int], bool] | None = None
    for heard in spoken:
        line = heard.line
        where = (line.sentence.field, line.sentence.paragraph)
        words = effect_words(line) if line.has("effect") else []
        # Without a word of casualties only a sentence close behind a figure can say more of it.
        close = bool(drafts) and line.sentence.index - drafts[-1].line.sentence.index <= CLOSE
        counted = quantities(line) if words or close else []
        turns = turned(line, counted)
        fixed = {id(frame.quantity) for frame in turns}
        found = [*turns, *(frame for frame in frames(line, counted, words) if id(frame.quantity) not in fixed)]
        marks = time_marks(line, day)
        if pack.agglutinative:
            marks = [mark for mark in marks if not birth_year(line, mark.at)]
        if pack.agglutinative and (had := pluperfect(line)) is not None:
            marks = sorted([*marks, TimeMark(had, past=True, strength=1, reason="pluperfect")], key=lambda mark: mark.at)
        fresh = related(line, found, counted, words, drafts)
        previous = drafts[-1] if drafts and _near(drafts[-1], line) else None
        for frame in fresh:
            draft = _draft(heard, frame, state, parties, previous, marks, paragraph_time)
            drafts.append(draft)
            previous = draft
        if marks:
            # What a sentence says of time at its end dates a thing within it, not the paragraph.
            leading = [mark for mark in marks if mark.at * 5 <= len(line) * 3]
            told, _ = verdict(line, leading, 0, len(line)) if leading else (None, "")
            paragraph_time = (where, told) if told is not None else paragraph_time
    return drafts


def _vague_again(draft: Draft, drafts: list[Draft]) -> bool:
    """Whether a vague word of the headline or the standfirst is told exactly in the text: "dozens of casualties" beside "34 killed"."""
    opening = draft.line.sentence.field == "title" or draft.line.sentence.paragraph <= 1
    if draft.frame.quantity.bound is not Bound.VAGUE or not opening:
        return False
    return any(
        other is not draft
        and other.frame.effect is draft.frame.effect
        and (other.frame.quantity.low or 0) >= VAGUE_FROM
        and other.current is draft.current
        and other.side in {draft.side, None}
        for other in drafts
    )


def _without_sums(drafts: list[Draft]) -> list[Draft]:
    """A headline that only adds up what the text tells piece by piece claims nothing of its own."""
    kept = []
    for draft in drafts:
        if _vague_again(draft, drafts):
            continue
        total = draft.frame.quantity.low
        if draft.line.sentence.field == "title" and total and total > 1:
            parts = [
                other.frame.quantity.low or 0
                for other in drafts
                if other.line.sentence.field == "text" and other.frame.effect is draft.frame.effect and other.current and not other.subset
            ]
            if len(parts) > 1 and (sum(parts) == total or sum(parts[:2]) == total):
                continue
        kept.append(draft)
    return kept


def _supersede(drafts: list[Draft]) -> None:
    """A figure told as an earlier word ("had first said eight") is background once the same body has another for the same people."""
    for draft in drafts:
        if not draft.current or draft.subset or not draft.earlier:
            continue
        for other in drafts:
            if other is draft or other.earlier or not other.current or other.subset or other.frame.effect is not draft.frame.effect:
                continue
            same_voice = not draft.claimant or not other.claimant or draft.claimant == other.claimant
            same_people = draft.side == other.side and (draft.group is other.group or Group.ALL in {draft.group, other.group})
            counted = other.frame.quantity.form == "number" and other.key[1] != 1
            if same_voice and same_people and counted and draft.key[1:3] != other.key[1:3]:
                draft.current = False
                draft.reasons.append("time:superseded")
                break


def _at_first(line: Line, voice: Voice | None, frame: Frame) -> bool:
    """Whether the figure is what somebody said at first: he has said otherwise since."""
    at = voice.at if voice is not None and voice.at < frame.quantity.start and frame.quantity.start - voice.at < 12 else frame.start
    return any(line.covers("at_first", place) for place in range(max(0, at - 3), min(len(line), at + 2)))


def _told_earlier(heard: Heard, voice: Voice | None, frame: Frame) -> bool:
    """Whether the words that bring a figure put it before another: "had first said", "earlier it had spoken of"."""
    line = heard.line
    at = voice.at if voice is not None and voice.at < frame.quantity.start else frame.start
    near = range(max(0, at - 3), min(len(line), at + 3))
    if line.pack.agglutinative and said_before(line, frame.quantity.start):
        return True
    back = at - 1
    while back >= 0 and line.covers("adverbs", back):
        back -= 1
    pluperfect = back >= 0 and line.covers("pluperfect", back) is not None
    return pluperfect or any(line.covers("time_earlier", place) for place in near)


def _listen(document: Document, state: Discourse) -> list[Heard]:
    """Every sentence with its sources, and with whom the paragraph's last speaker was before it."""
    pack = document.pack
    if pack is None:
        return []
    heard: list[Heard] = []
    stated = stated_by(document, state)
    for sentence in document.sentences:
        line = Line(document, sentence, pack)
        where = (sentence.field, sentence.paragraph)
        carried = state.speaker if state.speaker_paragraph == where and sentence.field == "text" else None
        spoken = final_voices(line, state) if pack.agglutinative else voices(line, state)
        label = label_of(line, state) if not spoken and sentence.field == "text" else None
        if label is not None:
            state.said(label, where)
        heard.append(Heard(line, tuple(spoken), carried or stated, last=state.speaker))
        for voice in spoken:
            if voice.code and sentence.field == "text":
                state.said(voice.code, where)
        learn_names(line, state)
        for mention in line.mentions:
            code = code_of(mention, state.day)
            if code and mention.entry.kind in {"body", "office", "armed", "person", "org", "group"}:
                state.bodies.append(code)
    _hear_quotes(heard)
    _hear_leads(heard)
    return heard


def _hear_quotes(heard: list[Heard]) -> None:
    """A quotation that runs over several sentences has the source that closes it."""
    for number, one in enumerate(heard):
        if one.voices or not any(token.surface in QUOTES for token in one.line.tokens[:1]):
            continue
        for later in heard[number + 1 : number + 5]:
            if later.line.sentence.paragraph != one.line.sentence.paragraph:
                break
            closing = next((voice for voice in later.voices if voice.reason in {"said-after", "said-inverted"}), None)
            if closing is not None:
                one.carried, one.quoted = closing.code, True
                break
            if later.voices:
                break


def _hear_leads(heard: list[Heard]) -> None:
    """A lead without a source has that of the next sentences in its paragraph."""
    opening = [one for one in heard if one.line.sentence.field == "text" and not one.line.sentence.headline]
    first = opening[0].line.sentence.paragraph if opening else -1
    opening = [one for one in opening if one.line.sentence.paragraph == first]
    for one, later in itertools.pairwise(heard):
        if one.line.sentence.paragraph == later.line.sentence.paragraph and one.line.sentence.field == later.line.sentence.field:
            one.next = next((voice.code for voice in later.voices if voice.code), None)
    for number, one in enumerate(opening):
        if one.voices or one.carried:
            continue
        following = [voice for later in opening[number + 1 : number + 3] for voice in later.voices if voice.code]
        one.lead = following[0].code if following else None


def _near(draft: Draft, line: Line) -> bool:
    sentence = draft.line.sentence
    return sentence.field == line.sentence.field and sentence.paragraph == line.sentence.paragraph


def _named(line: Line, frame: Frame, state: Discourse) -> list[tuple[str, str]]:
    """The bodies that a sentence names, with their kind and on which side of the figure they stand."""
    found = []
    for at, mention in line.mention_at.items():
        if line.tokens[at].start > mention.start or frame.quantity.start <= at < frame.quantity.stop:
            continue
        code = code_of(mention, state.day)
        if code is not None:
            led = at > 0 and line.covers("place_preposition", at - 1) is not None
            kind = "led" if led else mention.entry.kind if mention.entry.kind in {"place", "demonym", "people"} else "speaker"
            found.append((code, f"{kind}:{'ahead' if at < frame.start else 'behind'}"))
    return found


def _context(heard: Heard, frame: Frame, place: float, *, current: bool) -> list[str]:
    """Signs of a figure that bear on who vouches for it."""
    found = ["now" if current else "past"]
    sentence = heard.line.sentence
    found.append("title" if sentence.field == "title" else "opening" if place == 0 else "closing" if place >= 1 else "inside")
    if frame.rule in {"share", "apposition", "coordinated", "gapped", "counted"}:
        found.append(frame.rule)
    return found


def _draft(
    heard: Heard,
    frame: Frame,
    state: Discourse,
    parties: Parties,
    previous: Draft | None,
    marks: list[TimeMark],
    paragraph_time: tuple[tuple[str, int], bool] | None,
) -> Draft:
    reasons: list[str] = []
    line = heard.line
    at = frame.quantity.start
    voice = claimant_of(list(heard.voices), at)
    claimant = voice.code if voice else None
    where = (line.sentence.field, line.sentence.paragraph)
    if voice is not None:
        reasons.append(f"claimant:{voice.reason}")
    elif heard.carried is not None and (not heard.voices or frame.end <= min(other.subject[0] for other in heard.voices)):
        claimant = heard.carried
        reasons.append("claimant:quoted" if heard.quoted else "claimant:carried")
    elif heard.lead is not None and not heard.voices:
        claimant = heard.lead
        reasons.append("claimant:lead")
    source = frame.options.get("claimant_at")
    if isinstance(source, int) and source in line.mention_at and (code := code_of(line.mention_at[source], state.day)):
        claimant = code if "." in code else f"{code}.GOV"
        voice = Voice(claimant, 0, 0, source, "gapped")
        reasons = ["claimant:gapped"]
    told, why = verdict(line, marks, frame.start, frame.end)
    current = True if told is None else told
    past = None if paragraph_time is None or paragraph_time[0] != where else not paragraph_time[1]
    place = line.sentence.paragraph / state.last_paragraph if state.last_paragraph else 0.0
    found = signs(
        line,
        frame,
        marks,
        rule=why,
        paragraph_past=past,
        place=place,
        looks_back=state.looks_back,
        voice=voice.reason if voice else "carried" if claimant else "",
        before_past=None if previous is None else not previous.current,
    )
    if told is None and state.looks_back and line.sentence.field == "text":
        current, why = False, "anniversary"
    if told is None and paragraph_time is not None and paragraph_time[0] == where and not paragraph_time[1] and voice is None:
        current, why = False, "paragraph"
    if frame.effect is Effect.CAPTURED and why == "older-year":
        current, why = True, "still-held"
    if frame.effect is Effect.MISSING and any(line.covers("time_war", place) for place in range(frame.end, min(len(line), frame.end + 5))):
        current, why = False, "missing-since-war"
    if _at_first(line, voice, frame):
        current, why = False, "at-first"
    found = (*found, "verdict:now" if current else "verdict:past")
    if _told_earlier(heard, voice, frame):
        found = (*found, "told-earlier")
    if why not in FIRM:
        now, _ = is_now(found)
        if now is not current:
            current, why = now, "signs"
    if why:
        reasons.append(f"time:{why}")
    if not current and voice is None:
        claimant = None
    reason = next((told.removeprefix("claimant:") for told in reasons if told.startswith("claimant:")), "")
    choice = candidates(
        heard.voices,
        at,
        by_rule=(claimant, reason),
        carried=heard.carried,
        lead=heard.lead,
        before=previous.claimant if previous else None,
        last=heard.last,
        next_=heard.next,
        home=state.dateline or state.main,
        named=_named(line, frame, state),
        context=_context(heard, frame, place, current=current),
    )
    chosen, _ = vouched(choice)
    if (chosen or "").split(".")[0] != (claimant or "").split(".")[0]:
        claimant, voice = chosen, None
        reasons = [told for told in reasons if not told.startswith("claimant:")]
        reasons.append("claimant:weighed")
    carried = Voice(claimant, 0, 0, 0, "carried") if claimant else None
    speaks = voice or carried
    told_before = (previous.side if previous else None, previous.claimant if previous else None)
    by_rule = side_of(line, frame, speaks, state, parties, *told_before, background=not current)
    pointers = signs_of(line, frame, speaks, state, parties, by_rule, told_before, background=not current)
    side, side_reason = weighed(pointers, by_rule)
    if line.pack.agglutinative:
        owned = _owner(line, frame, claimant, state, parties)
        side, side_reason = (owned, "possessor") if owned is not None else (side, side_reason)
    reasons.append(f"side:{side_reason}")
    options = frame.options
    if options.get("current") is False:
        current = False
    return Draft(
        line,
        frame,
        claimant,
        side,
        frame.quantity.group or Group.ALL,
        current,
        bool(options.get("subset")),
        bool(options.get("addition")),
        _told_earlier(heard, voice, frame),
        reasons,
        found,
        pointers,
        choice,
    )


def _owner(line: Line, frame: Frame, claimant: str | None, state: Discourse, parties: Parties) -> str | None:
    """Whose people they are by a possessor before the noun or an ending on it: "düşmənin 12 əsgəri", "iki askerinin", "askerimiz"."""
    lexicon = line.pack.lexicon
    martyrs = lexicon.martyrs if any(line.covers("martyr", place) for place in range(frame.start, frame.end)) else ""
    found = possessor(line, frame.quantity.start, frame.quantity.stop)
    if found is None or (found[0] == "own" and not claimant):
        return martyrs if martyrs and parties.counted[martyrs] else None
    kind, at = found
    speaker = claimant.split(".")[0] if claimant else None
    if kind == "mention":
        code = code_of(line.mention_at[at], state.day)
        body = code.split(".")[0] if code else None
    else:
        body = (
            parties.foe_of(speaker or lexicon.home or state.main)
            if kind == "foe"
            else speaker or (lexicon.home if kind == "ours" else None)
        )
    return side_of_body(body) if body and body not in WITHOUT_PEOPLE else None


def _merged(drafts: list[Draft]) -> list[Draft]:
    """One claim for a figure told again in title, lede and body: the fullest telling stays, where the first one stood."""
    kept: list[Draft] = []
    for draft in drafts:
        same = next((other for other in kept if _same(other, draft)), None)
        if same is None:
            kept.append(draft)
            continue
        place = kept.index(same)
        title_first = same.line.sentence.field == "title" or same.line.sentence.headline
        if title_first or (same.claimant is None and draft.claimant is not None and draft.current):
            # The title's side helps out only where the title says it itself and the text does not.
            if draft.side is None or (draft.reasons[-1] in GUESSES and same.reasons[-1] not in GUESSES):
                draft.side = same.side or draft.side
            kept[place] = draft
    return kept


def _same(first: Draft, second: Draft) -> bool:
    if first.frame.effect is not second.frame.effect or first.current != second.current:
        return False
    if first.line.sentence.field == "title" and second.line.sentence.field == "text" and _alike(first, second):
        return True
    if first.key[:3] != second.key[:3]:
        return False
    one = first.frame.quantity
    if one.low == 0 or (one.low == 1 and not (first.line.sentence.field == "title" or first.frame.quantity.form == "number")):
        return first.line.sentence.field == "title" and second.line.sentence.field == "text"
    if first.line.sentence.index == second.line.sentence.index:
        return False
    if first.side and second.side and first.side != second.side and {first.side, second.side} != {"ARM", "NKR"}:
        return first.line.sentence.field == "title"
    return not (first.claimant and second.claimant and first.claimant.split(".")[0] != second.claimant.split(".")[0])


def _told_code(code: str | None) -> str | None:
    """The claimant's code as it is stored: bodies that act as a whole have no sector."""
    return code.split(".", 1)[0] if code is not None and code.split(".", 1)[0] in WHOLE_BODIES else code


WHOLE_BODIES = frozenset({"UNO", "OSCE", "NATO", "EUR", "CSTO", "ICRC", "NGO", "ISIS", "REB"})


def _alike(first: Draft, second: Draft) -> bool:
    """Whether a title's figure is the body's, told shorter: "two dead" for "at least two"."""
    one, other = first.frame.quantity, second.frame.quantity
    mine, theirs = {one.low, one.high} - {None}, {other.low, other.high} - {None}
    return bool(mine & theirs) or (not mine and not theirs)


def _claim(document: Document, draft: Draft) -> CasualtyClaim:
    frame, line = draft.frame, draft.line
    quantity = frame.quantity
    start, end = line.tokens[frame.start].start, line.tokens[min(frame.end, len(line)) - 1].end
    return CasualtyClaim(
        effect=frame.effect,
        low=quantity.low,
        high=quantity.high,
        bound=quantity.bound,
        side=draft.side,
        group=draft.group,
        claimant=_told_code(draft.claimant),
        subset=draft.subset,
        current=draft.current,
        joint=frame.joint,
        addition=draft.addition,
        confidence=round(min(0.97, 0.5 + frame.score / 14), 2),
        rule=frame.rule,
        reasons=tuple(draft.reasons),
        evidence=document.evidence(line.sentence.field, start, end),
    )
