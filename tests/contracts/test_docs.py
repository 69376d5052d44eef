"""What the documents name exists: settings, commands, routines, paths, topics, metrics, views; and the made pages are current."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from schemas.tables import METADATA
from schemas.tables.views import VIEWS
from schemas.topics import TOPICS
from services import cli
from services.runtime.settings import WatchSettings, variable
from tests.exports import ROOT, decisions, openapi, reference

OF_THE_CODE = reference.exports() | decisions.exports() | openapi.exports()
MADE_PAGES = {"docs/data.md", "docs/accuracy.md"} | {path.relative_to(ROOT).as_posix() for path in OF_THE_CODE}
PAGES = sorted(path for pattern in ("*.md", "docs/**/*.md", "deploy/*.yaml", "deploy/Dockerfile") for path in ROOT.glob(pattern))
WRITTEN = [page for page in PAGES if page.relative_to(ROOT).as_posix() not in MADE_PAGES]


def variables() -> set[str]:
    kinds: tuple[type[WatchSettings], ...] = (WatchSettings, *reference.SERVICES.values())
    names = {variable(name) for kind in kinds for name in kind.model_fields}
    return names | {f"{name}_FILE" for name in names}


def commands() -> set[str]:
    return set(getattr(typer.main.get_command(cli.app), "commands", {}))


def routines() -> set[str]:
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("run_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return {*module.ROUTINES, "help", "ROUTINE"}


def named(pattern: str, text: str) -> Iterator[str]:
    yield from (match[1] for match in re.finditer(pattern, text))


def faults_of(text: str) -> list[str]:
    """All names in a document that lead nowhere."""
    code = "\n".join(re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4}(.+)$", text, flags=re.MULTILINE))
    tables = {table.name for table in METADATA.tables.values()} | {view.name for view in VIEWS}
    topics = {name for topic in TOPICS for name in (topic.name, topic.dlq)}
    found = [f"no setting {name}" for name in named(r"\b(CAUCASUS_WATCH_[A-Z_]+[A-Z])\b", text) if name not in variables()]
    found += [f"no command {name}" for name in named(r"\bcaucasus-watch ([a-z]+)\b", code) if name not in commands()]
    found += [f"no command {name}" for name in named(r"\./run cli ([a-z]+)\b", code) if name not in commands()]
    found += [f"no routine {name}" for name in named(r"\./run ([a-zA-Z]+)\b", code) if name not in routines()]
    found += [f"no topic {name}" for name in named(r"(?<![\w/])((?:articles|alerts)\.[a-z]+(?:\.dlq)?)\b", code) if name not in topics]
    found += [f"no table or view {name}" for name in named(r"\bFROM ([a-z_]+)\b", code) if name not in tables]
    paths = named(r"(?<![\w./])((?:docs|deploy|services|schemas|tests|migrations)/[\w./-]*)", code)
    found += [f"no path {name}" for name in paths if "deploy/secrets" not in name and not (ROOT / name).exists()]
    links = named(r"\]\(((?!https?:)[^)#]+)\)", text)
    return found + [f"no link target {name}" for name in links if not name.startswith("#") and not _link(name)]


def _link(name: str) -> bool:
    return any((base / name).exists() for base in (ROOT, ROOT / "docs", ROOT / "docs" / "how-to"))


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_nothing_that_is_not_there(page: Path) -> None:
    assert faults_of(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("set `CAUCASUS_WATCH_KAFFKA`", "no setting CAUCASUS_WATCH_KAFFKA"),
        ("run `caucasus-watch dance`", "no command dance"),
        ("run `./run cli dance`", "no command dance"),
        ("    ./run dance", "no routine dance"),
        ("on `articles.danced`", "no topic articles.danced"),
        ("    SELECT 1 FROM dances", "no table or view dances"),
        ("in `services/dancer/`", "no path services/dancer/"),
        ("[a page](docs/dance.md)", "no link target docs/dance.md"),
    ],
)
def test_a_wrong_name_is_noticed(text: str, fault: str) -> None:
    assert fault in faults_of(text)


@pytest.mark.parametrize("path", sorted(path.relative_to(ROOT).as_posix() for path in OF_THE_CODE))
def test_a_made_page_is_current(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == OF_THE_CODE[ROOT / path], "write it again with `./run docs`"
