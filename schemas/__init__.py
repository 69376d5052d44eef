"""What crosses a process boundary: the words, the events, their topics, and the database as a contract.

Belongs here: the closed vocabularies, the pydantic models of Kafka messages and of what `classify` and `replay`
print, the registry of topics, the SQLAlchemy tables. Never here: input or output of any kind, a clock, a decision,
or anything that only one process knows about.
"""
