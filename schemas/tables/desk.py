"""What people do at the desk: silences, hands on alerts, tokens, and the audit of it all. Written by the desk alone.

The alerter reads silences and hands, and obeys; what it made of those that ask it to do something is in `handled_hands`,
which is the alerter's.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schemas.tables.columns import METADATA, identifier, moment, one_of, words
from schemas.vocabulary import DeskRole, HandAction

silences = Table(
    "silences",
    METADATA,
    identifier("id", "The silence", primary_key=True),
    Column("matchers", ARRAY(Text), nullable=False, comment='Which alerts: label matchers such as side="ARM"; all of them must fit'),
    moment("begins_at", "From when", nullable=False),
    moment("ends_at", "Until when", nullable=False),
    words("why", "Why nobody is to be told", nullable=False),
    words("created_by", "Who made it", nullable=False),
    moment("created_at", "When it was made", nullable=False),
    moment("expired_at", "When it was ended before its time; NULL where it was not"),
    words("expired_by", "Who ended it before its time"),
    CheckConstraint("ends_at > begins_at", name="span"),
    CheckConstraint("cardinality(matchers) > 0", name="matchers"),
    CheckConstraint("why <> ''", name="why"),
    CheckConstraint("(expired_at IS NULL) = (expired_by IS NULL)", name="expired"),
    comment="Alerts that are not to be told for a while, and why",
)
Index(None, silences.c.ends_at)

hands = Table(
    "hands",
    METADATA,
    identifier("id", "The hand", primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False, unique=True, comment="Order in which they were laid on"),
    identifier("alert_id", "Alert that it was laid on", nullable=False),
    identifier("story_id", "Story of that alert", nullable=False),
    words("action", "What was done", nullable=False),
    Column(
        "whole_story",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether it holds for every alert of the story, or only for the same effect and people (or the truce)",
    ),
    moment("until", "How long it holds; NULL where it holds until something changes"),
    words("words", "What was said to it", nullable=False, server_default=""),
    words("done_by", "Who did it", nullable=False),
    moment("done_at", "When", nullable=False),
    one_of("action", HandAction),
    CheckConstraint(f"(action = '{HandAction.SNOOZE}') = (until IS NOT NULL)", name="until"),
    CheckConstraint(f"action NOT IN ('{HandAction.NOTE}', '{HandAction.WRONG}') OR words <> ''", name="words"),
    comment="What people did with alerts; rows are only ever added, and the last ones say where an alert stands",
)
Index(None, hands.c.story_id, hands.c.number)
Index(None, hands.c.alert_id, hands.c.number)
Index("ix_hands_asking", hands.c.number, postgresql_where=text(f"action IN ('{HandAction.WRONG}', '{HandAction.RESEND}')"))

desk_tokens = Table(
    "desk_tokens",
    METADATA,
    identifier("id", "The token", primary_key=True),
    words("name", "Whose it is; stands in the audit", nullable=False),
    words("hash", "SHA-256 of the token, in hex; the token itself is kept nowhere", nullable=False, unique=True),
    words("role", "What its holder may do", nullable=False),
    Column(
        "feeds_only",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Whether it opens the feeds of alerts alone, and may therefore stand in their address",
    ),
    words("created_by", "Who made it", nullable=False),
    moment("created_at", "When it was made", nullable=False),
    moment("expires_at", "From when it opens nothing; NULL where it does not expire"),
    moment("revoked_at", "When it was revoked"),
    words("revoked_by", "Who revoked it"),
    moment("last_used_at", "When it was last used, to the minute"),
    one_of("role", DeskRole),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint(f"NOT feeds_only OR role = '{DeskRole.VIEWER}'", name="feeds_only"),
    comment="Tokens that open the desk's interface",
)

audit = Table(
    "audit",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True, comment="Order of the changes"),
    moment("done_at", "When", nullable=False),
    words("done_by", "Who: the name of the token, or of the user of the command line", nullable=False),
    words("via", "Which way: api, command, service", nullable=False),
    words("action", "What was done: silence.add, alert.acknowledge, token.revoke, ...", nullable=False),
    words("subject", "Id of what it was done to", nullable=False),
    Column("before", JSONB, comment="What stood before; NULL where there was nothing"),
    Column("after", JSONB, comment="What stood after; NULL where nothing was left"),
    comment="Every change made by a person; rows are only ever added",
)
Index(None, audit.c.done_at)
Index(None, audit.c.subject)
