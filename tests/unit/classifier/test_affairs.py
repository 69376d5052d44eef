"""Actors, events and truces of whole short stories, and the words they are read by."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.reading import Article, Reading
from services.classifier.core.affairs import MOST_WORDS, faults, load, parse, words_of
from services.classifier.core.forms import PackFault
from services.classifier.core.reading import read
from tests.unit.classifier.newsroom import document

STORIES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "affairs.yaml").read_text(encoding="utf-8"))


def reading(story: dict[str, Any]) -> Reading:
    at = datetime.combine(story["at"], time(18), tzinfo=UTC)
    return read(Article(id=story["id"], title=story["title"], text=story["text"], published_at=at))


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    return [reading(story) for story in STORIES]


def f1(pairs: list[tuple[Counter[str], Counter[str]]]) -> float:
    hit = sum((said & true).total() for said, true in pairs)
    return 2 * hit / sum(said.total() + true.total() for said, true in pairs)


def test_every_story_concerns_the_area(readings: list[Reading]) -> None:
    assert [r.id for r in readings if not r.relevant] == []


def test_bodies_and_sectors(readings: list[Reading]) -> None:
    said = [{tag.code for tag in r.actors} for r in readings]
    true = [set(story["actors"]) for story in STORIES]
    assert f1([(Counter(s), Counter(t)) for s, t in zip(said, true, strict=True)]) >= 0.84
    bodies = [({c.split(".")[0] for c in s}, {c.split(".")[0] for c in t}) for s, t in zip(said, true, strict=True)]
    assert f1([(Counter(s), Counter(t)) for s, t in bodies]) >= 0.95


def test_event_types(readings: list[Reading]) -> None:
    pairs = [
        (Counter(str(tag.type) for tag in r.event_types), Counter(story["events"])) for r, story in zip(readings, STORIES, strict=True)
    ]
    assert f1(pairs) >= 0.88


def test_truces(readings: list[Reading]) -> None:
    pairs = [
        (Counter(("" if s.current else "-") + str(s.status) for s in r.ceasefire), Counter(story["truces"]))
        for r, story in zip(readings, STORIES, strict=True)
    ]
    assert f1(pairs) >= 0.95


def test_the_package_files_have_no_fault() -> None:
    assert faults() == ()
    assert all(load(language) for language in ("en", "ru", "az", "hy", "ka", "tr", "fr", "de"))


def test_a_section_that_is_misspelt_is_told_at_its_line() -> None:
    with pytest.raises(PackFault, match=r"affairs/en\.yaml:2: event: Extra inputs are not permitted"):
        parse("en", "language: en\nevent:\n  shelling: [shelled]\n")


def test_a_sentence_of_nothing_but_trigger_words_is_not_read_to_its_end() -> None:
    words = words_of(document("ceasefire violated " * 5_000 + "\n\nArmenian soldiers."))
    assert max(len(row.truce) for row in words) <= MOST_WORDS
