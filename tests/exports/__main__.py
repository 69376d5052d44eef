"""`python -m tests.exports`: write again everything that is made from the code; `--release` keeps the schemas as released."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.exports import ROOT, data_page, decisions, json_schemas, openapi, reference
from tests.exports.database import migrated

Texts = dict[Path, str]


async def of_the_models() -> Texts:
    """The JSON Schemas."""
    return json_schemas.exports()


async def of_the_database() -> Texts:
    """The page of the data."""
    async with migrated() as connection:
        return await data_page.exports(connection)


async def of_the_code() -> Texts:
    """The pages of settings, commands, metrics and words, of what is decided, and the desk's interface."""
    return reference.exports() | decisions.exports() | openapi.exports()


EXPORTS: tuple[Callable[[], Awaitable[Texts]], ...] = (of_the_models, of_the_code, of_the_database)
"""Each gives paths and the texts that they must have. A new export is a function here."""


async def write() -> None:
    """Write every export whose text has changed, and say which."""
    for export in EXPORTS:
        for path, content in (await export()).items():
            same = path.exists() and path.read_text(encoding="utf-8") == content
            if not same:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            print(f"{'unchanged' if same else 'written':9}  {path.relative_to(ROOT)}")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.exports", description=__doc__)
    parser.add_argument("--release", action="store_true", help="keep the JSON Schemas as those of the last release")
    asked = parser.parse_args()
    asyncio.run(write())
    if asked.release:
        json_schemas.release()


if __name__ == "__main__":
    main()
