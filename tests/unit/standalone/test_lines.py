"""JSON lines in: what a person or a program hands to `classify` and `replay`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.reading import Article
from services.standalone.lines import articles_from


class Ear:
    def __init__(self) -> None:
        self.remarks: list[str] = []
        self.faults: list[str] = []

    def read(self, *files: str) -> list[Article]:
        return list(articles_from(files, self.remarks.append, self.faults.append))


@pytest.fixture
def ear() -> Ear:
    return Ear()


def written(folder: Path, text: str) -> str:
    path = folder / "in.jsonl"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_article_keeps_its_fields_and_time(tmp_path: Path, ear: Ear) -> None:
    file = written(tmp_path, '{"id":"a","title":"T","text":"x","published_at":"2023-09-19T12:00:00+04:00"}\n\n')
    (article,) = ear.read(file)
    assert (article.id, article.title, article.text) == ("a", "T", "x")
    assert article.published_at == datetime(2023, 9, 19, 8, tzinfo=UTC)
    assert ear.remarks == ear.faults == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "in.jsonl:1: no JSON"),
        ("[1]", "in.jsonl:1: a JSON list, no object"),
        ('{"title":"T"}', "in.jsonl:1: neither id nor url"),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_is_read(tmp_path: Path, ear: Ear, line: str, said: str) -> None:
    articles = ear.read(written(tmp_path, line + '\n{"id":"b"}\n'))
    assert [article.id for article in articles] == ["b"]
    assert said in ear.faults[0]


@pytest.mark.parametrize(
    ("value", "stamp", "said"),
    [
        ("null", None, "no published_at"),
        ('"yesterday"', None, "no ISO 8601 time"),
        ('"2023-09-19T12:00:00"', datetime(2023, 9, 19, 12, tzinfo=UTC), "has no zone"),
    ],
)
def test_a_doubtful_time_is_never_now(tmp_path: Path, ear: Ear, value: str, stamp: datetime | None, said: str) -> None:
    (article,) = ear.read(written(tmp_path, f'{{"id":"a","published_at":{value}}}'))
    assert article.published_at == stamp
    assert said in ear.remarks[0]


def test_a_missing_file_and_one_that_is_not_utf8_are_told(tmp_path: Path, ear: Ear) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"id":"a"}\n{"id":"\xe9"}\n')
    ear.read(str(tmp_path / "none.jsonl"), str(tmp_path / "latin.jsonl"))
    assert "none.jsonl" in ear.faults[0]
    assert "not UTF-8" in ear.faults[1]
