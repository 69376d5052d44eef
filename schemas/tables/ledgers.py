"""Ledgers, the figures in them as they changed, and the decision on each article. Written by the alerter alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, Integer, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables.claims import FIGURE
from schemas.tables.columns import METADATA, belongs_to, identifier, moment, one_of, words
from schemas.vocabulary import Bound, DecisionReason, Effect, Group, HandOutcome

ledgers = Table(
    "ledgers",
    METADATA,
    identifier("story_id", "Story", primary_key=True),
    Column("state", JSONB, nullable=False, comment="The whole ledger: last known claims by side, effect and claimant, and the truce"),
    moment("updated_at", "When it last changed", nullable=False),
    comment="What is known of each story; the row is locked while an article of the story is decided",
)

ledger_figures = Table(
    "ledger_figures",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True, comment="Order in which the ledger took them"),
    identifier("story_id", "Story; resolve it through story_aliases", belongs_to("ledgers.story_id"), nullable=False),
    words("effect", "What befell them", nullable=False),
    words("side", "Whose people; NULL where nothing says so or two sides are summed"),
    words("group", "Who among them", nullable=False),
    words("claimant", "Who vouches for it; NULL where the outlet says it itself"),
    Column("low", Integer, comment="Lowest number of heads; NULL where the words leave it open"),
    Column("high", Integer, comment="Highest number of heads; NULL where the words leave it open"),
    words("bound", "How the words limit the true figure", nullable=False),
    Column("subset", Boolean, nullable=False, server_default=text("false"), comment="True for a share of a larger figure"),
    Column("joint", Boolean, nullable=False, server_default=text("false"), comment="True where two effects are told as one figure"),
    Column("addition", Boolean, nullable=False, server_default=text("false"), comment="True for an increment that is no total itself"),
    identifier("article_id", "Article that stated it", nullable=False),
    moment("stated_at", "Published time of that article", nullable=False),
    words("outlet", "Outlet that published it", nullable=False, server_default=""),
    words("quote", "The words that say so", nullable=False, server_default=""),
    moment("recorded_at", "When the ledger took it", nullable=False, server_default=text("now()")),
    moment("withdrawn_at", "When a person marked it as wrong"),
    one_of("effect", Effect),
    one_of("group", Group),
    one_of("bound", Bound),
    CheckConstraint(FIGURE, name="figure"),
    comment="Every figure of a ledger as it changed; rows are only ever added, and kept where they are withdrawn",
)
Index(None, ledger_figures.c.story_id, ledger_figures.c.effect, ledger_figures.c.side, ledger_figures.c.stated_at)
Index(None, ledger_figures.c.article_id)

decisions = Table(
    "decisions",
    METADATA,
    identifier("article_id", "Article", primary_key=True),
    words("revision", "Revision that was decided", primary_key=True),
    identifier("story_id", "Story whose ledger was asked; NULL where the article has none"),
    words("reason", "What was decided", nullable=False),
    Column(
        "detail",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="The verdict on each claim and statement, with its reason",
    ),
    moment("decided_at", "When", nullable=False),
    one_of("reason", DecisionReason),
    comment="What the alerter made of every article it was given: alerted or not, and why",
)
Index(None, decisions.c.story_id, decisions.c.decided_at)
Index(None, decisions.c.decided_at)

handled_hands = Table(
    "handled_hands",
    METADATA,
    identifier("hand_id", "The hand", primary_key=True),
    words("outcome", "What came of it", nullable=False),
    identifier("alert_id", "Alert that told of it, where one was raised"),
    moment("handled_at", "When", nullable=False),
    one_of("outcome", HandOutcome),
    comment="What the alerter made of the hands that ask it to withdraw or to send again",
)
