"""`python -m services.alerter`: the alerter alone, for containers."""

from __future__ import annotations

import sys

from services.alerter.app import run
from services.alerter.settings import AlerterSettings
from services.runtime.process import run_process


def main() -> int:
    """Run until stopped; 2 where the settings or the policy are wrong, 1 where the database or the messages are."""
    return run_process("alerter", AlerterSettings, run)


if __name__ == "__main__":
    sys.exit(main())
