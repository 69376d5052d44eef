"""Reads every fetched article for actors, events, casualty claims and ceasefires, and finds its story.

Belongs here: reading, copies, stories, the tables of what was read. Never here: feeds, alerts, desks, or an import of
another service.
"""
