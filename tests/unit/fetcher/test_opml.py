"""Lists of feeds from and to other readers: strict, each fault with its line, nothing lost of what was written here."""

from __future__ import annotations

from textwrap import dedent

import pytest

from schemas.vocabulary import FeedScope
from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.core.feedlist import FeedList, FeedListFault
from services.fetcher.core.opml import read_opml, write_opml


def read(text: str, *, scope: FeedScope = FeedScope.WORLD) -> FeedList:
    return read_opml(dedent(text).encode(), "mine.opml", scope=scope)


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(FeedListFault) as told:
        read(text)
    return told.value.faults


def test_the_packages_list_comes_back_as_it_went_out() -> None:
    listed = load_feeds()
    assert read_opml(write_opml(listed).encode(), "all.opml") == listed


def test_a_list_of_another_reader_is_read_with_its_folders_passed_over() -> None:
    listed = read(
        """\
        <?xml version="1.0" encoding="UTF-8"?>
        <opml version="1.1"><head><title>Mine</title></head><body>
          <outline text="Caucasus"><outline text="Armenia">
            <outline type="rss" text="Hetq &amp; friends" xmlUrl="https://hetq.example/rss?a=1&amp;b=2" htmlUrl="https://hetq.example" language="en-GB"/>
          </outline></outline>
          <outline title="Эхо" xmlUrl="https://echo.example/rss"/>
          <outline xmlUrl="https://bare.example/rss"/>
          <outline text="a note without an address"/>
        </body></opml>
        """
    )
    assert [(outlet.id, outlet.name, feed.url, feed.language, feed.scope) for outlet, feed in listed.feeds()] == [
        ("hetq-friends", "Hetq & friends", "https://hetq.example/rss?a=1&b=2", "en", FeedScope.WORLD),
        ("echo-example", "Эхо", "https://echo.example/rss", None, FeedScope.WORLD),
        ("bare-example", "bare.example", "https://bare.example/rss", None, FeedScope.WORLD),
    ]


def test_one_feed_in_two_folders_is_one_and_two_of_one_name_are_two() -> None:
    listed = read(
        """\
        <opml><body>
          <outline text="A"><outline text="Wire" xmlUrl="https://wire.example/1"/></outline>
          <outline text="B"><outline text="Wire" xmlUrl="https://wire.example/1"/><outline text="Wire" xmlUrl="https://wire.example/2"/></outline>
        </body></opml>
        """,
        scope=FeedScope.REGION,
    )
    assert [(outlet.id, feed.id, feed.url, feed.scope) for outlet, feed in listed.feeds()] == [
        ("wire", "wire", "https://wire.example/1", FeedScope.REGION),
        ("wire-2", "wire-2", "https://wire.example/2", FeedScope.REGION),
    ]


def test_every_fault_has_its_line() -> None:
    assert faults(
        """\
        <opml xmlns:cw="urn:caucasus-watch:opml:1"><body>
          <outline text="one" xmlUrl="ftp://wire.example/rss"/>
          <outline text="two" type="rss"/>
          <outline text="three" xmlUrl="https://wire.example/3" cw:timezone="Asia/Atlantis"/>
          <outline text="four" xmlUrl="https://wire.example/4" cw:id="NO"/>
        </body></opml>
        """
    ) == (
        "mine.opml:2: 'ftp://wire.example/rss' is no address of a feed: write http://… or https://…, without a password",
        "mine.opml:3: two: a feed without its address: add xmlUrl",
        "mine.opml:4: three: timezone: there is no time zone 'Asia/Atlantis': write one such as Asia/Yerevan",
        "mine.opml:5: four: id: String should match pattern '^[a-z0-9][a-z0-9-]{0,62}$'",
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<opml><body>\n<outline></body></opml>", "mine.opml:2: this is no XML: mismatched tag"),
        ("", "mine.opml:1: this is no XML: no element found"),
        ("<rss><channel/></rss>", "mine.opml:1: this is <rss>, not <opml>: export the list as OPML"),
        ("<!DOCTYPE opml [<!ENTITY a 'aaaa'>]>\n<opml/>", "mine.opml:1: it declares entities of its own or an unknown encoding: take the <!DOCTYPE> out"),
        ("<opml><head><outline xmlUrl='https://a.example'/></head></opml>", "mine.opml:1: an outline outside <body>"),
    ],
)  # fmt: skip
def test_what_is_no_opml_is_told(text: str, fault: str) -> None:
    assert faults(text) == (fault,)


def test_an_empty_list_is_a_list() -> None:
    assert read("<opml><body/></opml>") == FeedList()
