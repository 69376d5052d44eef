"""The fetcher's decisions, pure: which entries are new, kept, dated how; when a feed is due next.

Never here: a socket, a database, a clock, asyncio.
"""
