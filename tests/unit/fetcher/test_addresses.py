"""What is one article under many addresses, and what is no address."""

from __future__ import annotations

import pytest

from services.fetcher.core.addresses import absolute, article_id, canonical, tidy


@pytest.mark.parametrize(
    "variant",
    [
        "https://news.example/az/story/17",
        "http://news.example/az/story/17",
        "https://www.news.example/az/story/17/",
        "https://m.news.example/az/story/17",
        "https://NEWS.example:443/az//story/17#comments",
        "https://news.example/az/story/17?utm_source=rss&utm_medium=feed&fbclid=x",
        "https://news.example/az/story/17#xtor=RSS-3208",
        "https://news.example/az/story/17#respond",
        "https://news.example/az/story/17/amp/",
        "https://news.example/az/amp/story/17",
        "https://news.example/az/story/17?output=amp",
        "https://news.example/az/story/17;jsessionid=0A1B?PHPSESSID=7",
        "https://touch.news.example/az/story/17%20",
        "https://news.example/az/story/17?amp=1",
        "https://amp.news.example/az/story/17",
        "https://www.google.com/amp/s/news.example/az/story/17",
        "https://news-example.cdn.ampproject.org/c/s/news.example/az/story/17",
    ],
)
def test_the_same_article_has_one_id(variant: str) -> None:
    assert canonical(variant) == "https://news.example/az/story/17"
    assert article_id(variant) == article_id("https://news.example/az/story/17")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/?p=1", "https://news.example/?p=2"),
        ("https://news.example/A", "https://news.example/a"),
        ("https://news.example/1", "https://other.example/1"),
        ("https://news.example:8080/1", "https://news.example/1"),
        ("https://news.example/#!/1", "https://news.example/#!/2"),
        ("https://news.example/live#post-1", "https://news.example/live#post-2"),
        ("https://news.example/day#lawAndOrder", "https://news.example/day#When:6:52:02PM"),
    ],
)
def test_other_articles_stay_apart(one: str, other: str) -> None:
    assert article_id(one) != article_id(other)


def test_the_order_of_parameters_makes_no_other_article() -> None:
    assert canonical("https://n.example/s?id=1&lang=az") == canonical("https://n.example/s?lang=az&id=1")


def test_names_in_other_scripts_are_one_with_their_coded_form() -> None:
    assert canonical("https://пример.рф/новость") == canonical("https://xn--e1afmkfd.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C")


def test_what_readers_are_given_can_be_opened() -> None:
    # The scheme and the host are kept: not every outlet answers over https or without www.
    assert tidy("http://WWW.n.example/s/?id=1&utm_source=rss#top") == "http://www.n.example/s/?id=1"


@pytest.mark.parametrize(
    "link",
    ["", "javascript:alert(1)", "mailto:a@b.example", "file:///etc/passwd", "http://", "http://[::1", "http://n.example:99999/", "ftp://n.example/",
     "http://user:secret@n.example/", "http://n.example/\x00", "http://n.example/" + "a" * 3000, "http://n.example/\ud800",
     "http://a b/", "http://-/"],
)  # fmt: skip
def test_what_is_no_web_address_is_none(link: str) -> None:
    assert absolute(link, "https://n.example/rss") is None


def test_relative_links_mean_the_site_of_the_feed() -> None:
    assert absolute("/news/1", "https://n.example/rss") == "https://n.example/news/1"
    assert absolute("//cdn.n.example/a.jpg", "https://n.example/rss") == "https://cdn.n.example/a.jpg"
    assert absolute("http://n.example/a b") == "http://n.example/a%20b"


def test_an_address_stays_as_it_is_written() -> None:
    for address in ("http://newsroom/feed", "https://n.example/?", "http://192.0.2.7:8080/rss", "http://[2001:db8::7]/rss"):
        assert absolute(address) == address


def test_canonical_is_at_rest() -> None:
    for address in ("http://www.n.example/a%2Fb?x=%20y", "https://n.example/%D1%81?b=1&a=2#!/x"):
        assert canonical(canonical(address)) == canonical(address)
