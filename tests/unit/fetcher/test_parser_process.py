"""The workers: values come back as they went, a runaway is ended, and the next job finds a fresh worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from time import process_time

import pytest

from schemas.vocabulary import PollReason
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.core.parsed import ParsedFeed, ParseFailure
from services.fetcher.core.parsing import parse_feed
from tests.unit.fetcher.samples import FOLDER, body_of

pytestmark = pytest.mark.slow

RUNAWAY = b"<rss version='2.0'><channel><item><title>x</title>" + b"<a>" * 1_000_000


@pytest.fixture
async def parsers() -> AsyncIterator[ParserPool]:
    async with ParserPool(1, parse_seconds=0.5) as pool:
        yield pool


async def test_what_comes_back_is_what_was_parsed(parsers: ParserPool) -> None:
    for path in sorted(FOLDER.glob("*.xml")):
        body = path.read_bytes()
        assert await parsers.feed(body, address="https://wire.example/rss") == parse_feed(body, address="https://wire.example/rss"), (
            path.name
        )


async def test_a_runaway_parse_is_ended_and_the_next_feed_is_read(parsers: ParserPool) -> None:
    failure = await parsers.feed(RUNAWAY)
    assert isinstance(failure, ParseFailure)
    assert failure.reason is PollReason.PARSE_ABORTED
    assert isinstance(await parsers.feed(body_of("plain-rss.xml")), ParsedFeed)
    assert parsers.replaced == 1


async def test_the_loop_goes_on_while_a_parser_runs_away(parsers: ParserPool) -> None:
    await parsers.feed(b"")
    running = asyncio.create_task(parsers.feed(RUNAWAY))
    turns = 0
    while not running.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 20


async def test_a_worker_that_is_killed_is_replaced(parsers: ParserPool) -> None:
    await parsers.feed(b"")
    (worker,) = parsers._idle
    os.kill(worker.process.pid, 9)
    await worker.process.wait()
    assert isinstance(await parsers.feed(b""), ParseFailure)
    assert isinstance(await parsers.feed(body_of("plain-rss.xml")), ParsedFeed)


async def test_a_caller_that_gives_up_does_not_get_the_next_one_its_answer(parsers: ParserPool) -> None:
    await parsers.feed(b"")
    given_up = asyncio.create_task(parsers.feed(body_of("plain-rss.xml")))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    failure = await parsers.feed(body_of("html-error-page.html"))
    assert isinstance(failure, ParseFailure)
    assert failure.reason is PollReason.HTML_PAGE


async def test_no_worker_outlives_the_pool() -> None:
    async with ParserPool(2) as pool:
        await asyncio.gather(pool.feed(b""), pool.feed(b""))
        pids = [worker.process.pid for worker in pool._idle]
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_the_article_on_a_page_is_its_text() -> None:
    paragraph = "Five soldiers were wounded on the border on Tuesday, the defence ministry said in a statement."
    page = f"<html><body><nav>Home</nav><article><h1>Shots</h1><p>{paragraph}</p><p>{paragraph} Talks go on.</p></article></body></html>"
    async with ParserPool(1) as pool:
        found = await pool.page(page.encode(), content_type="text/html; charset=utf-8", address="https://wire.example/1")
        nothing = await pool.page(b"<html><body>ok</body></html>", content_type="text/html", address="https://wire.example/2")
    assert paragraph in found.text
    assert "Home" not in found.text
    assert nothing.text == ""


async def test_an_honest_feed_too_long_for_the_time_is_parsed_in_pieces() -> None:
    item = (
        "<item><title>Fire {0}</title><link>https://wire.example/{0}</link><description>" + "A word of it. " * 40 + "</description></item>"
    )
    body = (
        f"<rss version='2.0'><channel><title>Wire</title>{''.join(item.format(number) for number in range(600))}</channel></rss>".encode()
    )
    whole = parse_feed(body)
    # The first parse loads what the worker has loaded before it begins.
    began = process_time()
    parse_feed(body)
    needed = process_time() - began
    async with ParserPool(1, parse_seconds=needed / 3) as pool:
        assert await pool.feed(body) == whole
        assert pool.replaced == 1
