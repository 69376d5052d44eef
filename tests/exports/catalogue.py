"""What a Postgres says of its own tables and views: read from its catalogue, so that nothing is taken on trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column as the catalogue has it."""

    name: str
    type: str
    required: bool
    default: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view as the catalogue has it: constraints and indexes by name, a view's query in `definition`."""

    name: str
    kind: str
    comment: str | None
    columns: tuple[ColumnEntry, ...]
    constraints: tuple[tuple[str, str], ...] = ()
    indexes: tuple[tuple[str, str], ...] = ()
    definition: str | None = None

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return self.kind == "v"


RELATIONS = """
SELECT oid, relname, relkind::text, obj_description(oid, 'pg_class') AS comment,
    CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) END AS definition
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relname <> 'alembic_version'
ORDER BY relname
"""
COLUMNS = """
SELECT attrelid, attname, format_type(atttypid, atttypmod) AS type, attnotnull, col_description(attrelid, attnum) AS comment,
    CASE WHEN attidentity <> '' THEN 'identity' ELSE pg_get_expr(adbin, adrelid) END AS fallback
FROM pg_attribute
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
ORDER BY attrelid, attnum
"""
CONSTRAINTS = """
SELECT conrelid, conname, pg_get_constraintdef(oid) AS definition
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
ORDER BY conrelid, conname
"""
INDEXES = """
SELECT indrelid, relname, pg_get_indexdef(indexrelid) AS definition
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace
ORDER BY indrelid, relname
"""


async def relations(connection: AsyncConnection) -> tuple[Relation, ...]:
    """Every table and view of the schema `public`, by name."""
    found = (await connection.execute(text(RELATIONS))).mappings().all()
    columns = (await connection.execute(text(COLUMNS))).mappings().all()
    constraints = (await connection.execute(text(CONSTRAINTS))).mappings().all()
    indexes = (await connection.execute(text(INDEXES))).mappings().all()

    def of(rows: Any, owner: str, oid: int, name: str) -> tuple[tuple[str, str], ...]:
        return tuple((row[name], row["definition"]) for row in rows if row[owner] == oid)

    return tuple(
        Relation(
            name=row["relname"],
            kind=row["relkind"],
            comment=row["comment"],
            columns=tuple(
                ColumnEntry(column["attname"], column["type"], column["attnotnull"], column["fallback"], column["comment"])
                for column in columns
                if column["attrelid"] == row["oid"]
            ),
            constraints=of(constraints, "conrelid", row["oid"], "conname"),
            indexes=of(indexes, "indrelid", row["oid"], "relname"),
            definition=row["definition"],
        )
        for row in found
    )
