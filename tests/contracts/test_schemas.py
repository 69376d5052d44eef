"""The messages as other programs know them: exported schemas, examples, and what the last release promised."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from pydantic import BaseModel

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched
from schemas.envelope import opened, seal
from schemas.reading import ActorTag, CasualtyClaim, CeasefireStatement, EventTag, Evidence
from schemas.topics import TOPICS
from schemas.vocabulary import AlertKind
from tests.contracts.compatibility import breaches
from tests.exports import ROOT, json_schemas

EXAMPLES = ROOT / "schemas" / "examples"
EVENTS: dict[str, type[BaseModel]] = {
    "article_fetched": ArticleFetched,
    "article_classified": ArticleClassified,
    "alert_raised": AlertRaised,
}
EACH_EXAMPLE = [
    pytest.param(event, path, id=f"{event}/{path.stem}") for event in EVENTS for path in sorted((EXAMPLES / event / "v1").glob("*.json"))
]
EACH_MODEL = sorted(json_schemas.MODELS)


def loaded(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(loaded(json_schemas.FOLDER / f"{name}.json"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_the_exports_are_current() -> None:
    stale = [
        path.name for path, content in json_schemas.exports().items() if not path.exists() or path.read_text(encoding="utf-8") != content
    ]
    assert not stale, "write them again with ./run docs"


def test_nothing_else_lies_among_the_exports() -> None:
    assert set(json_schemas.FOLDER.glob("*.json")) == set(json_schemas.exports())


@pytest.mark.parametrize("name", EACH_MODEL)
def test_an_export_is_a_schema_of_the_draft_it_names(name: str) -> None:
    schema = loaded(json_schemas.FOLDER / f"{name}.json")
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_every_topic_has_a_schema_and_examples_in_several_languages() -> None:
    assert {topic.event_class for topic in TOPICS} == {model.__name__ for model in EVENTS.values()}
    for event in EVENTS:
        assert len(list((EXAMPLES / event / "v1").glob("*.json"))) >= 3
    languages = {loaded(path)["reading"]["language"] for path in (EXAMPLES / "article_classified" / "v1").glob("*.json")}
    assert len(languages) >= 4


@pytest.mark.parametrize(("event", "path"), EACH_EXAMPLE)
def test_an_example_is_valid(event: str, path: Path) -> None:
    validator(event).validate(loaded(path))


@pytest.mark.parametrize(("event", "path"), EACH_EXAMPLE)
def test_an_example_decodes_and_is_written_again_as_it_was(event: str, path: Path) -> None:
    document = loaded(path)
    assert EVENTS[event].model_validate(document).model_dump(mode="json") == document


@pytest.mark.parametrize(("event", "path"), EACH_EXAMPLE)
def test_an_example_passes_through_an_envelope(event: str, path: Path) -> None:
    model = EVENTS[event]
    topic = next(topic for topic in TOPICS if topic.event_class == model.__name__)
    message = model.model_validate(loaded(path))
    envelope = seal(topic, "key", message, event_id="1", now=datetime(2026, 11, 24, tzinfo=UTC))
    assert opened(envelope.value, envelope.headers, model) == message


@pytest.mark.parametrize(("event", "path"), EACH_EXAMPLE)
def test_a_member_left_out_is_missed(event: str, path: Path) -> None:
    document = loaded(path)
    del document["article_id"]
    with pytest.raises(ValidationError, match="'article_id' is a required property"):
        validator(event).validate(document)


def test_the_evidence_of_the_examples_stands_in_their_articles() -> None:
    articles = {
        (one.article_id, one.revision): one
        for one in map(ArticleFetched.model_validate, map(loaded, (EXAMPLES / "article_fetched" / "v1").glob("*.json")))
    }
    checked = 0
    for path in (EXAMPLES / "article_classified" / "v1").glob("*.json"):
        message = ArticleClassified.model_validate(loaded(path))
        article = articles[message.article_id, message.revision]
        reading = message.reading
        pieces: list[ActorTag | EventTag | CasualtyClaim | CeasefireStatement] = [
            *reading.actors,
            *reading.event_types,
            *reading.casualties,
            *reading.ceasefire,
        ]
        for evidence in filter(None, (piece.evidence for piece in pieces)):
            assert_stands_in(article, evidence)
            checked += 1
    by_id = {article_id: article for (article_id, _), article in articles.items()}
    for path in (EXAMPLES / "alert_raised" / "v1").glob("*.json"):
        alert = AlertRaised.model_validate(loaded(path))
        if alert.kind is AlertKind.WATCH:
            assert alert.article_id not in by_id
            continue
        assert_stands_in(by_id[alert.article_id], alert.evidence)
        checked += 1
    assert checked > 15


def assert_stands_in(article: ArticleFetched, evidence: Evidence) -> None:
    whole: str = getattr(article, evidence.field)
    assert whole[evidence.start : evidence.end] == evidence.text


def test_what_the_last_release_promised_is_kept() -> None:
    released = {path.name: loaded(path) for path in json_schemas.RELEASED.glob("*.json")}
    assert released
    present = {path.name: json.loads(content) for path, content in json_schemas.exports().items()}
    assert not released.keys() - present.keys()
    broken = [f"{name}: {breach}" for name, old in released.items() for breach in breaches(old, present[name])]
    assert broken == [], "messages outlive a release: add members that may be left out instead"
