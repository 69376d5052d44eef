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


NO_TAGS: dict[int, Tag] = {}

QUANTITY_KINDS = frozenset(
    {
        "both_sides",
        "hedge",
        "number",
        "scale",
        "exact",
        "approximate",
        "ordinal",
        "number_vague",
        "number_none",
        "number_one",
        "possessives",
        "the",
        "people",
    }
)


class Line:
    """One sentence: its tokens, the tags that begin at or cover each token, and the mentions of the region by token."""

    __slots__ = (
        "_by_kind",
        "_covers",
        "_masks",
        "_more",
        "document",
        "mention_at",
        "mentions",
        "pack",
        "quantity_starts",
        "sentence",
        "tokens",
    )

    def __init__(self, document: Document, sentence: Sentence, pack: Pack) -> None:
        """Lay tags and mentions over the tokens of `sentence`."""
        self.document = document
        self.sentence = sentence
        self.pack = pack
        self.tokens: tuple[Token, ...] = sentence.tokens
        self._by_kind: dict[str, dict[int, Tag]] = {}
        self._more: list[Tag] = []
        self._covers: dict[str, dict[int, Tag]] = {}
        self._masks: dict[str, int] = {}
        self.quantity_starts: set[int] = set()
        """Tokens with a tag that a quantity may begin with."""
        by_kind = self._by_kind
        for tag in document.tags[sentence.index]:
            starts = by_kind.get(tag.kind)
            if starts is None:
                by_kind[tag.kind] = {tag.start: tag}
            elif tag.start in starts:
                # One class twice in one place, with another value: seldom, so that no list is made for the others.
                self._more.append(tag)
            else:
                starts[tag.start] = tag
        for kind in QUANTITY_KINDS:
            if kind in by_kind:
                self.quantity_starts.update(by_kind[kind])
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
        starts = self._by_kind.get(kind)
        return None if starts is None else starts.get(at)

    def all_begins(self, kind: str, at: int) -> list[Tag]:
        """All tags of class `kind` that begin at token `at`, of equal length."""
        first = self._by_kind.get(kind, NO_TAGS).get(at)
        if first is None:
            return []
        return [first, *(tag for tag in self._more if tag.start == at and tag.kind == kind)] if self._more else [first]

    def covers(self, kind: str, at: int) -> Tag | None:
        """The tag of class `kind` that covers token `at`."""
        covers = self._covers.get(kind)
        if covers is None:
            if kind not in self._by_kind:
                return None
            covers = self._covers[kind] = self._cover(kind)
        return covers.get(at)

    def within(self, kind: str, start: int, end: int) -> bool:
        """Whether a tag of class `kind` covers any token from `start` to before `end`; places before or past the sentence hold none."""
        mask = self._masks.get(kind)
        if mask is None:
            starts = self._by_kind.get(kind)
            if starts is None:
                return False
            mask = 0
            for tag in starts.values():
                mask |= (1 << tag.end) - (1 << tag.start)
            self._masks[kind] = mask
        start = max(0, start)
        return end > start and mask >> start & (1 << end - start) - 1 != 0

    def _cover(self, kind: str) -> dict[int, Tag]:
        """Token -> the tag of a class that covers it; made when the class is first asked for."""
        return {place: tag for tag in self._by_kind[kind].values() for place in range(tag.start, tag.end)}

    def of_kind(self, kind: str) -> Iterator[Tag]:
        """All tags of a class, from the left, one for each place."""
        starts = self._by_kind.get(kind, NO_TAGS)
        for start in sorted(starts):
            yield starts[start]

    def has(self, *kinds: str) -> bool:
        """Whether any tag of one of these classes is in the sentence."""
        return any(kind in self._by_kind for kind in kinds)

    def kinds(self) -> Iterator[str]:
        """The classes of all tags of the sentence."""
        return iter(self._by_kind)

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
