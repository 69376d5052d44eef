"""The article on a page of the web, for a person who wants to see how it is read: fetched once, by the fetcher's own client and parser."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from schemas.reading import Article
from services.fetcher.adapters.http import ACCEPT_PAGE
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.app import fetch_of
from services.fetcher.core.answers import Limits, Refusal
from services.fetcher.inspection import ADVICE
from services.fetcher.settings import FetcherSettings


class NoArticle(RuntimeError):  # noqa: N818 - it says what was not found
    """The address gave no article; the message says why and what mends it."""


def is_address(what: str) -> bool:
    """Whether `what` is an address of the web and no file."""
    return what.startswith(("http://", "https://"))


async def article_at(address: str, *, published_at: datetime | None = None, settings: FetcherSettings | None = None) -> Article:
    """The article at `address`; its time is the one given, for a page's own is not to be relied on.

    Raises:
        NoArticle: the page was not had, or holds no article.
        SettingsFault: the fetcher's settings are wrong.
    """
    settings = settings or FetcherSettings.load()
    async with fetch_of(settings) as fetch, ParserPool(1, parse_seconds=settings.parse_seconds) as parsers:
        answer = await fetch.get(address, limits=Limits(settings.page_seconds, settings.page_bytes), accept=ACCEPT_PAGE)
        if isinstance(answer, Refusal):
            raise NoArticle(f"{address}: {answer.reason}: {ADVICE.get(answer.reason, answer.detail)}")
        page = await parsers.page(answer.body or b"", content_type=answer.content_type, address=answer.address)
    if page.blocked:
        raise NoArticle(f"{address}: a shield has answered in place of the outlet; save the article as JSON lines and give the file")
    if not page.text:
        raise NoArticle(f"{address}: no article is found on the page; save its text as JSON lines and give the file")
    outlet = urlsplit(answer.address).hostname or ""
    return Article(id=answer.address, url=answer.address, title=page.title, text=page.text, published_at=published_at, outlet=outlet)
