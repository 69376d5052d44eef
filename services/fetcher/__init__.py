"""Pulls feeds and puts each new or revised article of the region on `articles.fetched`, once.

Belongs here: polling, parsing of feeds, identity and dates of entries, keyword matching. Never here: what an article
claims, who is told, or an import of another service.
"""
