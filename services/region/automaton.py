"""One pass over a text for every name that is known.

The Aho-Corasick automaton holds the stems of single words; what it finds is checked for the ending that follows and
then walked through a tree of names, word by word. So "Вооружённых сил Армении" is found by the name "Вооружённые силы
Армении", in time that grows with the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import ahocorasick

from services.region.endings import MAX_TAIL, Endings, stem
from services.region.folding import Folded, fold

COUNTRY_SLOT = "{}"
"""Stands in a name for a country's word ("ministère {} de la Défense")."""

_LETTERS = re.compile(r"[^\W_]+")
_JOINERS = frozenset(" -'\"«»“”„.\n")


@dataclass(slots=True)
class _Node:
    """A place in the tree of names; `ends` are the names that end here, each with its demands on capitals."""

    next: dict[int, _Node] = field(default_factory=dict)
    slot: _Node | None = None
    ends: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hit:
    """A name found at folded[start:end]; `key` is what `add` was given, `tail` the ending, `language` the name's, `filled` the key in the name's slot."""

    start: int
    end: int
    key: int
    tail: str
    language: str
    filled: int | None = None


WORDS_KEPT = 100_000
"""Words whose stems are remembered: the words of a language come back article after article, so the automaton is asked once for each."""

LONGEST_KEPT = 60
"""Letters of a word that is remembered; a longer run is no word."""


class _Word:
    """One word of the text with each stem it may be of, and the ending that then follows the stem; `opens`: a name may begin with it."""

    __slots__ = ("end", "opens", "start", "stems")

    def __init__(self, start: int, end: int, stems: dict[int, str], opens: bool) -> None:
        self.start = start
        self.end = end
        self.stems = stems
        self.opens = opens


_Path = tuple[tuple[_Word, str], ...]
_State = tuple[_Node, _Path, int | None]
"""A place in the tree, the words that led there, and what fills the name's slot."""


class Automaton:
    """Names in, hits out. `slots` are the keys that may fill a name's country slot."""

    def __init__(self, endings: Endings) -> None:
        self._endings = endings
        self._stems: dict[tuple[str, str], int] = {}
        self._root = _Node()
        self._machine = ahocorasick.Automaton()
        self._known: dict[str, tuple[dict[int, str], bool]] = {}
        self.slots: set[int] = set()

    def add(self, name: str, language: str, key: int) -> None:
        """Make `name`, in its usual form, findable as `key`; a trailing hyphen marks a bare stem."""
        bare = name.endswith("-") and len(name) > 1
        words = list(_words(name))
        node = self._root
        for word in words:
            if word == COUNTRY_SLOT:
                node.slot = node.slot or _Node()
                node = node.slot
                continue
            node = node.next.setdefault(self._stem_id(word, language, bare=bare), _Node())
        demand = "".join("A" if _acronym(w) else "." for w in words)
        if len(words) == 1 and words[0][:1].isupper() and not _acronym(words[0]):
            demand = "C"
        if (key, demand, language) not in node.ends:
            node.ends.append((key, demand, language))

    def _stem_id(self, word: str, language: str, *, bare: bool) -> int:
        folded = fold(word).text
        root = folded if bare or _acronym(word) else stem(folded, language, proper=word[:1].isupper())
        return self._stems.setdefault((root, language), len(self._stems))

    def close(self) -> None:
        """Build the machine; nothing can be added after."""
        by_text: dict[str, list[tuple[int, str]]] = {}
        for (root, language), number in self._stems.items():
            by_text.setdefault(root, []).append((number, language))
            # Armenian print writes "եւ" and "և" for one another.
            if "և" in root:
                by_text.setdefault(root.replace("և", "եւ"), []).append((number, language))
        for root, owners in by_text.items():
            self._machine.add_word(" " + root, (len(root), tuple(owners)))
        self._machine.make_automaton()

    def find(self, folded: Folded) -> list[Hit]:
        """The longest name at each place where one begins, in order; names may overlap."""
        words = self._find_words(folded.text)
        found: list[Hit] = []
        for i, word in enumerate(words):
            if not word.opens:
                continue
            best: list[Hit] = []
            for hit in self._walk(folded, words, i):
                if not best or hit.end > best[0].end:
                    best = [hit]
                elif hit.end == best[0].end:
                    best.append(hit)
            best.sort(key=lambda hit: len(hit.tail))
            found += best
        return found

    def _find_words(self, text: str) -> list[_Word]:
        found: list[_Word] = []
        known = self._known
        if len(known) > WORDS_KEPT:
            known.clear()
        for match in _LETTERS.finditer(text):
            word = match.group()
            of = known.get(word)
            if of is None:
                of = self._stems_of(word)
                if len(word) <= LONGEST_KEPT:
                    known[word] = of
            if of[0]:
                found.append(_Word(match.start(), match.end(), of[0], of[1]))
        return found

    def _stems_of(self, word: str) -> tuple[dict[int, str], bool]:
        """The stems that `word` may be of, each with the ending behind it, and whether a name begins with one of them."""
        stems: dict[int, str] = {}
        for last, (length, owners) in self._machine.iter(" " + word):
            if last != length or len(word) - length > MAX_TAIL:
                continue
            tail = word[length:]
            stems.update((number, tail) for number, language in owners if self._endings.allows(language, tail))
        return stems, any(number in self._root.next for number in stems)

    def _walk(self, folded: Folded, words: list[_Word], first: int) -> Iterator[Hit]:
        states: list[_State] = [(self._root, (), None)]
        for i in range(first, len(words)):
            word = words[i]
            if i > first and not _joined(folded.text, words[i - 1].end, word.start):
                return
            step = [after for state in states for after in self._after(state, word)]
            for node, path, filled in step:
                for key, demand, language in node.ends:
                    if _capitals(folded, path, demand):
                        yield Hit(path[0][0].start, path[-1][0].end, key, path[-1][1], language, filled)
            if not step:
                return
            states = step

    def _after(self, state: _State, word: _Word) -> Iterator[_State]:
        """The places in the tree that one more word leads to."""
        node, path, filled = state
        for number, tail in word.stems.items():
            further = (*path, (word, tail))
            if (to := node.next.get(number)) is not None:
                yield to, further, filled
            if node.slot is not None and path and (leaf := self._root.next.get(number)) is not None:
                for key, _, _ in leaf.ends:
                    if key in self.slots:
                        yield node.slot, further, key


def _words(name: str) -> Iterator[str]:
    word = ""
    for char in name + " ":
        if char.isalnum() or char in "{}":
            word += char
        elif word:
            yield word
            word = ""


def _acronym(word: str) -> bool:
    """True for words that must stand in capitals: EU, МВД, ՊՆ."""
    return len(word) <= 5 and word.isupper() and word.isalpha() and word.lower() != word and len(word) > 1


def _joined(text: str, end: int, start: int) -> bool:
    """True where nothing stands between two words but what a name may hold: a space, a hyphen, an elision, one line's end."""
    gap = text[end:start]
    if gap == "'s ":
        return True
    return len(gap) <= 3 and all(c in _JOINERS for c in gap) and gap.count("\n") <= 1 and not gap.startswith(". ")


def _capitals(folded: Folded, path: _Path, demand: str) -> bool:
    if demand == "C":
        first = folded.stored[folded.span(path[0][0].start, path[0][0].start + 1)[0]]
        return not first.islower() or _caseless(first)
    for (word, tail), mark in zip(path, demand, strict=False):
        if mark == "A":
            begin, end = folded.span(word.start, word.end - len(tail))
            _, stop = folded.span(word.start, word.end)
            # An ending on an acronym is in small letters: "ՊՆ-ն", "БТРа", but AIA is no AI.
            if not folded.stored[begin:end].isupper() or (folded.stored[end : end + 1].isupper() and stop > end):
                return False
    return True


def _caseless(char: str) -> bool:
    """True for Georgian letters, which Python calls lower case though the script has no capitals in use."""
    return "\u10d0" <= char <= "\u10ff"
