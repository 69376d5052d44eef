"""Weights of features, kept as reviewed JSON: name -> weight, positive speaks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def weights_of(name: str) -> Mapping[str, float]:
    """The weights `services/classifier/weights/<name>.json`."""
    path = resources.files("services.classifier") / "weights" / f"{name}.json"
    read: Mapping[str, float] = json.loads(path.read_text(encoding="utf-8"))["weights"]
    return read
