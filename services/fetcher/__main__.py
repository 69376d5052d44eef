"""`python -m services.fetcher`: the fetcher alone, for containers."""

from __future__ import annotations

import sys

from services.fetcher.app import run
from services.fetcher.core.feedlist import FeedListFault
from services.fetcher.settings import FetcherSettings
from services.runtime.process import run_process


def main() -> int:
    """Run until stopped; 2 where the settings or the list of feeds are wrong, 1 where the database is."""
    return run_process("fetcher", FetcherSettings, run, wrong=(FeedListFault,))


if __name__ == "__main__":
    sys.exit(main())
