"""`python -m services.fetcher`: the fetcher alone, for containers."""

from __future__ import annotations

import asyncio
import sys

from services.fetcher.app import run
from services.fetcher.core.feedlist import FeedListFault
from services.fetcher.settings import FetcherSettings
from services.runtime.postgres import DatabaseUnfit
from services.runtime.settings import SettingsFault
from services.runtime.telemetry import get_logger, set_up_logging


def main() -> int:
    """Run until stopped; 2 where the settings or the list of feeds are wrong, 1 where the database is."""
    try:
        settings = FetcherSettings.load()
        settings.need("kafka", "database")
    except SettingsFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    set_up_logging(settings, "fetcher")
    try:
        asyncio.run(run(settings))
    except (SettingsFault, FeedListFault) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except DatabaseUnfit as fault:
        get_logger("fetcher").error("database_unfit", detail=str(fault))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
