"""The outboxes: messages written in the transaction of what they tell, and sent to Kafka by a relay afterwards."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables.columns import METADATA, moment, words


def outbox_table(name: str) -> Table:
    """An outbox of one service. Rows are sent in the order of `id`, which is the order of writing per key."""
    unsent = text("sent_at IS NULL")
    table = Table(
        name,
        METADATA,
        Column("id", BigInteger, Identity(), primary_key=True, comment="Order of writing; messages leave in this order"),
        words("topic", "Kafka topic", nullable=False),
        words("key", "Key of the message; the order of the messages of one key is kept", nullable=False),
        Column("value", LargeBinary, nullable=False, comment="Body of the message: JSON in UTF-8"),
        Column(
            "headers", JSONB, nullable=False, server_default=text("'{}'::jsonb"), comment="Headers: CloudEvents attributes and traceparent"
        ),
        moment("created_at", "When the row was written", nullable=False, server_default=text("now()")),
        moment("sent_at", "When the broker had stored the message; NULL while it has not"),
        comment=f"Messages that the {name.removesuffix('_outbox')} owes to Kafka, written in the transaction that they tell of",
    )
    Index(f"ix_{name}_unsent", table.c.id, postgresql_where=unsent)
    # For clearing away what was sent long ago.
    Index(f"ix_{name}_sent_at", table.c.sent_at, postgresql_where=text("sent_at IS NOT NULL"))
    return table


fetcher_outbox = outbox_table("fetcher_outbox")
classifier_outbox = outbox_table("classifier_outbox")
alerter_outbox = outbox_table("alerter_outbox")
