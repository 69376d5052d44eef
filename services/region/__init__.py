"""What is known of the region, as data with a schema, and the one automaton that finds it in a text.

Belongs here: places, actors, offices with dates, wars and truces with dates. Never here: what an article claims, or
input and output beyond reading its own data files.
"""
