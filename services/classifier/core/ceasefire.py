"""What an article says of a truce in the watch area: agreed, in force, violated, collapsed, proposed, called for, rejected, denied.

A truce is named by a noun ("ceasefire"), by a phrase of stopping ("hold their fire"), by an agreement that is history
("the Bishkek protocol"), or, once the article has spoken of one, by a word for it ("the accord", "the offer"). Words
around it say what became of it; the nearest by clause wins, a call over what is called for ("urged both to respect the
ceasefire"). Whether that is now or background is told by the time of the clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from schemas.reading import CeasefireStatement
from schemas.vocabulary import CeasefireStatus as Status
from services.classifier.core.affairs import Words, words_of
from services.classifier.core.clauses import costs, distance
from services.classifier.core.document import Document
from services.classifier.core.lines import Line
from services.classifier.core.packs import Tag
from services.classifier.core.sentences import Sentence
from services.classifier.core.times import time_marks, verdict
from services.region import Mention, Region

REACH = 14.0
"""Words around a truce that are further away than this say nothing of it."""

NEAR = 5.0
"""Within this a year belongs to the truce's own name."""

RECENT = timedelta(days=45)
TRUCE_AGREEMENTS = frozenset(
    {
        "bishkek-protocol",
        "trilateral-statement-2020",
        "ceasefire-2023-09-20",
        "geneva-2008-plan",
        "moscow-1994-abkhazia",
        "sochi-1992",
        "khasavyurt-1996",
        "moscow-truce-october-2020",
    }
)
"""Agreements of the region that are truces."""

_STATUS = {
    "agree": Status.AGREED,
    "renew": Status.AGREED,
    "begin": Status.IN_FORCE,
    "hold": Status.IN_FORCE,
    "hold_after": Status.IN_FORCE,
    "violate": Status.VIOLATED,
    "collapse": Status.COLLAPSED,
    "propose": Status.PROPOSED,
    "call": Status.CALLED_FOR,
    "reject": Status.REJECTED,
    "deny": Status.DENIED,
    "none": Status.DENIED,
}
_BONUS = {
    "violate": 3.0,
    "collapse": 3.0,
    "reject": 3.0,
    "deny": 3.0,
    "none": 6.0,
    "begin": 1.0,
    "propose": 0.5,
    "call": 1.5,
    "hold": -0.5,
    "hold_after": -0.5,
    "renew": -1.0,
}
"""How much nearer a word counts than it stands, by how plainly it speaks of a truce."""

_REACH = {"agree": 9.0, "renew": 9.0, "hold": 12.0, "hold_after": 9.0, "propose": 9.0, "begin": 9.0}
"""Words that reach less far than others."""

_ONE_BREATH = 3.0
_FOES = frozenset({"ARM", "AZE", "NKR", "GEO", "RUS", "ABK", "OSS", "CHE"})
_WARLIKE = frozenset({"shelling_sure", "air_strike_sure", "territorial_change_sure"})
"""Words of events that only a conflict knows."""

_LATE = {"az", "tr", "hy", "ka"}
"""Languages whose verb closes the clause."""

_YEAR = re.compile(r"(19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class _Anchor:
    start: int
    end: int
    kind: str
    began: date | None = None


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


class _Line:
    """One sentence with its truce words, years and running costs."""

    def __init__(self, document: Document, sentence: Sentence, words: Words) -> None:
        self._document, self._pack = document, document.pack
        self.sentence = sentence
        self.tokens = sentence.tokens
        self.tags = words.truce
        self.running = costs(sentence.tokens)
        self.mentions = document.mentions_in(sentence)
        self.lexical = document.tags[sentence.index]

    def of(self, *kinds: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.kind in kinds]

    def nearest(self, kind: str, span: tuple[int, int], reach: float = REACH) -> Tag | None:
        found = [(distance(self.running, (t.start, t.end), span), t.start, t) for t in self.of(kind) if not _inside(t, span)]
        found = [f for f in found if f[0] <= reach]
        return min(found)[2] if found else None

    def time(self, span: tuple[int, int], day: date) -> bool | None:
        """Whether the lexicon's expressions of time make the clause one of now; None where they do not tell."""
        if self._pack is None:
            return None
        line = Line(self._document, self.sentence, self._pack)
        return verdict(line, time_marks(line, day), *span)[0]

    def tells_now(self) -> bool:
        """Whether the lexicon of the language finds a weekday or a word of now."""
        return any(tag.kind in {"weekday", "time_now"} for tag in self.lexical)

    def tells_past(self) -> bool:
        """Whether the lexicon of the language finds a word of another time."""
        return any(tag.kind == "time_background" for tag in self.lexical)

    def years(self) -> list[tuple[int, int]]:
        """(token, year) of every year in the sentence."""
        return [(i, int(t.surface[:4])) for i, t in enumerate(self.tokens) if t.kind == "number" and _YEAR.match(t.surface)]


def _inside(tag: Tag, span: tuple[int, int]) -> bool:
    return tag.start >= span[0] and tag.end <= span[1]


def find_ceasefire(
    document: Document,
    region: Region,  # noqa: ARG001 - its mentions are in the document
    words: Sequence[Words] | None = None,
) -> tuple[CeasefireStatement, ...]:
    """The truce statements of an article, each status of each time once; `words` are those of `words_of`, if known already."""
    words = words_of(document) if words is None else words
    if not any(row.truce for row in words) or not _of_a_conflict(document, words):
        return ()
    found: list[_Found] = []
    spoken, open_question, era = False, False, _Era()
    for sentence, row in zip(document.sentences, words, strict=True):
        line = _Line(document, sentence, row)
        era.meet(line, _day(document))
        anchors = list(_anchors(line, spoken=spoken, left_open=open_question and era.same_paragraph))
        spoken = spoken or any(a.kind in {"noun", "stop", "pair", "agreement"} and not _elsewhere(line, (a.start, a.end)) for a in anchors)
        before = len(found)
        for anchor in anchors:
            found.extend(_read(document, line, anchor, anchors, era))
        open_question = len(found) == before and any(a.kind == "noun" for a in anchors)
    return tuple(_statement(document, f) for f in _once(_announced(found)))


class _Era:
    """The older year that a paragraph tells of, where a sentence has no time of its own."""

    def __init__(self) -> None:
        self._paragraph = ("", -1)
        self.same_paragraph = False
        self.year: int | None = None

    def meet(self, line: _Line, day: date | None) -> None:
        """Take in the next sentence."""
        paragraph = (line.sentence.field, line.sentence.paragraph)
        self.same_paragraph = paragraph == self._paragraph
        if not self.same_paragraph:
            self._paragraph, self.year = paragraph, None
        years = [year for _, year in line.years()]
        if years and day is not None:
            self.year = years[-1] if years[-1] < day.year else None
        elif line.tells_now():
            self.year = None
        elif day is not None and line.tells_past():
            self.year = day.year - 1


def _day(document: Document) -> date | None:
    return document.article.published_at.date() if document.article.published_at else None


def _of_a_conflict(document: Document, words: Sequence[Words]) -> bool:
    """A truce is none in an article without soldiers, fronts or the area's conflicts: a bazaar, a film, a fire."""
    if any(tag.kind in _WARLIKE for row in words for tag in row.events) or any(tag.kind == "attack" for row in words for tag in row.actors):
        return True
    parties: set[str] = set()
    for mentions in document.mentions.values():
        for mention in mentions:
            entry = mention.entry
            if entry.sector in {"MIL", "PKO", "REB"} or (mention.code or "").endswith((".MIL", ".PKO")) or entry.began is not None:
                return True
            if entry.id in {"line-of-contact", "minsk-group", "abl"}:
                return True
            parties.add((mention.code or entry.speaks_for or entry.body or "").split(".")[0])
    return len(parties & _FOES) >= 2


def _anchors(line: _Line, *, spoken: bool, left_open: bool) -> Iterator[_Anchor]:
    taken: list[tuple[int, int]] = []
    for mention in line.mentions:
        if mention.entry.id in TRUCE_AGREEMENTS:
            span = _tokens_of(line, mention)
            taken.append(span)
            yield _Anchor(*span, "agreement", mention.entry.began)
    for kind in ("noun", "stop"):
        for tag in line.of(kind):
            if not any(tag.start < e and s < tag.end for s, e in taken):
                taken.append((tag.start, tag.end))
                yield _Anchor(tag.start, tag.end, kind)
    for fire in line.of("fire"):
        for cease in line.of("cease"):
            span = (min(fire.start, cease.start), max(fire.end, cease.end))
            if (
                span[1] - span[0] <= 10
                and distance(line.running, (fire.start, fire.end), (cease.start, cease.end)) <= 8
                and not any(span[0] < e and s < span[1] for s, e in taken)
            ):
                taken.append(span)
                yield _Anchor(*span, "pair")
    for tag in line.of("halted"):
        if not any(tag.start < e and s < tag.end for s, e in taken):
            taken.append((tag.start, tag.end))
            yield _Anchor(tag.start, tag.end, "made")
    if spoken or taken:
        for kind in ("broken", "refused", "weak", "made"):
            for tag in line.of(kind):
                if not any(tag.start < e + 1 and s - 1 < tag.end for s, e in taken):
                    taken.append((tag.start, tag.end))
                    yield _Anchor(tag.start, tag.end, kind)
    if left_open and not taken:
        # "And the truce? The co-chairs deplore violations": the sentence answers for the one before.
        for tag in line.of("violate", "collapse", "begin"):
            yield _Anchor(tag.start, tag.start, "answer")
            return


def _tokens_of(line: _Line, mention: Mention) -> tuple[int, int]:
    inside = [i for i, t in enumerate(line.tokens) if t.start < mention.end and mention.start < t.end]
    return (inside[0], inside[-1] + 1) if inside else (0, 1)


def _read(document: Document, line: _Line, anchor: _Anchor, anchors: Sequence[_Anchor], era: _Era) -> Iterator[_Found]:
    span = (anchor.start, anchor.end)
    if _elsewhere(line, span) or line.nearest("drop", span, 6.0):
        return
    day = _day(document)
    if anchor.kind == "made":
        current, why = _when(line, anchor, Tag(*span, "agree", "agree"), Status.AGREED, era, day)
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
        cues = _cues(line, anchor, anchors)
        call = _call(line, anchor, anchors)
        if call is not None and any(c.kind in {"hold", "renew"} for c in cues):
            yield _made(line, Status.CALLED_FOR, span, call, current=True, rule="named-call", reasons=("call",), year=None)
        elif cues and cues[0].kind == "violate" and distance(line.running, (cues[0].start, cues[0].end), span) <= 3.0:
            yield _made(line, Status.VIOLATED, span, cues[0], current=True, rule="named-violate", reasons=("violate",), year=None)
        else:
            yield _made(
                line, Status.AGREED, span, None, current=False, rule="named-agreement", reasons=("older-agreement",), year=anchor.began.year
            )
        return
    if any(t.start <= anchor.start < t.end or anchor.start <= t.end - 1 < anchor.end for t in line.of("instrument")):
        current, why = _when(line, anchor, Tag(*span, "agree", "agree"), Status.AGREED, era, day)
        yield _made(
            line,
            Status.AGREED,
            span,
            None,
            current=current,
            rule="instrument",
            reasons=("instrument", why),
            year=_old_year(line, span, day) or era.year,
        )
        return
    cues = _cues(line, anchor, anchors)
    old = _old_year(line, span, day)
    if not cues:
        if old is not None and (anchor.kind == "noun" or (anchor.kind == "weak" and line.of("noun"))):
            yield _made(line, Status.AGREED, span, None, current=False, rule="dated-truce", reasons=("older-year",), year=old)
        elif anchor.kind == "noun" and _ended_war(line, anchor):
            yield _made(line, Status.AGREED, span, None, current=False, rule="truce-of-a-war", reasons=("ended-war",), year=era.year)
        return
    best = _chief(line, anchor, cues, document.language)
    status = _STATUS[best.kind]
    if (
        status is Status.DENIED
        and best.kind == "deny"
        and (breach := next((cue for cue in cues if cue.kind == "violate"), None)) is not None
    ):
        # Who denies that the truce was broken does not deny the truce.
        best, status = breach, Status.VIOLATED
    reasons: list[str] = [best.kind]
    if status is Status.PROPOSED and (accept := line.nearest("accept", (best.start, best.end), 4.0)) and accept.start < best.start:
        status, reasons = Status.AGREED, ["accept", "propose"]
    call = _call(line, anchor, anchors)
    if (
        call is not None
        and best.kind in {"hold", "hold_after", "begin", "violate", "agree", "renew"}
        and _governs(call, best, document.language)
    ):
        status, reasons = Status.CALLED_FOR, ["call", best.kind]
    elif anchor.kind in {"stop", "pair"} and best.kind in {"hold", "hold_after", "begin"}:
        return
    if status is Status.IN_FORCE and (best.kind != "begin") and line.nearest("promise", span) is not None:
        reasons.append("promise")
    if anchor.kind == "weak" and (
        status is Status.CALLED_FOR or (status is Status.IN_FORCE and distance(line.running, (best.start, best.end), span) > 3)
    ):
        return
    elif status is Status.AGREED and best.kind == "agree" and (denial := _negated(line, best)) is not None:
        status, reasons = denial, ["negation", best.kind]
    elif (
        status is Status.AGREED and (deny := line.nearest("deny", span, 10.0)) is not None and deny.kind == "deny" and anchor.kind == "noun"
    ):
        status, reasons = Status.DENIED, ["deny", best.kind]
    current, why = (True, "promise") if "promise" in reasons else _when(line, anchor, best, status, era, day)
    reasons.append(why)
    if not current and status in {Status.CALLED_FOR, Status.PROPOSED, Status.REJECTED, Status.DENIED}:
        return
    yield _made(line, status, span, best, current=current, rule=f"{anchor.kind}-{best.kind}", reasons=tuple(reasons), year=old or era.year)
    other = _by_the_way(line, anchor, cues, best, status)
    if other is not None and current and anchor.kind == "noun":
        rule = f"noun-{other.kind}"
        yield _made(line, _STATUS[other.kind], span, other, current=True, rule=rule, reasons=(other.kind, why), year=old)


def _negated(line: _Line, cue: Tag) -> Status | None:
    """What a negated agreement is: refused ("we do not conclude truces") or none at all ("has not been reached")."""
    if not any(tag.kind == "negation" and 0 <= cue.start - tag.end <= 2 for tag in line.tags):
        return None
    before = {token.folded for token in line.tokens[max(0, cue.start - 2) : cue.start]}
    return Status.DENIED if before & {"been", "be", "was", "were", "yet"} else Status.REJECTED


def _by_the_way(line: _Line, anchor: _Anchor, cues: Sequence[Tag], best: Tag, status: Status) -> Tag | None:
    """What else is told of a truce broken or refused: that it was agreed, that it was offered."""
    wanted = {Status.COLLAPSED: "agree", Status.VIOLATED: "agree", Status.REJECTED: "propose"}.get(status)
    span = (anchor.start, anchor.end)
    for cue in cues:
        near = distance(line.running, (cue.start, cue.end), span)
        # "The proposed truce" offers nothing anew.
        told_of = any(token.surface in {",", "՝"} for token in line.tokens[anchor.end : cue.start])
        if cue.kind == "agree" and cue.start >= anchor.end and not told_of:
            continue
        if cue is best or cue.kind != wanted or near > 3.0 or (cue.kind == "propose" and cue.end == anchor.start):
            continue
        if near < distance(line.running, (cue.start, cue.end), (best.start, best.end)):
            return cue
    return None


def _chief(line: _Line, anchor: _Anchor, cues: Sequence[Tag], language: str) -> Tag:
    """The word that counts: of a truce "signed in May" that "still holds" the holding is said, the signing only told by the way."""
    best = cues[0]
    if (
        best.kind == "agree"
        and anchor.kind == "noun"
        and distance(line.running, (best.start, best.end), (anchor.start, anchor.end)) <= (6.0 if best.start >= anchor.end else 2.0)
    ):
        for cue in cues[1:]:
            if cue.kind in {"hold", "hold_after", "begin", "violate", "collapse"} and cue.start > max(best.end, anchor.end):
                return cue
    if best.kind in {"hold", "hold_after"} and best.start >= anchor.end and language not in _LATE:
        # "They settled on a truce that would hold": what is agreed leads, the relative clause follows.
        for cue in cues[1:]:
            if (
                cue.kind == "agree"
                and cue.end <= anchor.start
                and distance(line.running, (cue.start, cue.end), (anchor.start, anchor.end)) <= 5.0
            ):
                return cue
    return best


def _call(line: _Line, anchor: _Anchor, anchors: Sequence[_Anchor]) -> Tag | None:
    """The call that asks for this truce rather than for another thing named nearer to it."""
    call = line.nearest("call", (anchor.start, anchor.end))
    if call is None:
        return None
    own = distance(line.running, (call.start, call.end), (anchor.start, anchor.end))
    span = (anchor.start, anchor.end)
    # Two things asked for in one breath share the call: "the fighting must stop and the truce be kept".
    apart = [o for o in anchors if o is not anchor and o.kind != "weak" and distance(line.running, (o.start, o.end), span) > _ONE_BREATH]
    others = [distance(line.running, (call.start, call.end), (o.start, o.end)) for o in apart]
    return None if any(other + 1.0 < own for other in others) else call


def _governs(call: Tag, cue: Tag, language: str) -> bool:
    """A call reaches over what it asks for: forward, or back where the verb closes the sentence."""
    return call.start > cue.start if language in _LATE and call.start > cue.start else call.start < cue.end or language in _LATE


def _elsewhere(line: _Line, span: tuple[int, int]) -> bool:
    """The truce of another war, or one that is none, by the words beside it."""
    foreign = line.nearest("foreign", span, 10.0)
    if foreign is None:
        return False
    here = [
        distance(line.running, _tokens_of(line, m), span)
        for m in line.mentions
        if m.entry.watched or (m.code or "").split(".")[0] in {"ARM", "AZE", "NKR", "GEO", "ABK", "OSS", "CHE"}
    ]
    return not here or min(here) > distance(line.running, (foreign.start, foreign.end), span)


def _cues(line: _Line, anchor: _Anchor, anchors: Sequence[_Anchor]) -> list[Tag]:
    """The words that say what became of the truce, the one that counts most first."""
    span = (anchor.start, anchor.end)
    ranked: list[tuple[float, int, Tag]] = []
    for tag in line.tags:
        if (
            tag.kind not in _STATUS
            or any(a.kind == "idle" and a.start == tag.start for a in line.tags)
            or (_inside(tag, span) and anchor.kind != "pair" and tag.kind not in {"collapse", "hold"})
        ):
            continue
        cost = distance(line.running, (tag.start, tag.end), span)
        # "broken down" is no "broken": of words that begin alike the longest is meant.
        if any(t.start == tag.start and t.end > tag.end and t.kind in _STATUS for t in line.tags):
            continue
        if tag.kind == "hold_after" and tag.start < anchor.end:
            continue
        if tag.kind == "none" and not 0 <= anchor.start - tag.end <= 1:
            continue
        # A truce nearer to the word than this one takes it.
        if any(
            o is not anchor and o.kind != "weak" and distance(line.running, (tag.start, tag.end), (o.start, o.end)) + 1.0 < cost
            for o in anchors
        ):
            continue
        if cost <= _REACH.get(tag.kind, REACH):
            ranked.append((cost - _BONUS.get(tag.kind, 0.0), tag.start, tag))
    return [tag for _, _, tag in sorted(ranked, key=lambda r: (r[0], r[1]))]


def _old_year(line: _Line, span: tuple[int, int], day: date | None) -> int | None:
    """The year of the truce's own name where it is not the article's."""
    if day is None:
        return None
    near = [(distance(line.running, (i, i + 1), span), year) for i, year in line.years() if _older(year, day)]
    near = [n for n in near if n[0] <= 9.0]
    return min(near)[1] if near else None


def _older(year: int, day: date) -> bool:
    return year < day.year and not (year == day.year - 1 and day.month <= 2)


def _when(line: _Line, anchor: _Anchor, cue: Tag, status: Status, era: _Era, day: date | None) -> tuple[bool, str]:
    """(current?, why) of a statement."""
    span = (min(anchor.start, cue.start), max(anchor.end, cue.end))
    if status in {Status.CALLED_FOR, Status.PROPOSED, Status.REJECTED, Status.DENIED} or day is None:
        return True, "now"
    years = [(distance(line.running, (i, i + 1), span), year) for i, year in line.years()]
    if years:
        far, year = min(years)
        if _older(year, day) and (status is not Status.VIOLATED or far <= NEAR):
            # A violation of today may name the truce by its year: "broke the truce of 1994".
            named = any(anchor.end <= i <= anchor.end + 3 for i, told in line.years() if told == year)
            if status is not Status.VIOLATED or cue.start > anchor.start or not named:
                return False, "older-year"
    elif era.year is not None and status is not Status.VIOLATED and not line.tells_now():
        return False, "older-year-before"
    if any(0 <= anchor.start - tag.end <= 1 for tag in line.of("former")):
        return False, "former-truce"
    if line.nearest("past", span, 6.0 if status is Status.VIOLATED else 12.0) is not None:
        return False, "past-word"
    if status is Status.VIOLATED:
        return True, "now"
    if any(m.entry.ended and day - m.entry.ended > RECENT for m in line.mentions):
        return False, "older-war"
    told = line.time(span, day)
    if told is not None:
        return told, "time-of-clause"
    if status is Status.AGREED and _ended_war(line, anchor):
        return False, "ended-war"
    return True, "now"


def _ended_war(line: _Line, anchor: _Anchor) -> bool:
    """Whether the truce is told as the end of a war, which is history but in a title."""
    return line.sentence.field != "title" and line.nearest("ended", (anchor.start, anchor.end), 8.0) is not None and bool(line.of("war"))


def _made(
    line: _Line,
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
    return _Found(status, current, line.sentence, start, end, rule, reasons, 0.9 if cue else 0.8, year if not current else None, counted)


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
