"""The text of an article on its page: found by hints or by its looks, and never that of something else."""

from __future__ import annotations

import pytest

from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.core.feedlist import FeedListFault, read_list
from services.fetcher.core.pages import read_page
from services.fetcher.core.pagetext import Hints, PageText, same_article
from services.fetcher.core.selectors import xpath_of

SENTENCE = "Two soldiers were wounded near Lachin when their position came under fire in the early morning, the defence ministry said."


def a_page(body: str, *, title: str = "Fire near Lachin") -> bytes:
    return f"<html><head><title>{title} | Border Wire</title></head><body><nav><a href='/'>Home</a></nav>{body}<footer>All rights reserved</footer></body></html>".encode()


ARTICLE = a_page(
    f"<div class='main news-body'><h1>Fire near Lachin</h1><p>{SENTENCE}</p><div class='share'>Share this on Facebook</div>"
    f"<p>{SENTENCE}</p><script>steal()</script></div><div class='news-body-more'><p>{SENTENCE} Another story entirely.</p></div>"
)


def test_the_text_is_found_by_its_looks_where_nothing_is_known() -> None:
    page = read_page(a_page(f"<article><h1>Fire near Lachin</h1><p>{SENTENCE}</p><p>{SENTENCE} More is not known.</p></article>"))
    assert page.text.startswith("Two soldiers") or "\n\nTwo soldiers" in page.text
    assert "Home" not in page.text
    assert "rights reserved" not in page.text


def test_a_hint_names_the_text_and_what_in_it_is_none() -> None:
    page = read_page(ARTICLE, hints=Hints(text=("#nowhere", ".news-body"), drop=(".share", "h1")))
    assert page == PageText(f"{SENTENCE}\n\n{SENTENCE}", "Fire near Lachin | Border Wire")


def test_where_no_hint_fits_the_text_is_found_by_its_looks() -> None:
    assert "Two soldiers were wounded" in read_page(ARTICLE, hints=Hints(text=("#gone",), drop=(".share",))).text


def test_a_page_in_windows_1251_is_read() -> None:
    text = "Министерство обороны Азербайджана сообщило о двух раненых у Лачина, огонь вели с противоположной стороны границы."
    page = a_page(f"<meta charset='utf-8'><div class='text'><p>{text}</p></div>").decode().encode("cp1251")
    assert read_page(page, hints=Hints(text=(".text",))).text == text


@pytest.mark.parametrize(
    "body",
    [
        "<title>Just a moment...</title><p>Checking your browser before accessing the site.</p>",
        "<script src='/cdn-cgi/challenge-platform/x.js'></script><p>Enable JavaScript and cookies to continue</p>",
    ],
)
def test_a_page_of_a_shield_is_known_for_one(body: str) -> None:
    assert read_page(a_page(body)) == PageText("", blocked=True)


def test_an_article_beside_the_script_of_a_shield_is_an_article() -> None:
    page = read_page(
        a_page(f"<script src='https://hcaptcha.com/1/api.js'></script><div class='text'>{f'<p>{SENTENCE}</p>' * 6}</div>"),
        hints=Hints((".text",)),
    )
    assert not page.blocked
    assert page.text


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"\x00\xff\xfe", b"<p>short</p>", b"<a " * 5000])
def test_no_page_at_all_makes_an_exception(body: bytes) -> None:
    assert read_page(body, hints=Hints((".text",), ("nav",))).text == ""


def test_a_front_page_in_the_place_of_the_article_is_not_its_text() -> None:
    front = PageText("Weather: rain in Lisbon.\n\nSport: the cup final is on Sunday.", "Border Wire: news of the world")
    assert not same_article("Two soldiers wounded near Lachin, ministry says", "", front)


@pytest.mark.parametrize(
    ("title", "text", "page"),
    [
        ("Two soldiers wounded near Lachin, ministry says", "", PageText(SENTENCE)),
        ("У Лачина ранены двое военнослужащих", "", PageText("Двое военнослужащих ранены, сообщили из Лачина.")),
        ("Fire", "", PageText("Anything at all.")),
        ("Nothing of these words stands there", SENTENCE[:100] + "…", PageText(SENTENCE)),
    ],
)
def test_the_page_of_the_entry_is_taken(title: str, text: str, page: PageText) -> None:
    assert same_article(title, text, page)


@pytest.mark.parametrize(
    ("selector", "path"),
    [
        ("p", "//p"),
        ("div.text", '//div[contains(concat(" ", normalize-space(@class), " "), " text ")]'),
        ("#a p", '//*[@id="a"]//p'),
        ("[itemprop=articleBody]", '//*[@itemprop="articleBody"]'),
        ("div[data-text]", "//div[@data-text]"),
    ],
)
def test_a_selector_is_a_path(selector: str, path: str) -> None:
    assert xpath_of(selector) == path


@pytest.mark.parametrize("selector", ["", "  ", "a > b", "a:hover", "//p", "a[b='c']"])
def test_a_selector_of_another_form_is_told(selector: str) -> None:
    with pytest.raises(ValueError, match="write such as"):
        xpath_of(selector)


def test_a_wrong_hint_in_the_list_is_told_with_its_line() -> None:
    with pytest.raises(FeedListFault) as told:
        read_list(
            "outlets:\n- id: wire\n  name: Wire\n  page_text: ['a > b']\n  feeds:\n  - {id: wire, url: 'https://wire.example/rss'}\n",
            "my.yaml",
        )
    assert told.value.faults[0].startswith("my.yaml:4: outlets.wire.page_text: 'a > b' is no selector known here")


def test_the_package_has_hints_for_outlets_whose_feeds_are_titles_alone() -> None:
    hinted = {outlet.id for outlet in load_feeds().outlets if outlet.page_text}
    assert {"apa", "azertac"} <= hinted
