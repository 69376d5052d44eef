"""Alerts and their deliveries. Written by the alerter alone."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables.claims import FIGURE
from schemas.tables.columns import METADATA, belongs_to, identifier, moment, one_of, words
from schemas.vocabulary import (
    AlertKind,
    AlertReason,
    Bound,
    CeasefireStatus,
    DeliveryState,
    DeliverySubject,
    Effect,
    Group,
    HoldReason,
    Severity,
)

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
    words("target", "Name of the receiver in the configuration, with a number where it has several such channels", nullable=False),
    words("receiver", "Name of the receiver in the routes", nullable=False, server_default=""),
    words("route", "Name of the route that led there", nullable=False, server_default=""),
    words("subject", "Why the delivery was made", nullable=False, server_default=DeliverySubject.ALERT),
    words("group_key", "Alerts that wait for each other and are told in one message; NULL where each is told alone"),
    words(
        "bundle", "The message that it is told with, under the same key at every attempt; NULL while it is told alone or was not tried yet"
    ),
    words("state", "Where it stands", nullable=False, server_default=DeliveryState.PENDING),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="How often it was tried"),
    moment("due_at", "When it was to be told first: at once, or after its group, a limit's pause or muted hours"),
    moment("next_attempt_at", "When it is tried next; NULL once it is settled"),
    words("last_error", "Why the last attempt failed"),
    words("held_reason", "Why it is not told, or not yet"),
    words("held_by", "What holds it: a silence, a person, the hours of a route"),
    moment("repeat_at", "When it is told again unless somebody takes it; NULL where it is not"),
    moment("delivered_at", "When the receiver had it"),
    words("leased_by", "Replica that is trying it now"),
    moment("leased_until", "When that lease runs out"),
    words("idempotency_key", "Sent with every attempt, so that a receiver can tell a repeat", nullable=False, unique=True),
    moment("created_at", "When the alert was raised", nullable=False),
    one_of("state", DeliveryState),
    one_of("subject", DeliverySubject),
    one_of("held_reason", HoldReason),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint(f"(state = '{DeliveryState.DELIVERED}') = (delivered_at IS NOT NULL)", name="delivered_at"),
    comment="Each telling of an alert through a channel, and how it went",
)
# The deliverer's question: what is due?
Index(
    "ix_deliveries_due",
    deliveries.c.channel,
    deliveries.c.target,
    deliveries.c.next_attempt_at,
    postgresql_where=text(f"state = '{DeliveryState.PENDING}'"),
)
Index(None, deliveries.c.alert_id)
# The desk's question: what went by a route last?
Index(None, deliveries.c.route, deliveries.c.created_at)
Index(None, deliveries.c.bundle, postgresql_where=text(f"state = '{DeliveryState.PENDING}' AND bundle IS NOT NULL"))
Index(None, deliveries.c.repeat_at, postgresql_where=text("repeat_at IS NOT NULL"))

delivery_groups = Table(
    "delivery_groups",
    METADATA,
    words("channel", "Kind of channel", primary_key=True),
    words("target", "Name of the receiver in the configuration", primary_key=True),
    words("group_key", "Alerts that wait for each other", primary_key=True),
    moment("flush_at", "When they are told, or were told last", nullable=False),
    comment="When each group of alerts is told next: the first waits for others, the next ones for the pause between two messages",
)
Index(None, delivery_groups.c.flush_at)

channel_states = Table(
    "channel_states",
    METADATA,
    words("channel", "Kind of channel", primary_key=True),
    words("target", "Name of the receiver in the configuration", primary_key=True),
    Column("failures", Integer, nullable=False, server_default=text("0"), comment="Attempts that failed since the last one that did not"),
    moment("opened_at", "Since when it counts as failing and is tried now and then only; NULL while it does not"),
    moment("opened_until", "When it is tried next while it counts as failing"),
    words("last_error", "How the last failure ended"),
    Column("budget", Float, comment="Messages that its limit allows now; NULL where it has none"),
    moment("budget_at", "When that was reckoned"),
    comment="How each channel fares: failures in a row, the pause after them, and what its limit still allows",
)
