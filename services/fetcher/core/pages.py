"""The article on a page: its text without what stands around it, and its title."""

from __future__ import annotations

from dataclasses import dataclass

import trafilatura

from services.fetcher.core.cleaning import body_text, title_text
from services.fetcher.core.encodings import decoded

SHORTEST = 80
"""Characters; what is shorter is a caption or a notice about cookies, not an article."""


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on a page; `text` is empty where no article was found on it."""

    text: str
    title: str = ""


def read_page(body: bytes, *, content_type: str = "", address: str = "") -> PageText:
    """The article on the page; never raises."""
    try:
        document = trafilatura.bare_extraction(
            decoded(body, content_type),
            url=address or None,
            include_comments=False,
            include_tables=False,
            include_images=False,
            include_links=False,
            favor_precision=True,
            with_metadata=False,
        )
    except Exception:  # noqa: BLE001 - no page at all may end the worker, whatever its parser trips over
        return PageText("")
    if document is None:
        return PageText("")
    text = body_text("\n\n".join((getattr(document, "text", None) or "").split("\n")))
    return PageText(text if len(text) >= SHORTEST else "", title_text(getattr(document, "title", None) or ""))
