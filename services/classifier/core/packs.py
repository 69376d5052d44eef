"""Language packs: lexicons and patterns as data, with a schema, loaded when a language is first met.

A pack is `services/classifier/lexicon/<lang>.yaml` with `services/classifier/patterns/<lang>.yaml`. The header of
`lexicon/en.yaml` explains every section. Words are compared folded (see `text.fold`); `word*` matches by its
beginning and `*word` by its end (compounds: "*soldaten"); an entry may be several words. In languages with a table of
suffixes an entry also matches with endings on. Elisions ("l'armée") are parted as the tokens of the text are.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Annotated, Literal, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas.vocabulary import Effect, Group
from services.classifier.core.text import fold
from services.classifier.core.tokens import ELISIONS, Token

FOLDER = "services.classifier"
MIN_STEM = 3
MAX_PEELS = 3
WHOLE = "="
"""Before a word of a lexicon: it is matched as it stands, no ending is peeled off ("=on" is ten, "onu" is not)."""


class PackFault(ValueError):  # noqa: N818 - it names the pack's state
    """A lexicon or pattern file that cannot be used: says file, line and fault."""


def _word(value: object) -> str:
    """YAML reads yes, no, on and off as truth values: quote them. Numbers become their digits."""
    if isinstance(value, bool):
        raise ValueError("a word that YAML takes for a truth value: put it in quotes")  # noqa: TRY004 - pydantic reports it
    return str(value)


def _words(value: object) -> object:
    """A list of words, or one text in which commas part them; alternatives in brackets are written out."""
    if isinstance(value, str):
        value = [piece.strip().strip('"') for piece in value.replace("\n", " ").split(",") if piece.strip()]
    if isinstance(value, list):
        return [entry for word in value for entry in (_alternatives(word) if isinstance(word, str) else [word])]
    return value


def _alternatives(word: str) -> list[str]:
    """All readings of "(received|suffered) (gunshot|) wounds"."""
    parts = [part[1:-1].split("|") if part.startswith("(") else [part] for part in _PARTS.findall(word)]
    return [" ".join(" ".join(chosen).split()) for chosen in itertools.product(*parts)]


_PARTS = re.compile(r"\([^)]*\)|[^()]+")


Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_words)]


class Section(BaseModel):
    """A part of a lexicon: unknown keys are faults, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Form = TypeVar("Form", bound=Section)


class Numbers(Section):
    """Number words. `words` and `scales` give values; `exact` are phrases with a value ("half a dozen")."""

    words: dict[Word, int] = {}
    scales: dict[Word, int] = {}
    joiners: Words = ()
    exact: dict[Word, int] = {}
    approximate: dict[Word, int] = {}
    """Collective numbers that only come near a value: une vingtaine de (20), ein Dutzend Mal."""
    vague: Words = ()
    ordinals: dict[Word, int] = {}
    one: Words = ()
    """Words that say one before a noun: a, an, another."""
    none: Words = ()
    """Words that say none before or instead of a noun: no, nobody, neither."""
    number_suffixes: Words = ()
    """What may be glued to digits and leaves them a number: ն, ը, 'i, -х."""
    ordinal_suffixes: Words = ()
    """What glued to digits makes an ordinal: st, nd, rd, th, -й."""
    endings: Words = ()
    """Endings of case that number words take where endings are glued on: iki-yə, beş-ten. Only those that agree in vowels are formed."""
    share_endings: Words = ()
    """Endings that make a number so many of those spoken of: iki-si, beş-i, 3-ünün."""


class Hedges(Section):
    """Words beside a number that say how it bounds the truth; `*_after` stand behind it."""

    at_least: Words = ()
    more_than: Words = ()
    up_to: Words = ()
    about: Words = ()
    at_least_after: Words = ()
    more_than_after: Words = ()
    about_after: Words = ()
    up_to_after: Words = ()
    between: Words = ()
    range_joiners: Words = ()


class People(Section):
    """Nouns of one group: `one` singular, `many` plural or collective, `any` where the form does not tell."""

    one: Words = ()
    many: Words = ()
    any: Words = ()


class EffectWords(Section):
    """Words of one effect, by how they take their victims.

    `participle`: passive with the victims as subject, else active with them as object ("killed").
    `subject`: the victims are the subject ("died"). `object`: they are the object ("killing", "claimed the lives of").
    `state`: an adjective or a noun of people beside or instead of the noun ("dead", "wounded", "14 dead").
    `noun`: deeds or sums counted themselves, victims as "of ..." ("deaths", "losses", "the loss of").
    """

    participle: Words = ()
    subject: Words = ()
    object: Words = ()
    losing: Words = ()
    """Verbs whose subject loses its own people: "lost 16 servicemen"."""
    state: Words = ()
    noun: Words = ()
    joint: Words = ()
    """Nouns that cover dead and wounded alike ("casualties")."""
    weak: Words = ()
    """Words listed above that speak of people only where a noun of people stands beside them ("fell", "destroyed")."""


class Attribution(Section):
    """How sources are named."""

    say: Words = ()
    """Verbs of speech: said, reported, admitted."""
    according: Words = ()
    """Before the source: according to, citing."""
    according_after: Words = ()
    """After the source in languages that put it so: görə, მიხედვით."""
    office: Words = ()
    """Common nouns that resolve to the last fitting body: ministry, spokesman, officials."""
    pronoun: Words = ()
    """he, she, it, they as speakers."""
    cite: Words = ()
    """Passing on another's words: citing, quoting."""
    outlet_voice: Words = ()
    """The outlet itself speaks: we recall, the agency's correspondent."""


class Times(Section):
    """Expressions of time."""

    months: dict[Word, int] = {}
    weekdays: dict[Word, int] = {}
    now: Words = ()
    background: Words = ()
    earlier: Words = ()
    war: Words = ()
    year_units: Words = ()


class Lexicon(Section):
    """The whole of one language's lexicon."""

    language: str
    order: Literal["svo", "sov", "free"] = "svo"
    articles: bool = False
    """Whether a singular noun needs an article to mean one ("a soldier")."""
    home: str = ""
    """The body whose ministries, in texts that speak of it or of its foe, need no name: AZE in Azerbaijani."""
    martyrs: str = ""
    """The body whose dead are called martyrs."""
    abbreviations: Words = ()
    suffixes: Words = ()
    """Endings that may be peeled off a word, longest first or not; up to three in a row."""
    function_words: Words = ()
    not_alone: Words = ()
    """Endings (of plural, or of the case of an agent) that a noun of people never has where it stands alone for one victim."""
    numbers: Numbers = Numbers()
    hedges: Hedges = Hedges()
    people: dict[Group, People] = {}
    persons: Words = ()
    """Words that stand for people without saying more: others, of them, victims, lives."""
    things: Words = ()
    """Nouns that are never people though they may look so: times, posts, kilometres, tanks."""
    effects: dict[Effect, EffectWords] = {}
    agents: Words = ()
    """Deeds that hit people: shelling, strike, drone, mine, explosion."""
    auxiliaries: Words = ()
    passive: Words = ()
    """The auxiliaries that make a participle passive (was, been); where none are listed, every auxiliary does."""
    negation: Words = ()
    possessives: Words = ()
    subset: Words = ()
    """Words before a share: including, among them, of whom."""
    conjunctions: Words = ()
    """and, or, as well as"""
    subordinators: Words = ()
    """who, which, that, when, after, while: they open a clause."""
    partitive: Words = ()
    """of, out of: between a number and the larger number it is a part of."""
    attribution: Attribution = Attribution()
    times: Times = Times()
    words: dict[str, Words] = {}
    """Further classes, used by patterns as <name>."""
    ceasefire: dict[str, Words] = {}
    events: dict[str, Words] = {}
    relevance: dict[str, Words] = {}


class Pattern(Section):
    """A fixed turn of phrase over token classes: see the header of patterns/en.yaml."""

    name: str
    match: str
    effect: Effect | None = None
    options: dict[str, bool | int | str] = Field(default_factory=dict)


class Patterns(Section):
    """All patterns of a language."""

    patterns: tuple[Pattern, ...] = ()


class Tag(NamedTuple):
    """A lexicon entry found in a sentence: tokens `start` to `end` (half-open) are of class `kind` with `value`."""

    start: int
    end: int
    kind: str
    value: str | int


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[str, str | int]] = field(default_factory=list)


class _Opener(NamedTuple):
    """What a word means as the first of an entry: alone, and with the words that may follow it."""

    ends: tuple[tuple[str, str | int], ...]
    nodes: list[_Node]
    following: frozenset[str]


WORDS_KEPT = 200_000
LONGEST_KEPT = 60
"""Words whose meanings are remembered, and the letters of the longest of them: a longer run is no word."""


class Pack:
    """A language ready for use: one trie for all classes, a cache of what each word may stand for."""

    def __init__(self, lexicon: Lexicon, patterns: Patterns) -> None:
        """Compile `lexicon` into one trie."""
        self.lexicon = lexicon
        self.patterns = patterns
        self.language = lexicon.language
        self.number_suffixes = frozenset(fold(word).strip("-'") for word in lexicon.numbers.number_suffixes)
        self.ordinal_suffixes = frozenset(fold(word).strip("-'") for word in lexicon.numbers.ordinal_suffixes)
        self.not_alone = tuple(fold(ending) for ending in lexicon.not_alone)
        self.abbreviations = frozenset(fold(word) for word in lexicon.abbreviations)
        self._root = _Node()
        self._exact: set[str] = set()
        self._prefixes: set[str] = set()
        self._tails: set[str] = set()
        self._suffixes = tuple(sorted((fold(suffix) for suffix in lexicon.suffixes), key=len, reverse=True))
        self._keys: dict[str, tuple[str, ...]] = {}
        self._openers: dict[str, _Opener | None] = {}
        self.agglutinative = bool(lexicon.numbers.share_endings)
        self.share_suffixes = frozenset(fold(word) for word in lexicon.numbers.share_endings)
        self.number_suffixes |= self.share_suffixes
        for kind, value, words in _entries(lexicon):
            inflected = bool(lexicon.numbers.endings) and kind in {"number", "scale"}
            for word in words:
                if inflected and not word.startswith(WHOLE):
                    self._inflect(word, kind, value)
                else:
                    self._add(word, kind, value)

    def _inflect(self, word: str, kind: str, value: str | int) -> None:
        """Add a number word with every ending that agrees with it, as words that are peeled no further."""
        numbers = self.lexicon.numbers
        self._add(WHOLE + word, kind, value)
        for ending in sorted({*numbers.endings, *numbers.share_endings}):
            if _agrees(word, ending):
                self._add(WHOLE + word + ending, kind, value)
                if ending in numbers.share_endings:
                    self._add(WHOLE + word + ending, "share", "share")

    def _add(self, entry: str, kind: str, value: str | int) -> None:
        node = self._root
        for key in _parted(entry, self.language):
            (self._tails if key.startswith("*") else self._prefixes if key.endswith("*") else self._exact).add(key)
            node = node.next.setdefault(key, _Node())
        node.ends.append((kind, value))

    def keys(self, folded: str) -> tuple[str, ...]:
        """The lexicon words that a folded word may be a form of, itself first."""
        known = self._keys.get(folded)
        if known is None:
            if len(self._keys) > WORDS_KEPT:
                self._keys.clear()
            known = tuple(self._find_keys(folded))
            if len(folded) <= LONGEST_KEPT:
                self._keys[folded] = known
        return known

    def _find_keys(self, folded: str) -> Iterator[str]:
        seen: set[str] = set()
        if WHOLE + folded in self._exact:
            yield WHOLE + folded
        for form in self._forms(folded):
            if form in self._exact and form not in seen:
                seen.add(form)
                yield form
        for size in range(len(folded), 0, -1):
            prefix = folded[:size] + "*"
            if prefix in self._prefixes:
                yield prefix
        if self._tails:
            for size in range(len(folded) - 2, 2, -1):
                tail = "*" + folded[-size:]
                if tail in self._tails:
                    yield tail

    def _forms(self, folded: str) -> Iterator[str]:
        yield folded
        if not self._suffixes:
            return
        layer = [folded.split("'", maxsplit=1)[0]] if "'" in folded else [folded]
        if layer[0] != folded:
            yield layer[0]
        for _ in range(MAX_PEELS):
            peeled: list[str] = []
            for form in layer:
                peeled.extend(
                    form[: -len(suffix)] for suffix in self._suffixes if form.endswith(suffix) and len(form) - len(suffix) >= MIN_STEM
                )
            yield from peeled
            layer = peeled[:12]

    def _opened(self, folded: str) -> _Opener | None:
        """What a word alone stands for and leads to, None where no entry begins with it; remembered."""
        if len(self._openers) > WORDS_KEPT:
            self._openers.clear()
        nodes = [self._root.next[key] for key in self.keys(folded) if key in self._root.next]
        ends: list[tuple[str, str | int]] = []
        for node in nodes:
            ends.extend(end for end in node.ends if end not in ends)
        further = [node for node in nodes if node.next]
        opener = _Opener(tuple(ends), further, frozenset(key for node in further for key in node.next)) if nodes else None
        if len(folded) <= LONGEST_KEPT:
            self._openers[folded] = opener
        return opener

    def tags(self, tokens: tuple[Token, ...]) -> list[Tag]:
        """All entries in a sentence; of one class the longest from the left, classes may overlap each other."""
        found: list[Tag] = []
        free: dict[str, int] = {}
        openers = self._openers
        last = len(tokens) - 1
        for start, token in enumerate(tokens):
            word = token.folded
            opener = openers[word] if word in openers else self._opened(word)
            if opener is None:
                continue
            if opener.following and start < last:
                following = self.keys(tokens[start + 1].folded)
                if not opener.following.isdisjoint(following):
                    found.extend(self._longest(tokens, start, opener, following, free))
                    continue
            for kind, value in opener.ends:
                if not free or free.get(kind, 0) <= start:
                    found.append(Tag(start, start + 1, kind, value))
        return found

    def _longest(
        self, tokens: tuple[Token, ...], start: int, opener: _Opener, following: tuple[str, ...], free: dict[str, int]
    ) -> Iterator[Tag]:
        """The longest entries of each class that begin at `start`, where entries of several words may; `free` says from where a class is free."""
        best: dict[str, list[Tag]] = {}
        for kind, value in opener.ends:
            if free.get(kind, 0) <= start:
                best.setdefault(kind, []).append(Tag(start, start + 1, kind, value))
        layer, at = opener.nodes, start + 1
        while True:
            at += 1
            layer = [node.next[key] for node in layer for key in following if key in node.next]
            for node in layer:
                for kind, value in node.ends:
                    if free.get(kind, 0) > start:
                        continue
                    if kind not in best or best[kind][0].end < at:
                        best[kind] = [Tag(start, at, kind, value)]
                    else:
                        best[kind].append(Tag(start, at, kind, value))
            layer = [node for node in layer if node.next]
            if not layer or at >= len(tokens):
                break
            following = self.keys(tokens[at].folded)
        for kind, longest in best.items():
            free[kind] = longest[0].end
            yield from longest


def _parted(entry: str, language: str) -> Iterator[str]:
    """The folded words of an entry, with elisions as words of their own."""
    heads = ELISIONS.get(language, ())
    for piece in entry.split():
        key = fold(piece)
        head = next((head for head in heads if key.startswith(head) and len(key) > len(head)), "")
        if head:
            yield head
        yield key[len(head) :]


_BACK, _FRONT = frozenset("aıou"), frozenset("eəiöü")


def _agrees(word: str, ending: str) -> bool:
    """Whether an ending fits a Turkic word: vowels of one kind, and no two vowels or strange consonants where they meet."""
    last = next((letter for letter in reversed(word) if letter in _BACK | _FRONT), "e")
    vowels = {letter for letter in ending if letter in _BACK | _FRONT}
    kind = _BACK if last in _BACK else _FRONT
    if not vowels <= kind:
        return False
    closed = word[-1] not in _BACK | _FRONT
    opens = ending[0] in _BACK | _FRONT
    return (opens or ending[0] in "dtl") if closed else not opens


def _entries(lexicon: Lexicon) -> Iterator[tuple[str, str | int, Iterable[str]]]:
    """(class, value, words) of every entry of a lexicon."""
    numbers = lexicon.numbers
    tables: tuple[tuple[str, Mapping[str, int]], ...] = (
        ("number", numbers.words),
        ("scale", numbers.scales),
        ("exact", numbers.exact),
        ("approximate", numbers.approximate),
        ("ordinal", numbers.ordinals),
        ("month", lexicon.times.months),
        ("weekday", lexicon.times.weekdays),
    )
    for kind, table in tables:
        for word, value in table.items():
            yield kind, value, (word,)
    for name in ("joiners", "vague", "one", "none"):
        yield f"number_{name}", name, getattr(numbers, name)
    for name in Hedges.model_fields:
        kind = "range_joiner" if name == "range_joiners" else "hedge_after" if name.endswith("_after") else "hedge"
        yield kind, name.removesuffix("_after"), getattr(lexicon.hedges, name)
    for group, people in lexicon.people.items():
        for name in ("one", "many", "any"):
            yield "people", f"{group}:{name}", getattr(people, name)
    for effect, forms in lexicon.effects.items():
        for name in EffectWords.model_fields:
            yield ("weak" if name == "weak" else "effect"), f"{effect}:{name}", getattr(forms, name)
    for name in (
        "function_words",
        "persons",
        "things",
        "agents",
        "auxiliaries",
        "passive",
        "negation",
        "possessives",
        "subset",
        "conjunctions",
        "subordinators",
        "partitive",
    ):
        yield name, name, getattr(lexicon, name)
    for name in Attribution.model_fields:
        yield name, name, getattr(lexicon.attribution, name)
    for name in ("now", "background", "earlier", "war", "year_units"):
        yield f"time_{name}", name, getattr(lexicon.times, name)
    for section in ("words", "ceasefire", "events", "relevance"):
        for name, words in getattr(lexicon, section).items():
            yield (name if section == "words" else section), name, words


def _line_of(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line, from 1, of the node at `path`, or of the nearest one above it."""
    line = 1
    for step in path:
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(step)]
            if not pairs:
                break
            line = pairs[0][0].start_mark.line + 1
            node = pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def read_form(name: str, source: str, model: type[Form]) -> Form:
    """The text of the file `name` as the form `model`.

    Raises:
        PackFault: it is no YAML or not of the form; the message names file, line and fault, one a line.
    """
    try:
        tree = yaml.compose(source, Loader=yaml.CSafeLoader)
        data = yaml.load(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise PackFault(f"{name}:{mark.line + 1 if mark else 1}: {getattr(fault, 'problem', fault)}") from fault
    try:
        return model.model_validate(data or {})
    except ValidationError as fault:
        lines = [
            f"{name}:{_line_of(tree, tuple(error['loc']))}: {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors()
        ]
        raise PackFault("\n".join(lines)) from fault


def parse(language: str, lexicon: str, patterns: str = "") -> Pack:
    """A pack from the text of its two files.

    Raises:
        PackFault: a file is no YAML or not of the schema; the message names file, line and fault, one a line.
    """
    read = read_form(f"lexicon/{language}.yaml", lexicon, Lexicon)
    turns = read_form(f"patterns/{language}.yaml", patterns, Patterns)
    if read.language != language:
        raise PackFault(f"lexicon/{language}.yaml:1: language: says {read.language}")
    return Pack(read, turns)


@cache
def load(language: str) -> Pack | None:
    """The pack of `language`, read once; None where there is none.

    Raises:
        PackFault: see `parse`.
    """
    files = resources.files(FOLDER)
    lexicon = files / "lexicon" / f"{language}.yaml"
    if not lexicon.is_file():
        return None
    patterns = files / "patterns" / f"{language}.yaml"
    return parse(language, lexicon.read_text(encoding="utf-8"), patterns.read_text(encoding="utf-8") if patterns.is_file() else "")
