"""A packed body unpacked piece by piece, never more at once than asked for: a bomb is a few kilobytes until somebody lets it off."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import brotli

ACCEPTED = "gzip, deflate, br"
"""What we say that we can unpack."""
PIECE = 262_144
"""Bytes that are unpacked at a time."""


class Undecodable(Exception):  # noqa: N818 - it names what the body is
    """The body is packed in another way than it says, or in one that was not asked for."""


class Unpacker:
    """One body's packing undone."""

    def __init__(self, encoding: str) -> None:
        """`encoding`: the Content-Encoding as it came.

        Raises:
            Undecodable: it was not asked for.
        """
        self._encoding = encoding.strip().lower()
        self._begun = False
        self._zlib: zlib._Decompress | None = None
        self._brotli: brotli.Decompressor | None = None
        if self._encoding in {"gzip", "x-gzip"}:
            self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif self._encoding == "deflate":
            self._zlib = zlib.decompressobj()
        elif self._encoding == "br":
            self._brotli = brotli.Decompressor()
        elif self._encoding not in {"", "identity", "none"}:
            raise Undecodable(f"it came as {self._encoding[:40]!r}, which was not asked for")

    @property
    def plain(self) -> bool:
        """Whether there is nothing to unpack."""
        return self._zlib is None and self._brotli is None

    @property
    def done(self) -> bool:
        """Whether what comes now is no part of the packed data any more."""
        if self._brotli is not None:
            return bool(self._brotli.is_finished())
        return self._zlib is not None and self._zlib.eof

    def more(self, packed: bytes) -> Iterator[bytes]:
        """What the next piece unpacks to, in parts of a bounded size; whoever has enough stops asking.

        Raises:
            Undecodable: it is not what it says.
        """
        try:
            yield from self._parts(packed)
        except (zlib.error, brotli.error) as fault:
            raise Undecodable(f"it says {self._encoding} and is not: {fault}") from fault

    def _parts(self, packed: bytes) -> Iterator[bytes]:
        if self._brotli is not None:
            yield self._brotli.process(packed, output_buffer_limit=PIECE)
            while not self._brotli.can_accept_more_data():
                yield self._brotli.process(b"", output_buffer_limit=PIECE)
            return
        if self._zlib is None:
            yield packed
            return
        yield self._first(packed)
        while self._zlib.unconsumed_tail:
            yield self._zlib.decompress(self._zlib.unconsumed_tail, PIECE)

    def _first(self, packed: bytes) -> bytes:
        begun, self._begun = self._begun, True
        inner = self._zlib
        if inner is None:
            return packed
        try:
            return inner.decompress(packed, PIECE)
        except zlib.error:
            if begun or self._encoding != "deflate":
                raise
            # Some servers send the bare form of deflate.
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._zlib.decompress(packed, PIECE)
