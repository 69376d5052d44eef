"""A service as a process of its own: settings, log, run, and an exit code that tells an operator what to mend.

0: stopped as asked. 1: something it stands on is unfit (the database, the messages), and a restart alone mends nothing.
2: what is set is wrong, each fault with its mend on standard error.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from services.runtime.deadletters import TooManyDeadLetters
from services.runtime.postgres import DatabaseUnfit
from services.runtime.settings import SettingsFault, WatchSettings
from services.runtime.telemetry import get_logger, set_up_logging

Kind = TypeVar("Kind", bound=WatchSettings)


def run_process(
    name: str,
    kind: type[Kind],
    run: Callable[[Kind], Coroutine[Any, Any, None]],
    *,
    wrong: tuple[type[Exception], ...] = (),
    unfit: tuple[type[Exception], ...] = (),
    needs: tuple[str, ...] = ("kafka", "database"),
) -> int:
    """Load the settings, set up the log, run until stopped; the exit code.

    Args:
        name: the service's, in its log lines.
        kind: its settings.
        run: the wiring; it returns when the service has stopped.
        wrong: faults in what is set beyond the settings themselves (a file that they name): exit code 2.
        unfit: faults in what it stands on beyond database and messages: exit code 1.
        needs: the optional settings that it cannot do without.
    """
    set_wrong: tuple[type[Exception], ...] = (SettingsFault, *wrong)
    stands_on_unfit: tuple[type[Exception], ...] = (DatabaseUnfit, TooManyDeadLetters, *unfit)
    try:
        settings = kind.load()
        settings.need(*needs)
        set_up_logging(settings, name)
        asyncio.run(run(settings))
    except set_wrong as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except stands_on_unfit as fault:
        get_logger(name).error(_event(type(fault).__name__), detail=str(fault))
        return 1
    return 0


def _event(fault: str) -> str:
    """The fault's name as log lines write it: DatabaseUnfit is database_unfit."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", fault).lower()
