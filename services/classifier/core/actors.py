"""Who acts, speaks or is hit: the bodies of an article with their sectors.

Every mention, claim and country that might be an actor is a candidate with features: named by office, speaks from a
capital, its soldiers among the dead. Small weights, kept as reviewed data, add the features up; a candidate counts from
one half. The features are classes without words, so one set of weights serves all languages.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from schemas.reading import ActorTag, CasualtyClaim, Evidence
from schemas.vocabulary import Sector
from services.classifier.core.affairs import Words, words_of
from services.classifier.core.document import Document
from services.classifier.core.sentences import Sentence
from services.classifier.core.weights import weights_of
from services.region import Mention, Region

Role = Literal["speaks", "acts", "hit", "named"]

HOME = {"az": "AZE", "hy": "ARM", "ka": "GEO"}
"""Whose ministry a bare "the ministry" is in a text of that language."""

_GROUP_SECTORS = {
    "military": "MIL",
    "civilian": "CVL",
    "children": "CVL",
    "women": "CVL",
    "police": "POL",
    "peacekeepers": "PKO",
    "journalists": "MED",
}
_LOCATIVE_TAILS = frozenset(
    {"da", "de", "dan", "den", "daki", "deki", "nda", "nde", "ndan", "nden", "ta", "te", "ում", "ից", "ში", "დან", "იდან", "ya", "ye"}
)
_GENITIVE_TAILS = frozenset({"in", "un", "nin", "nun", "ի", "ին", "ის", "ս", "վի"})
_SPOKEN = frozenset({"say", "according", "cite", "according_after"})
_WHOLE = frozenset({"OSCE", "EUR", "UNO", "NATO", "CSTO", "ICRC", "NGO", "ISIS", "REB"})
"""Bodies without sectors."""

SURE = {
    "claimant": 0.99,
    "explicit:person": 0.98,
    "explicit:office": 0.96,
    "explicit:armed": 0.96,
    "explicit:org": 0.93,
    "explicit:format": 0.92,
    "explicit:soldiers": 0.95,
    "side:MIL:now": 0.98,
    "side:MIL:past": 0.96,
    "side:POL:now": 0.98,
    "side:POL:past": 0.96,
    "side:PKO:now": 0.98,
    "side:PKO:past": 0.96,
    "side:MED:now": 0.98,
    "side:MED:past": 0.96,
    "side:CVL:now": 0.94,
    "side:CVL:past": 0.9,
    "side:REB": 0.97,
}
"""What makes an actor by itself, with how often it was right on the annotated articles; weights decide about the rest."""

_BOMBED = frozenset({"CHE", "DAG", "ING", "KBR", "RUS"})
"""Where a bomb without a sender is laid at the door of the insurgency."""

_BREAKAWAY = ("NKR", "ABK", "OSS", "CHE")
"""Republics that no state recognised, or few."""

_NORTH = frozenset({"CHE", "DAG", "ING", "KBR"})
"""Republics of the North Caucasus that are bodies of their own."""

_ROLLED = {"SEO": "RUS", "KCR": "RUS", "ADY": "RUS"}
"""Republics that the annotation manual files under Russia."""

_SECTORS = frozenset(str(sector) for sector in Sector)
_KNOWN = frozenset(
    [
        "ARM",
        "AZE",
        "NKR",
        "RUS",
        "TUR",
        "GEO",
        "IRN",
        "USA",
        "FRA",
        "DEU",
        "GBR",
        "ISR",
        "IND",
        "PAK",
        "UKR",
        "ABK",
        "OSS",
        "CHE",
        "DAG",
        "ING",
        "KBR",
        "EUR",
        "UNO",
        "NATO",
        "OSCE",
        "CSTO",
        "ICRC",
        "NGO",
        "ISIS",
        "REB",
        "KAZ",
        "CHN",
        "SYR",
        "LBN",
        "ESP",
        "ITA",
        "POL",
        "CAN",
    ]
)
"""Bodies of the annotation manual."""

_STATES = frozenset({"state", "republic", "region"})


_DEEDS = frozenset({"diplomacy", "peace_talks", "sanctions", "blockade", "humanitarian_aid", "arms_transfer"})
"""Words of events that a government does."""

_LATE = frozenset({"az", "tr", "hy", "ka"})
"""Languages whose verb closes the clause."""

ENOUGH = -0.45
"""From this sum on a candidate is said: below nought, for a body missed costs as much as a body too many. On articles not learnt from
the F1 of bodies rises towards -0.6; on the open gold that of sectors falls below this."""

_NEAR = 6
"""A verb stands within so many words of its subject."""


_LIST_WORDS = frozenset(
    {
        ",",
        "and",
        "the",
        "or",
        "и",
        "или",
        "а",
        "также",
        "və",
        "ve",
        "ile",
        "և",
        "եւ",
        "ու",
        "და",
        "et",
        "la",
        "le",
        "les",
        "l'",
        "und",
        "die",
    }
)
"""All that stands between two members of a list."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a sentence tells of those it names; `locative`, `acts` and `own` are the tokens of such words."""

    said: bool
    attack: bool
    locative: frozenset[int]
    acts: tuple[int, ...]
    own: frozenset[int]


class _Place:
    """Where the words stand that speak for a candidate: evidence is cut from the text for those that are found only, a tenth of all."""

    __slots__ = ("end", "field", "start")

    def __init__(self, name: str, start: int, end: int) -> None:
        self.field = name
        self.start = start
        self.end = end


Shown = Evidence | _Place


@dataclass(slots=True)
class Candidate:
    """A code with what speaks for it."""

    code: str
    features: set[str] = field(default_factory=set)
    roles: set[Role] = field(default_factory=set)
    evidence: Shown | None = None


def find_actors(
    document: Document,
    claims: Sequence[CasualtyClaim],
    region: Region,  # noqa: ARG001 - its mentions are in the document
    words: Sequence[Words] | None = None,
) -> tuple[ActorTag, ...]:
    """The actors of an article, the surest first; `words` are those of `words_of`, if known already."""
    weights = weights_of("actors")
    found = []
    for candidate in candidates(document, claims, words_of(document) if words is None else words).values():
        sure = max((SURE[feature] for feature in candidate.features if feature in SURE), default=0.0)
        score = weights.get("bias", 0.0) + math.fsum(weights.get(feature, 0.0) for feature in candidate.features)
        if sure or score > ENOUGH:
            confidence = max(sure, 1 / (1 + math.exp(-score)))
            shown = candidate.evidence
            evidence = document.evidence(shown.field, shown.start, shown.end) if isinstance(shown, _Place) else shown
            found.append(ActorTag(code=candidate.code, role=_role(candidate.roles), confidence=round(confidence, 3), evidence=evidence))
    return tuple(sorted(found, key=lambda tag: (-tag.confidence, tag.code)))


def _role(roles: set[Role]) -> Role:
    for role in ("speaks", "hit", "acts"):
        if role in roles:
            return role
    return "named"


def candidates(document: Document, claims: Sequence[CasualtyClaim], words: Sequence[Words]) -> dict[str, Candidate]:
    """Every code that may be an actor, with its features."""
    gathered = _Gathering(document)
    for sentence, row in zip(document.sentences, words, strict=True):
        gathered.read(sentence, row)
    for claim in claims:
        gathered.count(claim)
    return gathered.finish()


class _Gathering:
    """Walks an article once and collects candidates; remembers which bodies were named, for the bare ministries."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._day: date | None = document.article.published_at.date() if document.article.published_at else None
        self._found: dict[str, Candidate] = {}
        self._bodies: list[str] = []
        self._places: dict[str, int] = {}
        self._subject: str | None = None
        self._main = _main_body(document, self._day)
        self._home = HOME.get(document.language)

    def _add(self, code: str, feature: str, evidence: Shown | None, *roles: Role) -> None:
        body, _, sector = code.partition(".")
        body = _ROLLED.get(body, body)
        if body not in _KNOWN or (sector and sector not in _SECTORS):
            return
        # Whole bodies have no sector; who speaks for another without saying which is its government.
        code = body if body in _WHOLE else body + "." + (sector or "GOV")
        candidate = self._found.setdefault(code, Candidate(code))
        candidate.features.add(feature)
        candidate.roles.update(roles)
        if candidate.evidence is None or (
            feature.startswith("explicit") and not any(f.startswith("explicit") for f in candidate.features - {feature})
        ):
            candidate.evidence = evidence

    def read(self, sentence: Sentence, row: Words) -> None:
        """Take in the mentions of a sentence."""
        tags = self._document.tags[sentence.index]
        said = any(tag.kind in _SPOKEN for tag in tags)
        found = row.actors
        acts = [tag.start for tag in row.events if tag.kind in _DEEDS]
        scene = _Scene(
            said=said,
            attack=any(tag.kind == "attack" for tag in found),
            locative=frozenset(tag.start for tag in found if tag.kind == "locative"),
            acts=tuple(acts),
            own=frozenset(tag.start for tag in found if tag.kind == "own"),
        )
        for tag in found:
            if tag.kind == "rights":
                evidence = _Place(sentence.field, sentence.tokens[tag.start].start, sentence.tokens[tag.end - 1].end)
                self._add("NGO", "rights:said" if said else "rights", evidence, "speaks")
            elif tag.kind == "bomber" and self._main in _BOMBED:
                evidence = _Place(sentence.field, sentence.tokens[tag.start].start, sentence.tokens[tag.end - 1].end)
                self._add("REB", "bomber", evidence, "acts")
            elif tag.kind == "protest":
                self._protest(sentence, _Place(sentence.field, sentence.tokens[tag.start].start, sentence.tokens[tag.end - 1].end))
        here: list[str] = []
        mentions = self._document.mentions_in(sentence)
        chains = self._chains(sentence, mentions)
        for mention, chain in zip(mentions, chains, strict=True):
            evidence = _Place(sentence.field, mention.start, mention.end)
            self._mention(sentence, mention, evidence, here, scene, chain)
        if here:
            self._subject = here[0]

    def _chains(self, sentence: Sentence, mentions: Sequence[Mention]) -> list[int]:
        """For each mention the last token of the list it stands in ("France, the United States and the EU asked")."""
        text = self._document.text_of(sentence.field)
        ends: list[int] = []
        end = 0
        for i in range(len(mentions) - 1, -1, -1):
            gap = text[mentions[i].end : mentions[i + 1].start] if i + 1 < len(mentions) else "."
            if not gap.strip() or not _LIST_WORDS.issuperset(gap.replace(",", " , ").split()):
                end = 0
            if not end:
                end = bisect_right(sentence.tokens, mentions[i].end - 1, key=lambda token: token.start) - 1
            ends.append(end)
        return ends[::-1]

    def _protest(self, sentence: Sentence, evidence: Shown) -> None:
        """Marchers are of the country whose town they march in."""
        for mention in self._document.mentions_in(sentence):
            entry = mention.of or mention.entry
            if entry.kind == "place" and (body := entry.holder(self._day)):
                self._add(f"{body}.OPP", "protest:here", evidence, "acts")
                return
        if self._main:
            self._add(f"{self._main}.OPP", "protest:main", evidence, "acts")

    def _mention(self, sentence: Sentence, mention: Mention, evidence: Shown, here: list[str], scene: _Scene, chain: int) -> None:
        entry, code = mention.entry, mention.code
        body = (code or entry.speaks_for or (entry.holder(self._day) if entry.kind == "place" else "") or "").split(".")[0]
        spoken = ":said" if scene.said else ""
        first = bisect_right(sentence.tokens, mention.start, key=lambda token: token.start) - 1
        if code and ("." in code or code in _WHOLE):
            what = entry.id.split(":", 1)[1] if ":" in entry.id and entry.kind == "people" else entry.kind
            role: Role = "speaks" if scene.said and entry.kind in {"person", "office", "org"} else "named"
            self._add(code, f"explicit:{what}", evidence, role)
            self._add(code, f"explicit{spoken}", evidence)
        elif entry.kind in {"office", "armed", "people"} and entry.sector:
            self._bare(mention, evidence, here, spoken=spoken, owned=first - 1 in scene.own)
        elif entry.kind in {"place", "demonym"} and body:
            at, where = self._where(sentence, mention, scene.locative)
            kind = (
                "capital"
                if entry.speaks_for
                else "demonym"
                if entry.kind == "demonym"
                else "state"
                if entry.place_kind in _STATES
                else "town"
            )
            if kind != "town":
                speaker = entry.speaks_for or f"{body}.GOV"
                self._add(speaker, f"{kind}:{where}{spoken}", evidence, "speaks" if scene.said and where != "in" else "named")
                late = self._document.language in _LATE
                at = max(at, chain)
                if any((late or 0 < act - at <= _NEAR) for act in scene.acts):
                    self._add(speaker, f"{kind}:{where}:acts", evidence, "acts")
                if scene.attack:
                    self._add(f"{body}.MIL", f"{kind}:attack", evidence, "acts")
                    self._add(f"{body}.MIL", f"attack:{where}", evidence)
        if body and (entry.kind != "place" or entry.speaks_for or entry.place_kind in _STATES):
            here.append(body)
        if body:
            self._bodies.append(body)
            self._places[body] = self._places.get(body, 0) + (2 if sentence.field == "title" else 1)

    def _bare(self, mention: Mention, evidence: Shown, here: list[str], *, spoken: str, owned: bool) -> None:
        """A ministry, soldiers or villagers without a country: whose, by what was named before."""
        sector = mention.entry.sector or ""
        if sector == "REB":
            self._add("REB", f"bare:REB{spoken}", evidence, "acts")
            return
        label = mention.entry.id.removeprefix("body:")
        label += spoken if label in {"media", "civilians", "opposition", "peacekeepers"} else ""
        if label.startswith("separatist"):
            # Those who broke away: of the unrecognised republics the article names one.
            if republic := max(_BREAKAWAY, key=lambda body: self._places.get(body, 0) + (body == self._main)):
                self._add(f"{republic}.{sector}", f"bare:{label}", evidence)
            return
        if owned and self._subject:
            self._add(f"{self._subject}.{sector}", f"bare:{label}:own", evidence)
        elif self._home and mention.entry.kind == "office":
            self._add(f"{self._home}.{sector}", f"bare:{label}:home", evidence)
        elif here:
            self._add(f"{here[-1]}.{sector}", f"bare:{label}:here", evidence)
        elif self._home:
            self._add(f"{self._home}.{sector}", f"bare:{label}:home", evidence)
        elif self._bodies:
            self._add(f"{self._bodies[-1]}.{sector}", f"bare:{label}:before", evidence)
        if sector == "PKO":
            self._add("RUS.PKO", "bare:PKO:russia" if "RUS" in self._places else "bare:PKO", evidence)
        if self._main and not any(code.endswith("." + sector) for code in self._found if code != f"{self._main}.{sector}"):
            self._add(f"{self._main}.{sector}", f"bare:{label}:main", evidence)

    def _where(self, sentence: Sentence, mention: Mention, locative: frozenset[int]) -> tuple[int, str]:
        """Its token, and how a country stands in its sentence: dateline, in (a place only), of (an owner), first, other."""
        tokens = sentence.tokens
        at = max(0, bisect_right(tokens, mention.start, key=lambda token: token.start) - 1)
        last = max(at, bisect_right(tokens, mention.end - 1, key=lambda token: token.start) - 1)
        following = tokens[last + 1].surface if last + 1 < len(tokens) else ""
        if sentence.field == "text" and mention.start < 60 and (mention.surface.isupper() or following in {"-", "–", "—", "/"}):
            return last, "dateline"
        if mention.tail in _LOCATIVE_TAILS or (at and at - 1 in locative):
            return last, "in"
        if mention.tail in _GENITIVE_TAILS or following.lower() in {"'s", "’s", "'"}:
            return last, "of"
        return last, "first" if at == 0 else "other"

    def count(self, claim: CasualtyClaim) -> None:
        """Take in a claim: who says it, and whose people are hit."""
        if claim.claimant:
            self._add(claim.claimant, "claimant", claim.evidence, "speaks")
        if not claim.side or claim.low == claim.high == 0:
            return
        sector = _GROUP_SECTORS.get(str(claim.group))
        side = claim.side
        if side == "RUS" and self._main in _NORTH:
            # The dead of the North Caucasus are filed under Russia; as actors they are of their republic.
            self._add(f"RUS.{sector or 'CVL'}", f"side:north:{sector or 'all'}", claim.evidence, "hit")
            side = self._main or side
        when = "now" if claim.current else "past"
        if side in {"REB", "ISIS"}:
            self._add(side, "side:REB", claim.evidence, "hit")
        elif sector:
            self._add(f"{side}.{sector}", f"side:{sector}:{when}", claim.evidence, "hit")
        else:
            for guess in ("CVL", "MIL"):
                self._add(f"{side}.{guess}", f"side:all:{guess}:{when}", claim.evidence, "hit")

    def finish(self) -> dict[str, Candidate]:
        """The candidates, each with what the whole article says of its body."""
        named = [code for code, c in self._found.items() if any(f.startswith(("explicit", "claimant")) for f in c.features)]
        for code, candidate in self._found.items():
            body, _, sector = code.partition(".")
            features = candidate.features
            features.add(f"sector:{sector or 'none'}")
            if self._places.get(body, 0) >= 3:
                features.add("body:often")
            if body == self._main:
                features.add("body:main")
            others = {other.partition(".")[2] for other in named if other != code and other.partition(".")[0] == body}
            if others:
                features.add("body:other-sector")
            if body in {"ARM", "AZE", "GEO", "NKR", "ABK", "OSS", "RUS", "CHE", "DAG", "ING", "KBR"}:
                features.add("body:of-area")
        return self._found


def _main_body(document: Document, day: date | None) -> str | None:
    """The body of the places that are named most, outside bodies left out."""
    counts: dict[str, int] = {}
    for name, mentions in document.mentions.items():
        for mention in mentions:
            entry = mention.of or mention.entry
            if entry.kind == "place" and entry.watched:
                body = entry.holder(day) or ""
                counts[body] = counts.get(body, 0) + (3 if name == "title" or mention.start < 200 else 1)
    return max(counts, key=lambda body: (counts[body], body)) if counts else None


def features_of(found: Iterable[Candidate]) -> dict[str, set[str]]:
    """Code -> features, as the weights are learnt from."""
    return {candidate.code: candidate.features for candidate in found}
