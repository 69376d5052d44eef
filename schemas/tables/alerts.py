"""Alerts and their deliveries. Written by the alerter alone."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables.claims import FIGURE
from schemas.tables.columns import METADATA, belongs_to, identifier, moment, one_of, words
from schemas.vocabulary import AlertKind, AlertReason, Bound, CeasefireStatus, DeliveryState, Effect, Group, Severity

alerts = Table(
    "alerts",
    METADATA,
    identifier("id", "UUIDv5 of what changed: the same change is the same alert however often it is decided", primary_key=True),
    identifier("story_id", "Story; resolve it through story_aliases", nullable=False),
    identifier("article_id", "Article that brought the change", nullable=False),
    words("kind", "casualty, ceasefire or watch", nullable=False),
    words("reason", "Why a desk must know", nullable=False),
    words("severity", "How loudly it is told", nullable=False),
    words("effect", "What befell them; NULL for a truce"),
    words("side", "Whose people; NULL where nothing says so, and for a truce"),
    words("group", "Who among them; NULL for a truce"),
    Column("low", Integer, comment="Lowest number of heads; NULL where the words leave it open"),
    Column("high", Integer, comment="Highest number of heads; NULL where the words leave it open"),
    words("bound", "How the words limit the true figure; NULL for a truce"),
    words("claimant", "Who vouches for it; NULL where the outlet says it itself"),
    words("status", "What is said of the truce; NULL for a figure"),
    words("previous_status", "What was known of the truce before"),
    Column("previous", JSONB, comment="The figure that was known before, and from whom"),
    words("headline", "What changed, in one line", nullable=False),
    words("quote", "The words that say so, in the article's language", nullable=False),
    words("outlet", "Outlet that published them", nullable=False, server_default=""),
    words("url", "Address of the article", nullable=False, server_default=""),
    words("title", "Title of the article", nullable=False, server_default=""),
    moment("published_at", "The outlet's time of the article"),
    moment("fetched_at", "When the fetcher had the article"),
    moment("raised_at", "When the alert was raised", nullable=False),
    identifier("withdraws", "Alert that this one takes back, as marked wrong by a person"),
    words("watch", "Rule of a watch on the service itself; story and article are then ids of the watch"),
    Column("body", JSONB, nullable=False, comment="The whole event as it went to Kafka"),
    one_of("kind", AlertKind),
    one_of("reason", AlertReason),
    one_of("severity", Severity),
    one_of("effect", Effect),
    one_of("group", Group),
    one_of("bound", Bound),
    one_of("status", CeasefireStatus),
    one_of("previous_status", CeasefireStatus),
    CheckConstraint(
        f"CASE kind WHEN '{AlertKind.CASUALTY}' THEN effect IS NOT NULL AND bound IS NOT NULL "
        f"WHEN '{AlertKind.CEASEFIRE}' THEN status IS NOT NULL OR reason = '{AlertReason.WITHDRAWN}' ELSE watch IS NOT NULL END",
        name="subject",
    ),
    CheckConstraint(FIGURE, name="figure"),
    comment="Changes of a ledger that a desk must know of, each raised once",
)
Index(None, alerts.c.story_id, alerts.c.raised_at)
Index(None, alerts.c.raised_at)
Index(None, alerts.c.article_id)
Index(None, alerts.c.withdraws, postgresql_where=text("withdraws IS NOT NULL"))

deliveries = Table(
    "deliveries",
    METADATA,
    identifier("id", "The delivery", primary_key=True),
    identifier("alert_id", "Alert that is told", belongs_to("alerts.id", ondelete="CASCADE"), nullable=False),
    words("channel", "Kind of channel: terminal, webhook, ...", nullable=False),
    words("target", "Name of the receiver in the configuration; addresses with secrets stay there", nullable=False),
    words("state", "Where it stands", nullable=False, server_default=DeliveryState.PENDING),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="How often it was tried"),
    moment("next_attempt_at", "When it is tried next; NULL once it is settled"),
    words("last_error", "Why the last attempt failed"),
    moment("delivered_at", "When the receiver had it"),
    words("leased_by", "Replica that is trying it now"),
    moment("leased_until", "When that lease runs out"),
    words("idempotency_key", "Sent with every attempt, so that a receiver can tell a repeat", nullable=False, unique=True),
    moment("created_at", "When the alert was raised", nullable=False),
    one_of("state", DeliveryState),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint(f"(state = '{DeliveryState.DELIVERED}') = (delivered_at IS NOT NULL)", name="delivered_at"),
    comment="Each telling of an alert through a channel, and how it went",
)
# The deliverer's question: what is due?
Index("ix_deliveries_due", deliveries.c.next_attempt_at, postgresql_where=text(f"state = '{DeliveryState.PENDING}'"))
Index(None, deliveries.c.alert_id)
