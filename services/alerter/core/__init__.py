"""The alerter's decisions, pure: (ledger, article, now, policy) -> ledger, alerts, reason.

Never here: a socket, a database, a clock, asyncio, chance.
"""
