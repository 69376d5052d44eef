"""The endings that a language hangs on a stem, and how a name in its usual form becomes a stem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from services.region.folding import fold

MAX_TAIL = 14
"""No language here hangs more letters than this on a name."""

_APOSTROPHE_TAIL = 8


class Endings:
    """Says whether a tail may follow a stem of a language."""

    def __init__(self, languages: Mapping[str, tuple[int, Sequence[str]]]) -> None:
        self._parts = {language: (chain, frozenset(fold(p).text for p in parts)) for language, (chain, parts) in languages.items()}
        self.allows = lru_cache(maxsize=50_000)(self._allows)

    def _allows(self, language: str, tail: str) -> bool:
        if not tail:
            return True
        if tail[0] == "'":
            return len(tail) <= _APOSTROPHE_TAIL
        if not language or len(tail) > MAX_TAIL:
            return False
        chain, parts = self._parts[language]
        return self._chained(tail, chain, parts)

    def _chained(self, tail: str, chain: int, parts: frozenset[str]) -> bool:
        if "'" in tail:
            tail = tail[: tail.index("'")]
        # At most MAX_TAIL places and `chain` parts: a small table, no backtracking over the text.
        reached = {0}
        for _ in range(chain):
            reached = {i + n for i in reached for n in range(1, len(tail) - i + 1) if tail[i : i + n] in parts}
            if len(tail) in reached:
                return True
        return False


_RU_ADJECTIVE = ("ии", "ыи", "ая", "яя", "ое", "ее", "ые", "ие", "ои")


def stem(word: str, language: str, *, proper: bool) -> str:
    """The unchanging beginning of a folded word given in its usual form; `proper` for a name rather than a common noun."""
    if len(word) < 5 and not (language == "ru" and len(word) == 4 and word[-1] in "ая"):
        return word
    if language == "ru":
        return _russian(word, proper=proper)
    if language == "ka" and word.endswith("ი"):
        return word[:-1]
    if language == "hy" and word.endswith("ություն"):
        return word[:-3]
    if language in {"az", "tr"} and word.endswith(("lik", "luk", "liq", "luq")):
        return word[:-1]
    return word


def _russian(word: str, *, proper: bool) -> str:
    if len(word) > 5 and word.endswith(_RU_ADJECTIVE):
        return word[:-2]
    if word[-1] in "аяьи" if proper is False else word[-1] in "аяь":
        return word[:-1]
    if not proper and word[-1] in "еоыу":
        return word[:-1]
    return word
