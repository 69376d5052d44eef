"""Runs of the back-test with the reader of today: what would have been told, and what is otherwise than in another run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from services.alerter.core.datafile import packaged
from services.runtime.settings import SettingsFault
from services.standalone.backtest import Wish, back_test

pytestmark = pytest.mark.stack

ARTICLES = [
    {"id": "one", "published_at": "2023-09-19T12:00:00Z", "outlet": "Example Wire", "title": "Two Azerbaijani soldiers killed near Lachin",
     "text": "Two Azerbaijani soldiers were killed near Lachin on Tuesday, Azerbaijan's defence ministry said."},
    {"id": "two", "published_at": "2023-09-19T14:00:00Z", "outlet": "Harbour Gazette", "title": "Seven Azerbaijani soldiers killed near Lachin",
     "text": "Seven Azerbaijani soldiers were killed near Lachin on Tuesday, Azerbaijan's defence ministry said."},
]  # fmt: skip
ROUTES = """
receivers: [{name: desk, terminal_configs: [{}]}, {name: night, terminal_configs: [{}]}]
route: {receiver: desk, group_wait: WAIT, group_interval: 0s, routes: [{matchers: ['number="7"'], receiver: night}]}
"""


class Run:
    """One run of the command, and what it printed."""

    def __init__(self, **wish: Any) -> None:
        self.lines: list[dict[str, Any]] = []
        self.text: list[str] = []
        self.said: list[str] = []
        self.code = asyncio.run(back_test(Wish(**wish), self.lines.append, self.text.append, self.said.append))


@pytest.fixture
def articles(tmp_path: Path) -> str:
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(article) + "\n" for article in ARTICLES), encoding="utf-8")
    return str(file)


def routes(tmp_path: Path, wait: str = "5m") -> Path:
    file = tmp_path / f"routes-{wait}.yaml"
    file.write_text(ROUTES.replace("WAIT", wait), encoding="utf-8")
    return file


def test_without_routes_it_prints_the_alerts(articles: str) -> None:
    run = Run(sources=(articles,))
    assert [(line["reason"], line["low"]) for line in run.lines] == [("first_figure", 2), ("raised", 7)]
    assert run.code == 0


def test_a_folder_of_lines_is_read_like_its_files(articles: str) -> None:
    assert len(Run(sources=(str(Path(articles).parent),)).lines) == 2


def test_with_routes_it_prints_who_is_told_what_when_and_why(articles: str, tmp_path: Path) -> None:
    run = Run(sources=(articles,), routes=routes(tmp_path))
    assert [(line["at"], line["receiver"], line["why"]) for line in run.lines] == [
        ("2023-09-19T12:05:00+00:00", "desk", "everything"),
        ("2023-09-19T14:05:00+00:00", "night", 'everything > number="7"'),
    ]
    assert run.said == ["2 messages of 2 alerts; nothing was sent"]
    assert Run(sources=(articles,), routes=routes(tmp_path), as_text=True).text[0].startswith("2023-09-19 12:05  desk (everything)  2 ")


def test_other_routes_are_held_against_these(articles: str, tmp_path: Path) -> None:
    run = Run(sources=(articles,), routes=routes(tmp_path), diff=routes(tmp_path, "1m"))
    assert [line[:36] for line in run.text] == ["~ 2023-09-19 12:01 -> 2023-09-19 12:", "~ 2023-09-19 14:01 -> 2023-09-19 14:"]
    assert Run(sources=(articles,), routes=routes(tmp_path), diff=routes(tmp_path)).text == []


def test_a_saved_run_is_held_against_other_rules(articles: str, tmp_path: Path) -> None:
    saved = tmp_path / "before.jsonl"
    saved.write_text("".join(json.dumps(line) + "\n" for line in Run(sources=(articles,)).lines), encoding="utf-8")
    assert Run(sources=(articles,), diff=saved).text == []
    russian = tmp_path / "russian.yaml"
    russian.write_text(packaged("policy.yaml").replace("language: en", "language: ru"))
    changed = Run(sources=(articles,), diff=saved, policy=russian)
    assert [line[:2] for line in changed.text] == ["~ ", "~ "]
    assert changed.said[-1] == "2 differences"


def test_tellings_are_not_held_against_alerts(articles: str, tmp_path: Path) -> None:
    alerts, tellings = tmp_path / "alerts.jsonl", tmp_path / "tellings.jsonl"
    alerts.write_text("".join(json.dumps(line) + "\n" for line in Run(sources=(articles,)).lines), encoding="utf-8")
    told = Run(sources=(articles,), routes=routes(tmp_path)).lines
    tellings.write_text("".join(json.dumps(line) + "\n" for line in told), encoding="utf-8")
    assert Run(sources=(articles,), routes=routes(tmp_path), diff=tellings).text == []
    for wrong in ({"diff": tellings}, {"diff": alerts, "routes": routes(tmp_path)}, {"diff": routes(tmp_path)}):
        with pytest.raises(SettingsFault, match="--routes"):
            Run(sources=(articles,), **wrong)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("routes.yaml", "route: {receiver: nobody}", "routes.yaml:1: "),
        ("before.jsonl", "{}\n", "before.jsonl:1: this is no line of a replay"),
        ("none.jsonl", None, "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(articles: str, tmp_path: Path, name: str, text: str | None, says: str) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFault) as fault:
        Run(sources=(articles,), diff=file)
    assert says in str(fault.value)
