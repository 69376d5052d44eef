"""The bytes of a feed or page as text, whatever the server and the document say of their encoding.

Order of trust: a byte order mark; that the bytes are valid UTF-8 (no other text is, by chance); what the document
declares; what the header says; what the bytes look like. Of Cyrillic text the letters themselves are asked, for its four
old encodings are taken for one another by servers and editors alike. Never raises: what fits nowhere becomes U+FFFD.
"""

from __future__ import annotations

import codecs
import re
import zlib
from functools import partial
from itertools import pairwise

GZIP = b"\x1f\x8b\x08"
MOST_UNPACKED = 10_000_000
"""Bytes of a packed file that are unpacked at most."""
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE_STARTS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
XML_DECLARATION = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{2,40})\s*[\"']")
META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
LATIN = frozenset({"iso8859-1", "cp1252", "ascii", "iso8859-15"})
"""Encodings that servers name without knowing: the bytes are asked before these are believed."""
ALIASES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "x-sjis": "shift_jis",
    "win-1251": "cp1251",
}
NO_CHARSETS = frozenset(
    {"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "unicode_escape", "unicode-escape"}
    | {"raw_unicode_escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem"}
)
"""Python's codecs that are no character sets, or none that a server may choose."""
EBCDIC_MARK = b"\x4c\x6f\xa7\x94"
HEAD = 2048
CYRILLIC = ("cp1251", "koi8-r", "cp866", "iso8859-5")
"""The encodings that Cyrillic text is found in, the commonest first."""
WEIGHTS = {letter: weight for letters, weight in (("оеаинтср", 3), ("влкмдпуяыьгзбч", 1), ("ъщэцфжшюхй", 0)) for letter in letters}
"""How much a letter speaks for a text being Russian: it is common in words."""
WORDS = re.compile(rb"[\x80-\xff]{4,}")
SAMPLE = 4_000
"""Bytes of words that are asked for their encoding."""
SURER = 1.5
"""Another encoding than the declared one must fit so many times better."""
TURKISH = re.compile(rb"[A-Za-z][\xf0\xfd\xfe][A-Za-z]")
TWICE = re.compile(
    "[\u00a0-\u00ff\u0080-\u009f\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{2,}"
)
"""What UTF-8 looks like that was taken for windows-1252 and written in UTF-8 once more."""
TWICE_CYRILLIC = re.compile(
    "(?:[\u0420\u0421][\u00a0-\u00bf\u0401-\u040f\u0451-\u045f\u0490\u0491\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2116\u2122]){2,}"
)
"""The same where it was taken for windows-1251."""
ONE_CYRILLIC = re.compile(TWICE_CYRILLIC.pattern.removesuffix("{2,}"))
SURE_RUNS = 3
WRITTEN_TWICE = (
    ("ÂÃÄÅÉÐÑÕÖØÙáâ", TWICE, None, "cp1252"),
    (("Рѕ", "Р°", "Рµ", "Рё"), TWICE_CYRILLIC, ONE_CYRILLIC, "cp1251"),
)
"""What shows at a glance that a text may have been written twice, how it is found, and what it was taken for."""
OURS = re.compile(
    "[\u00a0-\u017f\u0218-\u021b\u0259\u018f\u0400-\u04ff\u0530-\u058f\u0600-\u06ff\u10a0-\u10ff\u2010-\u203a\u20ac\u20ba\u20bd\u2116\u2122]+"
)
"""Characters of the region's languages: what is restored must be made of them."""
HIGH = re.compile(rb"[\x80-\xff]")
BROKEN_SHARE = 0.3
"""Above this share of high bytes that are no UTF-8, the text is not UTF-8 with a few faults but something else."""


def unpacked(body: bytes) -> bytes:
    """The body of a packed file that a server gives as it lies on its disk; every other body, and a bomb, as it is."""
    if not body.startswith(GZIP):
        return body
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacking.decompress(body, MOST_UNPACKED)
    except zlib.error:
        return body
    return body if unpacking.unconsumed_tail else plain


def looks_wide(body: bytes) -> bool:
    """Whether the body begins as UTF-16 or UTF-32 does, or holds zeros as they do."""
    return body[:2] in WIDE_STARTS or b"\x00" in body


def in_utf8(body: bytes, content_type: str = "") -> bytes:
    """The text of `body` in UTF-8; the body itself where it is that already. Lone surrogates become U+FFFD."""
    if not _is_utf8(body, content_type):
        return decoded(body, content_type).encode("utf-8", "replace")
    return body


def _is_utf8(body: bytes, content_type: str) -> bool:
    if body[:2] in WIDE_STARTS or _wide(body) or _escapes(_declared(body) or _named(HEADER_CHARSET.search(content_type))):
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decoded(body: bytes, content_type: str = "") -> str:
    """The text of `body`; `content_type` is the header as the server sent it."""
    for mark, wide_or_not in BOMS:
        if body.startswith(mark):
            marked = body[len(mark) :]
            # Editors put the mark of UTF-8 before what they then do not write in it.
            return _unmarked(marked, content_type) if wide_or_not == "utf-8" else marked.decode(wide_or_not, "replace")
    wide = _wide(body)
    return body.decode(wide, "replace") if wide else _unmarked(body, content_type)


def _unmarked(body: bytes, content_type: str) -> str:
    named = [encoding for encoding in (_declared(body), _named(HEADER_CHARSET.search(content_type))) if encoding]
    if not named or not _escapes(named[0]):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for encoding in named:
        text = _as_named(body, encoding)
        if text is not None:
            return text
    return _guessed(body)


def _as_named(body: bytes, encoding: str) -> str | None:
    """The text in the encoding that is claimed; None where the bytes say that it is not."""
    if encoding.startswith(("utf-8", "utf-16", "utf-32")):
        return None
    plain = codecs.lookup(encoding).name
    if plain in LATIN and (TURKISH.search(body) or _cyrillic(body)):
        return None
    return _strictly(body, _cyrillic(body, plain) if plain in CYRILLIC else encoding)


def _declared(body: bytes) -> str | None:
    head = body[:HEAD]
    if head.startswith(EBCDIC_MARK):
        head = head.decode("cp037", "replace").encode("ascii", "replace")
    found = XML_DECLARATION.search(head) or META_CHARSET.search(head)
    return _known(found.group(1).decode("ascii")) if found else None


def _named(found: re.Match[str] | None) -> str | None:
    return _known(found.group(1)) if found else None


def _known(name: str) -> str | None:
    """Python's name of an encoding that makes text of bytes; None where there is none of that name."""
    name = ALIASES.get(name.lower(), name.lower())
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return None if info.name in NO_CHARSETS else info.name


def _escapes(encoding: str | None) -> bool:
    """Whether the encoding is made of ASCII bytes, so that being valid UTF-8 says nothing."""
    return encoding is not None and encoding.startswith(("iso2022", "hz"))


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, ValueError):
        # One byte out of place does not make another encoding of a long text.
        text = body.decode(encoding, "replace")
        return text if text.count("\ufffd") <= len(text) // 200 else None


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: characters of markup with zeros between them."""
    head = body[:64]
    if len(head) < 4 or b"\x00" not in head:
        return None
    forms = {b"<\x00\x00\x00": "utf-32-le", b"\x00\x00\x00<": "utf-32-be"}
    if head[:4] in forms:
        return forms[head[:4]]
    even, odd = head[::2].count(0), head[1::2].count(0)
    pairs = len(head) // 2
    if odd > pairs * 0.6 and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > pairs * 0.6 and odd == 0 else None


def _guessed(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    high = len(HIGH.findall(body))
    if text.count("\ufffd") <= high * BROKEN_SHARE:
        return body.decode("utf-8", "caucasus_watch_mixed")
    return body.decode(_cyrillic(body) or ("cp1254" if TURKISH.search(body) else "cp1252"), "replace")


def _cyrillic(body: bytes, declared: str = "") -> str:
    """The encoding in which the words are most like Russian ones; the declared one unless another fits much better; none where none does."""
    words = b" ".join(WORDS.findall(body[: SAMPLE * 50]))[:SAMPLE]
    fits = {encoding: _fit(words.decode(encoding, "replace")) for encoding in CYRILLIC}
    best = max(fits, key=lambda encoding: fits[encoding])
    if declared:
        return declared if fits[best] <= max(fits[declared], 0) * SURER else best
    return best if fits[best] > len(words) * 0.5 else ""


def _fit(text: str) -> int:
    """How common the letters are in Russian, less those that stand where no writer puts them."""
    good = sum(WEIGHTS.get(letter, -3) for letter in text.lower() if letter != " ")
    return good - 3 * sum(one.islower() and other.isupper() for one, other in pairwise(text))


def repaired(text: str) -> str:
    """The text with what was written in UTF-8 twice brought back, where it is of this region's letters; the rest as it is."""
    for signs, twice, single, taken_for in WRITTEN_TWICE:
        if not any(sign in text for sign in signs):
            continue
        changed, runs = twice.subn(partial(_once, taken_for), text)
        if changed != text and single is not None and runs >= SURE_RUNS:
            # A word of one letter shows nothing alone; among many that were written twice it was, too.
            changed = single.sub(partial(_once, taken_for), changed)
        text = changed
    return text


def _once(taken_for: str, found: re.Match[str]) -> str:
    run = found.group()
    try:
        once = b"".join(_byte(character, taken_for) for character in run).decode("utf-8")
    except UnicodeError:
        return run
    return once if OURS.fullmatch(once) else run


def _byte(character: str, encoding: str) -> bytes:
    """The byte that stood for the character; those that the encoding leaves out pass as they are."""
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 within a text that is: a quotation mark or letter of windows-1252, as editors paste them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("caucasus_watch_mixed", _mixed)
