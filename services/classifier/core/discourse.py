"""What an article has spoken of so far: its main body, who has spoken last, for whom names and offices stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from services.classifier.core.document import Document
from services.region import Mention

REPUBLICS = frozenset({"CHE", "DAG", "ING", "KBR"})
"""Republics of Russia: their victims are Russia's, and they have no army of their own."""

PART_OF_RUSSIA = frozenset({"SEO", "KCR", "ADY"})
"""Republics that have no code of their own in the annotation manual."""

WITHOUT_PEOPLE = frozenset({"UNO", "OSCE", "NATO", "EUR", "CSTO", "ICRC", "NGO", "ISIS", "REB", "CIS", "COE", "ECHR", "ICJ", "OTS", "MUL"})
"""Bodies that have no villagers and no hospitals: never whose people are hurt by default."""

SELF = frozenset({"body", "office", "person", "armed", "group", "party", "org", "church"})


@dataclass(frozen=True, slots=True)
class Voice:
    """A source in a sentence: it covers tokens `start` to `end`; `at` is its cue. `code` is None where nobody known speaks."""

    code: str | None
    start: int
    end: int
    at: int
    reason: str
    subject: tuple[int, int] = (0, 0)
    cites: bool = False
    """Whether the source is cited by another one: then it is the deeper of the two."""


@dataclass(slots=True)
class Discourse:
    """What the text has spoken of so far."""

    day: date | None
    main: str | None = None
    dateline: str | None = None
    """The body of the town in the dateline: whose ministry "the ministry" is until another is named."""
    separatists: str | None = None
    """The breakaway body that the article names most: whom "the separatists", "the enclave" mean."""
    last_paragraph: int = 0
    looks_back: bool = False
    """Whether the article keeps an anniversary: what it counts is past unless it says otherwise."""
    paragraph: tuple[str, int] = ("", -1)
    """Field and paragraph of the sentence that is being read."""
    scene: str | None = None
    """The body of the heading or the place that opens the paragraph: "The BAKU version.", "KHASAVYURT."."""
    locale: str | None = None
    """The body of the place that the paragraph has named last: whose mayor "the mayor" is."""
    last_voice: str | None = None
    """The source before this one in the same sentence."""
    subject: str | None = None
    """The body that opened the sentence before."""
    speaker: str | None = None
    speaker_paragraph: tuple[str, int] = ("", -1)
    names: dict[str, str] = field(default_factory=dict)
    """Surnames of speakers, folded, with the code that they spoke for when they were introduced."""
    by_office: dict[str, tuple[str, tuple[str, int]]] = field(default_factory=dict)
    """Words of offices ("ministry", "spokesman") with the code that they last spoke for, and in which paragraph."""
    speakers: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def enter(self, paragraph: tuple[str, int]) -> None:
        """The next sentence stands in `paragraph`: what set the scene of another one is over."""
        if paragraph != self.paragraph:
            self.paragraph, self.scene, self.locale = paragraph, None, None

    def office(self, word: str, code: str) -> None:
        """The office `word` speaks for `code` here."""
        self.by_office[word] = (code, self.paragraph)

    def holder_of(self, word: str, *, here: bool = False) -> str | None:
        """For whom the office `word` spoke last; `here` asks for this paragraph alone."""
        code, paragraph = self.by_office.get(word, (None, ("", -1)))
        return code if not here or paragraph == self.paragraph else None

    def said(self, code: str, paragraph: tuple[str, int]) -> None:
        """`code` has spoken in `paragraph`."""
        self.speaker, self.speaker_paragraph = code, paragraph
        self.speakers.append(code)

    def silence(self) -> None:
        """Nobody speaks on: the outlet itself, or somebody who is no body's, has spoken since."""
        self.speaker_paragraph = ("", -1)

    def last_of(self, sector: str | None) -> str | None:
        """The last code named or speaking with this sector."""
        for pool in (self.speakers, self.bodies):
            for code in reversed(pool):
                if sector is None or code.endswith(f".{sector}"):
                    return code
        return None


def code_of(mention: Mention, day: date | None) -> str | None:
    """The code that a mention speaks for on that day."""
    entry = mention.entry
    code = mention.code
    if code is None and entry.kind == "person":
        code = entry.code_on(day)
    elif code is None and entry.kind == "place":
        code = entry.speaks_for or entry.holder(day)
    elif code is None:
        code = entry.code or entry.speaks_for
    if code is not None and (code[:3] in PART_OF_RUSSIA or (code.endswith(".MIL") and code[:3] in REPUBLICS - {"CHE"})):
        return "RUS" + code[3:]
    return code


def bodies_named(document: Document, day: date | None) -> Counter[str]:
    """How often the article names each body."""
    counted: Counter[str] = Counter()
    for name, mentions in document.mentions.items():
        for mention in mentions:
            code = code_of(mention, day)
            if code and mention.entry.kind in {"place", "demonym", "body", "office", "people", "armed", "person"}:
                counted[code.split(".")[0]] += 2 if name == "title" else 1
    return counted


def opened(document: Document, day: date | None) -> Discourse:
    """The discourse at the start of an article: its main body (whose hospital, whose villagers) and its separatists."""
    counted = bodies_named(document, day)
    separatists = [body for body in ("NKR", "ABK", "OSS", "CHE") if counted[body]]
    return Discourse(
        day,
        main=next((body for body, _ in counted.most_common() if body not in WITHOUT_PEOPLE), None),
        dateline=_dateline(document, day) or _home(document, counted),
        separatists=max(separatists, key=lambda body: counted[body]) if separatists else None,
    )


def _home(document: Document, counted: Counter[str]) -> str | None:
    """The body at home in the language of the text, where the text speaks of it or of its foe more than of others."""
    home = document.pack.lexicon.home if document.pack else ""
    about = counted[home] or counted["ARM"] + counted["NKR"] > counted["RUS"] + counted["GEO"]
    return home if home and about else None


def _dateline(document: Document, day: date | None) -> str | None:
    """The body of the town that opens the text in capitals: "BAKU, Aug 1 -", "TBILISI."."""
    first = next((sentence for sentence in document.sentences if sentence.field == "text"), None)
    if first is None or not first.tokens or not first.tokens[0].surface.isupper() or len(first.tokens[0].surface) < 3:
        return None
    mentions = document.mentions_in(first)
    if not mentions or mentions[0].start >= first.tokens[0].end or mentions[0].entry.kind != "place":
        return None
    if len(first.tokens) > 1 and first.tokens[1].surface == "/":
        return None
    code = code_of(mentions[0], day)
    return code.split(".")[0] if code else None
