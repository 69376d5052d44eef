"""`feeds parse` as scripts call it: one line a file, whatever the file is, and nothing that stops it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.acceptance.commands import called

FEEDS = Path(__file__).parents[1] / "data" / "feeds"


def parsed(*names: str) -> list[dict[str, Any]]:
    ended = called("feeds", "parse", *(str(FEEDS / name) for name in names))
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_each_file_has_its_line_in_their_order_and_every_failure_a_name() -> None:
    names = sorted(path.name for path in FEEDS.iterdir())
    lines = parsed(*names)
    assert [Path(line["file"]).name for line in lines] == names
    assert all(list(line) == ["file", "failure", "entries"] for line in lines)
    failures = {Path(line["file"]).name: line["failure"] for line in lines if line["failure"]}
    assert failures == {
        "blank-body.xml": "empty_body",
        "empty-body.xml": "empty_body",
        "gzip-bomb.xml.gz": "not_a_feed",
        "html-error-page.html": "html_page",
        "json-body.json": "json_body",
        "json-of-another-kind.json": "json_body",
        "json-without-end.json": "json_body",
        "not-xml.txt": "not_a_feed",
    }


def test_an_entry_is_told_with_title_link_id_time_and_text() -> None:
    (line,) = parsed("plain-rss.xml")
    assert line["entries"][0] == {
        "title": "Shots fired near Lachin, report 3",
        "link": "https://wire.example/news/3",
        "id": "cee47cbf-74f1-5445-8087-d9aae3ce9cf4",
        "published_at": "2023-09-19T06:03:00+00:00",
        "text": "The defence ministry of Armenia said position 3 came under fire near Lachin.",
    }


def test_a_file_that_is_not_there_is_told_and_the_others_are_parsed() -> None:
    ended = called("feeds", "parse", "nowhere.xml", str(FEEDS / "plain-rss.xml"))
    assert ended.code == 1
    assert "nowhere.xml: it cannot be read" in ended.err
    assert [json.loads(line)["failure"] for line in ended.out.splitlines()] == ["unreadable", None]
