"""Language packs: lexicons and patterns as data, with a schema, loaded when a language is first met.

A pack is `services/classifier/lexicon/<lang>.yaml` with `services/classifier/patterns/<lang>.yaml`. The header of
`lexicon/en.yaml` explains every section. Words are compared folded (see `text.fold`); `word*` matches by its
beginning and `*word` by its end (compounds: "*soldaten"); an entry may be several words. In languages with a table of
suffixes an entry also matches with endings on. Elisions ("l'armée") are parted as the tokens of the text are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import NamedTuple

from services.classifier.core.forms import Lexicon, PackFault, Patterns, entries_of, read_form
from services.classifier.core.text import fold
from services.classifier.core.tokens import ELISIONS, Token

FOLDER = "services.classifier"
MIN_STEM = 3
MAX_PEELS = 3
LONGEST_STEM = 60
"""Letters: no stem of a lexicon is longer, so that a "word" of a megabyte costs no more than another."""

WHOLE = "="
"""Before a word of a lexicon: it is matched as it stands, no ending is peeled off ("=on" is ten, "onu" is not)."""


class Tag:
    """A lexicon entry found in a sentence: tokens `start` to `end` (half-open) are of class `kind` with `value`; a plain class as `Token` is."""

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, start: int, end: int, kind: str, value: str | int) -> None:
        """See the class."""
        self.start = start
        self.end = end
        self.kind = kind
        self.value = value

    def __repr__(self) -> str:
        return f"Tag({self.start}:{self.end}, {self.kind}={self.value})"


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
        self.up_to_endings = tuple(fold(ending) for ending in lexicon.hedges.up_to_endings)
        for word, number in _glued(lexicon):
            self._add(word, "number", number)
        for kind, value, words in entries_of(lexicon):
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
        for size in range(min(len(folded), LONGEST_STEM), 0, -1):
            prefix = folded[:size] + "*"
            if prefix in self._prefixes:
                yield prefix
        if self._tails:
            for size in range(min(len(folded) - 2, LONGEST_STEM), 2, -1):
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


def _glued(lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """The numbers up to 999,000 that are one word with their hundreds and thousands: "zweihundertvierzig", "achtundzwanzigtausend"."""
    numbers = lexicon.numbers
    small = {word: value for word, value in numbers.words.items() if 0 < value < 100}
    for glue in (word for word in numbers.glued if word in numbers.words):
        # Where the hundreds have words of their own: "ორასორმოც".
        hundreds = {word: value for word, value in numbers.words.items() if word.endswith(glue) and value % 100 == 0}
        yield from ((head + tail, times + rest) for head, times in hundreds.items() for tail, rest in small.items())
    for glue in (word for word in numbers.glued if word in numbers.scales):
        size = numbers.scales[glue]
        small = {word: value for word, value in numbers.words.items() if 0 < value < min(size, 100)}
        heads = {"": 1, "ein": 1, **{word: value for word, value in small.items() if value < (10 if size == 100 else 100)}}
        if size > 100:
            heads |= dict(_hundreds(numbers.words, numbers.glued, numbers.scales))
        for head, times in heads.items():
            tails = {"": 0, **small} if size == 100 else {"": 0}
            for tail, rest in tails.items():
                if head or tail:
                    yield f"{head}{glue}{tail}", times * size + rest


def _hundreds(words: Mapping[str, int], glued: Sequence[str], scales: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The full hundreds, as they stand before a thousand."""
    hundred = next(glue for glue in glued if scales[glue] == 100)
    for word, value in {**words, "ein": 1}.items():
        if 0 < value < 10:
            yield word + hundred, value * 100


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
