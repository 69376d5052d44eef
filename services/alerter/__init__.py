"""Keeps the ledger of each story and tells a desk when a claim changed: once, with the sentence that says so.

Belongs here: the ledger, the decision, messages, deliveries. Never here: how an article is read, feeds, or an import of
another service.
"""
