"""The whole service on one machine: Kafka and Postgres as child processes, the supervisor, the demo newsroom, the replay.

Belongs here: what joins the services and starts what they need. Never here: a rule about news.
"""
