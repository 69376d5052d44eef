"""A body that is cut gives the very entries that the whole gives, or it is not cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fetcher.core.cutting import CUT_TYPE, Cut, cut_feed
from services.fetcher.core.parsed import ParsedEntry, ParsedFeed
from services.fetcher.core.parsing import parse_feed
from tests.unit.fetcher.samples import FOLDER, body_of

ADDRESS = "https://wire.example/rss"


def parsed_whole(body: bytes, content_type: str = "") -> tuple[ParsedEntry, ...]:
    parsed = parse_feed(body, content_type=content_type, address=ADDRESS)
    assert isinstance(parsed, ParsedFeed)
    return parsed.entries


def parsed_of(cut: Cut, keep: list[int]) -> tuple[ParsedEntry, ...]:
    return parsed_whole(cut.only(keep), CUT_TYPE)


def cut_of(body: bytes) -> Cut:
    cut = cut_feed(body)
    assert cut is not None
    return cut


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".gz"))
def test_a_cut_file_gives_the_same_entries_as_the_whole(name: str) -> None:
    cut = cut_feed(body_of(name))
    if cut is None:
        return
    whole = parsed_whole(body_of(name))
    assert parsed_of(cut, list(range(len(cut.entries)))) == whole
    assert [parsed_of(cut, [place])[0] for place in range(len(cut.entries))] == list(whole)


def test_only_what_is_asked_for_is_given_in_the_order_of_the_body() -> None:
    body = body_of("plain-rss.xml")
    whole = parsed_whole(body)
    assert parsed_of(cut_of(body), [2, 0]) == (whole[0], whole[2])


def test_an_entry_keeps_its_hash_when_all_around_it_changes() -> None:
    body = body_of("plain-rss.xml")
    changed = body.replace(b"<channel>", b"<channel><lastBuildDate>Tue, 19 Sep 2023 12:00:00 GMT</lastBuildDate>")
    before, after = cut_of(body), cut_of(changed)
    assert [piece.digest for piece in before.entries] == [piece.digest for piece in after.entries]
    assert before.head != after.head


def test_a_changed_letter_changes_the_hash_of_its_entry_alone() -> None:
    body = body_of("plain-rss.xml")
    first = cut_of(body).entries[0]
    inside = body.index(b"<title>", first.start) + len(b"<title>")
    before, after = cut_of(body), cut_of(body[:inside] + b"X" + body[inside:])
    assert [a.digest == b.digest for a, b in zip(before.entries, after.entries, strict=True)] == [False, True, True]


def test_the_encoding_is_settled_before_the_cut() -> None:
    cyrillic = (
        "<rss version='2.0'><channel><item><title>Сообщение о погибших</title></item><item><title>Шуша</title></item></channel></rss>"
    )
    wide = cyrillic.encode("utf-16")
    assert replace(cut_of(wide), body=b"") == replace(cut_of(cyrillic.encode("cp1251")), body=b"")
    assert [entry.title for entry in parsed_of(cut_of(wide), [1])] == ["Шуша"]


def test_an_encoding_made_of_plain_letters_is_settled_too() -> None:
    body = "<?xml version='1.0' encoding='iso-2022-jp'?><rss><channel><item><title>バクー</title></item></channel></rss>".encode(
        "iso-2022-jp"
    )
    assert [entry.title for entry in parsed_of(cut_of(body), [0])] == ["バクー"] == [entry.title for entry in parsed_whole(body)]


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel><item><title>a</channel></rss>",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item><title>&a;</title></item></channel></rss>",
        b"<rss><channel><item><title>a</title><item><title>b</title></item></item></channel></rss>",
        b"<rss><channel><title>no entries</title></channel></rss>",
        b"<rss><channel><item rdf:about='x'><title>prefix without a name space</title></item></channel></rss>",
        b"<feed xmlns:x='urn:other'><x:entry>of another kind</x:entry></feed>",
        b"<feed><title type='xhtml'><item>no entry</item></title></feed>",
        b"<rss><channel><item/></channel></rss>",
        b"<feed><title type='html'>a <feed><entry><title>quoted</title></entry></feed></title></feed>",
        b'{"items": []}',
        b"",
    ],
)
def test_a_body_that_would_be_parsed_otherwise_is_not_cut(body: bytes) -> None:
    assert cut_feed(body) is None


def test_a_body_that_takes_long_to_search_is_not_cut() -> None:
    assert cut_feed(b"<rss><channel><item>" + b"<a/>" * 50_000 + b"</item></channel></rss>") is None


MARKUP = st.sampled_from(
    [
        "<item/>", "<item>", "</item>", "<entry>", "</entry>", "<title>Lachin</title>", "<link>https://wire.example/1</link>", "<![CDATA[<item>]]>",
        "<!-- <item> -->", "<description>&lt;item&gt;</description>", "<content type='xhtml'><div><p>a</p></div></content>", "<image>", "</image>",
        "<textInput><title>b</title></textInput>", "<source url='https://a.example'>A</source>", "<author><name>N</name></author>",
        "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2023-09-19T10:00:00Z</dc:date>", "<guid>7</guid>", " ", "ж", "<language>ru</language>",
        "<link href='/2' xml:base='https://base.example/'/>", "<pubDate>19 Sep 2023 10:00 +04</pubDate>", "&#1078;", "<a b='>'/>",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(MARKUP, st.lists(MARKUP, max_size=4).map(lambda parts: f"<item>{''.join(parts)}</item>")), max_size=8))
def test_no_mixture_of_elements_makes_a_cut_that_gives_other_entries(parts: list[str]) -> None:
    body = f"<rss version='2.0'><channel><title>t</title>{''.join(parts)}</channel></rss>".encode()
    cut = cut_feed(body)
    if cut is not None:
        whole = parsed_whole(body)
        assert parsed_of(cut, list(range(len(cut.entries)))) == whole
        assert parsed_of(cut, [0]) == whole[:1]
