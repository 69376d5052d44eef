"""What people do at the desk, what the alerter made of it, and what it sees of the service itself.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

# The role of analysts reads every table that is made after it: not the tokens, nor who did what from where.
KEEP_FROM_ANALYSTS = """
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst') THEN
        REVOKE ALL ON desk_tokens, audit FROM analyst;
    END IF;
END
$$
"""


def upgrade() -> None:
    """Make the tables, and keep from analysts what is not theirs."""
    _desk()
    _alerter()
    op.execute(KEEP_FROM_ANALYSTS)


def _desk() -> None:
    """Written by the desk."""
    op.create_table(
        "desk_tokens",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="The token"),
        sa.Column("name", sa.Text(), nullable=False, comment="Whose it is; stands in the audit"),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 of the token, in hex; the token itself is kept nowhere"),
        sa.Column("role", sa.Text(), nullable=False, comment="What its holder may do"),
        sa.Column(
            "feeds_only",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether it opens the feeds of alerts alone, and may therefore stand in their address",
        ),
        sa.Column("created_by", sa.Text(), nullable=False, comment="Who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.Column(
            "expires_at", sa.DateTime(timezone=True), nullable=True, comment="From when it opens nothing; NULL where it does not expire"
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True, comment="When it was revoked"),
        sa.Column("revoked_by", sa.Text(), nullable=True, comment="Who revoked it"),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True, comment="When it was last used, to the minute"),
        sa.CheckConstraint("NOT feeds_only OR role = 'viewer'", name=op.f("ck_desk_tokens_feeds_only")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_desk_tokens_name")),
        sa.CheckConstraint("\"role\" IN ('viewer', 'desk', 'admin')", name=op.f("ck_desk_tokens_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_desk_tokens_hash")),
        comment="Tokens that open the desk's interface",
    )
    op.create_table(
        "silences",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="The silence"),
        sa.Column(
            "matchers", ARRAY(sa.Text()), nullable=False, comment='Which alerts: label matchers such as side="ARM"; all of them must fit'
        ),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False, comment="From when"),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, comment="Until when"),
        sa.Column("why", sa.Text(), nullable=False, comment="Why nobody is to be told"),
        sa.Column("created_by", sa.Text(), nullable=False, comment="Who made it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made"),
        sa.Column(
            "expired_at", sa.DateTime(timezone=True), nullable=True, comment="When it was ended before its time; NULL where it was not"
        ),
        sa.Column("expired_by", sa.Text(), nullable=True, comment="Who ended it before its time"),
        sa.CheckConstraint("why <> ''", name=op.f("ck_silences_why")),
        sa.CheckConstraint("(expired_at IS NULL) = (expired_by IS NULL)", name=op.f("ck_silences_expired")),
        sa.CheckConstraint("cardinality(matchers) > 0", name=op.f("ck_silences_matchers")),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_silences_span")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
        comment="Alerts that are not to be told for a while, and why",
    )
    op.create_index(op.f("ix_silences_ends_at"), "silences", ["ends_at"], unique=False)
    op.create_table(
        "hands",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="The hand"),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order in which they were laid on"),
        sa.Column("alert_id", sa.Uuid(as_uuid=False), nullable=False, comment="Alert that it was laid on"),
        sa.Column("story_id", sa.Uuid(as_uuid=False), nullable=False, comment="Story of that alert"),
        sa.Column("action", sa.Text(), nullable=False, comment="What was done"),
        sa.Column(
            "whole_story",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether it holds for every alert of the story, or only for the same effect and people (or the truce)",
        ),
        sa.Column(
            "until", sa.DateTime(timezone=True), nullable=True, comment="How long it holds; NULL where it holds until something changes"
        ),
        sa.Column("words", sa.Text(), server_default="", nullable=False, comment="What was said to it"),
        sa.Column("done_by", sa.Text(), nullable=False, comment="Who did it"),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.CheckConstraint("(action = 'snooze') = (until IS NOT NULL)", name=op.f("ck_hands_until")),
        sa.CheckConstraint("action NOT IN ('note', 'wrong') OR words <> ''", name=op.f("ck_hands_words")),
        sa.CheckConstraint(
            "\"action\" IN ('acknowledge', 'unacknowledge', 'snooze', 'resolve', 'note', 'wrong', 'resend')", name=op.f("ck_hands_action")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hands")),
        sa.UniqueConstraint("number", name=op.f("uq_hands_number")),
        comment="What people did with alerts; rows are only ever added, and the last ones say where an alert stands",
    )
    op.create_index(op.f("ix_hands_alert_id_number"), "hands", ["alert_id", "number"], unique=False)
    op.create_index("ix_hands_asking", "hands", ["number"], unique=False, postgresql_where=sa.text("action IN ('wrong', 'resend')"))
    op.create_index(op.f("ix_hands_story_id_number"), "hands", ["story_id", "number"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order of the changes"),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.Column("done_by", sa.Text(), nullable=False, comment="Who: the name of the token, or of the user of the command line"),
        sa.Column("via", sa.Text(), nullable=False, comment="Which way: api, command, service"),
        sa.Column("action", sa.Text(), nullable=False, comment="What was done: silence.add, alert.acknowledge, token.revoke, ..."),
        sa.Column("subject", sa.Text(), nullable=False, comment="Id of what it was done to"),
        sa.Column("before", JSONB(), nullable=True, comment="What stood before; NULL where there was nothing"),
        sa.Column("after", JSONB(), nullable=True, comment="What stood after; NULL where nothing was left"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="Every change made by a person; rows are only ever added",
    )
    op.create_index(op.f("ix_audit_done_at"), "audit", ["done_at"], unique=False)
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)


def _alerter() -> None:
    """Written by the alerter."""
    op.create_table(
        "handled_hands",
        sa.Column("hand_id", sa.Uuid(as_uuid=False), nullable=False, comment="The hand"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="What came of it"),
        sa.Column("alert_id", sa.Uuid(as_uuid=False), nullable=True, comment="Alert that told of it, where one was raised"),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.CheckConstraint(
            "\"outcome\" IN ('withdrawn', 'already_withdrawn', 'not_in_ledger', 'not_withdrawable', 'resent', 'nobody_to_tell', 'no_such_alert')",
            name=op.f("ck_handled_hands_outcome"),
        ),
        sa.PrimaryKeyConstraint("hand_id", name=op.f("pk_handled_hands")),
        comment="What the alerter made of the hands that ask it to withdraw or to send again",
    )
    op.create_table(
        "watches",
        sa.Column("name", sa.Text(), nullable=False, comment="Rule of the watch"),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="What it watches: a side, a topic, a receiver; empty where there is one alone"
        ),
        sa.Column("firing", sa.Boolean(), nullable=False, comment="Whether something is wrong now"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, comment="Since when it is so"),
        sa.Column("value", sa.Float(), nullable=True, comment="What was measured last, in the rule's own unit"),
        sa.Column("detail", sa.Text(), server_default="", nullable=False, comment="What was seen, for people"),
        sa.Column("alert_id", sa.Uuid(as_uuid=False), nullable=True, comment="Alert that told of it last"),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, comment="When it was last looked at"),
        sa.PrimaryKeyConstraint("name", "subject", name=op.f("pk_watches")),
        comment="What the alerter sees of the service itself",
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("watches", "handled_hands", "audit", "hands", "silences", "desk_tokens"):
        op.drop_table(name)
