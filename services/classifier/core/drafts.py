"""Drafts: one figure with its claimant, its side and its time, before repeated and superseded ones are joined."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.vocabulary import Bound, Effect, Group
from services.classifier.core.allegiance import FIRM as DECIDED
from services.classifier.core.allegiance import Earlier, Sign, signs_of, weighed
from services.classifier.core.discourse import WITHOUT_PEOPLE, Discourse, Voice, code_of
from services.classifier.core.frames import Frame
from services.classifier.core.hearing import Heard
from services.classifier.core.lines import QUOTES, Line
from services.classifier.core.moments import is_now, signs
from services.classifier.core.parties import Parties, side_of_body
from services.classifier.core.sides import side_of
from services.classifier.core.times import TimeMark, verdict
from services.classifier.core.verbfinal import possessor, said_before
from services.classifier.core.vouching import Candidate, Setting, candidates, claimant_of, vouched

VERB_LAST = frozenset({"az", "de", "hy", "ka", "tr"})
"""Languages whose verb, or its last part, may close the clause."""

LONG_AGO = frozenset({"older-year", "long-ago", "older-war"})
"""Reasons of a time that holds for the next sentence too, whoever speaks in it."""

FOLLOWING = 2
"""Sentences behind such a time that it holds for."""

FIRM = frozenset({"at-first", "missing-since-war", "still-held"})
"""Verdicts of a rule that no sum of signs overturns."""


@dataclass(frozen=True, slots=True)
class ParagraphTime:
    """What sentence `index` of a paragraph said of the time that the paragraph speaks of."""

    where: tuple[str, int]
    index: int
    now: bool
    reason: str


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
    hour: bool = False
    """Whether it was said at an hour that is past, and may have been replaced since."""
    clock: int | None = None
    """The place of its entry in a chronicle whose entries begin with the time of day, the latest the highest."""

    @property
    def key(self) -> tuple[Effect, int | None, int | None, Bound]:
        """What makes two claims tell the same figure."""
        quantity = self.frame.quantity
        return self.frame.effect, quantity.low, quantity.high, quantity.bound


def draft_of(
    heard: Heard,
    frame: Frame,
    state: Discourse,
    parties: Parties,
    previous: Draft | None,
    marks: list[TimeMark],
    paragraph_time: ParagraphTime | None,
) -> Draft:
    """The claim in the making that a frame of a sentence makes; `previous` is the one told before in its paragraph."""
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
    dated = paragraph_time if paragraph_time is not None and paragraph_time.where == where else None
    away = line.sentence.index - dated.index if dated is not None else 0
    place = line.sentence.paragraph / state.last_paragraph if state.last_paragraph else 0.0
    found = signs(
        line,
        frame,
        marks,
        rule=why,
        paragraph=(dated.now, dated.reason, away) if dated is not None else None,
        place=place,
        looks_back=state.looks_back,
        voice=voice.reason if voice else "carried" if claimant else "",
        before_past=None if previous is None else not previous.current,
    )
    if told is None and state.looks_back and line.sentence.field == "text":
        current, why = False, "anniversary"
    if told is None and dated is not None and not dated.now and (voice is None or (away <= FOLLOWING and dated.reason in LONG_AGO)):
        current, why = False, "paragraph"
    if frame.effect is Effect.CAPTURED and why in {"older-year", "since-year"}:
        current, why = True, "still-held"
    if frame.effect is Effect.MISSING and line.within("time_war", frame.end, min(len(line), frame.end + 5)):
        current, why = False, "missing-since-war"
    if _at_first(line, voice, frame) or line.has("mended"):
        current, why = False, "at-first"
    found = (*found, "verdict:now" if current else "verdict:past")
    if why not in FIRM:
        now, _ = is_now(found)
        if now is not current:
            current, why = now, "signs"
    if why:
        reasons.append(f"time:{why}")
    if not current and voice is None:
        claimant = None
    reason = next((told.removeprefix("claimant:") for told in reasons if told.startswith("claimant:")), "")
    setting = Setting(
        (claimant, reason),
        before=previous.claimant if previous else None,
        apart=line.sentence.index - previous.line.sentence.index if previous else 0,
        past=not current,
        place=place,
        home=state.dateline or state.main,
    )
    choice = candidates(heard, frame, state, setting)
    # Who is said to be nobody's ("a Western diplomat", "we") is not weighed against others.
    # "We wrote of four dead": the outlet corrects itself, and no weight gives its words to whoever spoke before.
    itself = (voice is None and line.has("outlet_voice")) or (voice is not None and voice.code is None)
    chosen = None if itself else vouched(choice)[0]
    if (chosen or "").split(".")[0] != (claimant or "").split(".")[0]:
        claimant, voice = chosen, None
        reasons = [told for told in reasons if not told.startswith("claimant:")]
        reasons.append("claimant:weighed")
    carried = Voice(claimant, 0, 0, 0, "carried") if claimant else None
    speaks = voice or carried
    earlier = Earlier()
    if previous is not None:
        firm = previous.reasons[-1].removeprefix("side:") in DECIDED
        earlier = Earlier(previous.side, previous.claimant, firm, line.sentence.index - previous.line.sentence.index)
    by_rule = side_of(line, frame, speaks, state, parties, earlier.side, earlier.claimant, background=not current)
    pointers = signs_of(
        line, frame, speaks, state, parties, by_rule, earlier, background=not current, line_before=heard.before, set_in=heard.set_in
    )
    side, side_reason = weighed(pointers, by_rule)
    if line.pack.agglutinative:
        owned = _owner(heard, frame, claimant, state, parties)
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
        _told_at_an_hour(voice, frame, line),
    )


def _at_first(line: Line, voice: Voice | None, frame: Frame) -> bool:
    """Whether the figure is what somebody said at first: he has said otherwise since."""
    at = voice.at if voice is not None and voice.at < frame.quantity.start and frame.quantity.start - voice.at < 12 else frame.start
    return line.within("at_first", max(0, at - 3), min(len(line), at + 2))


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
    # "a doctor said that she had counted 47": indirect speech puts nothing before another word.
    indirect = line.within("say", max(0, back - 12), max(0, back))
    # "it had no losses": without a verb of speech behind it the word is no auxiliary.
    spoken = voice is not None and at == voice.at
    pluperfect = spoken and back >= 0 and line.covers("pluperfect", back) is not None and not indirect
    return pluperfect or any(line.covers("time_earlier", place) for place in near)


def _told_at_an_hour(voice: Voice | None, frame: Frame, line: Line) -> bool:
    """Whether a figure is put at an hour that is past: "in the morning he had still been speaking of 12", "at noon it had told of 20"."""
    at = voice.at if voice is not None and voice.at < frame.quantity.start else frame.start
    begin = min(at, frame.start)
    while begin > 0 and not line.is_mark(begin - 1):
        begin -= 1
    # Another statement behind a semicolon is of no hour that is told before it.
    begin = max([begin, *(at + 1 for at in range(begin, frame.start) if line.tokens[at].surface == ";")])
    stop = next((at for at in range(frame.end, min(len(line), frame.end + 4)) if line.tokens[at].surface == ";"), frame.end + 4)
    if not line.within("daytime", begin, min(stop, frame.end + 3)) and not line.within("weekday", begin, stop):
        return False
    if frame.rule == "spoken-number" and line.within("weekday", frame.end, frame.end + 4):
        # "It admitted to eleven on Wednesday."
        return True
    # Where the verb may close its clause, it stands behind the figure: "am Mittag hatte die Behörde drei Tote gemeldet".
    closing = line.pack.language in VERB_LAST
    begun = frame.quantity.start if frame.rule == "spoken-number" else frame.start
    end = _clause_end(line, frame.end) if closing else begun
    for place in range(begin, end):
        if line.covers("still", place) and place >= frame.start:
            return True
        if line.covers("pluperfect", place) or line.covers("still", place):
            reach = end if closing and line.covers("pluperfect", place) else place + 5
            if line.within("say", place, reach) or line.within("say_number", place, place + 5):
                return True
    return False


def _clause_end(line: Line, at: int) -> int:
    """The first mark behind token `at` that closes its clause."""
    while at < len(line) and not (line.is_mark(at) and line.tokens[at].surface not in QUOTES):
        at += 1
    return at


def _owner(heard: Heard, frame: Frame, claimant: str | None, state: Discourse, parties: Parties) -> str | None:
    """Whose people they are by a possessor before the noun or an ending on it: "düşmənin 12 əsgəri", "iki askerinin", "askerimiz"."""
    line = heard.line
    lexicon = line.pack.lexicon
    martyrs = lexicon.martyrs if line.within("martyr", frame.start, frame.end) else ""
    found = possessor(line, frame.quantity.start, frame.quantity.stop)
    if found is None or (found[0] == "own" and not claimant):
        return martyrs if martyrs and parties.counted[martyrs] else None
    kind, at = found
    speaker = claimant.split(".")[0] if claimant else None
    if kind == "mention":
        if line.within("agents", at, frame.quantity.start) or any(at in range(*voice.subject) for voice in heard.voices):
            # "erməni dəstələrinin hücumu zamanı 613 nəfər": the genitive belongs to the attack, or to the one who speaks.
            return None
        code = code_of(line.mention_at[at], state.day)
        body = code.split(".")[0] if code else None
    else:
        body = (
            parties.foe_of(speaker or lexicon.home or state.main)
            if kind == "foe"
            else speaker or (lexicon.home if kind == "ours" else None)
        )
    return side_of_body(body) if body and body not in WITHOUT_PEOPLE else None
