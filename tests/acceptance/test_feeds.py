"""The commands about feeds as people and scripts call them: what they print and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

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


def test_names_of_files_may_come_line_by_line() -> None:
    ended = called("feeds", "parse", "-", given=f"{FEEDS / 'plain-rss.xml'}\n{FEEDS / 'rss-0.91.xml'}\n")
    assert [len(json.loads(line)["entries"]) for line in ended.out.splitlines()] == [3, 1]


def test_a_file_that_is_not_there_is_told_and_the_others_are_parsed() -> None:
    ended = called("feeds", "parse", "nowhere.xml", str(FEEDS / "plain-rss.xml"))
    assert ended.code == 1
    assert "nowhere.xml: it cannot be read" in ended.err
    assert [json.loads(line)["failure"] for line in ended.out.splitlines()] == ["unreadable", None]


class Quiet(SimpleHTTPRequestHandler):
    """Serves the files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the library gives it
        """Nothing."""


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(FEEDS))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


PRIVATE = {"allow_private": "true", "host_gap": "0"}


def test_a_feed_is_explained_with_status_dates_names_and_what_would_be_kept(served: str) -> None:
    ended = called("feeds", "check", f"{served}/plain-rss.xml", settings=PRIVATE)
    assert ended.code == 0, ended.out
    for words in ("HTTP 200", "3 entries", "answers conditional requests", "3 published", "names lachin", "19 Sep 2023 06:03"):
        assert words in ended.out


def test_a_feed_is_explained_to_scripts(served: str) -> None:
    report = json.loads(called("feeds", "check", "--json", f"{served}/plain-rss.xml", settings=PRIVATE).out)
    assert (report["reason"], report["status"], report["counts"]) == ("fresh", 200, {"published": 3})
    assert (report["entries"][0]["published_at"], report["entries"][0]["keywords"][0]) == ("2023-09-19T06:03:00+00:00", "lachin")


def test_what_is_no_feed_is_explained_with_what_to_do(served: str) -> None:
    ended = called("feeds", "check", f"{served}/html-error-page.html", settings=PRIVATE)
    assert ended.code == 1
    assert "html_page" in ended.out or "challenge" in ended.out


def test_the_list_is_told_to_scripts_line_by_line() -> None:
    lines = [json.loads(line) for line in called("feeds", "list", "--json", "--all").out.splitlines()]
    assert len(lines) >= 100
    assert all(line["enabled"] or line["reason"] for line in lines)
    assert len([json.loads(line) for line in called("feeds", "list", "--json").out.splitlines()]) == sum(line["enabled"] for line in lines)


def test_a_list_is_kept_carried_out_and_taken_in(tmp_path: Path) -> None:
    mine, there = tmp_path / "feeds.yaml", tmp_path / "out.opml"
    added = called("feeds", "add", "https://wire.example/rss", "--outlet", "Example Wire", "--file", mine)
    assert (added.code, "CAUCASUS_WATCH_FEEDS_FILE" in added.err) == (0, True)
    settings = {"feeds_file": str(mine)}
    assert "example-wire" in called("feeds", "list", settings=settings).out
    assert called("feeds", "export", there, settings=settings).code == 0
    assert "https://wire.example/rss" in there.read_text(encoding="utf-8")
    assert called("feeds", "remove", "example-wire", settings=settings).code == 0
    assert called("feeds", "import", there, settings=settings).code == 0
    assert "https://wire.example/rss" in mine.read_text(encoding="utf-8")


def test_wrong_use_is_told_with_the_mend(tmp_path: Path) -> None:
    assert "name a file by --file FILE" in called("feeds", "add", "https://wire.example/rss").err
    broken = tmp_path / "broken.opml"
    broken.write_text("<opml><body>\n<outline xmlUrl='nowhere'/></body></opml>")
    ended = called("feeds", "import", broken, "--file", tmp_path / "feeds.yaml")
    assert (ended.code, f"{broken}:2: " in ended.err) == (1, True)
    assert not (tmp_path / "feeds.yaml").exists()
