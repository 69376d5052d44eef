"""The desk's tables and what it reads of others in Postgres."""
