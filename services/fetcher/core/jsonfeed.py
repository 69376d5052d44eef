"""JSON Feed, versions 1.0 and 1.1, as its own kind of feed; other JSON is none.

Forgives what writers do to it: numbers as ids, a missing version, one author for many, `null` where nothing is to be said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

VERSION = "jsonfeed.org/version/"
TELLING = ("url", "external_url", "title", "content_html", "content_text", "summary")
"""What an item has one of, in a feed that names no version."""


@dataclass(frozen=True, slots=True)
class JsonItem:
    """One item. `links`, `dates` and texts are as written, best first; `markup` is HTML, `plain` is not."""

    id: str
    title: str
    links: tuple[str, ...]
    markup: tuple[str, ...]
    plain: tuple[str, ...]
    dates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JsonFeed:
    """A feed. `address` is its own, or that of its page; empty where it says nothing."""

    title: str
    language: str
    address: str
    items: tuple[JsonItem, ...]


def read_json_feed(text: str) -> JsonFeed | None:
    """The feed in the text; None where it is no JSON, or JSON of another kind."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, Mapping):
        return None
    items = document.get("items")
    if not isinstance(items, list):
        # An empty feed may leave them out, but then it must say what it is.
        items = [] if VERSION in _words(document, "version") else None
    if items is None:
        return None
    told = [item for item in items if isinstance(item, Mapping)]
    if VERSION not in _words(document, "version") and not (told and all(any(_words(item, name) for name in TELLING) for item in told)):
        return None
    return JsonFeed(
        title=_words(document, "title"),
        language=_words(document, "language"),
        address=next((_words(document, name) for name in ("feed_url", "home_page_url") if _words(document, name)), ""),
        items=tuple(_item(item) for item in told),
    )


def _item(item: Mapping[str, object]) -> JsonItem:
    identity = _words(item, "id")
    # By the standard an id that is an address is the permanent one of the article.
    links = (_words(item, "url"), _words(item, "external_url"), identity if identity.startswith(("http://", "https://")) else "")
    return JsonItem(
        id=identity,
        title=_words(item, "title"),
        links=tuple(link for link in links if link),
        markup=tuple(words for words in (_words(item, "content_html"),) if words),
        plain=tuple(words for words in (_words(item, "content_text"), _words(item, "summary")) if words),
        dates=tuple(date for date in (_words(item, "date_published"), _words(item, "date_modified")) if date),
    )


def _words(values: Mapping[str, object], name: str) -> str:
    """The text under this name; a number as it is written, for everything else nothing."""
    value = values.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18 else ""
