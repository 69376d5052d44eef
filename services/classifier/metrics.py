"""What the classifier counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from services.runtime.telemetry import STAGE_SECONDS

ARTICLES = Counter("caucasus_watch_classifier_articles_total", "Articles by what became of them", ["reason", "language"])
CLAIMS = Counter("caucasus_watch_classifier_claims_total", "Casualty claims read", ["effect", "current"])
STORIES = Counter("caucasus_watch_classifier_assignments_total", "Articles put into a story, by why", ["reason"])
UNDATED = Counter("caucasus_watch_classifier_undated_total", "Articles without a believable published time", ["reason"])
READING_FAULTS = Counter("caucasus_watch_classifier_reading_faults_total", "Articles that could not be read", ["reason"])
LEFT_OUT = Counter("caucasus_watch_classifier_left_out_total", "Articles of which a part was not read, by which", ["note"])
OPEN_STORIES = Gauge("caucasus_watch_classifier_open_stories", "Stories that may still take an article")

__all__ = ["ARTICLES", "CLAIMS", "LEFT_OUT", "OPEN_STORIES", "READING_FAULTS", "STAGE_SECONDS", "STORIES", "UNDATED"]
