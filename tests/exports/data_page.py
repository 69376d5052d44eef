"""docs/data.md: the database for analysts, made from a migrated database."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from migrations.upgrade import head
from schemas.tables.views import VIEWS
from tests.exports import ROOT
from tests.exports.catalogue import ColumnEntry, Relation, relations

PAGE = ROOT / "docs" / "data.md"

SUBJECTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Feeds", "Written by the fetcher.", ("outlets", "feeds", "feed_memories", "polls", "entries", "feed_reports", "fetcher_outbox")),
    ("Articles and stories", "Written by the classifier.", ("articles", "revisions", "stories", "story_aliases")),
    (
        "What was read in the articles",
        (
            "Written by the classifier. A row belongs to one revision, read by one version of the rules; the current ones are those whose "
            "`revision` and `rules_version` equal the article's. `field`, `start_offset` and `end_offset` point at the words in the revision, "
            'counted in code points from 0: in SQL `substr("text", start_offset + 1, end_offset - start_offset)`.'
        ),
        ("article_actors", "article_events", "claims", "ceasefire_statements", "classifier_outbox"),
    ),
    (
        "Ledgers and alerts",
        "Written by the alerter.",
        (
            "ledgers",
            "ledger_figures",
            "decisions",
            "alerts",
            "deliveries",
            "delivery_groups",
            "channel_states",
            "handled_hands",
            "watches",
            "alerter_outbox",
        ),
    ),
    (
        "The desk",
        "Written by the desk: its interface and the commands `caucasus-watch alerts` and `caucasus-watch desk`. The alerter reads and obeys.",
        ("hands", "silences", "desk_tokens", "audit"),
    ),
)

OPENING = """\
# The data

<!-- Made from the database by ./run docs; a test holds it to the migrations. Change the comments in schemas/tables/, not this page. -->

Everything that the service knows is in PostgreSQL, at revision {revision} of the migrations. Each table is written by one
service. References (foreign keys) stand within the tables of one service; between services the ids join: `article_id` is the
same everywhere, and a `story_id` is first looked up in `story_aliases`, because stories may be found to be one. All times
carry a zone. No time is made up: where an outlet gave none that can be believed, `published_at` is NULL.

## Reading as an analyst

The migrations make a role `analyst` that may read every table and view but the outboxes, `desk_tokens` and `audit`, and nothing else: no
row can be written with it. Of `deliveries` the column `last_error` is closed to it, because errors may quote addresses. The role cannot log in;
give it to those who can:

```sql
CREATE ROLE maria LOGIN PASSWORD '…' IN ROLE analyst;
```

Tables that later releases add can be read by it without more, where the same user migrates.

Where the user who migrates may not make roles, the migration goes on without, and says so. An administrator can make up for it:
`CREATE ROLE analyst NOLOGIN`, and then, as the user who migrates:

```sql
{grant}
```
"""


def section(relation: Relation) -> list[str]:
    """A table or view with its columns."""
    lines = [f"### `{relation.name}`", "", f"{relation.comment}.", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [
        f"| `{column.name}` | {typed(column)} | {cell(column.comment or '')}{cell(words(relation, column.name))} |"
        for column in relation.columns
    ]
    return [*lines, ""]


def typed(column: ColumnEntry) -> str:
    """The type, short, and whether it must be there."""
    short = column.type.replace("timestamp with time zone", "timestamptz").replace("double precision", "float8")
    return f"{short}, required" if column.required else short


def words(relation: Relation, column: str) -> str:
    """The closed list that the column's check allows, if it has one."""
    for name, definition in relation.constraints:
        if name == f"ck_{relation.name}_{column}" and "ARRAY[" in definition:
            return ". One of " + ", ".join(f"`{word}`" for word in re.findall(r"'([^']*)'::text", definition))
    return ""


def cell(content: str) -> str:
    """`content` as it may stand in a table."""
    return content.replace("|", "\\|")


def references(relation: Relation) -> list[str]:
    """Its key and its references, one line each."""
    lines = []
    for name, definition in relation.constraints:
        told = definition.replace(" DEFERRABLE INITIALLY DEFERRED", "")
        if name.startswith(("pk_", "uq_", "fk_")):
            lines.append(f"- {told}")
    return [*lines, ""] if lines else []


def body(found: Sequence[Relation]) -> Iterable[str]:
    """The page after its opening: views first, because analysts start there."""
    by_name = {relation.name: relation for relation in found}
    yield from ("## Views", "")
    for view in VIEWS:
        yield from section(by_name.pop(view.name))
        yield from ("```sql", view.example.strip() + ";", "```", "")
    for subject, said, names in SUBJECTS:
        yield from (f"## {subject}", "", said, "")
        for name in names:
            relation = by_name.pop(name)
            yield from section(relation)
            yield from references(relation)
    if by_name:
        raise LookupError(f"tests/exports/data_page.py does not say where these belong: {', '.join(by_name)}")


async def exports(connection: AsyncConnection) -> dict[Path, str]:
    """The page with the text that it must have, from a migrated database."""
    grant = importlib.import_module("migrations.versions.0003_analyst").GRANT
    opening = OPENING.format(revision=head(), grant=grant.strip() + ";")
    return {PAGE: opening + "\n" + "\n".join(body(await relations(connection))).rstrip() + "\n"}
