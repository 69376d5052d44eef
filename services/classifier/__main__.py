"""`python -m services.classifier`: the classifier alone, for containers."""

from __future__ import annotations

import sys

from services.classifier.adapters.readers import ReadersUnfit
from services.classifier.app import run
from services.classifier.settings import ClassifierSettings
from services.runtime.process import run_process


def main() -> int:
    """Run until stopped; 2 where the settings are wrong, 1 where the database, the lexicons or the messages are."""
    return run_process("classifier", ClassifierSettings, run, unfit=(ReadersUnfit,))


if __name__ == "__main__":
    sys.exit(main())
