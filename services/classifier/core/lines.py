"""A sentence with all that the first pass found in it, ready for the grammar of claims."""

from __future__ import annotations

from collections.abc import Iterator

from services.classifier.core.document import Document
from services.classifier.core.packs import Pack, Tag
from services.classifier.core.sentences import Sentence
from services.classifier.core.tokens import Token
from services.region import Mention

QUOTES = frozenset('"“”„«»')
COMMAS = frozenset({",", "՝", "،"})
HARD = frozenset({";", "—", "–", "(", ")", "•", "*"})


class Line:
    """One sentence: its tokens, the tags that begin at or cover each token, and the mentions of the region by token."""

    __slots__ = ("_begins", "_covers", "document", "mention_at", "mentions", "pack", "sentence", "tokens")

    def __init__(self, document: Document, sentence: Sentence, pack: Pack) -> None:
        """Lay tags and mentions over the tokens of `sentence`."""
        self.document = document
        self.sentence = sentence
        self.pack = pack
        self.tokens: tuple[Token, ...] = sentence.tokens
        self._begins: dict[tuple[str, int], list[Tag]] = {}
        self._covers: dict[str, dict[int, Tag]] = {}
        for tag in document.tags[sentence.index]:
            self._begins.setdefault((tag.kind, tag.start), []).append(tag)
            covers = self._covers.setdefault(tag.kind, {})
            for place in range(tag.start, tag.end):
                covers.setdefault(place, tag)
        self.mentions: tuple[Mention, ...] = document.mentions_in(sentence)
        self.mention_at: dict[int, Mention] = {}
        place = 0
        for mention in self.mentions:
            while place < len(self.tokens) and self.tokens[place].end <= mention.start:
                place += 1
            within = place
            while within < len(self.tokens) and self.tokens[within].start < mention.end:
                self.mention_at[within] = mention
                within += 1

    def __len__(self) -> int:
        return len(self.tokens)

    def begins(self, kind: str, at: int) -> Tag | None:
        """The tag of class `kind` that begins at token `at`."""
        found = self._begins.get((kind, at))
        return found[0] if found else None

    def all_begins(self, kind: str, at: int) -> list[Tag]:
        """All tags of class `kind` that begin at token `at`, of equal length."""
        return self._begins.get((kind, at), [])

    def covers(self, kind: str, at: int) -> Tag | None:
        """The tag of class `kind` that covers token `at`."""
        return self._covers.get(kind, {}).get(at)

    def of_kind(self, kind: str) -> Iterator[Tag]:
        """All tags of a class, from the left, one for each place."""
        seen = set()
        for place, tag in sorted(self._covers.get(kind, {}).items()):
            if tag.start == place and tag.start not in seen:
                seen.add(tag.start)
                yield tag

    def has(self, *kinds: str) -> bool:
        """Whether any tag of one of these classes is in the sentence."""
        return any(kind in self._covers for kind in kinds)

    def is_mark(self, at: int) -> bool:
        """Whether token `at` is a mark, or past the end."""
        return not 0 <= at < len(self.tokens) or self.tokens[at].kind == "mark"

    def surface(self, start: int, end: int) -> str:
        """The stored words from token `start` to before token `end`."""
        if start >= end:
            return ""
        return self.document.text_of(self.sentence.field)[self.tokens[start].start : self.tokens[end - 1].end]

    def glued(self, at: int) -> bool:
        """Whether token `at` follows the one before without a blank."""
        return at > 0 and self.tokens[at - 1].end == self.tokens[at].start
