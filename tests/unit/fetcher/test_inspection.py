"""`feeds check` and `feeds list`: one feed explained, without any database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from schemas.vocabulary import EntryNote, FetchReason, PollReason
from services.fetcher.inspection import ADVICE, feeds_check, feeds_list
from services.fetcher.settings import FetcherSettings
from tests.unit.fetcher.local_server import LocalServer
from tests.unit.fetcher.samples import body_of

pytestmark = pytest.mark.slow

SETTINGS = FetcherSettings(allow_private=True, host_gap=0.0)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


async def test_a_feed_is_explained_entry_by_entry(server: LocalServer) -> None:
    server.gives("/rss", body_of("dates-that-nobody-can-believe.xml"), etag='"a"')
    report = await feeds_check(server.url("/rss"), SETTINGS)
    assert (report.good, report.reason, report.status, report.title, report.conditional) == (
        True,
        PollReason.FRESH,
        200,
        "Border Wire",
        True,
    )
    assert report.counts == {FetchReason.PUBLISHED: 5}
    assert report.entries[2].notes == (EntryNote.DATE_FUTURE,)
    assert "lachin" in report.entries[0].keywords


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("html-error-page.html", PollReason.HTML_PAGE),
        ("empty-body.xml", PollReason.EMPTY_BODY),
        ("json-body.json", PollReason.JSON_BODY),
        ("empty-feed.xml", PollReason.EMPTY),
    ],
)
async def test_what_is_wrong_comes_with_advice(server: LocalServer, name: str, reason: PollReason) -> None:
    server.gives("/rss", body_of(name))
    report = await feeds_check(server.url("/rss"), SETTINGS)
    assert report.reason is reason
    assert report.advice


async def test_a_page_that_names_its_feeds_is_told_with_them(server: LocalServer) -> None:
    page = """<!DOCTYPE html><html><head><title>Border Wire</title>
    <link rel="stylesheet" href="/a.css"><link rel='alternate' type='application/rss+xml' title="News" href='/rss?a=1&amp;b=2'>
    <LINK REL=alternate TYPE=application/atom+xml HREF=https://wire.example/atom>
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts"><link rel="alternate" hreflang="ru" href="/ru"></head></html>"""
    server.gives("/", page, content_type="text/html")
    report = await feeds_check(server.url("/"), SETTINGS)
    assert report.reason is PollReason.HTML_PAGE
    assert report.named == (server.url("/rss?a=1&b=2"), "https://wire.example/atom")


async def test_a_refusal_is_explained(server: LocalServer) -> None:
    server.gives("/rss", status=403)
    report = await feeds_check(server.url("/rss"), SETTINGS)
    assert (report.good, report.reason, report.status) == (False, PollReason.REFUSED, 403)


async def test_a_private_address_is_refused_with_the_switch_named(server: LocalServer) -> None:
    report = await feeds_check(server.url("/rss"), FetcherSettings())
    assert report.reason is PollReason.ADDRESS_REFUSED
    assert "CAUCASUS_WATCH_ALLOW_PRIVATE" in report.advice


def test_every_failure_has_its_advice() -> None:
    assert set(PollReason) - set(ADVICE) == {PollReason.FRESH, PollReason.UNCHANGED}


def test_the_list_has_the_feeds_that_are_off_with_their_reason() -> None:
    lines = feeds_list(SETTINGS)
    assert len(lines) >= 100
    assert all((line.reason is None) is line.enabled for line in lines)
    assert all(line.interval >= SETTINGS.interval_floor for line in lines)
