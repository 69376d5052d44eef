"""The package data as entries, in the order of the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any

import yaml

from services.region.entries import Entry, Holding, Office

Names = Mapping[str, Sequence[str]]

_WATCHED_STATES = frozenset({"ARM", "AZE", "GEO"})


def read(name: str) -> Any:
    """The value of one YAML file of the package data."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # The loader makes plain values only, as safe_load does, in C where it can.
    return yaml.load((resources.files("services.region") / "data" / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader


def entries() -> Iterator[tuple[Entry, Names]]:
    """Every entry of places, actors and wars with its names by language."""
    for key, row in read("places.yaml").items():
        yield _place(key, row), row["names"]
    for key, row in read("actors.yaml").items():
        yield _actor(key, row), row["names"]
    for key, row in read("wars.yaml").items():
        yield _war(key, row), row["names"]


def _label(key: str, row: Mapping[str, Any]) -> str:
    names: Names = row["names"]
    first = names.get("en") or next(iter(names.values()))
    return first[0] if first else key


def _place(key: str, row: Mapping[str, Any]) -> Entry:
    state = row.get("state")
    lat_lon = row.get("at")
    return Entry(
        id=key,
        kind="place",
        label=_label(key, row),
        code=row.get("code"),
        place_kind=row["kind"],
        state=state,
        iso=row.get("iso"),
        at=(float(lat_lon[0]), float(lat_lon[1])) if lat_lon else None,
        speaks_for=row.get("speaks_for"),
        watched=not row.get("outside") and (state in _WATCHED_STATES or state is None or row.get("iso", "").startswith("RU-")),
        held=tuple(Holding(h["by"], h.get("from"), h.get("to")) for h in row.get("held", ())),
        need=tuple(row.get("need", ())),
        without=tuple(row.get("without", ())),
    )


def _actor(key: str, row: Mapping[str, Any]) -> Entry:
    code = row.get("code")
    return Entry(
        id=key,
        kind=row["kind"],
        label=_label(key, row),
        code=code,
        sector=code.split(".")[1] if code and "." in code else None,
        offices=tuple(Office(o["office"], o.get("from"), o.get("to"), o.get("code")) for o in row.get("offices", ())),
        need=tuple(row.get("need", ())),
        without=tuple(row.get("without", ())),
    )


def _war(key: str, row: Mapping[str, Any]) -> Entry:
    began: date = row["began"]
    return Entry(
        id=key,
        kind=row["kind"],
        label=_label(key, row),
        began=began,
        ended=row.get("ended"),
        need=tuple(row.get("need", ())),
        without=tuple(row.get("without", ())),
    )
