"""Every body becomes a feed or has a name: one test for each flaw of tests/data/feeds."""

from __future__ import annotations

import re
from time import process_time

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import PollReason
from services.fetcher.core.cleaning import body_text, title_text
from services.fetcher.core.encodings import decoded, repaired
from services.fetcher.core.parsed import ParsedFeed, ParseFailure
from services.fetcher.core.parsing import parse_feed
from tests.unit.fetcher.samples import FOLDER, body_of, entry_of, feed_of

UNWANTED = re.compile("[\x00\ud800-\udfff]")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("not-xml.txt", PollReason.NOT_A_FEED),
        ("html-error-page.html", PollReason.HTML_PAGE),
        ("json-body.json", PollReason.JSON_BODY),
        ("json-of-another-kind.json", PollReason.JSON_BODY),
        ("json-without-end.json", PollReason.JSON_BODY),
        ("empty-body.xml", PollReason.EMPTY_BODY),
        ("blank-body.xml", PollReason.EMPTY_BODY),
    ],
)
def test_what_is_no_feed_has_a_name(name: str, reason: PollReason) -> None:
    failure = parse_feed(body_of(name), content_type="application/rss+xml")
    assert isinstance(failure, ParseFailure)
    assert failure.reason is reason


def test_an_empty_feed_is_a_feed() -> None:
    assert feed_of("empty-feed.xml").entries == ()


def test_a_line_break_before_everything_does_no_harm() -> None:
    assert [entry.link for entry in feed_of("leading-line-break.xml").entries] == [
        "https://wire.example/news/2",
        "https://wire.example/news/1",
    ]


def test_one_guid_on_all_items_leaves_them_apart() -> None:
    assert len({entry.link for entry in feed_of("one-guid-on-all-items.xml").entries}) == 3


def test_a_title_is_no_text() -> None:
    assert [entry.text for entry in feed_of("titles-only.xml").entries] == ["", "", ""]


def test_an_escaped_cdata_section_keeps_its_text() -> None:
    assert entry_of("escaped-cdata-description.xml").text == (
        "Five soldiers were wounded near Kalbajar, the ministry said.\n\nThe shelling went on unt"
    )


def test_cdata_inside_cdata_leaves_no_trace_in_the_title() -> None:
    assert entry_of("cdata-inside-cdata-title.xml").title == "Talks in Tbilisi"


def test_entities_in_a_cdata_title_are_resolved() -> None:
    assert entry_of("entities-in-cdata-title.xml").title == "“No losses”, says Baku & adds"


def test_text_that_was_escaped_twice_is_text() -> None:
    assert entry_of("text-escaped-twice.xml").text == "Two villages were shelled.\n\nNobody was hurt."


def test_the_longest_text_of_an_entry_is_its_text() -> None:
    entry = entry_of("atom-with-content.xml")
    assert (entry.title, entry.text) == ("Fire & smoke", "The first paragraph of it.\n\nThe second.")
    assert entry.dates[0] == "2023-09-19T10:00:00Z"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("windows-1251-header-says-utf-8.xml", "text/xml; charset=utf-8"),
        ("windows-1251-header-says-utf-8.xml", "text/xml"),
        ("windows-1251-undeclared.xml", "text/xml; charset=utf-8"),
        ("windows-1251-undeclared.xml", "text/xml; charset=iso-8859-1"),
        ("windows-1251-undeclared.xml", ""),
        ("utf-8-header-says-windows-1251.xml", "text/xml; charset=windows-1251"),
        ("utf-16-with-bom.xml", "text/xml; charset=utf-8"),
        ("utf-16-without-a-mark.xml", "text/xml; charset=utf-8"),
        ("utf-8-that-calls-itself-utf-16.xml", "text/xml; charset=utf-16"),
        ("windows-1251-behind-a-mark-of-utf-8.xml", ""),
        ("windows-1251-that-calls-itself-iso-8859-1.xml", "text/xml; charset=iso-8859-1"),
        ("windows-1251-that-calls-itself-koi8-r.xml", ""),
        ("koi8-r-that-calls-itself-windows-1251.xml", "text/xml; charset=utf-8"),
        ("koi8-r-undeclared.xml", ""),
        ("koi8-r-undeclared.xml", "text/xml; charset=windows-1251"),
        ("utf-8-encoded-twice.xml", ""),
        ("utf-8-encoded-twice-through-windows-1251.xml", ""),
    ],
)
def test_cyrillic_survives_whatever_the_server_says_of_it(name: str, content_type: str) -> None:
    entry = entry_of(name, content_type)
    assert entry.title == "Сообщение о погибших у Лачина"
    assert entry.text == "Министерство обороны Азербайджана сообщило о двух раненых."


@pytest.mark.parametrize("content_type", ["", "text/xml; charset=iso-8859-1"])
def test_turkish_letters_are_no_icelandic_ones(content_type: str) -> None:
    entry = entry_of("windows-1254-undeclared.xml", content_type)
    assert (entry.title, entry.text) == ("Erdoğan: şehit sayısı ağır", "Açıklama Ankara’da yapıldı.")


def test_controls_that_nobody_means_are_the_characters_of_windows_1252() -> None:
    entry = entry_of("controls-of-windows-1252.xml")
    assert (entry.title, entry.text) == ("Aliyev: “Shusha is ours”", "The ministry’s spokesman – in Baku — said so.")


def test_what_can_be_read_of_a_body_in_two_encodings_is_read() -> None:
    assert entry_of("utf-16-in-its-first-half-only.xml").link == "https://wire.example/news/1"


@pytest.mark.parametrize(
    "text",
    ["«СССР» и РС-24 «Ярс»", "Ça alors: «été» à Érévan, naïve – Ÿ", "ÇŞĞÜİ ÖÄÅ", "Müdafiə Nazirliyi — şəhid", "Ю. С. Ь., Р. С."],
)
def test_text_that_was_encoded_once_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("name", "links", "titles"),
    [
        ("json-feed-1.0.json", ["https://wire.example/news/7", "https://herald.example/8"], ["Fire & smoke", ""]),
        ("json-feed-1.1.json", ["https://wire.example/news/9", None], ["Сообщение о погибших у Лачина", "No link"]),
        ("json-feed-without-a-version.json", ["https://wire.example/news/1"], ["Relative"]),
        ("rss-0.90.xml", ["https://wire.example/news/1"], ["Shots near Lachin"]),
        ("rss-0.91.xml", ["https://wire.example/news/1"], ["Café shelled near Lachin"]),
        ("rss-0.92.xml", ["https://wire.example/news/1"], [""]),
        ("rss-1.0-rdf.xml", ["https://wire.example/news/1"], ["Shots near Lachin"]),
        ("atom-0.3.xml", ["https://wire.example/news/1"], ["Fire & smoke"]),
        ("atom-with-prefixes-and-scoped-bases.xml", ["https://wire.example/en/news/1", "https://wire.example/en/news/2"], ["One", "Two"]),
        ("cdf-channel.xml", ["https://wire.example/news/1"], ["Shots near Lachin"]),
    ],
)
def test_every_kind_of_feed_is_read(name: str, links: list[str | None], titles: list[str]) -> None:
    entries = feed_of(name).entries
    assert [entry.link for entry in entries] == links
    assert [entry.title for entry in entries] == titles


def test_an_item_of_json_has_its_text_be_it_markup_or_not() -> None:
    one, two = feed_of("json-feed-1.0.json").entries
    assert (one.text, one.dates) == ("Two were wounded.\n\nIt goes on.", ("2023-09-19T14:00:00+04:00",))
    assert (two.text, two.guid) == ("A note: 3 < 5.", "8")
    assert feed_of("json-feed-1.1.json").language == "ru"


def test_json_brings_neither_nul_nor_lone_surrogates() -> None:
    entry = entry_of("json-feed-with-nul-and-lone-surrogates.json")
    assert (entry.title, entry.text) == ("Fire at Lachin", "😀 end")


def test_words_before_the_markup_do_not_hide_the_feed() -> None:
    assert entry_of("json-before-the-markup.xml").title == "Shots near Lachin"
    assert entry_of("many-comments-before-the-root.xml").title == "Shots near Lachin"


def test_relative_links_are_made_absolute_by_the_feeds_address_or_what_it_says_of_itself() -> None:
    wanted = [f"https://wire.example/news/{end}" for end in ("1", "2", "3?a=1&b=2", "4")]
    assert [entry.link for entry in feed_of("relative-links.xml").entries] == wanted
    alone = parse_feed(body_of("relative-links.xml"))
    assert isinstance(alone, ParsedFeed)
    assert [entry.link for entry in alone.entries] == wanted


def test_a_link_that_was_escaped_twice_can_be_opened() -> None:
    assert entry_of("links-escaped-twice.xml").link == "https://wire.example/story?id=1&lang=en"


def test_a_guid_that_is_an_address_is_the_link_where_there_is_none() -> None:
    assert [entry.link for entry in feed_of("guid-that-is-the-link.xml").entries] == [
        "https://wire.example/news/1",
        "https://wire.example/news/2",
    ]


def test_no_script_comes_through() -> None:
    entry = entry_of("script-in-a-title.xml")
    assert (entry.title, entry.text) == ("Fire near Lachin", "Two were wounded.")


def test_a_feed_quoted_in_a_text_brings_no_entries() -> None:
    assert [entry.title for entry in feed_of("feed-quoted-in-a-text.xml").entries] == ["How feeds are written", "Shots near Lachin"]


@pytest.mark.parametrize(
    "name", ["many-comments-in-a-text.xml", "thousands-of-attributes-on-one-element.xml", "elements-ten-thousand-deep.xml"]
)
def test_what_makes_parsers_run_away_is_read_in_time(name: str) -> None:
    began = process_time()
    entries = feed_of(name).entries
    assert entries[0].link == "https://wire.example/news/1"
    assert process_time() - began < 1.0


def test_words_that_lie_ten_thousand_elements_deep_are_found() -> None:
    assert entry_of("elements-ten-thousand-deep.xml").text == "deep"


def test_a_few_bytes_of_another_encoding_do_not_spoil_the_rest() -> None:
    assert entry_of("mixed-encodings.xml").title == "Aliyev: “Shusha is ours” — Şuşa"


def test_an_entity_bomb_does_not_go_off() -> None:
    feed = feed_of("entity-bomb.xml")
    assert [entry.link for entry in feed.entries] == ["https://wire.example/news/1", "https://wire.example/news/2"]
    assert all("boomboom" not in entry.text for entry in feed.entries)


def test_no_file_of_this_machine_is_read_into_a_feed() -> None:
    assert "root:" not in str(feed_of("entity-of-a-local-file.xml"))


def test_neither_nul_nor_lone_surrogates_come_through() -> None:
    entry = entry_of("nul-and-lone-surrogates.xml")
    assert entry.title.startswith("Fire at the")
    assert not UNWANTED.search(entry.title + entry.text)
    assert "😀" in entry.text


def test_only_web_addresses_are_links() -> None:
    assert [entry.link for entry in feed_of("links-that-are-no-web-addresses.xml").entries] == [
        None, "https://wire.example/news/2", "https://wire.example/news/3", None, None,
    ]  # fmt: skip


def test_a_guid_that_is_no_address_is_no_link() -> None:
    assert [entry.link for entry in feed_of("missing-link.xml").entries] == [None, "https://wire.example/news/1"]


def test_a_feed_that_is_not_well_formed_gives_what_it_has() -> None:
    assert [entry.link for entry in feed_of("not-well-formed.xml").entries][:2] == [
        "https://wire.example/news/1",
        "https://wire.example/news/2",
    ]


def test_the_publisher_inside_an_aggregators_feed_is_kept() -> None:
    entry = entry_of("aggregator-with-source.xml")
    assert (entry.source, entry.source_url) == ("Example Herald", "https://herald.example")


def test_entries_past_the_limit_are_counted() -> None:
    parsed = parse_feed(body_of("plain-rss.xml"), at_most=2)
    assert isinstance(parsed, ParsedFeed)
    assert (len(parsed.entries), parsed.cut) == (2, 1)


def test_a_packed_file_is_read_and_a_bomb_is_not_unpacked() -> None:
    assert len(feed_of("packed-on-the-disk.xml.gz").entries) == 3
    failure = parse_feed(body_of("gzip-bomb.xml.gz"))
    assert isinstance(failure, ParseFailure)
    assert failure.reason is PollReason.NOT_A_FEED


def test_a_feed_without_end_gives_its_first_entries() -> None:
    item = "<item><title>Fire {0}</title><link>https://wire.example/{0}</link><description>" + "x" * 60 + "</description></item>"
    body = f"<rss version='2.0'><channel>{''.join(item.format(number) for number in range(9000))}</channel></rss>".encode()
    parsed = parse_feed(body, at_most=20)
    assert isinstance(parsed, ParsedFeed)
    assert [entry.title for entry in parsed.entries] == [f"Fire {number}" for number in range(20)]
    assert parsed.cut == 8980


def test_no_file_at_all_makes_an_exception_or_invalid_text() -> None:
    for path in sorted(FOLDER.iterdir()):
        if path.suffix == ".gz":
            continue
        parsed = parse_feed(path.read_bytes(), address="https://wire.example/rss")
        for entry in parsed.entries if isinstance(parsed, ParsedFeed) else ():
            assert not UNWANTED.search(entry.title + entry.text + entry.guid), path.name
            assert entry.link is None or entry.link.startswith(("http://", "https://")), path.name


@pytest.mark.parametrize(
    "line",
    [
        "Просмотров: 1 204",
        "Baxış sayı: 331",
        "Oxunub: 12",
        "Comments (7)",
        "Views: 2.1k",
        "Okunma: 55",
        "Դիտումներ՝ 8".replace("՝", ":"),
        "ნახვა: 12",
    ],
)
def test_a_line_that_counts_readers_is_no_text(line: str) -> None:
    assert body_text(f"<p>Two were wounded.</p><p>{line}</p><p>The ministry said so.</p>") == "Two were wounded.\n\nThe ministry said so."


@pytest.mark.parametrize(
    "tail",
    ["Read more »", "[…]", "Continue reading Fire near Lachin", "The post Fire near Lachin appeared first on Border Wire.", "Читать далее", "Devamını oku...",
     "Ətraflı", "Lire la suite", "View Full Coverage on Google News"],
)  # fmt: skip
def test_what_a_site_hangs_on_a_text_is_none_of_it(tail: str) -> None:
    assert body_text(f"<p>Two were wounded.</p><p>{tail}</p>") == "Two were wounded."
    assert body_text(f"Two were wounded. {tail}") == "Two were wounded."


@pytest.mark.parametrize("text", ["He promised to read more.", "Жители узнали подробности", "Two were wounded, said Lire la Suite"])
def test_the_same_words_within_a_sentence_are_text(text: str) -> None:
    assert body_text(text) == text


def test_tags_within_a_word_of_a_title_do_not_part_it() -> None:
    assert title_text("H<sub>2</sub>O near <b>La</b>chin<br/>and <i>Goris</i>") == "H2O near Lachin and Goris"


def test_every_end_of_a_line_is_a_line_feed() -> None:
    assert body_text("One.\u2028Two.\r\n\r\nThree.\u2029\u2029Four.\x85") == "One.\nTwo.\n\nThree.\n\nFour.…"


def test_a_line_that_counts_the_hurt_is_text() -> None:
    assert body_text("<p>Wounded: 12</p><p>Погибших: 7</p>") == "Wounded: 12\n\nПогибших: 7"


SMALL = [
    path.read_bytes()
    for path in sorted(FOLDER.iterdir())
    if path.stat().st_size < 5_000 and path.suffix in {".xml", ".json"} and "entity" not in path.name
]
PIECES = [
    b"<item>", b"</item>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"\x00", b"&#xD800;", b"&amp;amp;", b"</title>", b"\xff\xfe", b"\xd0", b"<a ", b'">', b"{",
    b"<?xml version='1.0' encoding='koi8-r'?>", b"<html>", b"<dc:date>--11</dc:date>", b" xml:base='http://[::1'", b"<link>http://[bad</link>", b"&#99999999999;",
]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SMALL), st.lists(st.tuples(st.floats(0, 1), st.sampled_from(PIECES), st.integers(0, 30)), min_size=1, max_size=4))
def test_no_mutation_of_a_feed_hides_what_the_general_parser_finds(body: bytes, changes: list[tuple[float, bytes, int]]) -> None:
    for where, piece, taken in changes:
        at = int(where * len(body))
        body = body[:at] + piece + body[at + taken :]
    parsed = parse_feed(body, address="https://wire.example/rss")
    entries = parsed.entries if isinstance(parsed, ParsedFeed) else ()
    assert not any(UNWANTED.search(entry.title + entry.text + entry.guid) for entry in entries)
    # JSON of another kind is none of its business; it takes words before the markup for markup all the same.
    if not body.lstrip(b"\xef\xbb\xbf\x00 \r\n\t").startswith((b"{", b"[")) and b"\x00" not in body:
        assert len(entries) >= found_by_feedparser(body)


def found_by_feedparser(body: bytes) -> int:
    """How many entries it finds by itself; it trips over some bodies."""
    try:
        return len(feedparser.parse(body).entries)
    except Exception:  # noqa: BLE001 - whatever it trips over, it has found nothing
        return 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_at_all_make_an_exception(body: bytes) -> None:
    parse_feed(b"<rss version='2.0'><channel><item><title>" + body + b"</title><description>" + body)
    parse_feed(body)
    decoded(body, "text/xml; charset=utf-7")
