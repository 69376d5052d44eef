"""The tables.

Revision ID: 0001
Revises: none
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make every table; the references need those of the articles before those of what was read in them."""
    _fetcher()
    _stories()
    _readings()
    _alerter()
    _channels()


def _fetcher() -> None:
    """Written by the fetcher."""
    op.create_table(
        "outlets",
        sa.Column("id", sa.Text(), nullable=False, comment="Short name of the outlet in the configuration"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name as readers know it"),
        sa.Column(
            "family",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Publisher that several outlets share: they count as one source; empty where there is none",
        ),
        sa.Column("country", sa.Text(), nullable=True, comment="Where the publisher sits: ISO 3166-1 alpha-3"),
        sa.Column(
            "orientation",
            sa.Text(),
            nullable=True,
            comment="Who stands behind it, as an editor sees it: state_agency, independent, opposition, ...",
        ),
        sa.Column("language", sa.Text(), nullable=True, comment="Main language: ISO 639-1"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
        comment="Who publishes",
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.Text(), nullable=False, comment="Short name of the feed in the configuration"),
        sa.Column("outlet_id", sa.Text(), nullable=False, comment="Whose feed it is"),
        sa.Column("url", sa.Text(), nullable=False, comment="Address that is polled; without credentials"),
        sa.Column(
            "address",
            sa.Text(),
            nullable=True,
            comment="Address that is asked in its place, once a permanent redirect has held; NULL: the same",
        ),
        sa.Column(
            "host",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Host that is asked: one thing at a time, by one replica at a time",
        ),
        sa.Column("moved_to", sa.Text(), nullable=True, comment="Where a permanent redirect leads that has not held for long enough yet"),
        sa.Column("moved_polls", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Polls in a row that were led there"),
        sa.Column(
            "scope",
            sa.Text(),
            server_default="region",
            nullable=False,
            comment="region: every entry is wanted; world: what the keywords match",
        ),
        sa.Column(
            "language",
            sa.Text(),
            nullable=True,
            comment="Language that the configuration names: ISO 639-1; a hint, the classifier detects it",
        ),
        sa.Column(
            "interval_seconds",
            sa.Integer(),
            server_default=sa.text("900"),
            nullable=False,
            comment="Seconds between polls as learnt from the feed",
        ),
        sa.Column("floor_seconds", sa.Integer(), server_default=sa.text("60"), nullable=False, comment="The interval is learnt from here"),
        sa.Column(
            "ceiling_seconds", sa.Integer(), server_default=sa.text("3600"), nullable=False, comment="The interval is learnt up to here"
        ),
        sa.Column(
            "pinned",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True where the configuration names the interval",
        ),
        sa.Column("entry_rate", sa.Float(), nullable=True, comment="New entries an hour, averaged over the last hours"),
        sa.Column("usual_gap_seconds", sa.Float(), nullable=True, comment="Usual seconds between two polls that bring something new"),
        sa.Column("ttl_seconds", sa.Integer(), nullable=True, comment="The feed's own wish for the pause between polls"),
        sa.Column(
            "enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="False where the configuration switches it off"
        ),
        sa.Column(
            "retired_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was taken out of the configuration, or was gone for days; the history stays",
        ),
        sa.Column("etag", sa.Text(), nullable=True, comment="ETag of the last body, for the conditional request"),
        sa.Column("last_modified", sa.Text(), nullable=True, comment="Last-Modified of the last body, for the conditional request"),
        sa.Column("body_hash", sa.Text(), nullable=True, comment="Hash of the last body, for servers that lie about the two above"),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=True, comment="When a whole body last came"),
        sa.Column(
            "distrusted",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True where the server said of a changed body that it was not; it is asked for the whole every time",
        ),
        sa.Column("entries", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Entries in the last body"),
        sa.Column("state", sa.Text(), server_default="new", nullable=False, comment="How it fares"),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=True, comment="Since when it has been in this state"),
        sa.Column(
            "failures",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Failed polls in a row; the next poll is delayed by them",
        ),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True, comment="When it is due; NULL: at once"),
        sa.Column("last_polled_at", sa.DateTime(timezone=True), nullable=True, comment="When it was last asked"),
        sa.Column(
            "last_good_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it last answered with a feed, or that nothing had changed",
        ),
        sa.Column("last_fresh_at", sa.DateTime(timezone=True), nullable=True, comment="When it last brought a new entry"),
        sa.Column("leased_by", sa.Text(), nullable=True, comment="Replica that is polling it now"),
        sa.Column(
            "leased_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When that lease runs out, so that a dead replica's feeds are taken over",
        ),
        sa.CheckConstraint("\"scope\" IN ('region', 'world')", name=op.f("ck_feeds_scope")),
        sa.CheckConstraint(
            "\"state\" IN ('new', 'healthy', 'unchanged', 'empty', 'stale', 'blocked', 'broken', 'unreachable', 'slow', 'gone')",
            name=op.f("ck_feeds_state"),
        ),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_feeds_failures")),
        sa.CheckConstraint("interval_seconds > 0", name=op.f("ck_feeds_interval_seconds")),
        sa.ForeignKeyConstraint(
            ["outlet_id"], ["outlets.id"], name=op.f("fk_feeds_outlet_id_outlets"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
        comment="RSS, Atom and JSON feeds with their polling state",
    )
    op.create_index(
        "ix_feeds_due",
        "feeds",
        [sa.literal_column("next_poll_at ASC NULLS FIRST")],
        unique=False,
        postgresql_where=sa.text("enabled AND retired_at IS NULL"),
    )
    op.create_index("ix_feeds_leased", "feeds", ["host"], unique=False, postgresql_where=sa.text("leased_by IS NOT NULL"))
    op.create_index(op.f("ix_feeds_outlet_id"), "feeds", ["outlet_id"], unique=False)
    op.create_table(
        "feed_memories",
        sa.Column("feed_id", sa.Text(), nullable=False, comment="Whose they are"),
        sa.Column("remembered", sa.LargeBinary(), nullable=False, comment="Hashes of the entries, 16 bytes each, one behind the other"),
        sa.ForeignKeyConstraint(
            ["feed_id"],
            ["feeds.id"],
            name=op.f("fk_feed_memories_feed_id_feeds"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_feed_memories")),
        comment="The entries of each feed's last bodies: what is in them is not parsed again",
    )
    op.create_table(
        "polls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order of the polls"),
        sa.Column("feed_id", sa.Text(), nullable=False, comment="Feed that was asked"),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.Column("reason", sa.Text(), nullable=False, comment="What became of it"),
        sa.Column("status", sa.Integer(), nullable=True, comment="HTTP status; NULL where none came"),
        sa.Column("entries", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Entries in the feed"),
        sa.Column("new_entries", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="Those never seen before"),
        sa.Column("bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Bytes of the body after decompression"),
        sa.Column(
            "seconds", sa.Float(), server_default=sa.text("0"), nullable=False, comment="Seconds from request to the end of the parse"
        ),
        sa.Column(
            "detail",
            sa.Text(),
            nullable=True,
            comment="What a person needs to mend it: the error, the redirect, the first words of the page",
        ),
        sa.CheckConstraint(
            "\"reason\" IN ('fresh', 'unchanged', 'empty', 'not_a_feed', 'html_page', 'not_found', 'gone', 'refused', 'challenge', 'server_error', 'timed_out', 'unreachable', 'too_large', 'parse_aborted', 'address_refused', 'empty_body', 'json_body', 'rate_limited', 'too_many_redirects')",
            name=op.f("ck_polls_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_polls_feed_id_feeds"), ondelete="CASCADE", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
        comment="The latest polls of each feed",
    )
    op.create_index(op.f("ix_polls_feed_id_id"), "polls", ["feed_id", sa.literal_column("id DESC")], unique=False)
    op.create_table(
        "entries",
        sa.Column(
            "article_id", sa.Uuid(as_uuid=False), nullable=False, comment="UUIDv5 of the canonical address: the article that the entry is"
        ),
        sa.Column("feed_id", sa.Text(), nullable=False, comment="Feed that brought it first"),
        sa.Column(
            "outlet_id",
            sa.Text(),
            nullable=False,
            comment="Outlet that published it; inside an aggregator's feed the true one where it is known",
        ),
        sa.Column("url", sa.Text(), nullable=False, comment="Canonical address"),
        sa.Column("title", sa.Text(), server_default="", nullable=False, comment="Title as last seen"),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The outlet's time; NULL where none is believable, never the time of the poll",
        ),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="When a poll first brought it"),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When a poll last read it: what has not changed in a feed is not read again",
        ),
        sa.Column("revision", sa.Text(), nullable=False, comment="SHA-256 of title and text as last seen, in hex"),
        sa.Column("reason", sa.Text(), nullable=False, comment="What became of it when it was last new or revised"),
        sa.Column("detail", sa.Text(), nullable=True, comment="More on the reason: the keywords that matched, the fault of the date"),
        sa.CheckConstraint(
            "\"reason\" IN ('published', 'revised', 'unchanged', 'no_keyword', 'no_company', 'no_link', 'no_title', 'no_text', 'repeated', 'known_elsewhere', 'too_many')",
            name=op.f("ck_entries_reason"),
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_entries_feed_id_feeds"), initially="DEFERRED", deferrable=True),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_entries")),
        comment="Every entry that a feed ever brought, and why it was kept or dropped",
    )
    op.create_index(op.f("ix_entries_feed_id"), "entries", ["feed_id"], unique=False)
    op.create_index(op.f("ix_entries_first_seen_at"), "entries", ["first_seen_at"], unique=False)
    op.create_index(op.f("ix_entries_url"), "entries", ["url"], unique=False)
    op.create_table(
        "feed_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order of writing"),
        sa.Column("link", sa.Text(), nullable=False, comment="Address of the entry as the feed gives it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_reports")),
        comment="Entries that `feeds poll` has found and not yet appended to the file of --entries",
    )
    op.create_table(
        "fetcher_outbox",
        sa.Column(
            "id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order of writing; messages leave in this order"
        ),
        sa.Column("topic", sa.Text(), nullable=False, comment="Kafka topic"),
        sa.Column("key", sa.Text(), nullable=False, comment="Key of the message; the order of the messages of one key is kept"),
        sa.Column("value", sa.LargeBinary(), nullable=False, comment="Body of the message: JSON in UTF-8"),
        sa.Column(
            "headers",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="Headers: CloudEvents attributes and traceparent",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="When the row was written"
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="When the broker had stored the message; NULL while it has not"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetcher_outbox")),
        comment="Messages that the fetcher owes to Kafka, written in the transaction that they tell of",
    )
    op.create_index(
        "ix_fetcher_outbox_sent_at", "fetcher_outbox", ["sent_at"], unique=False, postgresql_where=sa.text("sent_at IS NOT NULL")
    )
    op.create_index("ix_fetcher_outbox_unsent", "fetcher_outbox", ["id"], unique=False, postgresql_where=sa.text("sent_at IS NULL"))


def _stories() -> None:
    """Written by the classifier: articles and the stories they belong to."""
    op.create_table(
        "stories",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="The story"),
        sa.Column("title", sa.Text(), server_default="", nullable=False, comment="Title of the article that began it"),
        sa.Column(
            "began_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Time of its earliest article: published, or fetched where no published time is believable",
        ),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False, comment="Time of its latest article, likewise"),
        sa.Column(
            "profile",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="What new articles are compared with: weights of places, actors, event types and words",
        ),
        sa.CheckConstraint("last_at >= began_at", name=op.f("ck_stories_span")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        comment="Running clusters of articles about one happening, across languages; one merged into another keeps its row and gets an alias",
    )
    op.create_index(op.f("ix_stories_last_at"), "stories", ["last_at"], unique=False)
    op.create_table(
        "story_aliases",
        sa.Column("alias", sa.Uuid(as_uuid=False), nullable=False, comment="Id of a story that was found to be another one"),
        sa.Column("story_id", sa.Uuid(as_uuid=False), nullable=False, comment="The story that it is; never itself an alias"),
        sa.CheckConstraint("alias <> story_id", name=op.f("ck_story_aliases_other")),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_aliases_story_id_stories"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_story_aliases")),
        comment="Ids of merged stories; whoever reads a story id resolves it here first",
    )
    op.create_index(op.f("ix_story_aliases_story_id"), "story_aliases", ["story_id"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="UUIDv5 of the canonical address"),
        sa.Column("url", sa.Text(), nullable=False, comment="Canonical address"),
        sa.Column("outlet_id", sa.Text(), nullable=False, comment="Outlet that published it"),
        sa.Column("outlet_name", sa.Text(), nullable=False, comment="Its name at that time"),
        sa.Column(
            "outlet_family",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Publisher that it shares with others: they count as one source",
        ),
        sa.Column("title", sa.Text(), server_default="", nullable=False, comment="Title of the current revision"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True, comment="The outlet's time; NULL where none is believable"),
        sa.Column("first_fetched_at", sa.DateTime(timezone=True), nullable=False, comment="When the fetcher first had it"),
        sa.Column("classified_at", sa.DateTime(timezone=True), nullable=False, comment="When the current revision was read"),
        sa.Column("language", sa.Text(), nullable=False, comment="Detected language: ISO 639-1, or und"),
        sa.Column("relevant", sa.Boolean(), nullable=False, comment="Whether it concerns the watch area"),
        sa.Column("reason", sa.Text(), nullable=False, comment="What became of the current revision at the classifier"),
        sa.Column("revision", sa.Text(), nullable=False, comment="SHA-256 of title and text of the current revision, in hex"),
        sa.Column("story_id", sa.Uuid(as_uuid=False), nullable=True, comment="Story it was assigned to; NULL where it is not relevant"),
        sa.Column("copy_of", sa.Uuid(as_uuid=False), nullable=True, comment="Article that it retells"),
        sa.Column("origin", sa.Text(), nullable=True, comment="Outlet that its text comes from, where that is named"),
        sa.Column("rules_version", sa.Text(), nullable=False, comment="Version of the rules that read the current revision"),
        sa.Column("signature", ARRAY(sa.BigInteger()), nullable=True, comment="MinHash of the text, by which copies are found"),
        sa.CheckConstraint(
            "\"reason\" IN ('classified', 'revised', 'already_classified', 'not_relevant', 'copy', 'no_text', 'unknown_language')",
            name=op.f("ck_articles_reason"),
        ),
        sa.CheckConstraint("copy_of <> id", name=op.f("ck_articles_copy_of")),
        sa.ForeignKeyConstraint(
            ["copy_of"], ["articles.id"], name=op.f("fk_articles_copy_of_articles"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_articles_story_id_stories"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("url", name=op.f("uq_articles_url")),
        comment="One text at one canonical address; what was read of it points to its current revision",
    )
    op.create_index(op.f("ix_articles_classified_at"), "articles", ["classified_at"], unique=False)
    op.create_index(op.f("ix_articles_copy_of"), "articles", ["copy_of"], unique=False, postgresql_where=sa.text("copy_of IS NOT NULL"))
    op.create_index(op.f("ix_articles_outlet_id_published_at"), "articles", ["outlet_id", "published_at"], unique=False)
    op.create_index(op.f("ix_articles_published_at"), "articles", ["published_at"], unique=False)
    op.create_index(op.f("ix_articles_story_id_published_at"), "articles", ["story_id", "published_at"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article whose text it is"),
        sa.Column("revision", sa.Text(), nullable=False, comment="SHA-256 of title and text, in hex"),
        sa.Column("title", sa.Text(), nullable=False, comment="Title as fetched; offsets with field title point into it"),
        sa.Column("text", sa.Text(), nullable=False, comment="Text as fetched; offsets with field text count its code points"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True, comment="The outlet's time of this revision"),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, comment="When the fetcher had it"),
        sa.Column("text_source", sa.Text(), nullable=False, comment="Whether the text is the feed's own or the page's"),
        sa.Column("feed_id", sa.Text(), nullable=False, comment="Feed that brought it"),
        sa.CheckConstraint("\"text_source\" IN ('feed', 'page')", name=op.f("ck_revisions_text_source")),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_revisions_article_id_articles"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", name=op.f("pk_revisions")),
        comment="Every text that an article has had",
    )
    op.create_index(op.f("ix_revisions_fetched_at"), "revisions", ["fetched_at"], unique=False)


def _readings() -> None:
    """Written by the classifier: what was read in the articles."""
    op.create_table(
        "article_actors",
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article"),
        sa.Column("revision", sa.Text(), nullable=False, comment="Revision that was read"),
        sa.Column("rules_version", sa.Text(), nullable=False, comment="Version of the rules that read it"),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Place in the reading, from 0"),
        sa.Column("code", sa.Text(), nullable=False, comment="Body and sector: AZE.MIL, NKR.GOV, ICRC"),
        sa.Column("role", sa.Text(), nullable=False, comment="Part that it plays"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="From 0 to 1"),
        sa.Column("field", sa.Text(), nullable=True, comment="Where the words stand: title or text"),
        sa.Column("start_offset", sa.Integer(), nullable=True, comment="Where they begin, in code points"),
        sa.Column("end_offset", sa.Integer(), nullable=True, comment="Where they end, in code points, exclusive"),
        sa.Column("quote", sa.Text(), nullable=True, comment="The words"),
        sa.CheckConstraint("code ~ '^[A-Z0-9]{2,5}([.][A-Z]{3})?$'", name=op.f("ck_article_actors_code")),
        sa.CheckConstraint("\"field\" IN ('title', 'text')", name=op.f("ck_article_actors_field")),
        sa.CheckConstraint("\"role\" IN ('speaks', 'acts', 'hit', 'named')", name=op.f("ck_article_actors_role")),
        sa.CheckConstraint(
            "(field IS NULL) = (start_offset IS NULL) AND (field IS NULL) = (end_offset IS NULL) AND start_offset BETWEEN 0 AND end_offset",
            name=op.f("ck_article_actors_span"),
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_article_actors_confidence")),
        sa.ForeignKeyConstraint(
            ["article_id", "revision"],
            ["revisions.article_id", "revisions.revision"],
            name=op.f("fk_article_actors_article_id_revision_revisions"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", "rules_version", "position", name=op.f("pk_article_actors")),
        comment="Who acts, speaks, is hit or is named in an article",
    )
    op.create_index(op.f("ix_article_actors_code_article_id"), "article_actors", ["code", "article_id"], unique=False)
    op.create_table(
        "article_events",
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article"),
        sa.Column("revision", sa.Text(), nullable=False, comment="Revision that was read"),
        sa.Column("rules_version", sa.Text(), nullable=False, comment="Version of the rules that read it"),
        sa.Column(
            "position", sa.SmallInteger(), autoincrement=False, nullable=False, comment="Place in the reading, from 0: most likely first"
        ),
        sa.Column("type", sa.Text(), nullable=False, comment="Event type"),
        sa.Column("place", sa.Text(), nullable=True, comment="Id of the place in the gazetteer"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="From 0 to 1"),
        sa.Column("field", sa.Text(), nullable=True, comment="Where the words stand: title or text"),
        sa.Column("start_offset", sa.Integer(), nullable=True, comment="Where they begin, in code points"),
        sa.Column("end_offset", sa.Integer(), nullable=True, comment="Where they end, in code points, exclusive"),
        sa.Column("quote", sa.Text(), nullable=True, comment="The words"),
        sa.CheckConstraint("\"field\" IN ('title', 'text')", name=op.f("ck_article_events_field")),
        sa.CheckConstraint(
            "\"type\" IN ('shelling', 'air_strike', 'armed_clash', 'territorial_change', 'mine_blast', 'violence_on_civilians', 'accident', 'ceasefire', 'peace_talks', 'military_buildup', 'arms_transfer', 'blockade', 'humanitarian_aid', 'displacement', 'detention', 'protest', 'diplomacy', 'sanctions', 'political_change')",
            name=op.f("ck_article_events_type"),
        ),
        sa.CheckConstraint(
            "(field IS NULL) = (start_offset IS NULL) AND (field IS NULL) = (end_offset IS NULL) AND start_offset BETWEEN 0 AND end_offset",
            name=op.f("ck_article_events_span"),
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_article_events_confidence")),
        sa.ForeignKeyConstraint(
            ["article_id", "revision"],
            ["revisions.article_id", "revisions.revision"],
            name=op.f("fk_article_events_article_id_revision_revisions"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", "rules_version", "position", name=op.f("pk_article_events")),
        comment="What an article reports as happening now",
    )
    op.create_index(
        op.f("ix_article_events_place"), "article_events", ["place"], unique=False, postgresql_where=sa.text("place IS NOT NULL")
    )
    op.create_index(op.f("ix_article_events_type_article_id"), "article_events", ["type", "article_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="The claim; the same for the same words read by the same rules"),
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article that states it"),
        sa.Column("revision", sa.Text(), nullable=False, comment="Revision that was read"),
        sa.Column("rules_version", sa.Text(), nullable=False, comment="Version of the rules that read it"),
        sa.Column(
            "story_id",
            sa.Uuid(as_uuid=False),
            nullable=True,
            comment="Story of the article when it was read; resolve it through story_aliases",
        ),
        sa.Column("effect", sa.Text(), nullable=False, comment="What befell them"),
        sa.Column("low", sa.Integer(), nullable=True, comment="Lowest number of heads that the words allow; NULL where they leave it open"),
        sa.Column(
            "high", sa.Integer(), nullable=True, comment="Highest number of heads that the words allow; NULL where they leave it open"
        ),
        sa.Column("bound", sa.Text(), nullable=False, comment="How the words limit the true figure"),
        sa.Column(
            "side",
            sa.Text(),
            nullable=True,
            comment="Whose people, by body: ARM, AZE, NKR, ...; NULL where nothing says so or two sides are summed",
        ),
        sa.Column("group", sa.Text(), nullable=False, comment="Who among them"),
        sa.Column(
            "claimant",
            sa.Text(),
            nullable=True,
            comment="Who vouches for the figure: AZE.MIL, NKR.GOV, ...; NULL where the outlet says it itself",
        ),
        sa.Column("subset", sa.Boolean(), nullable=False, comment="True for a share of a larger figure of the same statement"),
        sa.Column("current", sa.Boolean(), nullable=False, comment="False for older wars, anniversaries and superseded tolls"),
        sa.Column("joint", sa.Boolean(), nullable=False, comment="True where two effects are told as one figure: dead and missing"),
        sa.Column("addition", sa.Boolean(), nullable=False, comment="True for an increment (four more) that is no total itself"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="From 0 to 1"),
        sa.Column("rule", sa.Text(), nullable=False, comment="Name of the pattern that made it"),
        sa.Column(
            "reasons", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment="Why this side, this claimant, this time"
        ),
        sa.Column("field", sa.Text(), nullable=False, comment="Where the words stand: title or text"),
        sa.Column("start_offset", sa.Integer(), nullable=False, comment="Where they begin, in code points"),
        sa.Column("end_offset", sa.Integer(), nullable=False, comment="Where they end, in code points, exclusive"),
        sa.Column("quote", sa.Text(), nullable=False, comment="The words"),
        sa.Column(
            "stated_at", sa.DateTime(timezone=True), nullable=True, comment="Published time of the revision; NULL where none is believable"
        ),
        sa.CheckConstraint("\"bound\" IN ('exact', 'at_least', 'more_than', 'up_to', 'about', 'vague')", name=op.f("ck_claims_bound")),
        sa.CheckConstraint("\"effect\" IN ('killed', 'wounded', 'missing', 'captured', 'displaced')", name=op.f("ck_claims_effect")),
        sa.CheckConstraint("\"field\" IN ('title', 'text')", name=op.f("ck_claims_field")),
        sa.CheckConstraint(
            "\"group\" IN ('military', 'civilian', 'children', 'police', 'peacekeepers', 'journalists', 'women', 'all')",
            name=op.f("ck_claims_group"),
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_claims_confidence")),
        sa.CheckConstraint("low >= 0 AND high >= 0 AND (low IS NULL OR high IS NULL OR low <= high)", name=op.f("ck_claims_figure")),
        sa.CheckConstraint("start_offset BETWEEN 0 AND end_offset", name=op.f("ck_claims_span")),
        sa.ForeignKeyConstraint(
            ["article_id", "revision"],
            ["revisions.article_id", "revisions.revision"],
            name=op.f("fk_claims_article_id_revision_revisions"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_claims_story_id_stories"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        comment="Casualty figures as stated",
    )
    op.create_index(op.f("ix_claims_article_id_revision"), "claims", ["article_id", "revision"], unique=False)
    op.create_index(op.f("ix_claims_claimant_stated_at"), "claims", ["claimant", "stated_at"], unique=False)
    op.create_index(op.f("ix_claims_side_effect_stated_at"), "claims", ["side", "effect", "stated_at"], unique=False)
    op.create_index(op.f("ix_claims_story_id_effect_side_stated_at"), "claims", ["story_id", "effect", "side", "stated_at"], unique=False)
    op.create_table(
        "ceasefire_statements",
        sa.Column(
            "id", sa.Uuid(as_uuid=False), nullable=False, comment="The statement; the same for the same words read by the same rules"
        ),
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article that states it"),
        sa.Column("revision", sa.Text(), nullable=False, comment="Revision that was read"),
        sa.Column("rules_version", sa.Text(), nullable=False, comment="Version of the rules that read it"),
        sa.Column(
            "story_id",
            sa.Uuid(as_uuid=False),
            nullable=True,
            comment="Story of the article when it was read; resolve it through story_aliases",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="What is said of the truce"),
        sa.Column(
            "current", sa.Boolean(), nullable=False, comment="False where it is background: the truce of 1994, the statement of 2020"
        ),
        sa.Column("parties", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment="Bodies between which it holds"),
        sa.Column("claimant", sa.Text(), nullable=True, comment="Who says so; NULL where the outlet says it itself"),
        sa.Column("confidence", sa.Float(), nullable=False, comment="From 0 to 1"),
        sa.Column("rule", sa.Text(), nullable=False, comment="Name of the pattern that made it"),
        sa.Column(
            "reasons", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment="Why this status, these parties, this time"
        ),
        sa.Column("field", sa.Text(), nullable=False, comment="Where the words stand: title or text"),
        sa.Column("start_offset", sa.Integer(), nullable=False, comment="Where they begin, in code points"),
        sa.Column("end_offset", sa.Integer(), nullable=False, comment="Where they end, in code points, exclusive"),
        sa.Column("quote", sa.Text(), nullable=False, comment="The words"),
        sa.Column(
            "stated_at", sa.DateTime(timezone=True), nullable=True, comment="Published time of the revision; NULL where none is believable"
        ),
        sa.CheckConstraint("\"field\" IN ('title', 'text')", name=op.f("ck_ceasefire_statements_field")),
        sa.CheckConstraint(
            "\"status\" IN ('agreed', 'in_force', 'violated', 'collapsed', 'proposed', 'called_for', 'rejected', 'denied')",
            name=op.f("ck_ceasefire_statements_status"),
        ),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_ceasefire_statements_confidence")),
        sa.CheckConstraint("start_offset BETWEEN 0 AND end_offset", name=op.f("ck_ceasefire_statements_span")),
        sa.ForeignKeyConstraint(
            ["article_id", "revision"],
            ["revisions.article_id", "revisions.revision"],
            name=op.f("fk_ceasefire_statements_article_id_revision_revisions"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_ceasefire_statements_story_id_stories"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceasefire_statements")),
        comment="What articles say of a truce",
    )
    op.create_index(op.f("ix_ceasefire_statements_article_id_revision"), "ceasefire_statements", ["article_id", "revision"], unique=False)
    op.create_index(op.f("ix_ceasefire_statements_parties"), "ceasefire_statements", ["parties"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_ceasefire_statements_story_id_stated_at"), "ceasefire_statements", ["story_id", "stated_at"], unique=False)
    op.create_table(
        "classifier_outbox",
        sa.Column(
            "id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order of writing; messages leave in this order"
        ),
        sa.Column("topic", sa.Text(), nullable=False, comment="Kafka topic"),
        sa.Column("key", sa.Text(), nullable=False, comment="Key of the message; the order of the messages of one key is kept"),
        sa.Column("value", sa.LargeBinary(), nullable=False, comment="Body of the message: JSON in UTF-8"),
        sa.Column(
            "headers",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="Headers: CloudEvents attributes and traceparent",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="When the row was written"
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="When the broker had stored the message; NULL while it has not"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifier_outbox")),
        comment="Messages that the classifier owes to Kafka, written in the transaction that they tell of",
    )
    op.create_index(
        "ix_classifier_outbox_sent_at", "classifier_outbox", ["sent_at"], unique=False, postgresql_where=sa.text("sent_at IS NOT NULL")
    )
    op.create_index("ix_classifier_outbox_unsent", "classifier_outbox", ["id"], unique=False, postgresql_where=sa.text("sent_at IS NULL"))


def _alerter() -> None:
    """Written by the alerter."""
    op.create_table(
        "ledgers",
        sa.Column("story_id", sa.Uuid(as_uuid=False), nullable=False, comment="Story"),
        sa.Column(
            "state", JSONB(), nullable=False, comment="The whole ledger: last known claims by side, effect and claimant, and the truce"
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="When it last changed"),
        sa.PrimaryKeyConstraint("story_id", name=op.f("pk_ledgers")),
        comment="What is known of each story; the row is locked while an article of the story is decided",
    )
    op.create_table(
        "ledger_figures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order in which the ledger took them"),
        sa.Column("story_id", sa.Uuid(as_uuid=False), nullable=False, comment="Story; resolve it through story_aliases"),
        sa.Column("effect", sa.Text(), nullable=False, comment="What befell them"),
        sa.Column("side", sa.Text(), nullable=True, comment="Whose people; NULL where nothing says so or two sides are summed"),
        sa.Column("group", sa.Text(), nullable=False, comment="Who among them"),
        sa.Column("claimant", sa.Text(), nullable=True, comment="Who vouches for it; NULL where the outlet says it itself"),
        sa.Column("low", sa.Integer(), nullable=True, comment="Lowest number of heads; NULL where the words leave it open"),
        sa.Column("high", sa.Integer(), nullable=True, comment="Highest number of heads; NULL where the words leave it open"),
        sa.Column("bound", sa.Text(), nullable=False, comment="How the words limit the true figure"),
        sa.Column("subset", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="True for a share of a larger figure"),
        sa.Column(
            "joint",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True where two effects are told as one figure",
        ),
        sa.Column(
            "addition",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="True for an increment that is no total itself",
        ),
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article that stated it"),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False, comment="Published time of that article"),
        sa.Column("outlet", sa.Text(), server_default="", nullable=False, comment="Outlet that published it"),
        sa.Column("quote", sa.Text(), server_default="", nullable=False, comment="The words that say so"),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="When the ledger took it"
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True, comment="When a person marked it as wrong"),
        sa.CheckConstraint(
            "\"bound\" IN ('exact', 'at_least', 'more_than', 'up_to', 'about', 'vague')", name=op.f("ck_ledger_figures_bound")
        ),
        sa.CheckConstraint(
            "\"effect\" IN ('killed', 'wounded', 'missing', 'captured', 'displaced')", name=op.f("ck_ledger_figures_effect")
        ),
        sa.CheckConstraint(
            "\"group\" IN ('military', 'civilian', 'children', 'police', 'peacekeepers', 'journalists', 'women', 'all')",
            name=op.f("ck_ledger_figures_group"),
        ),
        sa.CheckConstraint(
            "low >= 0 AND high >= 0 AND (low IS NULL OR high IS NULL OR low <= high)", name=op.f("ck_ledger_figures_figure")
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["ledgers.story_id"], name=op.f("fk_ledger_figures_story_id_ledgers"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_figures")),
        comment="Every figure of a ledger as it changed; rows are only ever added, and kept where they are withdrawn",
    )
    op.create_index(op.f("ix_ledger_figures_article_id"), "ledger_figures", ["article_id"], unique=False)
    op.create_index(
        op.f("ix_ledger_figures_story_id_effect_side_stated_at"),
        "ledger_figures",
        ["story_id", "effect", "side", "stated_at"],
        unique=False,
    )
    op.create_table(
        "decisions",
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article"),
        sa.Column("revision", sa.Text(), nullable=False, comment="Revision that was decided"),
        sa.Column(
            "story_id", sa.Uuid(as_uuid=False), nullable=True, comment="Story whose ledger was asked; NULL where the article has none"
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="What was decided"),
        sa.Column(
            "detail",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="The verdict on each claim and statement, with its reason",
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.CheckConstraint(
            "\"reason\" IN ('alerted', 'nothing_claimed', 'nothing_new', 'already_decided', 'not_relevant', 'copy', 'background', 'subtotal', 'known_figure', 'below_known', 'nil_figure', 'vague_figure', 'low_confidence', 'late_article', 'no_date', 'outside_window', 'known_status', 'minor_status', 'withdrawn')",
            name=op.f("ck_decisions_reason"),
        ),
        sa.PrimaryKeyConstraint("article_id", "revision", name=op.f("pk_decisions")),
        comment="What the alerter made of every article it was given: alerted or not, and why",
    )
    op.create_index(op.f("ix_decisions_decided_at"), "decisions", ["decided_at"], unique=False)
    op.create_index(op.f("ix_decisions_story_id_decided_at"), "decisions", ["story_id", "decided_at"], unique=False)
    op.create_table(
        "alerts",
        sa.Column(
            "id",
            sa.Uuid(as_uuid=False),
            nullable=False,
            comment="UUIDv5 of what changed: the same change is the same alert however often it is decided",
        ),
        sa.Column("story_id", sa.Uuid(as_uuid=False), nullable=False, comment="Story; resolve it through story_aliases"),
        sa.Column("article_id", sa.Uuid(as_uuid=False), nullable=False, comment="Article that brought the change"),
        sa.Column("kind", sa.Text(), nullable=False, comment="casualty, ceasefire or watch"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why a desk must know"),
        sa.Column("severity", sa.Text(), nullable=False, comment="How loudly it is told"),
        sa.Column("effect", sa.Text(), nullable=True, comment="What befell them; NULL for a truce"),
        sa.Column("side", sa.Text(), nullable=True, comment="Whose people; NULL where nothing says so, and for a truce"),
        sa.Column("group", sa.Text(), nullable=True, comment="Who among them; NULL for a truce"),
        sa.Column("low", sa.Integer(), nullable=True, comment="Lowest number of heads; NULL where the words leave it open"),
        sa.Column("high", sa.Integer(), nullable=True, comment="Highest number of heads; NULL where the words leave it open"),
        sa.Column("bound", sa.Text(), nullable=True, comment="How the words limit the true figure; NULL for a truce"),
        sa.Column("claimant", sa.Text(), nullable=True, comment="Who vouches for it; NULL where the outlet says it itself"),
        sa.Column("status", sa.Text(), nullable=True, comment="What is said of the truce; NULL for a figure"),
        sa.Column("previous_status", sa.Text(), nullable=True, comment="What was known of the truce before"),
        sa.Column("previous", JSONB(), nullable=True, comment="The figure that was known before, and from whom"),
        sa.Column("headline", sa.Text(), nullable=False, comment="What changed, in one line"),
        sa.Column("quote", sa.Text(), nullable=False, comment="The words that say so, in the article's language"),
        sa.Column("outlet", sa.Text(), server_default="", nullable=False, comment="Outlet that published them"),
        sa.Column("url", sa.Text(), server_default="", nullable=False, comment="Address of the article"),
        sa.Column("title", sa.Text(), server_default="", nullable=False, comment="Title of the article"),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True, comment="The outlet's time of the article"),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True, comment="When the fetcher had the article"),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False, comment="When the alert was raised"),
        sa.Column(
            "withdraws", sa.Uuid(as_uuid=False), nullable=True, comment="Alert that this one takes back, as marked wrong by a person"
        ),
        sa.Column(
            "watch",
            sa.Text(),
            nullable=True,
            comment="Rule of a watch on the service itself; story and article are then ids of the watch",
        ),
        sa.Column("body", JSONB(), nullable=False, comment="The whole event as it went to Kafka"),
        sa.CheckConstraint(
            "CASE kind WHEN 'casualty' THEN effect IS NOT NULL AND bound IS NOT NULL "
            "WHEN 'ceasefire' THEN status IS NOT NULL OR reason = 'withdrawn' ELSE watch IS NOT NULL END",
            name=op.f("ck_alerts_subject"),
        ),
        sa.CheckConstraint("\"bound\" IN ('exact', 'at_least', 'more_than', 'up_to', 'about', 'vague')", name=op.f("ck_alerts_bound")),
        sa.CheckConstraint("\"effect\" IN ('killed', 'wounded', 'missing', 'captured', 'displaced')", name=op.f("ck_alerts_effect")),
        sa.CheckConstraint(
            "\"group\" IN ('military', 'civilian', 'children', 'police', 'peacekeepers', 'journalists', 'women', 'all')",
            name=op.f("ck_alerts_group"),
        ),
        sa.CheckConstraint("\"kind\" IN ('casualty', 'ceasefire', 'watch')", name=op.f("ck_alerts_kind")),
        sa.CheckConstraint(
            "\"previous_status\" IN ('agreed', 'in_force', 'violated', 'collapsed', 'proposed', 'called_for', 'rejected', 'denied')",
            name=op.f("ck_alerts_previous_status"),
        ),
        sa.CheckConstraint(
            "\"reason\" IN ('first_figure', 'raised', 'lowered', 'disputed', 'confirmed_zero', 'ceasefire_agreed', 'ceasefire_in_force', 'ceasefire_violated', 'ceasefire_collapsed', 'ceasefire_rejected', 'ceasefire_proposed', 'ceasefire_called_for', 'withdrawn', 'outlets_silent', 'feeds_blocked', 'bus_lagging', 'channel_failing', 'clock_skewed', 'config_refused', 'watch_ended')",
            name=op.f("ck_alerts_reason"),
        ),
        sa.CheckConstraint("\"severity\" IN ('info', 'notice', 'warning', 'critical')", name=op.f("ck_alerts_severity")),
        sa.CheckConstraint(
            "\"status\" IN ('agreed', 'in_force', 'violated', 'collapsed', 'proposed', 'called_for', 'rejected', 'denied')",
            name=op.f("ck_alerts_status"),
        ),
        sa.CheckConstraint("low >= 0 AND high >= 0 AND (low IS NULL OR high IS NULL OR low <= high)", name=op.f("ck_alerts_figure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        comment="Changes of a ledger that a desk must know of, each raised once",
    )
    op.create_index(op.f("ix_alerts_article_id"), "alerts", ["article_id"], unique=False)
    op.create_index(op.f("ix_alerts_raised_at"), "alerts", ["raised_at"], unique=False)
    op.create_index(op.f("ix_alerts_story_id_raised_at"), "alerts", ["story_id", "raised_at"], unique=False)
    op.create_index(op.f("ix_alerts_withdraws"), "alerts", ["withdraws"], unique=False, postgresql_where=sa.text("withdraws IS NOT NULL"))
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False, comment="The delivery"),
        sa.Column("alert_id", sa.Uuid(as_uuid=False), nullable=False, comment="Alert that is told"),
        sa.Column("channel", sa.Text(), nullable=False, comment="Kind of channel: terminal, webhook, ..."),
        sa.Column(
            "target",
            sa.Text(),
            nullable=False,
            comment="Name of the receiver in the configuration, with a number where it has several such channels",
        ),
        sa.Column("receiver", sa.Text(), server_default="", nullable=False, comment="Name of the receiver in the routes"),
        sa.Column("route", sa.Text(), server_default="", nullable=False, comment="Name of the route that led there"),
        sa.Column("subject", sa.Text(), server_default="alert", nullable=False, comment="Why the delivery was made"),
        sa.Column(
            "group_key",
            sa.Text(),
            nullable=True,
            comment="Alerts that wait for each other and are told in one message; NULL where each is told alone",
        ),
        sa.Column(
            "bundle",
            sa.Text(),
            nullable=True,
            comment="The message that it is told with, under the same key at every attempt; NULL while it is told alone or was not tried yet",
        ),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False, comment="Where it stands"),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="How often it was tried"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was to be told first: at once, or after its group, a limit's pause or muted hours",
        ),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True, comment="When it is tried next; NULL once it is settled"),
        sa.Column("last_error", sa.Text(), nullable=True, comment="Why the last attempt failed"),
        sa.Column("held_reason", sa.Text(), nullable=True, comment="Why it is not told, or not yet"),
        sa.Column("held_by", sa.Text(), nullable=True, comment="What holds it: a silence, a person, the hours of a route"),
        sa.Column(
            "repeat_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it is told again unless somebody takes it; NULL where it is not",
        ),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True, comment="When the receiver had it"),
        sa.Column("leased_by", sa.Text(), nullable=True, comment="Replica that is trying it now"),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True, comment="When that lease runs out"),
        sa.Column("idempotency_key", sa.Text(), nullable=False, comment="Sent with every attempt, so that a receiver can tell a repeat"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When the alert was raised"),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_deliveries_delivered_at")),
        sa.CheckConstraint("\"state\" IN ('pending', 'delivered', 'given_up', 'held')", name=op.f("ck_deliveries_state")),
        sa.CheckConstraint("\"subject\" IN ('alert', 'repeat', 'resend')", name=op.f("ck_deliveries_subject")),
        sa.CheckConstraint(
            "\"held_reason\" IN ('silenced', 'snoozed', 'acknowledged', 'resolved', 'withdrawn', 'superseded', 'muted')",
            name=op.f("ck_deliveries_held_reason"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_deliveries_attempts")),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
            name=op.f("fk_deliveries_alert_id_alerts"),
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_deliveries_idempotency_key")),
        comment="Each telling of an alert through a channel, and how it went",
    )
    op.create_index(op.f("ix_deliveries_alert_id"), "deliveries", ["alert_id"], unique=False)
    op.create_index(op.f("ix_deliveries_route_created_at"), "deliveries", ["route", "created_at"], unique=False)
    op.create_index(
        op.f("ix_deliveries_bundle"),
        "deliveries",
        ["bundle"],
        unique=False,
        postgresql_where=sa.text("state = 'pending' AND bundle IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["channel", "target", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        op.f("ix_deliveries_repeat_at"), "deliveries", ["repeat_at"], unique=False, postgresql_where=sa.text("repeat_at IS NOT NULL")
    )
    op.create_table(
        "alerter_outbox",
        sa.Column(
            "id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Order of writing; messages leave in this order"
        ),
        sa.Column("topic", sa.Text(), nullable=False, comment="Kafka topic"),
        sa.Column("key", sa.Text(), nullable=False, comment="Key of the message; the order of the messages of one key is kept"),
        sa.Column("value", sa.LargeBinary(), nullable=False, comment="Body of the message: JSON in UTF-8"),
        sa.Column(
            "headers",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="Headers: CloudEvents attributes and traceparent",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False, comment="When the row was written"
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="When the broker had stored the message; NULL while it has not"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerter_outbox")),
        comment="Messages that the alerter owes to Kafka, written in the transaction that they tell of",
    )
    op.create_index(
        "ix_alerter_outbox_sent_at", "alerter_outbox", ["sent_at"], unique=False, postgresql_where=sa.text("sent_at IS NOT NULL")
    )
    op.create_index("ix_alerter_outbox_unsent", "alerter_outbox", ["id"], unique=False, postgresql_where=sa.text("sent_at IS NULL"))


def _channels() -> None:
    """Written by the alerter: how its channels fare."""
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.Text(), nullable=False, comment="Kind of channel"),
        sa.Column("target", sa.Text(), nullable=False, comment="Name of the receiver in the configuration"),
        sa.Column(
            "failures",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Attempts that failed since the last one that did not",
        ),
        sa.Column(
            "opened_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when it counts as failing and is tried now and then only; NULL while it does not",
        ),
        sa.Column("opened_until", sa.DateTime(timezone=True), nullable=True, comment="When it is tried next while it counts as failing"),
        sa.Column("last_error", sa.Text(), nullable=True, comment="How the last failure ended"),
        sa.Column("budget", sa.Float(), nullable=True, comment="Messages that its limit allows now; NULL where it has none"),
        sa.Column("budget_at", sa.DateTime(timezone=True), nullable=True, comment="When that was reckoned"),
        sa.PrimaryKeyConstraint("channel", "target", name=op.f("pk_channel_states")),
        comment="How each channel fares: failures in a row, the pause after them, and what its limit still allows",
    )
    op.create_table(
        "delivery_groups",
        sa.Column("channel", sa.Text(), nullable=False, comment="Kind of channel"),
        sa.Column("target", sa.Text(), nullable=False, comment="Name of the receiver in the configuration"),
        sa.Column("group_key", sa.Text(), nullable=False, comment="Alerts that wait for each other"),
        sa.Column("flush_at", sa.DateTime(timezone=True), nullable=False, comment="When they are told, or were told last"),
        sa.PrimaryKeyConstraint("channel", "target", "group_key", name=op.f("pk_delivery_groups")),
        comment="When each group of alerts is told next: the first waits for others, the next ones for the pause between two messages",
    )
    op.create_index(op.f("ix_delivery_groups_flush_at"), "delivery_groups", ["flush_at"], unique=False)


def downgrade() -> None:
    """Drop them, those that refer to others first."""
    for name in (
        "delivery_groups",
        "channel_states",
        "alerter_outbox",
        "deliveries",
        "alerts",
        "decisions",
        "ledger_figures",
        "ledgers",
        "classifier_outbox",
        "ceasefire_statements",
        "claims",
        "article_events",
        "article_actors",
        "revisions",
        "articles",
        "story_aliases",
        "stories",
        "fetcher_outbox",
        "feed_reports",
        "entries",
        "polls",
        "feed_memories",
        "feeds",
        "outlets",
    ):
        op.drop_table(name)
