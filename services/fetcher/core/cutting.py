"""A feed's body cut into its entries, so that only those never seen before have to be parsed.

Finding where the entries lie costs a thirtieth of parsing them. It is done only where the result cannot differ from the
parse of the whole: the body is well-formed XML without a document type, and its entries stand side by side. For every
other body there is no cut, and the whole is parsed.

    cut = cut_feed(body, content_type)
    unseen = [i for i, piece in enumerate(cut.entries) if piece.digest not in seen]
    parse_feed(cut.only(unseen), content_type=CUT_TYPE)   # entries[k] is entry unseen[k] of the whole
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

import xxhash

from services.fetcher.core.encodings import GZIP, in_utf8

CUT_TYPE = "application/xml; charset=utf-8"
"""Content type of what `Cut.only` gives."""
ENTRIES = frozenset({"item", "entry"})
PARENTS = frozenset({"channel", "rss", "rdf", "feed", "items"})
"""Elements in which entries stand; anywhere else, and within one another, they may be text of something else."""
FEEDS = frozenset(
    {
        "http://backend.userland.com/rss", "http://backend.userland.com/rss2", "http://blogs.law.harvard.edu/tech/rss",
        "http://purl.org/rss/1.0/", "http://purl.org/rss/1.0/modules/rss091#", "http://my.netscape.com/rdf/simple/0.9/",
        "http://purl.org/atom/ns#", "http://www.w3.org/2005/atom",
    }
)  # fmt: skip
"""Name spaces of feeds, in lower case; what is called an entry in another one leaves the body uncut."""
LARGEST = 2_000_000
"""Bytes; above it, and above so many elements, the search itself would hold up whoever waits."""
MOST_ELEMENTS = 40_000
END = re.compile(rb"</(?:[^\s>:]+:)?(?:item|entry)\s*>", re.IGNORECASE)
DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>")
BASE = re.compile(rb"[\s:]base\s*=", re.IGNORECASE)
BEFORE = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry: where it stands in the body, half-open, and the 128-bit hash of its bytes."""

    start: int
    end: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A body in UTF-8 with the places of its entries in their order. `head` is the hash of all that stands around them."""

    body: bytes
    entries: tuple[Piece, ...]
    head: bytes

    def only(self, keep: Iterable[int]) -> bytes:
        """The feed with these of its entries alone, in the order of the body: `keep` are their places, from 0."""
        kept = set(keep)
        parts: list[bytes] = []
        done = 0
        for place, piece in enumerate(self.entries):
            if place not in kept:
                parts.append(self.body[done : piece.start])
                done = piece.end
        return b"".join((*parts, self.body[done:]))


class _Uncut(Exception):  # noqa: N818 - no fault: the body is of another kind
    """The body must be parsed whole."""


class _Search:
    """What expat tells of the elements, made into ranges."""

    def __init__(self, body: bytes, most_elements: int) -> None:
        self.body = body
        self._most_elements = most_elements
        self.ranges: list[tuple[int, int]] = []
        self._open: list[str] = []
        self._start = -1
        self._inside = 0
        self._elements = 0
        self._parser = expat.ParserCreate("utf-8", " ")
        self._parser.namespace_prefixes = True
        self._parser.StartElementHandler = self._begun
        self._parser.EndElementHandler = self._ended
        self._parser.StartDoctypeDeclHandler = self._typed

    def run(self) -> None:
        self._parser.Parse(self.body, True)  # noqa: FBT003 - expat knows no names of arguments

    def _begun(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > self._most_elements:
            raise _Uncut
        self._open.append(name)
        if not _is_entry(name):
            return
        around = self._open[:-1]
        if not around or any(_local(element) not in PARENTS for element in around):
            raise _Uncut
        self._start, self._inside = self._parser.CurrentByteIndex, len(self._open)

    def _ended(self, _name: str) -> None:
        if len(self._open) == self._inside:
            found = END.match(self.body, self._parser.CurrentByteIndex)
            if found is None:
                # An entry that is one empty tag has no end of its own.
                raise _Uncut
            self.ranges.append((self._start, found.end()))
            self._start, self._inside = -1, 0
        self._open.pop()

    def _typed(self, _name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
        raise _Uncut


def cut_feed(body: bytes, content_type: str = "", *, largest: int = LARGEST, most_elements: int = MOST_ELEMENTS) -> Cut | None:
    """Where the entries of `body` lie; None where only a parse of the whole can tell. Never raises.

    `largest` (bytes) and `most_elements` bound the time that it takes; a process of its own may take longer.
    """
    if len(body) > largest or body.startswith(GZIP):
        return None
    try:
        plain = in_utf8(body, content_type)
        # What a declaration says of the encoding was true of the body, not of this text.
        plain = (plain if plain is body else DECLARATION.sub(b"", plain)).lstrip(BEFORE)
        search = _Search(plain, most_elements)
        search.run()
    except (_Uncut, expat.ExpatError, ValueError):
        return None
    # A base that one entry sets may hold for the next ones too.
    if not search.ranges or BASE.search(plain, search.ranges[0][0]):
        return None
    entries = tuple(Piece(start, end, xxhash.xxh3_128_digest(plain[start:end])) for start, end in search.ranges)
    around = xxhash.xxh3_128()
    done = 0
    for piece in entries:
        around.update(plain[done : piece.start])
        done = piece.end
    around.update(plain[done:])
    return Cut(plain, entries, around.digest())


def _is_entry(name: str) -> bool:
    """Whether the parser begins an entry here. A name is `local`, `space local` or `space local prefix`."""
    if _local(name) not in ENTRIES:
        return False
    space = name.partition(" ")[0] if " " in name else ""
    if space and space.lower() not in FEEDS:
        raise _Uncut
    return True


def _local(name: str) -> str:
    parts = name.split(" ", 2)
    return (parts[0] if len(parts) == 1 else parts[1]).lower()
