"""Actors and event types read in an article. Written by the classifier alone."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Float, Index, Integer, SmallInteger, Table

from schemas.tables.columns import METADATA, identifier, of_revision, one_of, words
from schemas.vocabulary import ActorRole, EventType, EvidenceField

CONFIDENT = "confidence BETWEEN 0 AND 1"
SPAN = "(field IS NULL) = (start_offset IS NULL) AND (field IS NULL) = (end_offset IS NULL) AND start_offset BETWEEN 0 AND end_offset"

article_actors = Table(
    "article_actors",
    METADATA,
    identifier("article_id", "Article", primary_key=True),
    words("revision", "Revision that was read", primary_key=True),
    words("rules_version", "Version of the rules that read it", primary_key=True),
    Column("position", SmallInteger, primary_key=True, autoincrement=False, comment="Place in the reading, from 0"),
    words("code", "Body and sector: AZE.MIL, NKR.GOV, ICRC", nullable=False),
    words("role", "Part that it plays", nullable=False),
    Column("confidence", Float, nullable=False, comment="From 0 to 1"),
    words("field", "Where the words stand: title or text"),
    Column("start_offset", Integer, comment="Where they begin, in code points"),
    Column("end_offset", Integer, comment="Where they end, in code points, exclusive"),
    words("quote", "The words"),
    of_revision(),
    one_of("role", ActorRole),
    one_of("field", EvidenceField),
    CheckConstraint(r"code ~ '^[A-Z0-9]{2,5}([.][A-Z]{3})?$'", name="code"),
    CheckConstraint(CONFIDENT, name="confidence"),
    CheckConstraint(SPAN, name="span"),
    comment="Who acts, speaks, is hit or is named in an article",
)
Index(None, article_actors.c.code, article_actors.c.article_id)

article_events = Table(
    "article_events",
    METADATA,
    identifier("article_id", "Article", primary_key=True),
    words("revision", "Revision that was read", primary_key=True),
    words("rules_version", "Version of the rules that read it", primary_key=True),
    Column("position", SmallInteger, primary_key=True, autoincrement=False, comment="Place in the reading, from 0: most likely first"),
    words("type", "Event type", nullable=False),
    words("place", "Id of the place in the gazetteer"),
    Column("confidence", Float, nullable=False, comment="From 0 to 1"),
    words("field", "Where the words stand: title or text"),
    Column("start_offset", Integer, comment="Where they begin, in code points"),
    Column("end_offset", Integer, comment="Where they end, in code points, exclusive"),
    words("quote", "The words"),
    of_revision(),
    one_of("type", EventType),
    one_of("field", EvidenceField),
    CheckConstraint(CONFIDENT, name="confidence"),
    CheckConstraint(SPAN, name="span"),
    comment="What an article reports as happening now",
)
Index(None, article_events.c.type, article_events.c.article_id)
Index(None, article_events.c.place, postgresql_where=article_events.c.place.is_not(None))

__all__ = ["CONFIDENT", "SPAN", "article_actors", "article_events"]
