"""A database is brought to the newest revision by a process of its own, which says why where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from migrations.upgrade import current, head
from services.standalone.upgrading import UpgradeFailed, upgrade_apart

pytestmark = pytest.mark.stack


async def test_the_database_is_at_the_newest_revision_afterwards(database_url: str) -> None:
    await upgrade_apart(database_url)

    assert await current(database_url) == head()


async def test_a_database_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(UpgradeFailed) as fault:
        await upgrade_apart(f"postgresql+asyncpg://watch:hush-hush@/watch?host={tmp_path}")

    assert "hush-hush" not in str(fault.value)
    assert str(fault.value)


def test_what_polls_for_a_script_loads_neither_parsers_nor_migrations_nor_kafka() -> None:
    code = "import sys, services.standalone.feedpolling as _; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"alembic", "aiokafka", "feedparser", "lxml", "trafilatura"} & set(loaded)
    assert "sqlalchemy" in loaded
