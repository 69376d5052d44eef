"""`lexicon check`: the files as they are pass, and a fault is told with its file and line."""

from __future__ import annotations

import pytest

from services.classifier.core import packs
from services.standalone import lexicons

pytestmark = pytest.mark.slow


def test_the_files_as_they_are_pass() -> None:
    said: list[str] = []
    assert lexicons.check(said.append) == 0
    assert "of their form" in said[0]


def test_a_fault_is_told_with_file_and_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(language: str) -> packs.Pack | None:
        return packs.parse(language, f"language: {language}\nno_such_section: [word]\n")

    monkeypatch.setattr(packs, "load", broken)
    said: list[str] = []
    assert lexicons.check(said.append) == 1
    assert any(line.startswith("lexicon/en.yaml:2: no_such_section") for line in said), said
    assert "refuses these files" in said[-1]
