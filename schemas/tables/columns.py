"""The metadata of all tables, and the few kinds of columns that they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, ForeignKeyConstraint, MetaData, Text, Uuid

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""Every table of the database. The migrations are tested to make exactly this."""


def identifier(name: str, comment: str, *args: Any, **options: Any) -> Column[str]:
    """A UUID, read and written as text, as the messages carry it."""
    return Column(name, Uuid(as_uuid=False), *args, comment=comment, **options)


def words(name: str, comment: str, *args: Any, **options: Any) -> Column[str]:
    """A text of any length."""
    return Column(name, Text, *args, comment=comment, **options)


def moment(name: str, comment: str, **options: Any) -> Column[Any]:
    """A point in time: aware when read and when written."""
    return Column(name, DateTime(timezone=True), comment=comment, **options)


def one_of(column: str, vocabulary: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """The check that a column holds a word of a closed list (or NULL, where the column allows it)."""
    listed = ", ".join(f"'{word}'" for word in vocabulary)
    return CheckConstraint(f'"{column}" IN ({listed})', name=column)


def belongs_to(target: str, **options: Any) -> ForeignKey:
    """A reference within the tables of one service.

    It is checked when the transaction commits, so that a service writes the rows of one transaction in the order that
    suits it. Between services there are no references: each commits in its own time, and ids join them.
    """
    return ForeignKey(target, deferrable=True, initially="DEFERRED", **options)


def of_revision() -> ForeignKeyConstraint:
    """The reference of what was read to the revision that it was read in."""
    return ForeignKeyConstraint(
        ["article_id", "revision"],
        ["revisions.article_id", "revisions.revision"],
        ondelete="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )
