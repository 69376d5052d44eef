"""What the alerter sees of the service itself. Written by the alerter alone."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Table

from schemas.tables.columns import METADATA, identifier, moment, words

watches = Table(
    "watches",
    METADATA,
    words("name", "Rule of the watch", primary_key=True),
    words("subject", "What it watches: a side, a topic, a receiver; empty where there is one alone", primary_key=True),
    Column("firing", Boolean, nullable=False, comment="Whether something is wrong now"),
    moment("since", "Since when it is so", nullable=False),
    Column("value", Float, comment="What was measured last, in the rule's own unit"),
    words("detail", "What was seen, for people", nullable=False, server_default=""),
    identifier("alert_id", "Alert that told of it last"),
    moment("checked_at", "When it was last looked at", nullable=False),
    comment="What the alerter sees of the service itself",
)
