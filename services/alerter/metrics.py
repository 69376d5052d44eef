"""What the alerter counts. The labels are the closed words of schemas.vocabulary."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

DECISIONS = Counter("caucasus_watch_alerter_decisions_total", "Classified articles, by what was decided", ["reason"])
VERDICTS = Counter("caucasus_watch_alerter_verdicts_total", "Claims and statements on a truce, by what was decided", ["kind", "reason"])
ALERTS = Counter("caucasus_watch_alerter_alerts_total", "Alerts raised", ["reason", "severity"])
ATTEMPTS = Counter("caucasus_watch_alerter_attempts_total", "Attempts to tell a receiver, by how they ended", ["channel", "reason"])
SETTLED = Counter("caucasus_watch_alerter_deliveries_total", "Deliveries settled: delivered or given up", ["channel", "state"])
HELD = Counter("caucasus_watch_alerter_held_total", "Deliveries that are kept back, for a while or for good", ["reason"])
DIGESTED = Counter("caucasus_watch_alerter_digested_total", "Alerts that a channel's limit put into a digest", ["channel"])
FAILING = Gauge("caucasus_watch_alerter_channel_failing", "Whether a receiver fails and is tried now and then only", ["channel", "target"])
REPEATED = Counter("caucasus_watch_alerter_repeated_total", "Deliveries owed again because nobody took the alert")
OVERDUE = Gauge(
    "caucasus_watch_alerter_overdue_seconds", "How long the oldest pending delivery of a receiver is due", ["channel", "target"]
)
HANDS = Counter("caucasus_watch_alerter_hands_total", "Hands of people that asked for something, by what came of it", ["action", "outcome"])
WATCHING = Gauge(
    "caucasus_watch_alerter_watch_value", "What a watch on the service itself measured last, in its own unit", ["watch", "subject"]
)
RELOADED = Gauge(
    "caucasus_watch_alerter_config_last_reload_successful", "Whether routes, policy and watches are in force as their files stand"
)
RELOADED_AT = Gauge(
    "caucasus_watch_alerter_config_last_reload_success_timestamp_seconds", "When routes, policy and watches were last read and taken"
)
LEDGERS_MERGED = Counter("caucasus_watch_alerter_ledgers_merged_total", "Ledgers of stories that were found to be another one")

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 21600, 86400)
AGE_SECONDS = Histogram(
    "caucasus_watch_alerter_age_seconds", "Seconds from the outlet's own time of an article to the alert", buckets=_SECONDS
)
DELIVERY_SECONDS = Histogram(
    "caucasus_watch_alerter_delivery_seconds", "Seconds from the alert to its delivery", ["channel"], buckets=_SECONDS
)
