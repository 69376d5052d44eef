"""The reference pages that are made from the code: settings, commands, metrics, topics, reasons."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer
from prometheus_client import REGISTRY
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from schemas import topics, vocabulary
from services import cli
from services.alerter.core.routes import Routes
from services.alerter.settings import AlerterSettings
from services.classifier.settings import ClassifierSettings
from services.desk.settings import DeskSettings
from services.fetcher.settings import FetcherSettings
from services.runtime.settings import WatchSettings, variable
from tests.exports import ROOT

FOLDER = ROOT / "docs" / "reference"
MADE = "Made from the code by `./run docs`; a test holds it current."
SERVICES: dict[str, type[WatchSettings]] = {
    "fetcher": FetcherSettings,
    "classifier": ClassifierSettings,
    "alerter": AlerterSettings,
    "desk": DeskSettings,
}


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "made at the start" if field.default_factory else "needed"
    value = field.default.value if isinstance(field.default, StrEnum) else field.default
    return "" if value in (None, (), [], "") else f"`{value}`"


def _settings_rows(kind: type[WatchSettings], without: frozenset[str] = frozenset()) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        if name not in without:
            extra: Any = field.json_schema_extra or {}
            yield f"| `{variable(name)}` | {_cell(field.description or '')} | {_default(field)} | {_cell(extra.get('mend', ''))} |"


def settings_page() -> str:
    """Every setting of every service."""
    head = ["| variable | what it is | default | how to write it |", "|---|---|---|---|"]
    shared = frozenset(WatchSettings.model_fields)
    lines = [
        "# Settings",
        "",
        MADE,
        "",
        "Settings come from the environment. Each can come from a file instead: the same variable with `_FILE` behind it names the",
        "file, as container secrets are handed over. All that is wrong is told at once, each fault with its mend;",
        "`caucasus-watch doctor` looks without starting anything.",
        "",
        "## Every service",
        "",
        *head,
        *_settings_rows(WatchSettings),
    ]
    for name, kind in SERVICES.items():
        lines += ["", f"## {name}", "", *head, *_settings_rows(kind, shared)]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """Every command with its options."""
    lines = ["# Commands", "", MADE, ""]
    for name, command in _commands(typer.main.get_command(cli.app)):
        lines += [f"## caucasus-watch {name}", "", inspect.cleandoc(command.help or ""), ""]
        for parameter in command.params:
            written = ", ".join(parameter.opts) if parameter.param_type_name == "option" else (parameter.metavar or parameter.name)
            lines.append(f"- `{written}`: {_cell(getattr(parameter, 'help', '') or '')}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "commands", None):
            if command.invoke_without_command:
                yield prefix + name, command
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def metrics_page() -> str:
    """Every metric of the services."""
    for name in (*SERVICES, "runtime"):
        for module in ("metrics", "telemetry", "deadletters", "consumption", "outbox"):
            path = Path(ROOT, "services", name, f"{module}.py")
            if path.exists():
                importlib.import_module(f"services.{name}.{module}")
    lines = [
        "# Metrics",
        "",
        MADE,
        "",
        "Served at `/metrics` on `CAUCASUS_WATCH_METRICS_PORT`.",
        "",
        "| metric | kind | what it counts |",
        "|---|---|---|",
    ]
    families = sorted(
        (family for family in REGISTRY.collect() if family.name.startswith("caucasus_watch_")), key=lambda family: family.name
    )
    for family in families:
        suffix = "_total" if family.type == "counter" else ""
        lines.append(f"| `{family.name}{suffix}` | {family.type} | {_cell(family.documentation)} |")
    return "\n".join(lines) + "\n"


def words_page() -> str:
    """The topics and every closed list of words."""
    lines = ["# Topics and reasons", "", MADE, "", "| topic | event | key | partitions | kept |", "|---|---|---|---|---|"]
    for topic in topics.TOPICS:
        days = topic.retention_ms // topics.DAY_MS
        lines.append(f"| `{topic.name}` | `{topic.event_type}` | {topic.keyed_by} | {topic.partitions} | {days} days |")
    lines += ["", f"Each has a `.dlq` beside it, kept {topics.DLQ_RETENTION_MS // topics.DAY_MS} days.", ""]
    for name, kind in inspect.getmembers(vocabulary, inspect.isclass):
        if issubclass(kind, StrEnum) and kind is not StrEnum:
            lines += [f"## {name}", "", inspect.getdoc(kind) or "", "", ", ".join(f"`{word}`" for word in kind), ""]
    return "\n".join(lines).rstrip() + "\n"


def exports() -> dict[Path, str]:
    """The pages and the texts that they must have."""
    return {
        FOLDER / "settings.md": settings_page(),
        FOLDER / "commands.md": commands_page(),
        FOLDER / "metrics.md": metrics_page(),
        FOLDER / "words.md": words_page(),
        FOLDER / "routes.schema.json": routes_schema(),
    }


def routes_schema() -> str:
    """The JSON Schema of routes.yaml, as `routes schema` prints it."""
    return json.dumps(Routes.model_json_schema(by_alias=True), ensure_ascii=False, indent=2) + "\n"
