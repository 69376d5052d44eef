"""A small newsroom on this machine: one RSS feed an outlet, over HTTP, with the articles that were released so far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import format_datetime
from hashlib import sha256
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.standalone.annotated import AnnotatedArticle
from services.standalone.serving import LoopbackServer

PARAGRAPHS = re.compile(r"\n\s*\n")


def slug(outlet: str) -> str:
    """A name for the outlet that fits into an address, for any script: letters kept where they are ASCII, else a short hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", outlet.lower()).strip("-")
    return plain or f"outlet-{sha256(outlet.encode()).hexdigest()[:8]}"


def rss(outlet: str, language: str, articles: Sequence[AnnotatedArticle]) -> bytes:
    """The outlet's feed (RSS 2.0), the newest article first, full text as escaped HTML paragraphs."""
    items = []
    for article in sorted(articles, key=lambda one: one.published_at, reverse=True):
        body = "".join(f"<p>{escape(paragraph.strip())}</p>" for paragraph in PARAGRAPHS.split(article.text) if paragraph.strip())
        items.append(
            f"<item><title>{escape(article.title)}</title><link>{escape(article.url)}</link>"
            f'<guid isPermaLink="false">{escape(article.id)}</guid><pubDate>{format_datetime(article.published_at)}</pubDate>'
            f"<description>{escape(body)}</description></item>"
        )
    head = f"<title>{escape(outlet)}</title><link>https://newsroom.example/</link><description>{escape(outlet)}</description>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>{head}<language>{escape(language)}</language>'
        f"{''.join(items)}</channel></rss>\n"
    ).encode()


class Newsroom:
    """`async with Newsroom(articles) as newsroom`: serves the feeds on a free port of 127.0.0.1; nothing is out before `release`."""

    def __init__(self, articles: Sequence[AnnotatedArticle]) -> None:
        self._outlets: dict[str, tuple[str, str]] = {}
        self._released: dict[str, list[AnnotatedArticle]] = {}
        for article in articles:
            self._outlets.setdefault(slug(article.outlet), (article.outlet, article.lang))
        self._server = LoopbackServer("newsroom", [Route("/{outlet}/rss.xml", self._feed)])

    @property
    def address(self) -> str:
        """Where it serves."""
        return self._server.address

    def feeds(self) -> list[dict[str, str]]:
        """One line an outlet: id, outlet's name, language, address of the feed."""
        return [
            {"id": key, "outlet": outlet, "language": language, "url": f"{self._server.address}/{key}/rss.xml"}
            for key, (outlet, language) in self._outlets.items()
        ]

    def release(self, article: AnnotatedArticle) -> None:
        """Put the article on its outlet's feed."""
        self._released.setdefault(slug(article.outlet), []).append(article)

    async def _feed(self, request: Request) -> Response:
        key = request.path_params["outlet"]
        if key not in self._outlets:
            return Response("no such outlet", status_code=404)
        outlet, language = self._outlets[key]
        body = rss(outlet, language, self._released.get(key, []))
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        return Response(body, media_type="application/rss+xml", headers={"etag": etag})

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._server.__aexit__(kind, error, trace)
