"""The bytes of a feed or page as text, whatever the server and the document say of their encoding.

Order of trust: a byte order mark; that the bytes are valid UTF-8 (no other text is, by chance); what the document
declares; what the header says; what the bytes look like. Never raises: what fits nowhere becomes U+FFFD.
"""

from __future__ import annotations

import codecs
import re

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
CYRILLIC_RUN = re.compile(rb"[\xc0-\xff\xa8\xb8]{3,}")
HIGH = re.compile(rb"[\x80-\xff]")
BROKEN_SHARE = 0.3
"""Above this share of high bytes that are no UTF-8, the text is not UTF-8 with a few faults but something else."""


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
            return body[len(mark) :].decode(wide_or_not, "replace")
    wide = _wide(body)
    if wide:
        return body.decode(wide, "replace")
    declared = _declared(body)
    header = _named(HEADER_CHARSET.search(content_type))
    if not _escapes(declared or header):
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for encoding in (declared, header):
        if encoding is None or encoding == "utf-8":
            continue
        if _plain(encoding) in LATIN and _looks_cyrillic(body):
            continue
        text = _strictly(body, encoding)
        if text is not None:
            return text
    return _guessed(body)


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


def _plain(encoding: str) -> str:
    return codecs.lookup(encoding).name


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
    """UTF-16 or UTF-32 without a mark: the first bytes of `<` or `<?` with zeros between them."""
    head = body[:4]
    forms = {b"<\x00\x00\x00": "utf-32-le", b"\x00\x00\x00<": "utf-32-be"}
    if head in forms:
        return forms[head]
    if head[:2] == b"<\x00" and len(head) == 4:
        return "utf-16-le"
    return "utf-16-be" if head[:2] == b"\x00<" else None


def _looks_cyrillic(body: bytes) -> bool:
    """Whether most high bytes stand three and more together: words of windows-1251, not accents in Latin ones."""
    high = len(HIGH.findall(body))
    return high > 0 and sum(len(run) for run in CYRILLIC_RUN.findall(body)) > high * 0.6


def _guessed(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    high = len(HIGH.findall(body))
    if text.count("\ufffd") <= high * BROKEN_SHARE:
        return body.decode("utf-8", "caucasus_watch_mixed")
    return body.decode("cp1251" if _looks_cyrillic(body) else "cp1252", "replace")


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 within a text that is: a quotation mark or letter of windows-1252, as editors paste them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("caucasus_watch_mixed", _mixed)
