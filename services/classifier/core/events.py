"""What is reported as happening now, most likely first, with the words that say so and the place.

Words of each type are found in each sentence and told apart by where they stand (title, lead, further down) and by the
time of their sentence; claims and truces say more (a toll of today, prisoners, people displaced). Small weights, kept as
reviewed data, add the features up; the features of words are shared by all types and languages.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from schemas.reading import CasualtyClaim, CeasefireStatement, EventTag, Evidence
from schemas.vocabulary import Effect, EventType, Group
from services.classifier.core.affairs import Words, words_of
from services.classifier.core.ceasefire import find_ceasefire
from services.classifier.core.document import Document
from services.classifier.core.packs import Tag
from services.classifier.core.sentences import Sentence
from services.classifier.core.weights import weights_of
from services.region import Region

LEAD_PARAGRAPHS = 2
RECENT = timedelta(days=45)
SURE = {"sure:title:now": 0.97, "displacement|displaced": 0.92}
"""What says an event by itself, with how often it was right on the annotated articles; weights decide about the rest."""

_OF_WAR = frozenset(
    {
        EventType.SHELLING,
        EventType.AIR_STRIKE,
        EventType.ARMED_CLASH,
        EventType.MINE_BLAST,
        EventType.VIOLENCE_ON_CIVILIANS,
        EventType.TERRITORIAL_CHANGE,
    }
)
"""What an exercise plays."""

_OTHERWISE_HURT = (EventType.ACCIDENT, EventType.PROTEST, EventType.MINE_BLAST, EventType.AIR_STRIKE, EventType.SHELLING)
"""What else hurts soldiers and police of today."""

_ALWAYS = (
    EventType.DIPLOMACY,
    EventType.ARMED_CLASH,
    EventType.ACCIDENT,
    EventType.DETENTION,
    EventType.DISPLACEMENT,
    EventType.VIOLENCE_ON_CIVILIANS,
)
"""Types that claims alone may speak for, where no word of theirs stands."""

_TYPES = {str(kind): kind for kind in EventType}
_YEAR = re.compile(r"(19|20)\d\d(?!\d)")


ENOUGH = -0.6
"""From this sum on a type is said. On articles not learnt from F1 is best near -0.9; below -0.6 our own small cases lose precision."""

_CLEAR = frozenset({"sure:title:now", "sure:lead:now"})
"""Features of a type that the title or the lead tells of in words that mean nothing else."""


@dataclass(slots=True)
class Candidate:
    """An event type with what speaks for it."""

    kind: EventType
    features: set[str] = field(default_factory=set)
    evidence: Evidence | None = None
    sentence: Sentence | None = None
    sure: bool = False


def find_events(
    document: Document,
    claims: Sequence[CasualtyClaim],
    region: Region,
    truces: Sequence[CeasefireStatement] | None = None,
    words: Sequence[Words] | None = None,
) -> tuple[EventTag, ...]:
    """The event types of an article, most likely first.

    `truces` are its ceasefire statements and `words` those of `words_of`, where they are known already.
    """
    words = words_of(document) if words is None else words
    truces = find_ceasefire(document, region, words) if truces is None else truces
    weights = weights_of("events")
    found = []
    for candidate in candidates(document, claims, words).values():
        score = weights.get("bias", 0.0) + math.fsum(weights.get(feature, 0.0) for feature in candidate.features)
        sure = max((SURE[feature] for feature in candidate.features if feature in SURE), default=0.0)
        if "drill:war" in candidate.features:
            sure = 0.0
        if sure or score > ENOUGH:
            confidence = round(max(sure, 1 / (1 + math.exp(-score))), 3)
            found.append(
                EventTag(type=candidate.kind, confidence=confidence, place=_place(document, candidate), evidence=candidate.evidence)
            )
    current = [truce for truce in truces if truce.current]
    if current:
        best = max(current, key=lambda truce: truce.confidence)
        found.append(EventTag(type=EventType.CEASEFIRE, confidence=best.confidence, place=None, evidence=best.evidence))
    return tuple(sorted(found, key=lambda tag: (-tag.confidence, str(tag.type))))


def candidates(document: Document, claims: Sequence[CasualtyClaim], rows: Sequence[Words]) -> dict[EventType, Candidate]:
    """Every type that may be reported, with its features."""
    found: dict[EventType, Candidate] = {}
    day = document.article.published_at.date() if document.article.published_at else None
    sentences: Counter[EventType] = Counter()
    words: dict[EventType, set[str]] = {}
    drill = False
    history = _History()
    tolls = _tolls(document, claims)
    last = max((sentence.paragraph for sentence in document.sentences), default=0)
    for sentence, row in zip(document.sentences, rows, strict=True):
        tags = row.events
        past = history.past(sentence, tags, document, day)
        drill = drill or any(tag.kind == "drill" for tag in tags)
        where = "title" if sentence.field == "title" else "lead" if sentence.paragraph < LEAD_PARAGRAPHS else "body"
        signs = _signs(document, sentence, tolls, last)
        seen: set[EventType] = set()
        idle = {place for tag in tags if tag.kind == "idle" for place in range(tag.start, tag.end)}
        for tag in tags:
            kind = _TYPES.get(tag.kind.removesuffix("_sure"))
            if kind is None or tag.start in idle:
                continue
            sure = "sure" if tag.kind.endswith("_sure") else "word"
            candidate = found.setdefault(kind, Candidate(kind))
            if past:
                candidate.features.add(f"{sure}:{where}:past")
                continue
            doubt = (
                "negated"
                if _before(tags, tag, "negation", 2)
                else "maybe"
                if kind is not EventType.DIPLOMACY and _before(tags, tag, "hypothetical", 4)
                else ""
            )
            if doubt:
                candidate.features.add(f"{sure}:{doubt}")
                continue
            candidate.features.add(f"{sure}:{where}:now")
            candidate.features.update(f"{sure}:{sign}" for sign in signs)
            if sure == "sure":
                candidate.features.add(f"{kind}|sure")
            seen.add(kind)
            words.setdefault(kind, set()).add(sentence.tokens[tag.start].folded[:6])
            better = candidate.evidence is None or (where == "title" and candidate.evidence.field == "text")
            if better or (sure == "sure" and not candidate.sure):
                tokens = sentence.tokens
                candidate.evidence = document.evidence(sentence.field, tokens[tag.start].start, tokens[tag.end - 1].end)
                candidate.sentence = sentence
                candidate.sure = sure == "sure"
        sentences.update(seen)
    for kind in _ALWAYS:
        found.setdefault(kind, Candidate(kind))
    plain = [kind for kind, candidate in found.items() if candidate.features & _CLEAR]
    for kind, candidate in found.items():
        for least in (2, 3, 5):
            if sentences[kind] >= least:
                candidate.features.add(f"sentences:{least}")
            if len(words.get(kind, ())) >= least:
                candidate.features.add(f"words:{least}")
            if least < 5 and len(words.get(kind, ())) >= least:
                candidate.features.add(f"{kind}|words:{least}")
        candidate.features.add(f"type:{kind}")
        if candidate.evidence is not None:
            candidate.features.add(
                f"{kind}|{'lead' if candidate.sentence and (candidate.sentence.field == 'title' or candidate.sentence.paragraph < LEAD_PARAGRAPHS) else 'body'}"
            )
        candidate.features.update(f"{kind}|{feature}" for feature in _of_claims(claims))
        candidate.features.update(f"{kind}|with:{other}" for other in plain if other is not kind)
        if kind is EventType.DIPLOMACY:
            candidate.features.update(_of_bodies(document))
        if drill:
            candidate.features.add(f"{kind}|drill")
            if kind in _OF_WAR:
                candidate.features.add("drill:war")
    found.pop(EventType.CEASEFIRE, None)
    if "armed_clash|arms" in found[EventType.ARMED_CLASH].features and not any(
        kind in found and found[kind].features & _CLEAR for kind in _OTHERWISE_HURT
    ):
        found[EventType.ARMED_CLASH].features.add("arms-only")
    return found


def _of_claims(claims: Sequence[CasualtyClaim]) -> set[str]:
    """What the claims say of the kind of happening."""
    now = [claim for claim in claims if claim.current and not claim.low == claim.high == 0]
    features = {f"{claim.effect}" for claim in now}
    features.update("arms" if claim.group in _ARMED else "people" for claim in now)
    features.update(f"captured:{'arms' if claim.group in _ARMED else 'people'}" for claim in now if claim.effect is Effect.CAPTURED)
    if not now:
        features.add("no-toll")
    voices = {claim.claimant.split(".")[0] for claim in claims if claim.claimant and claim.current}
    features.add(f"voices:{min(len(voices), 2)}")
    return features


def _tolls(document: Document, claims: Sequence[CasualtyClaim]) -> dict[int, bool]:
    """For each sentence with a toll whether any of it is of today."""
    found: dict[int, bool] = {}
    for claim in claims:
        for sentence in document.sentences:
            tokens = sentence.tokens
            if tokens and sentence.field == claim.evidence.field and tokens[0].start <= claim.evidence.start < tokens[-1].end:
                found[sentence.index] = found.get(sentence.index, False) or (claim.current and claim.high != 0)
                break
    return found


def _signs(document: Document, sentence: Sentence, tolls: Mapping[int, bool], last: int) -> set[str]:
    """What a sentence has that tells its events from those of other times: tolls of today or of old, a day, its place in the text."""
    signs = set()
    if sentence.index in tolls:
        signs.add("toll" if tolls[sentence.index] else "old-toll")
    kinds = {tag.kind for tag in document.tags[sentence.index]}
    if kinds & {"weekday", "time_now"}:
        signs.add("dated")
    if "time_background" in kinds:
        signs.add("of-before")
    if sentence.field == "text" and sentence.paragraph == last > LEAD_PARAGRAPHS:
        signs.add("last")
    if sentence.paragraph == 0:
        signs.add("first")
    if any(mention.entry.kind == "place" and mention.entry.watched for mention in document.mentions_in(sentence)):
        signs.add("place")
    return signs


_ARMED = frozenset({Group.MILITARY, Group.POLICE, Group.PEACEKEEPERS})
_PARTIES = frozenset({"ARM", "AZE", "NKR", "GEO", "ABK", "OSS", "CHE", "DAG", "ING", "KBR"})


def _of_bodies(document: Document) -> set[str]:
    """How many parties and outside powers an article names: where many are, one accuses, urges or condemns."""
    named = {(m.code or m.entry.speaks_for or "").split(".")[0] for mentions in document.mentions.values() for m in mentions} - {
        "",
        "REB",
        "ISIS",
    }
    outside, parties = len(named - _PARTIES), len(named & _PARTIES)
    return {f"outside:{min(outside, 3)}", f"parties:{min(parties, 3)}"}


class _History:
    """Whether a sentence tells of another time, by its years and the wars it names, or by the years before it in its paragraph."""

    def __init__(self) -> None:
        self._paragraph = ("", -1)
        self._old = False

    def past(self, sentence: Sentence, tags: Sequence[Tag], document: Document, day: date | None) -> bool:
        """True where the sentence is background."""
        if day is None:
            return False
        paragraph = (sentence.field, sentence.paragraph)
        if paragraph != self._paragraph:
            self._paragraph, self._old = paragraph, False
        years = [int(t.surface[:4]) for t in sentence.tokens if t.kind == "number" and _YEAR.match(t.surface)]
        lexical = {tag.kind for tag in document.tags[sentence.index]}
        if years:
            self._old = max(years) < day.year
        elif lexical & {"weekday", "time_now"}:
            self._old = False
        elif "time_background" in lexical or any(tag.kind == "background" for tag in tags):
            self._old = True
        elif any(m.entry.ended and day - m.entry.ended > RECENT for m in document.mentions_in(sentence)):
            return True
        return self._old


def _before(tags: Sequence[Tag], tag: Tag, kind: str, reach: int) -> bool:
    """True where a word of that class stands at most `reach` words before."""
    return any(other.kind == kind and 0 <= tag.start - other.end <= reach for other in tags)


def _place(document: Document, candidate: Candidate) -> str | None:
    """The gazetteer's id of the most exact watched place of the sentence that tells the event, else of the lead."""
    sentences = [candidate.sentence] if candidate.sentence else []
    sentences += [sentence for sentence in document.sentences if sentence.field == "text" and sentence.paragraph == 0]
    for sentence in sentences:
        places = [m.of or m.entry for m in document.mentions_in(sentence)]
        places = [entry for entry in places if entry.kind == "place" and entry.watched]
        exact = [entry for entry in places if entry.place_kind not in {"state", "region", "republic", "border"} and not entry.speaks_for]
        if exact or places:
            return (exact or places)[0].id
    return None
