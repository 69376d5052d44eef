"""Whose ministry, army or people: a country's word and a body's word beside it make one actor.

"Azerbaijani Defence Ministry", "the army of Armenia", "Минобороны Азербайджана", "soldats arméniens" are composed here,
so that no list of all combinations has to be kept. Two countries before or behind one body ("Armenian and Russian border
guards") each make one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.region.entries import Entry, Mention
from services.region.folding import fold

_REBEL = "REB"
_WORD = re.compile(r"[^\W_]+")
_QUOTES = ' -\n«»"“”„'
_LONGEST_GAP = 40
"""Letters; a longer gap than this never lies between a country and its body."""

_STOPPING = '-"«“„('
"""Behind a place's name these begin something else: a dateline, a quotation."""

_BODIES = frozenset({"office", "armed", "people"})
_COUNTRIES = frozenset({"demonym", "place"})
_GENITIVE_TAILS = frozenset({"", "ի", "ին", "վի", "ის", "ს", "in", "un", "nin", "nun", "s"})


@dataclass(frozen=True, slots=True)
class Grammar:
    """The small words of composition, by language."""

    between: Mapping[str, Sequence[str]]
    joining: Mapping[str, Sequence[str]]
    conjunctions: Mapping[str, Sequence[str]]


def compose_code(body: str, sector: str | None) -> str:
    """BODY.SECTOR; rebels are REB whoever's they are."""
    if sector == _REBEL:
        return _REBEL
    return f"{body}.{sector}" if sector else body


class Gaps:
    """What may stand between a country's word and a body's word, by the grammar of the data."""

    def __init__(self, grammar: Grammar) -> None:
        folded = [fold(word).text for words in grammar.between.values() for word in words]
        self._exact = frozenset(word for word in folded if not word.endswith("-"))
        self._stems = tuple(word[:-1] for word in folded if word.endswith("-"))
        self._joining = frozenset(fold(w).text for words in grammar.joining.values() for w in words if w)
        self._and = frozenset(fold(w).text for words in grammar.conjunctions.values() for w in words) | {
            ",",
            "/",
            "-",
            "the",
            "de",
            "la",
            "of",
        }
        self._fills = lru_cache(maxsize=10_000)(self._may_fill)

    def _may_fill(self, word: str) -> bool:
        return word in self._exact or word.isdigit() or word.startswith(self._stems)

    def before(self, gap: str) -> bool:
        """True for what may stand between a country's word and the body behind it."""
        if len(gap) > _LONGEST_GAP:
            return False
        inner = gap.strip(_QUOTES).removeprefix("'s").removeprefix("'").strip(_QUOTES)
        if not inner:
            return True
        if any(not (char.isalnum() or char in " -'\n") for char in inner):
            return False
        words = _WORD.findall(inner)
        return len(words) <= 3 and all(self._fills(word) for word in words)

    def behind(self, gap: str) -> bool:
        """True for what may stand between a body and the country behind it; the article may follow the joining word."""
        if len(gap) > 10 or not gap.strip(" \n'-").replace("'", "").replace(" ", "").isalpha():
            return False
        words = gap.replace("'", " ").split()
        if len(words) > 1 and words[-1] in {"the", "la", "l", "der", "den"}:
            words.pop()
        inner = " ".join(words)
        return inner in self._joining or inner + "'" in self._joining or inner == "l"

    def joins(self, gap: str) -> bool:
        """True for what joins two countries before or behind one body ("seven Azerbaijani *and six* Armenian soldiers")."""
        words = gap.strip().removeprefix("'s").replace(",", " , ").split()
        return 0 < len(words) <= 4 and words[0] in self._and and all(word in self._and or self._fills(word) for word in words)


class Composer:
    """Composes the mentions of one text after another."""

    def __init__(self, grammar: Grammar) -> None:
        self._gaps = Gaps(grammar)

    def compose(
        self, mentions: Sequence[Mention], text: str, whose: Callable[[Mention], str | None], named: Callable[[str, Entry], Entry]
    ) -> list[Mention]:
        """The mentions with each country-and-body pair made one; spans and `text` are folded.

        `whose` gives the body code that a country's, a people's or a place's mention stands for, `named` the entry of a
        country's body.
        """
        row = _Row(list(mentions), [whose(m) if m.entry.kind in _COUNTRIES else None for m in mentions], text, self._gaps, named)
        for i, mention in enumerate(mentions):
            if mention.entry.kind in _BODIES and mention.entry.code is None and not row.take_before(i):
                row.take_behind(i)
        return [m for m in row.out if m is not None]


class _Row:
    def __init__(
        self, mentions: list[Mention], whose: list[str | None], text: str, gaps: Gaps, named: Callable[[str, Entry], Entry]
    ) -> None:
        self.out: list[Mention | None] = list(mentions)
        self._mentions, self._whose, self._text, self._gaps, self._named = mentions, whose, text, gaps, named

    def _gap(self, i: int) -> str:
        """The text between mention i and the next."""
        return self._text[self._mentions[i].end : self._mentions[i + 1].start]

    def _make(self, start: int, end: int, body: Mention, owner: int, language: str) -> Mention:
        entry = self._named(self._whose[owner] or "", body.entry)
        return Mention(start, end, entry, self._text[start:end], body.tail, entry.code, language, self._mentions[owner].entry)

    def _belongs_before(self, i: int) -> bool:
        """True where the country at `i` belongs to the body right behind it."""
        if not self._whose[i] or i + 1 >= len(self._mentions):
            return False
        body, gap = self._mentions[i + 1].entry, self._gap(i)
        return body.kind in _BODIES and body.code is None and _genitive(self._mentions[i], gap) and self._gaps.before(gap)

    def take_before(self, i: int) -> bool:
        """Compose body `i` with the country before it, and with the countries joined to that one."""
        k = i - 1
        if k < 0 or self.out[k] is None or not self._belongs_before(k):
            return False
        body = self._mentions[i]
        self.out[i], self.out[k] = self._make(self._mentions[k].start, body.end, body, k, body.language), None
        while k > 0 and self._whose[k - 1] and self.out[k - 1] is not None and self._gaps.joins(self._gap(k - 1)):
            k -= 1
            self.out[k] = self._make(self._mentions[k].start, self._mentions[k].end, body, k, body.language)
        return True

    def take_behind(self, i: int) -> None:
        """Compose body `i` with the country behind it, and with the countries joined to that one."""
        k = i + 1
        if k >= len(self._mentions) or not self._whose[k] or self._belongs_before(k) or not self._may_follow(k):
            return
        body = self._mentions[i]
        if body.entry.kind == "armed" and _town(self._mentions[k].entry):
            # Posts in a town need not be of those who hold it.
            return
        self.out[i], self.out[k] = self._make(body.start, self._mentions[k].end, body, k, body.language), None
        while k + 1 < len(self._mentions) and self._whose[k + 1] and self._gaps.joins(self._gap(k)):
            k += 1
            if self._belongs_before(k):
                return
            self.out[k] = self._make(self._mentions[k].start, self._mentions[k].end, body, k, body.language)

    def _may_follow(self, k: int) -> bool:
        """Behind a body with nothing between stand Russian and German genitives and French adjectives only."""
        gap, country = self._gap(k - 1), self._mentions[k]
        if gap not in {" ", "\n", "-"}:
            return self._gaps.behind(gap)
        if country.language == "ru":
            return country.entry.kind == "place"
        if country.language == "fr":
            return country.entry.kind == "demonym"
        return country.language == "de" and country.entry.kind == "place" and country.tail == "s"


def _town(entry: Entry) -> bool:
    return entry.kind == "place" and entry.place_kind not in {"state", "republic", "region"} and entry.speaks_for is None


def _genitive(country: Mention, gap: str) -> bool:
    """A name in another case than the genitive stands beside a body by chance ("in Armenia soldiers").

    A capital in the nominative is a speaker rather than an owner ("Bakı sülhməramlılara"), but for English.
    """
    if country.entry.kind == "demonym":
        return True
    if country.entry.speaks_for and not country.tail and country.language != "en":
        return False
    if any(mark in gap for mark in _STOPPING):
        return False
    return country.language != "ru" and (country.tail in _GENITIVE_TAILS or gap.startswith("'"))
