"""The registry of topics agrees with the models and with itself."""

from __future__ import annotations

import re

import pytest

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched
from schemas.topics import ALERTS_RAISED, ARTICLES_CLASSIFIED, ARTICLES_FETCHED, DLQ_RETENTION_MS, TOPICS, TYPES, Topic


def test_each_event_has_its_topic() -> None:
    assert {topic.event_class for topic in TOPICS} == {ArticleFetched.__name__, ArticleClassified.__name__, AlertRaised.__name__}
    assert {topic.event_class: topic.event_type for topic in TOPICS} == TYPES


def test_names_and_types_are_told_apart() -> None:
    assert len({topic.name for topic in TOPICS}) == len({topic.event_type for topic in TOPICS}) == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_one_that_kafka_takes(topic: Topic) -> None:
    for name in (topic.name, topic.dlq):
        assert re.fullmatch(r"[a-z.]{1,249}", name)
    assert topic.partitions > 0
    assert topic.retention_ms > 0


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_an_event_type_names_its_subject_and_version(topic: Topic) -> None:
    assert re.fullmatch(r"org\.caucasus-watch\.[a-z]+\.[a-z]+\.v\d+", topic.event_type)


def test_the_order_that_is_kept_is_the_one_that_the_next_service_needs() -> None:
    assert (ARTICLES_FETCHED.keyed_by, ARTICLES_CLASSIFIED.keyed_by, ALERTS_RAISED.keyed_by) == ("article id", "story id", "story id")


def test_what_was_put_aside_is_kept_longer_than_what_flows() -> None:
    assert ARTICLES_FETCHED.dlq == "articles.fetched.dlq"
    assert max(topic.retention_ms for topic in TOPICS) < DLQ_RETENTION_MS
