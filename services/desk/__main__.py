"""`python -m services.desk`: the desk's interface alone, for containers."""

from __future__ import annotations

import sys

from services.desk.app import run
from services.desk.settings import DeskSettings
from services.runtime.process import run_process


def main() -> int:
    """Run until stopped; 2 where the settings are wrong, 1 where the database is."""
    return run_process("desk", DeskSettings, run, needs=("database",))


if __name__ == "__main__":
    sys.exit(main())
