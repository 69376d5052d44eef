"""The words of events, truces and relevance, by language: data beside the lexicon of casualties, matched the same way.

`services/classifier/affairs/<lang>.yaml` has four sections, `events`, `truce`, `relevance` and `actors`; each maps a
class to its words. Words are written as in the lexicons: folded, `word*` by its beginning, several words allowed;
`suffixes` are endings that may be peeled off in languages that glue them on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import Field

from services.classifier.core.document import Document
from services.classifier.core.forms import Lexicon, PackFault, Patterns, Section, read_form
from services.classifier.core.forms import Words as Entries
from services.classifier.core.packs import Pack, Tag
from services.classifier.core.tokens import Token

FOLDER = "affairs"


class AffairsFile(Section):
    """One language's file."""

    language: str
    suffixes: Entries = ()
    negation: Entries = ()
    background: Entries = ()
    events: dict[str, Entries] = Field(default_factory=dict)
    truce: dict[str, Entries] = Field(default_factory=dict)
    relevance: dict[str, Entries] = Field(default_factory=dict)
    actors: dict[str, Entries] = Field(default_factory=dict)


MOST_WORDS = 60
"""No sentence that people write holds more words of one section; what is over is not read, so that no text takes more than its share."""

SECTIONS = ("events", "truce", "relevance", "actors")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one sentence by section; every section has those of negation and background."""

    events: tuple[Tag, ...] = ()
    truce: tuple[Tag, ...] = ()
    relevance: tuple[Tag, ...] = ()
    actors: tuple[Tag, ...] = ()


class Affairs:
    """The matcher of one language: one pass over a sentence finds the words of all sections."""

    def __init__(self, language: str, pack: Pack) -> None:
        self.language = language
        self._pack = pack

    def words(self, tokens: tuple[Token, ...]) -> Words:
        """The words of a sentence."""
        found: dict[str, list[Tag]] = {section: [] for section in SECTIONS}
        for tag in self._pack.tags(tokens):
            section, _, kind = tag.kind.partition(".")
            if kind:
                found[section].append(Tag(tag.start, tag.end, kind, kind))
            else:
                for row in found.values():
                    row.append(tag)
        return Words(*(tuple(found[section][:MOST_WORDS]) for section in SECTIONS))


def words_of(document: Document) -> tuple[Words, ...]:
    """The words of every sentence of a document; none in a language without a file."""
    affairs = load(document.language)
    if affairs is None:
        return tuple(Words() for _ in document.sentences)
    return tuple(affairs.words(sentence.tokens) for sentence in document.sentences)


def parse(language: str, source: str) -> Affairs:
    """The matcher from the text of a file.

    Raises:
        PackFault: the text is no YAML or not of the schema; the message names file, line and fault, one a line.
    """
    name = f"{FOLDER}/{language}.yaml"
    read = read_form(name, source, AffairsFile)
    if read.language != language:
        raise PackFault(f"{name}:1: language: says {read.language}")
    words: dict[str, tuple[str, ...]] = {"negation": read.negation, "background": read.background}
    for section in SECTIONS:
        words.update({f"{section}.{name}": entries for name, entries in getattr(read, section).items()})
    return Affairs(language, Pack(Lexicon(language=language, suffixes=read.suffixes, words=words), Patterns()))


@cache
def load(language: str) -> Affairs | None:
    """The matcher of `language`, read once; None where there is no file.

    Raises:
        PackFault: see `parse`.
    """
    path = resources.files("services.classifier") / FOLDER / f"{language}.yaml"
    return parse(language, path.read_text(encoding="utf-8")) if path.is_file() else None


def faults() -> tuple[str, ...]:
    """What is wrong with the package's files, one line each: file, line and fault."""
    found: list[str] = []
    for path in sorted((resources.files("services.classifier") / FOLDER).iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            try:
                parse(path.name.removesuffix(".yaml"), path.read_text(encoding="utf-8"))
            except PackFault as fault:
                found += str(fault).splitlines()
    return tuple(found)
