"""Sentences: a paragraph cut where its language ends a sentence, quotes and abbreviations minded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.classifier.core.tokens import Token, tokenise

ENDS = frozenset({".", "!", "?", "…", "...", "։", "՜", "՞", ";"})
"""Marks that may end a sentence; the semicolon only where `SEMICOLON_ENDS` says so."""

OPENERS = frozenset('«„“"(–—-')
CLOSERS = frozenset("\"'”’»)]“")
NO_CASE = frozenset({"ka"})
"""Scripts whose sentences need not begin with a capital."""

ARMENIAN_COLON = 4
"""Tokens: a dot so near the beginning of an Armenian sentence parts a source from its words."""

MAX_DAY = 31
DOT_AFTER = 2
MONTHS = ("januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember")
LEADS = frozenset({"am", "vom", "zum", "im", "der", "die", "das", "dem", "den", "des", "bis", "seit", "ab"})
"""German words before an ordinal that is written with a dot."""

MAX_TOKENS = 400
"""A longer run without a full stop is cut, so that no stage meets an endless sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of one field.

    `paragraph` counts the kept paragraphs of the field from 0, `index` the sentences of the whole document, title
    first. Offsets of its tokens point into the stored field.
    """

    field: str
    paragraph: int
    index: int
    start: int
    end: int
    tokens: tuple[Token, ...]
    headline: bool = False
    """Whether it is the title or a heading: no full stop, telegram style."""


def _ends_here(tokens: list[Token], first: int, at: int, language: str, abbreviations: frozenset[str]) -> bool:
    mark = tokens[at].surface
    if language == "hy" and mark in {".", "\u2024", ":"}:
        # In Armenian the dot parts clauses, and two dots, typed for the full stop, part sentences.
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        capital = after is None or after.title or after.surface in OPENERS or after.kind == "number"
        spaced = after is None or after.start > tokens[at].end
        return capital and spaced and (mark == ":" or at - first > ARMENIAN_COLON) and tokens[at - 1].folded not in abbreviations
    if mark not in ENDS or mark == ";":
        return False
    if mark in {"!", "?", "…", "...", "։"}:
        return at + 1 < len(tokens) and (mark == "։" or not tokens[at + 1].surface[:1].islower())
    following = next((token for token in tokens[at + 1 : at + 3] if token.kind != "mark"), None)
    before = tokens[at - 1] if at else None
    if before is not None and before.kind == "word" and before.end == tokens[at].start:
        single = len(before.surface) == 1 and before.surface.isupper()
        if before.folded in abbreviations or (single and language != "ka"):
            return False
        # "U.S. troops", "p.m.": a letter, a stop, a letter, a stop.
        if single or (len(before.surface) == 1 and at >= 2 and tokens[at - 2].surface == "."):
            return False
    if before is not None and before.kind == "number" and following is not None and following.surface[:1].islower():
        return False
    if language == "de" and before is not None and before.number is not None and before.number <= MAX_DAY and at >= DOT_AFTER:
        # "am 3. September", "der 2. Krieg": a dot behind a small number is an ordinal's where an article leads to it.
        dated = following is not None and following.folded.startswith(MONTHS)
        if dated or tokens[at - DOT_AFTER].folded in LEADS:
            return False
    if following is None:
        return True
    if following.kind == "number" or language in NO_CASE:
        return tokens[at + 1].start > tokens[at].end or tokens[at + 1].surface in CLOSERS
    return not following.surface[:1].islower()


def sentences_of(
    text: str, start: int, end: int, language: str, abbreviations: frozenset[str]
) -> Iterator[tuple[int, int, tuple[Token, ...]]]:
    """The sentences of one paragraph as (start, end, tokens)."""
    tokens = tokenise(text, start, end, language)
    first = 0
    at = 0
    while at < len(tokens):
        if _ends_here(tokens, first, at, language, abbreviations) or at - first >= MAX_TOKENS:
            # A closing quote or bracket belongs to the sentence that it closes.
            while at + 1 < len(tokens) and tokens[at + 1].surface in CLOSERS and tokens[at + 1].start == tokens[at].end:
                at += 1
            chunk = tokens[first : at + 1]
            yield chunk[0].start, chunk[-1].end, tuple(chunk)
            first = at + 1
        at += 1
    if first < len(tokens):
        chunk = tokens[first:]
        yield chunk[0].start, chunk[-1].end, tuple(chunk)
