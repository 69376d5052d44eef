"""Alembic migrations of the database; tested to equal `schemas.tables`. Never here: data that a user could want to change."""
