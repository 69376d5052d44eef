"""Articles, their revisions, and the stories they belong to. Written by the classifier alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Table, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schemas.tables.columns import METADATA, belongs_to, identifier, moment, one_of, words
from schemas.vocabulary import ClassifyReason, TextSource

stories = Table(
    "stories",
    METADATA,
    identifier("id", "The story", primary_key=True),
    words("title", "Title of the article that began it", nullable=False, server_default=""),
    moment("began_at", "Time of its earliest article: published, or fetched where no published time is believable", nullable=False),
    moment("last_at", "Time of its latest article, likewise", nullable=False),
    Column(
        "profile",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="What new articles are compared with: weights of places, actors, event types and words",
    ),
    CheckConstraint("last_at >= began_at", name="span"),
    comment="Running clusters of articles about one happening, across languages; one merged into another keeps its row and gets an alias",
)
# The classifier's question: which stories are still open?
Index(None, stories.c.last_at)

story_aliases = Table(
    "story_aliases",
    METADATA,
    identifier("alias", "Id of a story that was found to be another one", primary_key=True),
    identifier("story_id", "The story that it is; never itself an alias", belongs_to("stories.id"), nullable=False),
    CheckConstraint("alias <> story_id", name="other"),
    comment="Ids of merged stories; whoever reads a story id resolves it here first",
)
Index(None, story_aliases.c.story_id)

articles = Table(
    "articles",
    METADATA,
    identifier("id", "UUIDv5 of the canonical address", primary_key=True),
    words("url", "Canonical address", nullable=False, unique=True),
    words("outlet_id", "Outlet that published it", nullable=False),
    words("outlet_name", "Its name at that time", nullable=False),
    words("outlet_family", "Publisher that it shares with others: they count as one source", nullable=False, server_default=""),
    words("title", "Title of the current revision", nullable=False, server_default=""),
    moment("published_at", "The outlet's time; NULL where none is believable"),
    moment("first_fetched_at", "When the fetcher first had it", nullable=False),
    moment("classified_at", "When the current revision was read", nullable=False),
    words("language", "Detected language: ISO 639-1, or und", nullable=False),
    Column("relevant", Boolean, nullable=False, comment="Whether it concerns the watch area"),
    words("reason", "What became of the current revision at the classifier", nullable=False),
    words("revision", "SHA-256 of title and text of the current revision, in hex", nullable=False),
    identifier("story_id", "Story it was assigned to; NULL where it is not relevant", belongs_to("stories.id")),
    identifier("copy_of", "Article that it retells", belongs_to("articles.id")),
    words("origin", "Outlet that its text comes from, where that is named"),
    words("rules_version", "Version of the rules that read the current revision", nullable=False),
    Column("signature", ARRAY(BigInteger), comment="MinHash of the text, by which copies are found"),
    one_of("reason", ClassifyReason),
    CheckConstraint("copy_of <> id", name="copy_of"),
    comment="One text at one canonical address; what was read of it points to its current revision",
)
Index(None, articles.c.story_id, articles.c.published_at)
Index(None, articles.c.published_at)
Index(None, articles.c.classified_at)
Index(None, articles.c.outlet_id, articles.c.published_at)
Index(None, articles.c.copy_of, postgresql_where=text("copy_of IS NOT NULL"))

revisions = Table(
    "revisions",
    METADATA,
    identifier("article_id", "Article whose text it is", belongs_to("articles.id", ondelete="CASCADE"), primary_key=True),
    words("revision", "SHA-256 of title and text, in hex", primary_key=True),
    words("title", "Title as fetched; offsets with field title point into it", nullable=False),
    words("text", "Text as fetched; offsets with field text count its code points", nullable=False),
    moment("published_at", "The outlet's time of this revision"),
    moment("fetched_at", "When the fetcher had it", nullable=False),
    words("text_source", "Whether the text is the feed's own or the page's", nullable=False),
    words("feed_id", "Feed that brought it", nullable=False),
    one_of("text_source", TextSource),
    comment="Every text that an article has had",
)
Index(None, revisions.c.fetched_at)
