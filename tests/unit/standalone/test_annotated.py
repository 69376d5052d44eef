"""Folders of annotated articles: what cannot be told as a story is refused with the file and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.standalone.annotated import StoryFault, story_of

ARTICLE = """\
id: {id}
lang: en
published_at: "{time}"
outlet: Example Wire
url: "https://wire.example/{id}"
title: A title
text: Some text.
"""


def an_article_file(folder: Path, name: str = "a", time: str = "2023-09-19T12:00:00Z") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(ARTICLE.format(id=name, time=time), encoding="utf-8")
    return path


def test_without_a_replay_the_articles_come_in_order_of_time_and_nothing_is_judged(tmp_path: Path) -> None:
    an_article_file(tmp_path, "late", "2023-09-20T12:00:00Z")
    an_article_file(tmp_path, "early")
    story = story_of(tmp_path)
    assert story.replay.articles == ("early", "late")
    assert not story.judged


def test_a_replay_is_found_by_name(tmp_path: Path) -> None:
    an_article_file(tmp_path)
    (tmp_path / "replay.yaml").write_text("name: one\narticles: [a]\n---\nname: two\narticles: [a]\nexpected_alerts:\n", encoding="utf-8")
    assert story_of(tmp_path).replay.name == "one"
    assert story_of(tmp_path, "two").replay.name == "two"
    with pytest.raises(StoryFault, match="no replay called 'three'"):
        story_of(tmp_path, "three")


def test_no_folder_and_an_empty_one_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(StoryFault, match="is no folder"):
        story_of(tmp_path / "none")
    with pytest.raises(StoryFault, match="holds no annotated article"):
        story_of(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [", "cannot be read as YAML"),
        ("id: a\n", "lang"),
        (ARTICLE.format(id="a", time="2023-09-19T12:00:00"), "needs a zone"),
    ],
)
def test_a_file_that_is_no_article_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StoryFault, match=said) as fault:
        story_of(tmp_path)
    assert "bad.yaml" in str(fault.value)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    an_article_file(tmp_path)
    (tmp_path / "b.yaml").write_text(ARTICLE.format(id="a", time="2023-09-19T12:00:00Z"), encoding="utf-8")
    with pytest.raises(StoryFault, match="stands twice"):
        story_of(tmp_path)


def test_a_replay_that_names_an_article_that_is_not_there_is_refused(tmp_path: Path) -> None:
    an_article_file(tmp_path)
    (tmp_path / "replay.yaml").write_text("name: one\narticles: [a, b]\n", encoding="utf-8")
    with pytest.raises(StoryFault, match="not there: b"):
        story_of(tmp_path)
