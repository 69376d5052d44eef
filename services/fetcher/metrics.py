"""What the fetcher counts. The labels are the closed words of schemas.vocabulary."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

POLLS = Counter("caucasus_watch_fetcher_polls_total", "Polls of feeds, by what became of them", ["reason"])
ENTRIES = Counter("caucasus_watch_fetcher_entries_total", "Entries of changed feeds, by what became of them", ["reason"])
NOTES = Counter("caucasus_watch_fetcher_notes_total", "What was wrong with entries that were kept all the same", ["reason"])
NOTICES = Counter("caucasus_watch_fetcher_notices_total", "Turns in the life of feeds that their editor must hear of", ["notice"])
BYTES = Counter("caucasus_watch_fetcher_bytes_total", "Bytes of the bodies of feeds, after decompression")
FEEDS = Gauge("caucasus_watch_fetcher_feeds", "Feeds that are polled, by how they fare; the same at every replica", ["state"])
POLLING = Gauge("caucasus_watch_fetcher_polling", "Feeds being polled at this moment")
PARSERS_REPLACED = Counter("caucasus_watch_fetcher_parsers_replaced_total", "Worker processes that ran over their limit and were ended")
POLL_SECONDS = Histogram(
    "caucasus_watch_fetcher_poll_seconds",
    "Seconds of one poll, from the request to the commit",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
AGE_SECONDS = Histogram(
    "caucasus_watch_fetcher_age_seconds",
    "Seconds from the outlet's own time of an article to its coming in",
    buckets=(10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400),
)
