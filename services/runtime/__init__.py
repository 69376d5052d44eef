"""Wrappers of outside things: settings, signals, Kafka, Postgres, logs, metrics, the clock.

Belongs here: what wraps one outside thing, is used by two services or more, and holds no word of news.
Never here: feeds, articles, claims, alerts, or a decision about any of them.
"""
