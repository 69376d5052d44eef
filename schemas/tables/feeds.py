"""Outlets, their feeds with the polling state, the polls, and the entries. Written by the fetcher alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Float, Identity, Index, Integer, LargeBinary, Table, text

from schemas.tables.columns import METADATA, belongs_to, identifier, moment, one_of, words
from schemas.vocabulary import FeedScope, FeedState, FetchReason, PollReason

outlets = Table(
    "outlets",
    METADATA,
    words("id", "Short name of the outlet in the configuration", primary_key=True),
    words("name", "Name as readers know it", nullable=False),
    words(
        "family",
        "Publisher that several outlets share: they count as one source; empty where there is none",
        nullable=False,
        server_default="",
    ),
    words("country", "Where the publisher sits: ISO 3166-1 alpha-3"),
    words("orientation", "Who stands behind it, as an editor sees it: state_agency, independent, opposition, ..."),
    words("language", "Main language: ISO 639-1"),
    comment="Who publishes",
)

feeds = Table(
    "feeds",
    METADATA,
    words("id", "Short name of the feed in the configuration", primary_key=True),
    words("outlet_id", "Whose feed it is", belongs_to("outlets.id"), nullable=False),
    words("url", "Address that is polled; without credentials", nullable=False, unique=True),
    words("address", "Address that is asked in its place, once a permanent redirect has held; NULL: the same"),
    words("host", "Host that is asked: one thing at a time, by one replica at a time", nullable=False, server_default=""),
    words("moved_to", "Where a permanent redirect leads that has not held for long enough yet"),
    Column("moved_polls", Integer, nullable=False, server_default=text("0"), comment="Polls in a row that were led there"),
    words("scope", "region: every entry is wanted; world: what the keywords match", nullable=False, server_default=FeedScope.REGION),
    words("language", "Language that the configuration names: ISO 639-1; a hint, the classifier detects it"),
    Column(
        "interval_seconds", Integer, nullable=False, server_default=text("900"), comment="Seconds between polls as learnt from the feed"
    ),
    Column("floor_seconds", Integer, nullable=False, server_default=text("60"), comment="The interval is learnt from here"),
    Column("ceiling_seconds", Integer, nullable=False, server_default=text("3600"), comment="The interval is learnt up to here"),
    Column("pinned", Boolean, nullable=False, server_default=text("false"), comment="True where the configuration names the interval"),
    Column("entry_rate", Float, comment="New entries an hour, averaged over the last hours"),
    Column("usual_gap_seconds", Float, comment="Usual seconds between two polls that bring something new"),
    Column("ttl_seconds", Integer, comment="The feed's own wish for the pause between polls"),
    Column("enabled", Boolean, nullable=False, server_default=text("true"), comment="False where the configuration switches it off"),
    moment("retired_at", "When it was taken out of the configuration, or was gone for days; the history stays"),
    words("etag", "ETag of the last body, for the conditional request"),
    words("last_modified", "Last-Modified of the last body, for the conditional request"),
    words("body_hash", "Hash of the last body, for servers that lie about the two above"),
    moment("full_at", "When a whole body last came"),
    Column(
        "distrusted",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="True where the server said of a changed body that it was not; it is asked for the whole every time",
    ),
    Column("entries", Integer, nullable=False, server_default=text("0"), comment="Entries in the last body"),
    words("state", "How it fares", nullable=False, server_default=FeedState.NEW),
    moment("state_since", "Since when it has been in this state"),
    Column(
        "failures", Integer, nullable=False, server_default=text("0"), comment="Failed polls in a row; the next poll is delayed by them"
    ),
    moment("next_poll_at", "When it is due; NULL: at once"),
    moment("last_polled_at", "When it was last asked"),
    moment("last_good_at", "When it last answered with a feed, or that nothing had changed"),
    moment("last_fresh_at", "When it last brought a new entry"),
    words("leased_by", "Replica that is polling it now"),
    moment("leased_until", "When that lease runs out, so that a dead replica's feeds are taken over"),
    one_of("scope", FeedScope),
    one_of("state", FeedState),
    CheckConstraint("interval_seconds > 0", name="interval_seconds"),
    CheckConstraint("failures >= 0", name="failures"),
    comment="RSS, Atom and JSON feeds with their polling state",
)
# The fetcher's question: which feeds are due?
Index("ix_feeds_due", feeds.c.next_poll_at.asc().nulls_first(), postgresql_where=text("enabled AND retired_at IS NULL"))
Index(None, feeds.c.outlet_id)
# Which hosts does another replica ask now?
Index("ix_feeds_leased", feeds.c.host, postgresql_where=text("leased_by IS NOT NULL"))

feed_memories = Table(
    "feed_memories",
    METADATA,
    words("feed_id", "Whose they are", belongs_to("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("remembered", LargeBinary, nullable=False, comment="Hashes of the entries, 16 bytes each, one behind the other"),
    comment="The entries of each feed's last bodies: what is in them is not parsed again",
)

polls = Table(
    "polls",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True, comment="Order of the polls"),
    words("feed_id", "Feed that was asked", belongs_to("feeds.id", ondelete="CASCADE"), nullable=False),
    moment("polled_at", "When", nullable=False),
    words("reason", "What became of it", nullable=False),
    Column("status", Integer, comment="HTTP status; NULL where none came"),
    Column("entries", Integer, nullable=False, server_default=text("0"), comment="Entries in the feed"),
    Column("new_entries", Integer, nullable=False, server_default=text("0"), comment="Those never seen before"),
    Column("bytes", BigInteger, nullable=False, server_default=text("0"), comment="Bytes of the body after decompression"),
    Column("seconds", Float, nullable=False, server_default=text("0"), comment="Seconds from request to the end of the parse"),
    words("detail", "What a person needs to mend it: the error, the redirect, the first words of the page"),
    one_of("reason", PollReason),
    comment="The latest polls of each feed",
)
Index(None, polls.c.feed_id, polls.c.id.desc())

entries = Table(
    "entries",
    METADATA,
    identifier("article_id", "UUIDv5 of the canonical address: the article that the entry is", primary_key=True),
    words("feed_id", "Feed that brought it first", belongs_to("feeds.id"), nullable=False),
    words("outlet_id", "Outlet that published it; inside an aggregator's feed the true one where it is known", nullable=False),
    words("url", "Canonical address", nullable=False),
    words("title", "Title as last seen", nullable=False, server_default=""),
    moment("published_at", "The outlet's time; NULL where none is believable, never the time of the poll"),
    moment("first_seen_at", "When a poll first brought it", nullable=False),
    moment("last_seen_at", "When a poll last read it: what has not changed in a feed is not read again", nullable=False),
    words("revision", "SHA-256 of title and text as last seen, in hex", nullable=False),
    words("reason", "What became of it when it was last new or revised", nullable=False),
    words("detail", "More on the reason: the keywords that matched, the fault of the date"),
    words("guid", "What the feed calls it, where that is not its address: it may come back under another address"),
    words("mark", "Mark of the text that the feed gave, where it is long: the same"),
    one_of("reason", FetchReason),
    comment="Every entry that a feed ever brought, and why it was kept or dropped",
)
Index(None, entries.c.url)
Index(None, entries.c.feed_id)
Index(None, entries.c.first_seen_at)
# What did this feed bring of late?
Index(None, entries.c.feed_id, entries.c.first_seen_at)

feed_reports = Table(
    "feed_reports",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True, comment="Order of writing"),
    words("link", "Address of the entry as the feed gives it", nullable=False),
    comment="Entries that `feeds poll` has found and not yet appended to the file of --entries",
)
