"""Names that mean the Caucasus only in company: Georgia the state of the USA, clubs that bear the names of towns.

Each rule of data/company.yaml says which names are doubtful, beside what, and which words settle it for the region. All
words of all rules are found in one pass over the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import ahocorasick
import yaml

from services.region.folding import fold

ANY = "any"
NO_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of doubt. `names` is None where every name is meant; `beside` where it is doubtful everywhere."""

    about: str
    names: tuple[str, ...] | None
    beside: bool
    against: bool

    def doubts(self, surface: str) -> bool:
        """Whether the name, folded, is one of those that the rule doubts."""
        return self.names is None or f"{surface} ".startswith(self.names)


class Company:
    """The rules with one automaton over their words; `packaged()` gives those of the package."""

    def __init__(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """`rules` as they stand in the file."""
        self.rules = tuple(
            Rule(
                about=row["about"],
                names=None if row["names"] == ANY else tuple(_pattern(name)[1:] for name in row["names"]),
                beside="beside" in row,
                against="against" in row,
            )
            for row in rules
        )
        marks: dict[str, set[tuple[int, str]]] = {}
        for number, row in enumerate(rules):
            for part in ("beside", "company", "against"):
                for word in _words(row.get(part, ())):
                    marks.setdefault(_pattern(word), set()).add((number, part))
        self._machine = ahocorasick.Automaton()
        for pattern, owners in marks.items():
            self._machine.add_word(pattern, tuple(owners))
        self._machine.make_automaton()

    @staticmethod
    def packaged() -> Company:
        """The rules of the package, read once a process."""
        return _packaged()

    def settles(self, surfaces: Iterable[str], text: str) -> bool:
        """Whether the text concerns the region, being all that these names of it, as they stand in it, say.

        One name that no rule doubts is enough; a doubtful one needs the company that its rules ask for.
        """
        found: set[tuple[int, str]] = set()
        for _, owners in self._machine.iter(f" {_plain(text)} "):
            found.update(owners)
        return any(self._believed(_plain(surface), found) for surface in surfaces)

    def _believed(self, surface: str, found: set[tuple[int, str]]) -> bool:
        return all(self._settled(number, rule, found) for number, rule in enumerate(self.rules) if rule.doubts(surface))

    @staticmethod
    def _settled(number: int, rule: Rule, found: set[tuple[int, str]]) -> bool:
        if rule.beside and (number, "beside") not in found:
            return True
        return (number, "company") in found and not (rule.against and (number, "against") in found)


def _words(rows: Iterable[Any]) -> Iterable[str]:
    for row in rows:
        yield from row


def _plain(text: str) -> str:
    """The text folded, its words parted by single spaces."""
    return NO_LETTER.sub(" ", fold(text).text).strip()


def _pattern(word: str) -> str:
    """A beginning of a word, or a whole one where it stands between underscores."""
    return " " + _plain(word) + (" " if word.endswith("_") else "")


@lru_cache(maxsize=1)
def _packaged() -> Company:
    text = files("services.fetcher").joinpath("data", "company.yaml").read_text(encoding="utf-8")
    return Company(yaml.load(text, Loader=yaml.CSafeLoader))
