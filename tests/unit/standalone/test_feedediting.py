"""A desk's own list of feeds: what the commands change in it, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.vocabulary import FeedScope, OffReason
from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.core.opml import read_opml
from services.standalone.commanding import DONE, FAULTS, WRONG_USE
from services.standalone.feedediting import NewFeed, add_feed, export_feeds, import_feeds, remove_feed

pytestmark = pytest.mark.slow

MINE = """\
# The list of the night desk.
outlets:
# Two wires that we trust.
- id: wire
  name: Wire
  timezone: Asia/Baku
  feeds:
  - {id: wire-en, url: 'https://wire.example/en', language: en}  # quick
  # slower, but longer texts
  - id: wire-ru
    url: https://wire.example/ru
    language: ru
- id: echo
  name: Echo
  feeds:
  - {id: echo, url: 'https://echo.example/rss', scope: world}
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(MINE, encoding="utf-8")
    return path


def said(text: str) -> None:
    assert text


def ids(path: Path) -> list[str]:
    return [feed.id for _, feed in load_feeds(path).feeds()]


def test_a_feed_of_a_known_outlet_stands_under_it_and_nothing_else_changes(mine: Path) -> None:
    assert add_feed(NewFeed("https://wire.example/az", outlet="wire", language="az", scope=FeedScope.REGION), mine, said) == DONE
    line = "  - {id: wire-az, url: 'https://wire.example/az', language: az}\n"
    assert mine.read_text(encoding="utf-8") == MINE.replace("- id: echo\n", line + "- id: echo\n")


def test_a_feed_of_a_new_outlet_stands_at_the_end(mine: Path) -> None:
    assert (
        add_feed(NewFeed("https://www.herald.example/rss", outlet="The Herald", country="GEO", timezone="Asia/Tbilisi"), mine, said) == DONE
    )
    text = mine.read_text(encoding="utf-8")
    assert text.startswith(MINE)
    outlet, feed = list(load_feeds(mine).feeds())[-1]
    assert (outlet.id, outlet.country, outlet.timezone, feed.id, feed.scope) == (
        "the-herald",
        "GEO",
        "Asia/Tbilisi",
        "the-herald",
        FeedScope.WORLD,
    )


def test_a_list_of_ones_own_begins_on_top_of_the_packages(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feeds.yaml"
    assert add_feed(NewFeed("https://wire.example/rss"), path, said) == DONE
    assert len(ids(path)) == len([feed for _, feed in load_feeds().feeds()]) + 1
    assert "wire-example" in ids(path)


def test_a_feed_of_an_outlet_of_the_package_keeps_its_other_feeds(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    assert add_feed(NewFeed("https://hetq.am/ru/rss", outlet="hetq", language="ru"), path, said) == DONE
    assert {"hetq-en", "hetq-hy", "hetq-ru"} <= set(ids(path))


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (NewFeed("https://wire.example/en"), FAULTS),
        (NewFeed("ftp://wire.example/en"), WRONG_USE),
        (NewFeed("https://new.example/en", timezone="Asia/Atlantis"), WRONG_USE),
        (NewFeed("https://new.example/en", id="wire-en"), WRONG_USE),
        (NewFeed("https://new.example/en", id="NO"), WRONG_USE),
        (NewFeed("https://new.example/en", outlet="Echo"), WRONG_USE),
    ],
)
def test_what_cannot_be_added_changes_nothing(mine: Path, wish: NewFeed, code: int) -> None:
    told: list[str] = []
    assert add_feed(wish, mine, told.append) == code
    assert told
    assert mine.read_text(encoding="utf-8") == MINE


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("wire-en", "  - {id: wire-en, url: 'https://wire.example/en', language: en}  # quick\n"),
        ("https://wire.example/ru", "  - id: wire-ru\n    url: https://wire.example/ru\n    language: ru\n"),
        ("echo", "- id: echo\n  name: Echo\n  feeds:\n  - {id: echo, url: 'https://echo.example/rss', scope: world}\n"),
    ],
)
def test_a_feed_is_taken_out_with_its_lines_alone(mine: Path, name: str, gone: str) -> None:
    assert remove_feed(name, mine, said) == DONE
    assert mine.read_text(encoding="utf-8") == MINE.replace(gone, "")


def test_a_feed_of_the_package_is_switched_off_by_choice(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    assert remove_feed("hetq-en", path, said) == DONE
    found = {feed.id: feed for _, feed in load_feeds(path).feeds()}
    assert (found["hetq-en"].enabled, found["hetq-en"].reason) == (False, OffReason.CHOSEN)
    assert found["hetq-hy"].enabled
    assert remove_feed("hetq-en", path, said) == DONE


def test_a_feed_that_is_not_there_cannot_be_removed(mine: Path) -> None:
    assert remove_feed("nowhere", mine, said) == FAULTS


def test_a_list_on_one_line_is_written_anew_under_its_comments(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("# mine\n{outlets: [{id: wire, name: Wire, feeds: [{id: wire, url: 'https://wire.example/rss'}]}]}\n")
    assert add_feed(NewFeed("https://wire.example/two", outlet="wire", id="two"), path, said) == DONE
    assert path.read_text().startswith("# mine\noutlets:\n")
    assert ids(path) == ["wire", "two"]


def test_a_faulty_list_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("outlets:\n- id: wire\n  colour: red\n")
    told: list[str] = []
    assert add_feed(NewFeed("https://new.example/rss"), path, told.append) == WRONG_USE
    assert told[0].startswith(f"{path}:3: ") or f"{path}:3: " in told[0]
    assert path.read_text() == "outlets:\n- id: wire\n  colour: red\n"


def test_the_feeds_of_another_reader_are_added_once(mine: Path, tmp_path: Path) -> None:
    source = tmp_path / "reader.opml"
    source.write_text(
        "<opml><body><outline text='Wire' xmlUrl='https://wire.example/en'/><outline text='Wire' xmlUrl='https://wire.example/tr'/>"
        "<outline text='Herald' xmlUrl='https://herald.example/rss'/></body></opml>"
    )
    told: list[str] = []
    assert import_feeds(str(source), FeedScope.WORLD, mine, told.append) == DONE
    assert told[0].startswith("2 feeds are now in")
    assert "# slower, but longer texts" in mine.read_text(encoding="utf-8")
    assert {(outlet.id, feed.url) for outlet, feed in load_feeds(mine).feeds()} >= {
        ("wire", "https://wire.example/tr"),
        ("herald", "https://herald.example/rss"),
    }
    before = mine.read_text(encoding="utf-8")
    assert import_feeds(str(source), FeedScope.WORLD, mine, told.append) == DONE
    assert mine.read_text(encoding="utf-8") == before


def test_a_faulty_opml_file_adds_nothing_and_names_file_and_line(mine: Path, tmp_path: Path) -> None:
    source = tmp_path / "reader.opml"
    source.write_text("<opml><body>\n<outline text='A' xmlUrl='https://a.example'/>\n<outline text='B' xmlUrl='feed:b'/></body></opml>")
    told: list[str] = []
    assert import_feeds(str(source), FeedScope.WORLD, mine, told.append) == FAULTS
    assert told[0].startswith(f"{source}:3: ")
    assert mine.read_text(encoding="utf-8") == MINE


def test_what_goes_out_holds_the_feeds_that_are_on_or_all(tmp_path: Path) -> None:
    on, every = tmp_path / "on.opml", tmp_path / "all.opml"
    assert export_feeds(str(on), every=False, say=said) == DONE
    assert export_feeds(str(every), every=True, say=said) == DONE
    assert read_opml(every.read_bytes(), "all.opml") == load_feeds()
    assert all(feed.enabled for _, feed in read_opml(on.read_bytes(), "on.opml").feeds())
