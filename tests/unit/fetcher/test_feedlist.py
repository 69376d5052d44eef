"""The list of feeds as data: the package's own, a user's over it, and faults told with their line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from schemas.vocabulary import FeedScope, OffReason
from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.app import facts
from services.fetcher.core.feedlist import FeedList, FeedListFault, publishers, read_list, written


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(FeedListFault) as told:
        read_list(dedent(text), "my.yaml")
    return told.value.faults


def test_the_packages_list_is_whole() -> None:
    listed = load_feeds()
    feeds = [feed for _, feed in listed.feeds()]
    assert len(feeds) >= 100
    assert sum(feed.enabled for feed in feeds) >= 100
    assert {feed.scope for feed in feeds} == {FeedScope.REGION, FeedScope.WORLD}
    assert {feed.reason for feed in feeds if not feed.enabled} == {OffReason.FAILING, OffReason.REFUSED, OffReason.UNVERIFIED}
    assert {feed.language for feed in feeds} >= {"en", "ru", "az", "hy", "ka", "tr"}


def test_a_list_that_is_written_reads_the_same() -> None:
    listed = load_feeds()
    assert read_list(written(listed), "again.yaml") == listed


def test_outlets_of_one_publisher_count_as_one() -> None:
    families = {outlet.id: outlet.publisher for outlet, _ in load_feeds().feeds()}
    assert families["azatutyun"] == families["azadliq"] == "rferl"
    assert families["hetq"] == "hetq"


def test_only_enabled_feeds_are_polled() -> None:
    listed = load_feeds()
    assert set(facts(listed)) == {feed.id for _, feed in listed.feeds() if feed.enabled}


def test_a_fault_is_told_with_file_line_and_place() -> None:
    assert faults(
        """\
        outlets:
        - id: wire
          name: Wire
          timezone: Asia/Atlantis
          feeds:
          - {id: wire-en, url: 'ftp://wire.example/rss'}
          - {id: wire-ru, url: 'https://wire.example/ru', colour: red}
          - {id: wire-hy, url: 'https://wire.example/hy', enabled: false}
        """
    ) == (
        "my.yaml:4: outlets.wire.timezone: there is no time zone 'Asia/Atlantis': write one such as Asia/Yerevan",
        "my.yaml:6: outlets.wire.feeds.wire-en.url: it is no address of a feed: write http://… or https://…, without user name and password",
        "my.yaml:7: outlets.wire.feeds.wire-ru.colour: there is no such field",
        "my.yaml:8: outlets.wire.feeds.wire-hy: it is switched off without a reason: add `reason:` with one of failing, refused, unverified, chosen",
    )


def test_a_feed_named_twice_is_a_fault() -> None:
    told = faults(
        """\
        outlets:
        - id: wire
          name: Wire
          feeds:
          - {id: wire-en, url: 'https://wire.example/rss'}
          - {id: wire-en, url: 'https://wire.example/other'}
          - {id: wire-x, url: 'https://wire.example/rss'}
        """
    )
    assert told == (
        "my.yaml:6: feed wire-en: the id is taken by a feed of wire",
        "my.yaml:7: feed wire-x: the address is that of wire-en",
    )


@pytest.mark.parametrize("text", ["outlets: [", "- a list", "", "outlets:\n- id: x\n  name: X\n  feeds: []\n"])
def test_what_is_no_list_of_feeds_is_told(text: str) -> None:
    assert faults(text)[0].startswith("my.yaml:")


def test_a_users_file_takes_the_place_of_the_packages(tmp_path: Path) -> None:
    mine = tmp_path / "feeds.yaml"
    mine.write_text("outlets:\n- id: wire\n  name: Wire\n  feeds:\n  - {id: wire-en, url: 'https://wire.example/rss'}\n")
    assert [feed.id for _, feed in load_feeds(mine).feeds()] == ["wire-en"]


def test_a_users_file_may_extend_the_packages(tmp_path: Path) -> None:
    mine = tmp_path / "feeds.yaml"
    mine.write_text(
        "extends: package\noutlets:\n- id: hetq\n  name: Hetq\n  feeds:\n  - {id: hetq-all, url: 'https://hetq.am/all'}\n", encoding="utf-8"
    )
    listed = load_feeds(mine)
    assert len(listed.outlets) == len(load_feeds().outlets)
    assert [feed.id for outlet, feed in listed.feeds() if outlet.id == "hetq"] == ["hetq-all"]


def test_outlets_are_known_by_their_site_and_name_but_not_where_several_share_one() -> None:
    known = publishers(load_feeds())
    assert known["azatutyun.am"].family == known["azatutyun (rfe/rl armenian)"].family == "rferl"
    assert "feeds.bbci.co.uk" not in known
    assert "google news" not in known


def test_a_missing_file_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(FeedListFault, match="there is no such file"):
        load_feeds(tmp_path / "none.yaml")


def test_an_empty_list_is_a_list() -> None:
    assert read_list("outlets: []", "my.yaml") == FeedList()
