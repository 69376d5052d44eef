"""Times as they are sent: ISO 8601 with a zone, and nothing else; a bare number could be seconds or milliseconds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]", re.ASCII)


def _written(value: object) -> object:
    if not (isinstance(value, str) and _ISO.match(value)):
        raise ValueError("it is no time; write it with its zone, such as 2026-11-24T18:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A time with a zone."""
