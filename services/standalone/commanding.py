"""How a command ends: its exit code, and what it says on the way. Imports nothing heavy, so that --help is quick."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import typer

from services.runtime.settings import SettingsFault

LINE_ENDS = re.compile("[\u0085\u2028\u2029]")
DONE = 0
FAULTS = 1
WRONG_USE = 2


def say(text: str) -> None:
    """Tell the person, beside what goes to standard output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def run(what: Callable[[], int]) -> None:
    """Run, and end with its exit code; faults in settings are told with their mends, all at once.

    Raises:
        typer.Exit: always, with the code.
    """
    try:
        code = what()
    except SettingsFault as fault:
        say(str(fault))
        code = WRONG_USE
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is left to say, and Python must not try to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    raise typer.Exit(code)


def print_line(document: dict[str, Any]) -> None:
    """One JSON object on a line of its own: in UTF-8 whatever the terminal speaks, and safe from readers that know more ends of lines."""
    line = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    data = (LINE_ENDS.sub(lambda found: f"\\u{ord(found.group()):04x}", line) + "\n").encode("utf-8", "replace")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def plain(value: Any) -> Any:
    """The value as JSON knows it: times in ISO 8601, sequences as lists."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(part) for part in value]
    return value
