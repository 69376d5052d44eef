"""What the desk counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("caucasus_watch_desk_requests_total", "Answers, by what was asked and their status", ["what", "status"])
REFUSALS = Counter("caucasus_watch_desk_refusals_total", "What was asked and not done, by the kind of refusal", ["kind"])
CHANGES = Counter("caucasus_watch_desk_changes_total", "Changes made by people", ["action"])
LISTENERS = Gauge("caucasus_watch_desk_listeners", "Listeners to the stream of alerts")
ANSWER_SECONDS = Histogram(
    "caucasus_watch_desk_answer_seconds",
    "Seconds until an answer begins",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
