"""Casualty claims: the figures of every sentence, those told twice joined, with claimant, side, time and evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from schemas.reading import CasualtyClaim
from schemas.vocabulary import Bound
from services.classifier.core.assurance import assured
from services.classifier.core.counts import Chooser, Setting, counted
from services.classifier.core.discourse import Discourse, opened
from services.classifier.core.document import Document
from services.classifier.core.drafts import Draft, ParagraphTime, draft_of
from services.classifier.core.effects import effect_words
from services.classifier.core.frames import frames
from services.classifier.core.hearing import listen
from services.classifier.core.lines import Line
from services.classifier.core.parties import Parties, side_of_body
from services.classifier.core.quantities import quantities
from services.classifier.core.relations import marked, related
from services.classifier.core.revisions import clocks_of, supersede, withdraw
from services.classifier.core.times import TimeMark, time_marks, verdict
from services.classifier.core.turns import possible, turned
from services.classifier.core.verbfinal import birth_year, pluperfect
from services.region import Region

VAGUE_FROM = 12
"""Heads: from here on "dozens" may be the same figure."""

CLOSE = 2
"""Sentences: a bare number farther behind a figure does not speak of it."""

GUESSES = frozenset({"side:main", "side:claimant"})
"""Reasons of a side that no word of the sentence tells."""

OPENING = 4
"""Sentences of the text that tell of what day it speaks."""

SHORT = 9
"""Tokens: a sentence that is no longer dates its paragraph wherever its time stands: "Worse followed in April 2016."."""

STAGED = 4
"""So many words of plays, games, beasts and crops make losses figures of speech."""

DRILL = 3
"""So many words of an exercise make its victims players."""

WHOLE_BODIES = frozenset({"UNO", "OSCE", "NATO", "EUR", "CSTO", "ICRC", "NGO", "ISIS", "REB"})


def find_claims(document: Document, region: Region) -> tuple[CasualtyClaim, ...]:
    """All casualty claims of the document, in the order in which they stand."""
    del region
    return tuple(_claim(document, draft) for draft in told(document))


def told(document: Document, choose: Chooser | None = None) -> list[Draft]:
    """The figures that become claims: those told twice joined, those replaced since marked; `choose` says what a quantity counts."""
    kept = _without_vague(_merged(drafted(document, choose)))
    supersede(kept)
    return kept


def drafted(document: Document, choose: Chooser | None = None) -> list[Draft]:
    """Every figure as it is told, before repeated and superseded ones are joined."""
    pack = document.pack
    if pack is None:
        return []
    day = document.article.published_at.date() if document.article.published_at else None
    state = opened(document, day)
    parties = Parties(document, day)
    kinds = Counter(tag.kind for tags in document.tags for tag in tags)
    if kinds["drill"] >= DRILL or kinds["staged"] >= STAGED:
        return []
    opening = [tag for tags in document.tags[:3] for tag in tags]
    state.looks_back = any(tag.kind == "retrospective" for tag in opening) or _of_an_older_day(document, day)
    state.last_paragraph = max((sentence.paragraph for sentence in document.sentences if sentence.field == "text"), default=0)
    spoken = listen(document, state)
    clocks = clocks_of([heard.line for heard in spoken])
    drafts: list[Draft] = []
    setting = _setting(document)
    paragraph_time: ParagraphTime | None = None
    for heard in spoken:
        line = heard.line
        where = (line.sentence.field, line.sentence.paragraph)
        words = effect_words(line) if line.has("effect") else []
        # Without a word of casualties only a sentence close behind a figure can say more of it.
        close = bool(drafts) and line.sentence.index - drafts[-1].line.sentence.index <= CLOSE
        wordings = possible(line)
        given = quantities(line) if words or close or wordings else []
        turns = turned(line, wordings, given)
        fixed = {id(frame.quantity) for frame in turns}
        found = [*turns, *(frame for frame in frames(line, given, words) if id(frame.quantity) not in fixed)]
        marks = time_marks(line, day)
        if pack.agglutinative:
            marks = [mark for mark in marks if not birth_year(line, mark.at)]
        if pack.agglutinative and (had := pluperfect(line)) is not None:
            marks = sorted([*marks, TimeMark(had, past=True, strength=1, reason="pluperfect")], key=lambda mark: mark.at)
        fresh = related(line, found, given, words, drafts)
        # In a sentence without a word of casualties the weights are wrong as often as right.
        new = counted(line, given, words, fresh, drafts, setting, choose) if words else []
        if new:
            fresh = sorted([*fresh, *marked(line, new, fresh, drafts)], key=lambda frame: frame.quantity.start)
        if not fresh:
            withdraw(line, drafts)
        previous = drafts[-1] if drafts and _near(drafts[-1], line) else None
        for frame in fresh:
            draft = draft_of(heard, frame, state, parties, previous, marks, paragraph_time)
            draft.clock = clocks.get(line.sentence.paragraph) if line.sentence.field == "text" else None
            drafts.append(draft)
            if frame.options.get("each"):
                drafts.append(_of_the_other(draft, state, parties))
            previous = draft
        if marks:
            leading = [mark for mark in marks if _leads(line, mark)]
            told, why = verdict(line, leading, 0, len(line)) if leading else (None, "")
            paragraph_time = ParagraphTime(where, line.sentence.index, told, why) if told is not None else paragraph_time
        if words:
            setting = replace(setting, before=tuple(words), paragraph=line.sentence.paragraph, index=line.sentence.index)
    return drafts


def _setting(document: Document) -> Setting:
    """The effects that the title and the article name."""
    named = Counter[str]()
    title = set()
    for sentence, tags in zip(document.sentences, document.tags, strict=True):
        for tag in tags:
            if tag.kind == "effect":
                effect = str(tag.value).split(":", 1)[0]
                named[effect] += 1
                if sentence.field == "title":
                    title.add(effect)
    return Setting(frozenset(title), tuple(effect for effect, _ in named.most_common()))


def _of_an_older_day(document: Document, day: date | None) -> bool:
    """Whether an article begins with an older year and names no day of its own: a memoir, an interview years after."""
    pack = document.pack
    if pack is None or day is None:
        return False
    opening = [sentence for sentence in document.sentences if sentence.field == "text"][:OPENING]
    lines = [Line(document, sentence, pack) for sentence in opening]
    marks = [(line, mark) for line in lines for mark in time_marks(line, day)]
    # News whose second sentence ends with a year ("in dispute since 1991") does not begin with it.
    told = any(mark.past and mark.reason in {"older-year", "long-ago"} and (line is lines[0] or _leads(line, mark)) for line, mark in marks)
    return told and not any(not mark.past for _, mark in marks)


def _leads(line: Line, mark: TimeMark) -> bool:
    """Whether an expression of time dates its sentence: one at its end dates a thing within it."""
    return (mark.at * 5 <= len(line) * 3 or len(line) <= SHORT) and not mark.ahead


def _of_the_other(draft: Draft, state: Discourse, parties: Parties) -> Draft:
    """The same figure for the other of two sides that lost so many each."""
    foe = parties.foe_of(state.main)
    if not state.main or not foe:
        draft.side = None
        return replace(draft, reasons=[*draft.reasons])
    other = replace(draft, side=side_of_body(foe), reasons=[*draft.reasons])
    draft.side = side_of_body(state.main)
    if draft.claimant is None and draft.line.has("say"):
        # "Both sides said that they had lost two men": each speaks of its own.
        draft.claimant, other.claimant = f"{state.main}.GOV", f"{foe}.GOV"
    return other


def _near(draft: Draft, line: Line) -> bool:
    sentence = draft.line.sentence
    return sentence.field == line.sentence.field and sentence.paragraph == line.sentence.paragraph


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


def _without_vague(drafts: list[Draft]) -> list[Draft]:
    """The figures without vague words of the opening that the text tells exactly; a headline's sum stays beside its parts."""
    return [draft for draft in drafts if not _vague_again(draft, drafts)]


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


def _alike(first: Draft, second: Draft) -> bool:
    """Whether a title's figure is the body's, told shorter: "two dead" for "at least two"."""
    one, other = first.frame.quantity, second.frame.quantity
    mine, theirs = {one.low, one.high} - {None}, {other.low, other.high} - {None}
    return bool(mine & theirs) or (not mine and not theirs)


def _told_code(code: str | None) -> str | None:
    """The claimant's code as it is stored: bodies that act as a whole have no sector."""
    return code.split(".", 1)[0] if code is not None and code.split(".", 1)[0] in WHOLE_BODIES else code


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
        confidence=assured(draft),
        rule=frame.rule,
        reasons=tuple(draft.reasons),
        evidence=document.evidence(line.sentence.field, start, end),
    )
