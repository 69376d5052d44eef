"""docs/reference/openapi.json: the description of the desk's interface, as it serves it."""

from __future__ import annotations

import json
from pathlib import Path

from services.desk.api.door import Desk
from services.desk.api.interface import interface
from services.desk.api.stream import Stream
from services.runtime.clock import WallClock
from services.runtime.postgres import open_engine
from tests.exports import ROOT

PAGE = ROOT / "docs" / "reference" / "openapi.json"


def exports() -> dict[Path, str]:
    """The description; the engine is never connected."""
    desk = Desk(open_engine("postgresql+asyncpg://nobody@localhost/none", application="description"), WallClock())
    described = interface(desk, Stream(desk, at_most=1)).openapi()
    return {PAGE: json.dumps(described, ensure_ascii=False, indent=2) + "\n"}
