"""`python -m services.classifier`: the classifier alone, for containers."""

from __future__ import annotations

import asyncio
import sys

from services.classifier.adapters.readers import ReadersUnfit
from services.classifier.app import run
from services.classifier.settings import ClassifierSettings
from services.runtime.deadletters import TooManyDeadLetters
from services.runtime.postgres import DatabaseUnfit
from services.runtime.settings import SettingsFault
from services.runtime.telemetry import get_logger, set_up_logging


def main() -> int:
    """Run until stopped; 2 where the settings are wrong, 1 where the database, the lexicons or the messages are."""
    try:
        settings = ClassifierSettings.load()
        settings.need("kafka", "database")
    except SettingsFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    set_up_logging(settings, "classifier")
    try:
        asyncio.run(run(settings))
    except SettingsFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except DatabaseUnfit as fault:
        get_logger("classifier").error("database_unfit", detail=str(fault))
        return 1
    except ReadersUnfit as fault:
        get_logger("classifier").error("readers_unfit", detail=str(fault))
        return 1
    except TooManyDeadLetters as fault:
        get_logger("classifier").error("too_many_dead_letters", detail=str(fault))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
