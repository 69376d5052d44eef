"""The article on a page: its text without what stands around it, and its title; or what the page is instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import lxml.etree
import lxml.html
import trafilatura

from services.fetcher.core.answers import is_challenge
from services.fetcher.core.cleaning import body_text, title_text
from services.fetcher.core.encodings import decoded, repaired
from services.fetcher.core.pagetext import NO_HINTS, Hints, PageText
from services.fetcher.core.selectors import xpath_of

SHORTEST = 80
"""Characters; what is shorter is a caption or a notice about cookies, not an article."""
SHIELDED = 600
"""Characters; a page of a shield says no more, and a longer text is an article though a shield's script stands beside it."""
UNSEEN = ("script", "style", "noscript", "template", "iframe", "form", "button", "nav", "aside", "figure", "footer")


def read_page(body: bytes, *, content_type: str = "", address: str = "", hints: Hints = NO_HINTS) -> PageText:
    """The article on the page; never raises."""
    try:
        found = _read(repaired(decoded(body, content_type)), address, hints)
    except Exception:  # noqa: BLE001 - no page at all may end the worker, whatever its parser trips over
        found = PageText("")
    if len(found.text) < SHIELDED and is_challenge(body):
        return PageText("", blocked=True)
    return found


def _read(markup: str, address: str, hints: Hints) -> PageText:
    if hints.text or hints.drop:
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "ignore"), parser=lxml.html.HTMLParser(encoding="utf-8"))
        for selector in hints.drop:
            for element in tree.xpath(xpath_of(selector)):
                _dropped(element)
        text = next((text for text in _chosen(tree, hints.text) if len(text) >= SHORTEST), "")
        if text:
            return PageText(text, _title_of(tree))
        markup = lxml.html.tostring(tree, encoding="unicode")
    document = trafilatura.bare_extraction(
        markup,
        url=address or None,
        include_comments=False,
        include_tables=False,
        include_images=False,
        include_links=False,
        favor_precision=True,
        with_metadata=False,
    )
    if document is None:
        return PageText("")
    text = body_text("\n\n".join((getattr(document, "text", None) or "").split("\n")))
    title = title_text(getattr(document, "title", None) or "")
    return PageText(text if len(text) >= SHORTEST else "", title)


def _chosen(tree: lxml.html.HtmlElement, selectors: Sequence[str]) -> Iterator[str]:
    """The text of what each selector finds, in the order of the selectors."""
    for selector in selectors:
        pieces = []
        found = tree.xpath(xpath_of(selector))
        for element in found:
            if any(around in found for around in element.iterancestors()):
                continue
            for name in UNSEEN:
                for unseen in element.xpath(f".//{name}"):
                    _dropped(unseen)
            pieces.append(body_text(lxml.html.tostring(element, encoding="unicode", with_tail=False)))
        yield "\n\n".join(piece for piece in pieces if piece)


def _dropped(element: lxml.html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _title_of(tree: lxml.html.HtmlElement) -> str:
    for path in ('//meta[@property="og:title"]/@content', "//h1//text()", "//title//text()"):
        found = title_text(" ".join(str(part) for part in tree.xpath(path)[:20]))
        if found:
            return found
    return ""
