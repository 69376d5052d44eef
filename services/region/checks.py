"""Checks the package data of the region: every fault with its file, line and mend. `python -m services.region.checks` prints them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = frozenset({"en", "ru", "hy", "az", "ka", "tr", "fr", "de"})
_CODE = re.compile(r"^[A-Z]{2,5}2?(\.[A-Z]{3})?$")
_ID = re.compile(r"^[a-z0-9][a-z0-9-]*$")
_PLACE_KINDS = frozenset(
    "state republic province region city town village road crossing pass mountain river lake gorge base plant airport monastery border capital".split()  # noqa: SIM905 - a word list reads better
)
_ACTOR_KINDS = frozenset("person office armed group party org church format term weapon".split())  # noqa: SIM905 - as above
_WAR_KINDS = frozenset({"war", "operation", "event", "agreement"})
_SECTORS = frozenset({"GOV", "MIL", "PKO", "CVL", "OPP", "MED", "POL", "REB"})


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault of one file, at a line counted from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class _Sheet:
    """One YAML file with the lines of its keys."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.rows: list[tuple[str, int, dict[str, Any]]] = []
        try:
            node = yaml.compose(text, Loader=yaml.CSafeLoader)
            value = yaml.load(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as problem:
            mark = getattr(problem, "problem_mark", None)
            self.faults.append(Fault(name, mark.line + 1 if mark else 1, f"not YAML: {getattr(problem, 'problem', problem)}"))
            return
        if not isinstance(value, dict) or not isinstance(node, yaml.MappingNode):
            self.faults.append(Fault(name, 1, "must map ids to entries"))
            return
        seen: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                self.faults.append(Fault(name, line, f"'{key.value}' stands here twice; merge the two"))
            seen.add(key.value)
            row = value.get(key.value)
            if isinstance(row, dict):
                self.rows.append((key.value, line, row))
            else:
                self.faults.append(Fault(name, line, f"'{key.value}' must hold an entry with kind and names"))

    def fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(self.name, line, message))


def faults(folder: Path | None = None) -> tuple[Fault, ...]:
    """All faults of the data in `folder`, the package's own by default; empty where all is well."""
    found: list[Fault] = []
    known: dict[str, str] = {}
    for name, check in (("places.yaml", _place), ("actors.yaml", _actor), ("wars.yaml", _war)):
        sheet = _Sheet(name, _text(folder, name))
        for key, line, row in sheet.rows:
            if not _ID.match(key):
                sheet.fault(line, f"id '{key}' must be small letters, digits and hyphens")
            if known.get(key, name) != name:
                sheet.fault(line, f"id '{key}' is already in {known[key]}; ids are shared by the three files")
            known.setdefault(key, name)
            for message in (*check(row), *_named(row)):
                sheet.fault(line, f"{key}: {message}")
        found += sheet.faults
    found += _bodies(_Sheet("bodies.yaml", _text(folder, "bodies.yaml")))
    return tuple(sorted(found))


def _text(folder: Path | None, name: str) -> str:
    if folder is not None:
        return (folder / name).read_text(encoding="utf-8")
    return (resources.files("services.region") / "data" / name).read_text(encoding="utf-8")


def _keys(row: dict[str, Any], allowed: set[str]) -> Iterator[str]:
    for key in row:
        if key not in allowed:
            yield f"'{key}' is not known here; known are {', '.join(sorted(allowed))}"


_COMMON = {"kind", "code", "names", "wording", "beware", "need", "without"}


def _place(row: dict[str, Any]) -> Iterator[str]:
    yield from _keys(row, _COMMON | {"state", "iso", "at", "approximate", "geonames", "speaks_for", "held", "outside"})
    if row.get("kind") not in _PLACE_KINDS:
        yield f"kind '{row.get('kind')}' is no kind of place"
    match row.get("at"):
        case None:
            pass
        case [int() | float() as lat, int() | float() as lon] if -90 <= lat <= 90 and -180 <= lon <= 180:
            pass
        case other:
            yield f"at must be [latitude, longitude] in degrees, not {other}"
    yield from _coded(row, "code", "speaks_for")
    for holding in row.get("held", ()):
        if not isinstance(holding, dict) or not isinstance(holding.get("by"), str):
            yield "held must list {by, from, to}"
        elif any(not isinstance(holding.get(k), date | None) for k in ("from", "to")):
            yield "held: from and to must be dates (2020-11-08)"
        elif holding.get("from") and holding.get("to") and holding["from"] >= holding["to"]:
            yield f"held: {holding['from']} is not before {holding['to']}"


def _actor(row: dict[str, Any]) -> Iterator[str]:
    yield from _keys(row, _COMMON | {"offices", "years"})
    if row.get("kind") not in _ACTOR_KINDS:
        yield f"kind '{row.get('kind')}' is no kind of actor"
    yield from _coded(row, "code")
    for office in row.get("offices", ()):
        if not isinstance(office, dict) or not office.get("office"):
            yield "offices must list {office, from, to, code}"
        elif office.get("code") and not _CODE.match(str(office["code"])):
            yield f"'{office['code']}' is no code (BODY or BODY.SECTOR)"
        elif office.get("from") and office.get("to") and office["from"] > office["to"]:
            yield f"office from {office['from']} to {office['to']}"


def _war(row: dict[str, Any]) -> Iterator[str]:
    yield from _keys(row, _COMMON | {"began", "ended"})
    if row.get("kind") not in _WAR_KINDS:
        yield f"kind '{row.get('kind')}' is none of {', '.join(sorted(_WAR_KINDS))}"
    began, ended = row.get("began"), row.get("ended")
    if not isinstance(began, date):
        yield "began must be a date (1994-05-12)"
    elif ended is not None and (not isinstance(ended, date) or ended < began):
        yield "ended must be a date, not before began"


def _coded(row: dict[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        if row.get(key) is not None and not _CODE.match(str(row[key])):
            yield f"{key} '{row[key]}' is no code (BODY or BODY.SECTOR)"


def _named(row: dict[str, Any]) -> Iterator[str]:
    names = row.get("names")
    if not isinstance(names, dict) or not names:
        yield "names must list the names by language"
        return
    yield from _by_language(names)
    for key in ("need", "without"):
        if not all(isinstance(phrase, str) and phrase.strip() for phrase in row.get(key, ())):
            yield f"{key} must list phrases; quote numbers and yes/no"


def _by_language(names: dict[str, Any]) -> Iterator[str]:
    for language, forms in names.items():
        if language not in LANGUAGES:
            yield f"'{language}' is no language that is read ({', '.join(sorted(LANGUAGES))})"
        if not isinstance(forms, list) or not all(isinstance(form, str) and form.strip() for form in forms):
            yield f"names in {language} must be a list of words; quote yes/no, numbers and what begins with a quotation mark"


def _bodies(sheet: _Sheet) -> list[Fault]:
    sections: dict[str, Callable[[str, Any], Iterator[str]]] = {"countries": _country, "bodies": _body}
    for section, line, rows in sheet.rows:
        if section in sections:
            for key, row in rows.items():
                for message in sections[section](key, row):
                    sheet.fault(line, f"{section}: {key}: {message}")
        elif section in {"between", "joining", "and"}:
            for message in _by_language({k: [w or "-" for w in v] if isinstance(v, list) else v for k, v in rows.items()}):
                sheet.fault(line, f"{section}: {message}")
        else:
            sheet.fault(line, f"'{section}' is no section; known are countries, bodies, between, joining, and")
    return sheet.faults


def _country(key: str, row: Any) -> Iterator[str]:
    if not _CODE.match(key):
        yield "is no body code"
    if not isinstance(row, dict) or not row.keys() <= {"names", "peoples"} or "peoples" not in row:
        yield "must hold peoples and may hold names"
        return
    for names in row.values():
        yield from _by_language(names)


def _body(_key: str, row: Any) -> Iterator[str]:
    if not isinstance(row, dict) or row.get("sector") not in _SECTORS or row.get("kind") not in {"office", "armed", "people"}:
        yield "must hold a sector and a kind (office, armed, people)"
        return
    yield from _by_language({k: v for k, v in row.items() if k not in {"sector", "kind"}})


if __name__ == "__main__":
    listed = faults()
    sys.stdout.writelines(f"{fault}\n" for fault in listed)
    sys.exit(1 if listed else 0)
