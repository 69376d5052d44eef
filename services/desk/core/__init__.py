"""The desk's rules, pure: tokens and roles, cursors, spans of time, feeds.

Never here: a socket, a database, a clock, asyncio, chance.
"""
