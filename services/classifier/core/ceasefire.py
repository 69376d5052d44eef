"""What an article says of a truce in the watch area: agreed, in force, violated, collapsed, proposed, called for, rejected, denied.

A truce is named by a noun ("ceasefire"), by a phrase of stopping ("hold their fire"), by an agreement that is history
("the Bishkek protocol"), or, once the article has spoken of one, by a word for it ("the accord", "the offer"). Words
around it say what became of it; the nearest by clause wins, a call over what is called for ("urged both to respect the
ceasefire"). Whether that is now or background is told by the time of the clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.reading import CeasefireStatement
from schemas.vocabulary import CeasefireStatus as Status
from services.classifier.core.affairs import Words, words_of
from services.classifier.core.clauses import distance
from services.classifier.core.document import Document
from services.classifier.core.packs import Tag
from services.classifier.core.sentences import Sentence
from services.classifier.core.truceanchors import Anchor, anchors_of, of_a_conflict, of_another_war, peaceful
from services.classifier.core.trucecues import STATUS, call_of, chief_of, cues_of, governs, negated, short_lived, told_by_the_way
from services.classifier.core.trucelines import TruceLine
from services.classifier.core.trucetimes import RECENT, Era, day_of, ended_war, old_year, when_of
from services.region import Region

ANSWER = 24
"""A sentence of no more tokens can answer the one before it."""

LASTED = 6.0
"""Within this a verb tells how a truce that is named by its year or place has fared."""


@dataclass(frozen=True, slots=True)
class _Found:
    status: Status
    current: bool
    sentence: Sentence
    start: int
    end: int
    rule: str
    reasons: tuple[str, ...]
    confidence: float
    year: int | None
    counted: int | None


def find_ceasefire(
    document: Document,
    region: Region,  # noqa: ARG001 - its mentions are in the document
    words: Sequence[Words] | None = None,
) -> tuple[CeasefireStatement, ...]:
    """The truce statements of an article, each status of each time once; `words` are those of `words_of`, if known already."""
    words = words_of(document) if words is None else words
    if not any(row.truce for row in words) or not of_a_conflict(document, words):
        return ()
    found: list[_Found] = []
    spoken, open_question, era = False, False, Era()
    told: list[_Found] = []
    for sentence, row in zip(document.sentences, words, strict=True):
        line = TruceLine(document, sentence, row)
        era.meet(line, day_of(document))
        anchors = list(anchors_of(line, spoken=spoken, left_open=open_question and era.same_paragraph))
        ours = [a for a in anchors if not of_another_war(line, (a.start, a.end)) and not peaceful(line, (a.start, a.end))]
        spoken = spoken or any(a.kind in {"noun", "stop", "pair", "agreement"} for a in ours)
        before = len(found)
        for anchor in ours:
            found.extend(_read(document, line, anchor, anchors, era))
        if not anchors and era.same_paragraph and before:
            found.extend(_answered(line, told))
        open_question = len(found) == before and any(a.kind == "noun" for a in ours)
        told = found[before:] if len(found) > before else ([] if not era.same_paragraph or ours else told)
    return tuple(_statement(document, f) for f in _once(_announced(found)))


def _answered(line: TruceLine, told: Sequence[_Found]) -> Iterator[_Found]:
    """What a sentence without a word for the truce says of the one told of before it: "Baku refused", "each says the other broke it"."""
    if len(line.tokens) > ANSWER or line.years():
        return
    asked = any(one.current and one.status in {Status.CALLED_FOR, Status.PROPOSED} for one in told)
    made = any(one.current and one.status in {Status.AGREED, Status.IN_FORCE} for one in told)
    for kind, due in (("reject", asked), ("violate", made)):
        tags = [tag for tag in line.of(kind) if kind != "reject" or _closes(line, tag)]
        if due and tags and line.nearest("foreign", (tags[0].start, tags[0].end)) is None:
            span = (tags[0].start, tags[0].end)
            yield _made(line, STATUS[kind], span, tags[0], current=True, rule=f"answered-{kind}", reasons=(kind,), year=None)


def _closes(line: TruceLine, tag: Tag) -> bool:
    """Whether a word has no object behind it: who "refused to name its losses" does not refuse the truce."""
    behind = [token.surface for token in line.tokens[tag.end : tag.end + 2]]
    return len(behind) < 2 or any(not surface[0].isalnum() for surface in behind)


def _read(document: Document, line: TruceLine, anchor: Anchor, anchors: Sequence[Anchor], era: Era) -> Iterator[_Found]:
    span = (anchor.start, anchor.end)
    day = day_of(document)
    if anchor.kind == "made":
        current, why = when_of(line, anchor, Tag(*span, "agree", "agree"), Status.AGREED, era, day)
        yield _made(line, Status.AGREED, span, None, current=current, rule="made", reasons=(why,), year=era.year)
        return
    if anchor.kind == "refused":
        yield _made(line, Status.REJECTED, span, None, current=True, rule="refused", reasons=("pronoun",), year=None)
        return
    if anchor.kind == "broken":
        yield _made(line, Status.VIOLATED, span, None, current=True, rule="broken", reasons=("pronoun",), year=None)
        return
    if anchor.began is not None and day is not None and day - anchor.began > RECENT:
        # An old truce by its name: only a call to keep it or a breach of it speaks of now.
        cues = cues_of(line, anchor, anchors)
        call = call_of(line, anchor, anchors)
        if call is not None and any(c.kind in {"hold", "renew"} for c in cues):
            yield _made(line, Status.CALLED_FOR, span, call, current=True, rule="named-call", reasons=("call",), year=None)
        elif cues and cues[0].kind == "violate" and distance(line.running, (cues[0].start, cues[0].end), span) <= 3.0:
            yield _made(line, Status.VIOLATED, span, cues[0], current=True, rule="named-violate", reasons=("violate",), year=None)
        elif (
            cues
            and cues[0].kind in {"hold", "hold_after", "collapse"}
            and distance(line.running, (cues[0].start, cues[0].end), span) <= LASTED
        ):
            # "The truce of 1994 lasted for two decades": what is told of it is how it fared.
            status = STATUS[cues[0].kind]
            yield _made(line, status, span, cues[0], current=False, rule="named-fared", reasons=(cues[0].kind,), year=anchor.began.year)
        else:
            yield _made(
                line, Status.AGREED, span, None, current=False, rule="named-agreement", reasons=("older-agreement",), year=anchor.began.year
            )
        return
    if any(t.start <= anchor.start < t.end or anchor.start <= t.end - 1 < anchor.end for t in line.of("instrument")):
        current, why = when_of(line, anchor, Tag(*span, "agree", "agree"), Status.AGREED, era, day)
        yield _made(
            line,
            Status.AGREED,
            span,
            None,
            current=current,
            rule="instrument",
            reasons=("instrument", why),
            year=old_year(line, span, day) or era.year,
        )
        return
    cues = cues_of(line, anchor, anchors)
    old = old_year(line, span, day)
    if not cues:
        if old is not None and (anchor.kind == "noun" or (anchor.kind == "weak" and line.of("noun"))):
            yield _made(line, Status.AGREED, span, None, current=False, rule="dated-truce", reasons=("older-year",), year=old)
        elif anchor.kind == "noun" and ended_war(line, anchor):
            yield _made(line, Status.AGREED, span, None, current=False, rule="truce-of-a-war", reasons=("ended-war",), year=era.year)
        return
    best = chief_of(line, anchor, cues, document.language)
    status = STATUS[best.kind]
    if (
        status is Status.DENIED
        and best.kind == "deny"
        and (breach := next((cue for cue in cues if cue.kind == "violate"), None)) is not None
    ):
        # Who denies that the truce was broken does not deny the truce.
        best, status = breach, Status.VIOLATED
    if status is Status.IN_FORCE and short_lived(line, anchor, best):
        status = Status.COLLAPSED
    reasons: list[str] = [best.kind]
    if status is Status.PROPOSED and (accept := line.nearest("accept", (best.start, best.end), 4.0)) and accept.start < best.start:
        status, reasons = Status.AGREED, ["accept", "propose"]
    call = call_of(line, anchor, anchors)
    if (
        call is not None
        and best.kind in {"hold", "hold_after", "begin", "violate", "agree", "renew"}
        and governs(call, best, document.language)
    ):
        status, reasons = Status.CALLED_FOR, ["call", best.kind]
    elif anchor.kind in {"stop", "pair"} and best.kind in {"hold", "hold_after", "begin"}:
        return
    if status is Status.IN_FORCE and (best.kind != "begin") and line.nearest("promise", span) is not None:
        reasons.append("promise")
    if anchor.kind == "weak" and (
        status in {Status.CALLED_FOR, Status.PROPOSED}
        or (status is Status.IN_FORCE and distance(line.running, (best.start, best.end), span) > 3)
    ):
        return
    elif status is Status.AGREED and best.kind == "agree" and (denial := negated(line, best)) is not None:
        status, reasons = denial, ["negation", best.kind]
    elif (
        status is Status.AGREED and (deny := line.nearest("deny", span, 10.0)) is not None and deny.kind == "deny" and anchor.kind == "noun"
    ):
        status, reasons = Status.DENIED, ["deny", best.kind]
    current, why = (True, "promise") if "promise" in reasons else when_of(line, anchor, best, status, era, day)
    reasons.append(why)
    if not current and status in {Status.CALLED_FOR, Status.PROPOSED, Status.REJECTED, Status.DENIED}:
        return
    yield _made(line, status, span, best, current=current, rule=f"{anchor.kind}-{best.kind}", reasons=tuple(reasons), year=old or era.year)
    other = told_by_the_way(line, anchor, cues, best, status)
    if other is not None and current and anchor.kind == "noun":
        status = STATUS[other.kind]
        fresh, why = when_of(line, anchor, other, status, era, day)
        if fresh:
            # "The truce reached on 13 August was broken": the breach is of now, the agreement may be history.
            yield _made(line, status, span, other, current=True, rule=f"noun-{other.kind}", reasons=(other.kind, why), year=old)


def _made(
    line: TruceLine,
    status: Status,
    span: tuple[int, int],
    cue: Tag | None,
    *,
    current: bool,
    rule: str,
    reasons: tuple[str, ...],
    year: int | None,
) -> _Found:
    start = min(span[0], cue.start) if cue else span[0]
    end = max(span[1], cue.end) if cue else span[1]
    numbers = [t.number for t in line.tokens[max(0, start - 4) : end + 5] if t.kind == "number" and t.number]
    counted = numbers[0] if numbers and status is Status.VIOLATED else None
    return _Found(status, current, line.sentence, start, end, rule, reasons, 0.84 if cue else 0.88, year if not current else None, counted)


def _announced(found: Sequence[_Found]) -> list[_Found]:
    """A truce that "came into force" is news of its agreement where nothing else in the article tells of one."""
    if any(item.status is Status.AGREED and item.current for item in found):
        return list(found)
    return [replace(item, status=Status.AGREED) if item.current and item.reasons[0] == "begin" else item for item in found]


def _once(found: Sequence[_Found]) -> list[_Found]:
    """Each status of each time once; older truces once for each year they are dated by."""
    kept: dict[tuple[Status, bool, int | None, int | None], _Found] = {}
    counts = {item.counted for item in found if item.counted}
    for item in found:
        # Each side's own count of breaches is a statement of its own; breaches without a count are told along with them.
        count = (item.counted or min(counts)) if item.status is Status.VIOLATED and counts else None
        key = (item.status, item.current, item.year if item.status is Status.AGREED and not item.current else None, count)
        if key not in kept or (kept[key].sentence.field == "title" and item.sentence.field == "text"):
            kept[key] = item
    return list(kept.values())


def _statement(document: Document, found: _Found) -> CeasefireStatement:
    tokens = found.sentence.tokens
    evidence = document.evidence(found.sentence.field, tokens[found.start].start, tokens[found.end - 1].end)
    return CeasefireStatement(
        status=found.status, current=found.current, confidence=found.confidence, rule=found.rule, reasons=found.reasons, evidence=evidence
    )
