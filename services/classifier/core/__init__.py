"""How an article becomes claims: pure functions with offsets into the stored text.

Never here: a socket, a database, a clock, asyncio, chance.
"""
