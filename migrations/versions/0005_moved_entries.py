"""What the fetcher knows an article by that comes back under another address.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Add the columns; what is there already is known by its address alone."""
    op.add_column(
        "entries",
        sa.Column(
            "guid",
            sa.Text(),
            nullable=True,
            comment="What the feed calls it, where that is not its address: it may come back under another address",
        ),
    )
    op.add_column(
        "entries", sa.Column("mark", sa.Text(), nullable=True, comment="Mark of the text that the feed gave, where it is long: the same")
    )
    op.create_index(op.f("ix_entries_feed_id_first_seen_at"), "entries", ["feed_id", "first_seen_at"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_entries_feed_id_first_seen_at"), table_name="entries")
    op.drop_column("entries", "mark")
    op.drop_column("entries", "guid")
