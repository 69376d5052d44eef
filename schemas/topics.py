"""The Kafka topics: name, event, producer, key, partitions and how long a message is kept."""

from __future__ import annotations

from dataclasses import dataclass

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and the one kind of event on it. `keyed_by` says which order is kept: within one key."""

    name: str
    event_type: str
    event_class: str
    producer: str
    keyed_by: str
    partitions: int = 6
    retention_ms: int = 7 * DAY_MS

    @property
    def dlq(self) -> str:
        """The topic beside it on which unreadable messages are put aside."""
        return f"{self.name}.dlq"


ARTICLES_FETCHED = Topic("articles.fetched", "org.caucasus-watch.article.fetched.v1", "ArticleFetched", "fetcher", keyed_by="article id")
ARTICLES_CLASSIFIED = Topic(
    "articles.classified", "org.caucasus-watch.article.classified.v1", "ArticleClassified", "classifier", keyed_by="story id"
)
ALERTS_RAISED = Topic("alerts.raised", "org.caucasus-watch.alert.raised.v1", "AlertRaised", "alerter", keyed_by="story id")

TOPICS: tuple[Topic, ...] = (ARTICLES_FETCHED, ARTICLES_CLASSIFIED, ALERTS_RAISED)
TYPES: dict[str, str] = {topic.event_class: topic.event_type for topic in TOPICS}
"""Name of the event's model -> CloudEvents type."""

DLQ_PARTITIONS = 1
DLQ_RETENTION_MS = 30 * DAY_MS
