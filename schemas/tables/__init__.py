"""The database as a contract: every table, who writes it, and what each column means.

Belongs here: SQLAlchemy Core tables, one module per subject, all in METADATA, and the views for analysts. The migrations
are written by hand and tested to make exactly this. Never here: queries, sessions, or rows.

Each table has one writer; other services read it, or better are told by Kafka. Times are aware. A column that holds a
word of schemas.vocabulary has a CHECK made from it. References (foreign keys) stand only within the tables of one
writer and are checked at commit; between services ids join, because each commits in its own time.
"""

from __future__ import annotations

from schemas.tables.alerts import alerts, channel_states, deliveries, delivery_groups
from schemas.tables.articles import articles, revisions, stories, story_aliases
from schemas.tables.claims import ceasefire_statements, claims
from schemas.tables.columns import METADATA
from schemas.tables.desk import audit, desk_tokens, hands, silences
from schemas.tables.feeds import entries, feed_memories, feed_reports, feeds, outlets, polls
from schemas.tables.ledgers import decisions, handled_hands, ledger_figures, ledgers
from schemas.tables.outboxes import alerter_outbox, classifier_outbox, fetcher_outbox, outbox_table
from schemas.tables.tags import article_actors, article_events
from schemas.tables.watches import watches

__all__ = [
    "METADATA",
    "alerter_outbox",
    "alerts",
    "article_actors",
    "article_events",
    "articles",
    "audit",
    "ceasefire_statements",
    "channel_states",
    "claims",
    "classifier_outbox",
    "decisions",
    "deliveries",
    "delivery_groups",
    "desk_tokens",
    "entries",
    "feed_memories",
    "feed_reports",
    "feeds",
    "fetcher_outbox",
    "handled_hands",
    "hands",
    "ledger_figures",
    "ledgers",
    "outbox_table",
    "outlets",
    "polls",
    "revisions",
    "silences",
    "stories",
    "story_aliases",
    "watches",
]
