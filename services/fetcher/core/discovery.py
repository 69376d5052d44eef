"""The feeds that a page names in its head, for whoever gave the address of a page in place of a feed's."""

from __future__ import annotations

import html
import re

from services.fetcher.core.addresses import absolute

SEARCHED = 300_000
"""Characters of a page that are searched: its head."""
MOST = 10
LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"([a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
KINDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json")


def feeds_named(page: str, address: str) -> tuple[str, ...]:
    """The addresses of feeds that the page at `address` names as its own, each once, in their order."""
    found: dict[str, None] = {}
    for tag in LINK.findall(page[:SEARCHED]):
        values = {name.lower(): html.unescape(one or two or three) for name, one, two, three in ATTRIBUTE.findall(tag)}
        if (
            "alternate" not in values.get("rel", "").lower().split()
            or values.get("type", "").partition(";")[0].strip().lower() not in KINDS
        ):
            continue
        link = absolute(values.get("href", ""), address)
        # WordPress names its JSON interface in the same way.
        if link is not None and "/wp-json/" not in link:
            found[link] = None
    return tuple(found)[:MOST]
