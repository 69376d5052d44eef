"""Brings a database to the newest revision, and says what happened."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from migrations.upgrade import UnknownRevision, upgrade
from services.runtime.settings import WatchSettings


async def migrate_to_newest(say: Callable[[str], None]) -> int:
    """Migrate the database of the settings; 0 when it is at the newest revision, 1 with the reason where it is not.

    Raises:
        SettingsFault: no database is set, or another setting is wrong.
    """
    url = WatchSettings.load().database_url
    try:
        before, after = await upgrade(url)
    except UnknownRevision as fault:
        say(str(fault))
        return 1
    except (OSError, SQLAlchemyError) as fault:
        first = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
        say(f"the database could not be migrated: {first}; nothing was changed. Is it running, and may this role make tables?")
        return 1
    if before == after:
        say(f"the database is at {after}, the newest revision; nothing to do")
    else:
        say(f"the database went from {before or 'nothing'} to {after}")
    return 0
