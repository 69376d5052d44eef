"""Casualty claims and ceasefire statements read in an article. Written by the classifier alone."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Float, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from schemas.tables.columns import METADATA, belongs_to, identifier, moment, of_revision, one_of, words
from schemas.tables.tags import CONFIDENT
from schemas.vocabulary import Bound, CeasefireStatus, Effect, EvidenceField, Group

SPAN = "start_offset BETWEEN 0 AND end_offset"
FIGURE = "low >= 0 AND high >= 0 AND (low IS NULL OR high IS NULL OR low <= high)"

claims = Table(
    "claims",
    METADATA,
    identifier("id", "The claim; the same for the same words read by the same rules", primary_key=True),
    identifier("article_id", "Article that states it", nullable=False),
    words("revision", "Revision that was read", nullable=False),
    words("rules_version", "Version of the rules that read it", nullable=False),
    identifier("story_id", "Story of the article when it was read; resolve it through story_aliases", belongs_to("stories.id")),
    words("effect", "What befell them", nullable=False),
    Column("low", Integer, comment="Lowest number of heads that the words allow; NULL where they leave it open"),
    Column("high", Integer, comment="Highest number of heads that the words allow; NULL where they leave it open"),
    words("bound", "How the words limit the true figure", nullable=False),
    words("side", "Whose people, by body: ARM, AZE, NKR, ...; NULL where nothing says so or two sides are summed"),
    words("group", "Who among them", nullable=False),
    words("claimant", "Who vouches for the figure: AZE.MIL, NKR.GOV, ...; NULL where the outlet says it itself"),
    Column("subset", Boolean, nullable=False, comment="True for a share of a larger figure of the same statement"),
    Column("current", Boolean, nullable=False, comment="False for older wars, anniversaries and superseded tolls"),
    Column("joint", Boolean, nullable=False, comment="True where two effects are told as one figure: dead and missing"),
    Column("addition", Boolean, nullable=False, comment="True for an increment (four more) that is no total itself"),
    Column("confidence", Float, nullable=False, comment="From 0 to 1"),
    words("rule", "Name of the pattern that made it", nullable=False),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="Why this side, this claimant, this time"),
    words("field", "Where the words stand: title or text", nullable=False),
    Column("start_offset", Integer, nullable=False, comment="Where they begin, in code points"),
    Column("end_offset", Integer, nullable=False, comment="Where they end, in code points, exclusive"),
    words("quote", "The words", nullable=False),
    moment("stated_at", "Published time of the revision; NULL where none is believable"),
    of_revision(),
    one_of("effect", Effect),
    one_of("bound", Bound),
    one_of("group", Group),
    one_of("field", EvidenceField),
    CheckConstraint(FIGURE, name="figure"),
    CheckConstraint(CONFIDENT, name="confidence"),
    CheckConstraint(SPAN, name="span"),
    comment="Casualty figures as stated",
)
Index(None, claims.c.article_id, claims.c.revision)
Index(None, claims.c.story_id, claims.c.effect, claims.c.side, claims.c.stated_at)
Index(None, claims.c.claimant, claims.c.stated_at)
Index(None, claims.c.side, claims.c.effect, claims.c.stated_at)

ceasefire_statements = Table(
    "ceasefire_statements",
    METADATA,
    identifier("id", "The statement; the same for the same words read by the same rules", primary_key=True),
    identifier("article_id", "Article that states it", nullable=False),
    words("revision", "Revision that was read", nullable=False),
    words("rules_version", "Version of the rules that read it", nullable=False),
    identifier("story_id", "Story of the article when it was read; resolve it through story_aliases", belongs_to("stories.id")),
    words("status", "What is said of the truce", nullable=False),
    Column("current", Boolean, nullable=False, comment="False where it is background: the truce of 1994, the statement of 2020"),
    Column("parties", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="Bodies between which it holds"),
    words("claimant", "Who says so; NULL where the outlet says it itself"),
    Column("confidence", Float, nullable=False, comment="From 0 to 1"),
    words("rule", "Name of the pattern that made it", nullable=False),
    Column("reasons", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="Why this status, these parties, this time"),
    words("field", "Where the words stand: title or text", nullable=False),
    Column("start_offset", Integer, nullable=False, comment="Where they begin, in code points"),
    Column("end_offset", Integer, nullable=False, comment="Where they end, in code points, exclusive"),
    words("quote", "The words", nullable=False),
    moment("stated_at", "Published time of the revision; NULL where none is believable"),
    of_revision(),
    one_of("status", CeasefireStatus),
    one_of("field", EvidenceField),
    CheckConstraint(CONFIDENT, name="confidence"),
    CheckConstraint(SPAN, name="span"),
    comment="What articles say of a truce",
)
Index(None, ceasefire_statements.c.article_id, ceasefire_statements.c.revision)
Index(None, ceasefire_statements.c.story_id, ceasefire_statements.c.stated_at)
Index(None, ceasefire_statements.c.parties, postgresql_using="gin")
