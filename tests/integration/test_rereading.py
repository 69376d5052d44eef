"""Feeds of titles alone: what a page says is told when the page can be read at last, once, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import entries
from schemas.vocabulary import FetchReason
from services.fetcher.adapters.pages import PageReader
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.adapters.unread import UnreadPages
from services.fetcher.app import facts, fetch_of
from services.fetcher.core.answers import Limits
from services.fetcher.rereading import Rereading
from services.fetcher.settings import FetcherSettings, FullText
from services.region import Region
from tests.integration.fetcher_desk import Desk, a_desk, a_list
from tests.unit.fetcher.local_server import LocalServer

pytestmark = pytest.mark.stack

TITLE = "Five soldiers wounded near Lachin, ministry says"
SENTENCE = "Five soldiers were wounded near Lachin on Tuesday, the defence ministry of Armenia said in a statement."
PAGE = f"<html><body><article><h1>{TITLE}</h1><p>{SENTENCE}</p><p>{SENTENCE} More is not known.</p></article></body></html>"
SHIELD = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


@pytest.fixture
async def desk(engine: AsyncEngine, server: LocalServer) -> AsyncIterator[Desk]:
    feed = f"<rss version='2.0'><channel><title>t</title><item><title>{TITLE}</title><link>{server.url('/news/1')}</link></item></channel></rss>"
    server.gives("/rss", feed)
    server.gives("/robots.txt", "", content_type="text/plain")
    async with a_desk(engine, server, a_list(server, "/rss", full=False), full_text=FullText.WHEN_SHORT) as made:
        yield made


@pytest.fixture
async def rereading(desk: Desk) -> AsyncIterator[Rereading]:
    settings = FetcherSettings(allow_private=True, host_gap=0.0)
    async with fetch_of(settings) as fetch, ParserPool(1) as parsers:
        yield Rereading(
            feeds=facts(desk.listed),
            unread=UnreadPages(desk.engine),
            pages=PageReader(fetch, parsers, Limits(10.0, 1_000_000)),
            find=Region.load().find,
            clock=desk.clock,
        )


async def test_a_page_behind_a_shield_is_read_when_the_shield_is_gone(desk: Desk, server: LocalServer, rereading: Rereading) -> None:
    server.gives("/news/1", SHIELD, content_type="text/html", status=403)
    await desk.poll()
    assert [(article.text, article.text_source) for article in await desk.owed()] == [("", "feed")]
    desk.clock.later(minutes=1)
    assert await rereading.once() == 0
    desk.clock.later(minutes=5)
    assert await rereading.once() == 0
    server.gives("/news/1", PAGE, content_type="text/html")
    assert await rereading.once() == 0, "the next try is due in a quarter of an hour only"
    desk.clock.later(minutes=16)
    assert await rereading.once() == 1
    first, second = await desk.owed()
    assert (second.article_id, second.text_source, SENTENCE in second.text) == (first.article_id, "page", True)
    assert second.revision != first.revision
    (row,) = (await desk.rows(entries)).values()
    assert (row.reason, "lachin" in row.detail, "page_blocked" in row.detail) == (FetchReason.REVISED, True, False)
    # The feed shows the same as before: nothing is new in it, and nothing is asked for any more.
    server.asked.clear()
    await desk.poll()
    assert await rereading.once() == 0
    assert "/news/1" not in server.paths()
    assert len(await desk.owed()) == 2


async def test_a_page_that_says_no_again_and_again_is_left_alone(desk: Desk, server: LocalServer, rereading: Rereading) -> None:
    server.gives("/news/1", status=503)
    await desk.poll()
    server.asked.clear()
    for _ in range(30):
        desk.clock.later(minutes=15)
        assert await rereading.once() == 0
    assert server.paths().count("/news/1") == 4


async def test_what_robots_txt_forbids_is_not_asked_for_again(desk: Desk, server: LocalServer, rereading: Rereading) -> None:
    server.gives("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    await desk.poll()
    desk.clock.later(hours=1)
    assert await rereading.once() == 0
    assert "/news/1" not in server.paths()
