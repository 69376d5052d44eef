"""A body as text made ready for the general parser, and what it is where it is no feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import feedparser
import feedparser.mixin

from schemas.vocabulary import PollReason

PAGE_ROOTS = frozenset({"html", "head", "body", "!doctype html"})
FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
"""Names of the outermost element, in small letters and without prefix. `channel` is that of Microsoft's CDF."""
ROOT = re.compile(r"<(?:(!doctype\s+html)\b|(?:[\w.-]+:)?([a-z][\w.-]*))", re.IGNORECASE)
FEED_ROOT = re.compile(r"<(?:[a-z0-9]+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
ENTRY = re.compile(r"<(?:[a-z0-9]+:)?(?:item|entry)\b", re.IGNORECASE)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
ENTITY_DECLARATIONS = re.compile(r"<!DOCTYPE[^\[>]*\[.*?\]\s*>", re.IGNORECASE | re.DOTALL)
MANY_ENTITIES = 8_000
"""Characters of a document type with its entities; what is longer is cut out before any parser resolves it."""
LONG_TAG = re.compile(r"<([A-Za-z][\w:.-]*)\s[^<>]{8000,}?(/?)>")
"""A tag with thousands of attributes, in which the parser's time grows by their square; no feed needs one."""
BEFORE = "\ufeff \t\r\n"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));?")
NO_CHARACTERS = frozenset({*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF})
LOOK_BACK = 200
"""Characters of a tag at most before what is no character in it."""
LONE = re.compile(r"[\ud800-\udfff]")
PAIR = re.compile(r"([\ud800-\udbff])([\udc00-\udfff])")


# At each tag the parser joins the address of the document with itself: a sixth of all its time for the same answer.
feedparser.mixin.make_safe_absolute_uri = lru_cache(maxsize=8)(feedparser.mixin.make_safe_absolute_uri)


def tidied(text: str) -> str:
    """The text without control characters, a mark of its encoding and a declaration of it, which held for the bytes."""
    return DECLARATION.sub("", CONTROL.sub("", text).lstrip(BEFORE)).lstrip(BEFORE)


def surely_none(text: str, root: str) -> bool:
    """Whether the parser need not be asked: a page, or JSON, without a trace of a feed."""
    return (text[0] in "{[" or root in PAGE_ROOTS) and not (FEED_ROOT.search(text) or ENTRY.search(text))


def instead(text: str, root: str) -> PollReason:
    """What the body is, being no feed."""
    if text[0] in "{[":
        return PollReason.JSON_BODY
    return PollReason.HTML_PAGE if root in PAGE_ROOTS or "<html" in text[:5000].lower() else PollReason.NOT_A_FEED


def document_of(text: str, address: str) -> Mapping[str, Any]:
    """What feedparser makes of the text, once what makes it run away or break is taken out."""
    text = ENTITY_DECLARATIONS.sub(
        lambda found: "" if len(found.group()) > MANY_ENTITIES or _nested(found.group()) else found.group(), text, 1
    )
    text = LONG_TAG.sub(r"<\1\2>", text)
    document: Mapping[str, Any] = feedparser.parse(
        _encoded(REFERENCE.sub(_surrogate, text)),
        response_headers={"content-type": "application/xml; charset=utf-8"} | ({"content-location": address} if address else {}),
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return document


def _encoded(text: str) -> bytes:
    """The text in UTF-8; halves of characters are joined, those that are left alone are taken out."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return LONE.sub(" ", PAIR.sub(_joined, text)).encode("utf-8")


def root_of(text: str) -> str:
    """What the document begins with, behind its declaration, comments and instructions; empty where it is no markup.

    Step by step and not by one expression: with many comments the ways to match it are without number.
    """
    at = 0
    while text.startswith("<", at):
        closing = "-->" if text.startswith("<!--", at) else "?>" if text.startswith("<?", at) else ""
        if not closing:
            found = ROOT.match(text, at)
            if found is None and text.startswith("<!", at):
                closing = ">"
            else:
                return " ".join((found[1] or found[2]).lower().split()) if found else ""
        end = text.find(closing, at)
        if end < 0:
            return ""
        at = end + len(closing)
        while at < len(text) and text[at].isspace():
            at += 1
    return ""


def _surrogate(found: re.Match[str]) -> str:
    """A reference to what is no character, as what it names, to be joined or cut out; all others stay for the parser."""
    number = int(found[1], 16) if found[1] else int(found[2])
    if 0xD800 <= number <= 0xDFFF:
        return chr(number)
    return _left_out(found) if number in NO_CHARACTERS or number > 0x10FFFF else found.group()


def _left_out(found: re.Match[str]) -> str:
    """Nothing in the place of what is no character; within a tag a space, for its name must not run into what follows."""
    text, at = found.string, found.start()
    return " " if text.rfind("<", max(0, at - LOOK_BACK), at) > text.rfind(">", max(0, at - LOOK_BACK), at) else ""


def _joined(pair: re.Match[str]) -> str:
    """Two halves of one character, as some writers put those beyond the first plane."""
    return pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _nested(doctype: str) -> bool:
    """Whether entities are made of entities: only bombs need that."""
    return len(re.findall(r"<!ENTITY[^>]*&\w+;[^>]*&\w+;", doctype)) > 1 or "SYSTEM" in doctype
