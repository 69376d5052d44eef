"""Who speaks where: every sentence with its sources, and with who speaks on from the one before."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field

from services.classifier.core.discourse import Discourse, Voice, code_of
from services.classifier.core.document import Document
from services.classifier.core.finalvoices import final_voices
from services.classifier.core.lines import QUOTES, Line
from services.classifier.core.references import resolve
from services.classifier.core.speakers import voices
from services.classifier.core.statements import label_of, scene_of, stated_by
from services.classifier.core.surnames import learn_names


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
    lead_says: str = ""
    """What that sentence tells: "this", the same or another figure ("effect"), or something else ("other")."""
    before: Line | None = None
    """The sentence before it in the text."""
    set_in: str | None = None
    """The body of the place that its paragraph has named last before it, or its heading."""
    since: int = 0
    """Sentences since the one who is carried on has spoken; 0 where nobody is."""
    speakers: Counter[str] = field(default_factory=Counter)
    """How often each body speaks in the article."""


def listen(document: Document, state: Discourse) -> list[Heard]:
    """Every sentence with its sources, and with whom the paragraph's last speaker was before it."""
    pack = document.pack
    if pack is None:
        return []
    heard: list[Heard] = []
    last: Line | None = None
    stated = stated_by(document, state)
    speakers: Counter[str] = Counter()
    spoke = 0
    for sentence in document.sentences:
        line = Line(document, sentence, pack)
        where = (sentence.field, sentence.paragraph)
        carried = state.speaker if state.speaker_paragraph == where and sentence.field == "text" else None
        before = state.speaker
        state.enter(where)
        state.scene = state.scene or scene_of(line, state)
        spoken = final_voices(line, state) if pack.agglutinative else voices(line, state)
        if line.has("outlet_voice"):
            # "We recall that ...": what follows is the outlet's own word, whoever spoke before.
            carried, spoken = None, [voice for voice in spoken if voice.reason.startswith("according")]
        label = label_of(line, state) if not spoken and sentence.field == "text" else None
        if label is not None:
            state.said(label, where)
            state.scene = label.split(".")[0]
            spoke = sentence.index
        since = sentence.index - spoke if carried else 0
        heard.append(Heard(line, tuple(spoken), carried or stated, last=before, since=since, speakers=speakers))
        heard[-1].set_in = state.locale or state.scene
        if last is not None and last.sentence.field == sentence.field:
            heard[-1].before = last
        last = line
        if spoken and spoken[-1].code is None and sentence.field == "text":
            # "We wrote of four", "a Western diplomat believes": whoever spoke before speaks no more.
            state.silence()
        for voice in spoken:
            if voice.code and sentence.field == "text":
                state.said(voice.code, where)
                speakers[voice.code.split(".")[0]] += 1
                spoke = sentence.index
        learn_names(line, state)
        state.subject = _subject_of(line, state) if sentence.field == "text" and not spoken else None
        for mention in line.mentions:
            code = code_of(mention, state.day)
            if code and mention.entry.kind in {"body", "office", "armed", "person", "org", "group"}:
                state.bodies.append(code)
            if code and mention.entry.kind == "place":
                state.locale = code.split(".")[0]
    _hear_this(heard)
    _hear_quotes(heard)
    _hear_leads(heard)
    return heard


def _subject_of(line: Line, state: Discourse) -> str | None:
    """The body of the army, office or person that opens a sentence: "it" and "their command" in the next one mean it."""
    for place in range(min(4, len(line))):
        mention = line.mention_at.get(place)
        if mention is None and line.begins("office", place) is None:
            continue
        if mention is not None and mention.entry.kind not in OPENING:
            return None
        code = code_of(mention, state.day) if mention is not None else None
        if code is not None and "." in code:
            return code
        end = next((at for at in range(place + 1, min(len(line), place + 6)) if line.is_mark(at)), min(len(line), place + 3))
        found = resolve(line, place, end, state)
        return found[0] if found is not None else None
    return None


OPENING = frozenset({"people", "armed", "office", "body", "org", "demonym", "person"})


def _hear_this(heard: list[Heard]) -> None:
    """What the next sentence says somebody has reported ("Об этом сообщили в МВД") is his, back to the source before it."""
    for number, one in enumerate(heard):
        told = next((voice.code for voice in one.voices if voice.code), None)
        if told is None or not one.line.has("of_this"):
            continue
        for back in range(number - 1, max(-1, number - 4), -1):
            earlier = heard[back]
            here, there = earlier.line.sentence, one.line.sentence
            if (here.field, here.paragraph) != (there.field, there.paragraph) or any(voice.code for voice in earlier.voices):
                break
            if earlier.carried and back < number - 1:
                break
            earlier.carried, earlier.quoted = told, True


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
        for later in opening[number + 1 : number + 3]:
            code = next((voice.code for voice in later.voices if voice.code), None)
            if code is not None:
                one.lead = code
                one.lead_says = "this" if later.line.has("of_this") else "effect" if later.line.has("effect") else "other"
                break
