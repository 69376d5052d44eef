"""The check of the data names the file, the line and the mend."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from services.region.checks import faults

SMALL = {
    "places.yaml": "p0:\n  kind: city\n  names: {en: [Some Town]}\n",
    "actors.yaml": "a0:\n  kind: org\n  code: UNO\n  names: {en: [Some Body]}\n",
    "wars.yaml": "w0:\n  kind: war\n  began: 2020-09-27\n  ended: 2020-11-10\n  names: {en: [Some War]}\n",
}
"""A file of each kind without a fault: reading the package's own for every test takes most of the time."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SMALL.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with resources.as_file(resources.files("services.region") / "data" / "bodies.yaml") as path:
        shutil.copy(path, tmp_path / "bodies.yaml")
    return tmp_path


def told(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text, encoding="utf-8")
    return [str(fault) for fault in faults(folder) if fault.file == name]


def test_the_package_data_have_no_fault() -> None:
    assert faults() == ()


def test_a_wrong_kind_is_told_at_its_line(folder: Path) -> None:
    assert told(folder, "places.yaml", "# head\nx1:\n  kind: planet\n  names: {en: [X One]}\n") == [
        "places.yaml:2: x1: kind 'planet' is no kind of place"
    ]


def test_a_key_twice_is_told(folder: Path) -> None:
    row = "  kind: city\n  names: {en: [X One]}\n"
    assert told(folder, "places.yaml", f"x1:\n{row}x1:\n{row}") == ["places.yaml:4: 'x1' stands here twice; merge the two"]


def test_dates_that_cannot_be(folder: Path) -> None:
    text = "w1:\n  kind: war\n  began: 2020-11-10\n  ended: 2020-09-27\n  names: {en: [Some War]}\n"
    assert told(folder, "wars.yaml", text) == ["wars.yaml:1: w1: ended must be a date, not before began"]


def test_a_word_that_yaml_took_for_something_else(folder: Path) -> None:
    text = "a1:\n  kind: org\n  code: UNO\n  names: {en: [no]}\n"
    assert told(folder, "actors.yaml", text) == [
        "actors.yaml:1: a1: names in en must be a list of words; quote yes/no, numbers and what begins with a quotation mark"
    ]


def test_a_code_of_no_form(folder: Path) -> None:
    assert told(folder, "actors.yaml", "a1:\n  kind: org\n  code: united\n  names: {en: [Some Body]}\n") == [
        "actors.yaml:1: a1: code 'united' is no code (BODY or BODY.SECTOR)"
    ]


def test_a_file_that_is_no_yaml(folder: Path) -> None:
    (fault,) = told(folder, "wars.yaml", "w1: [\n")
    assert fault.startswith("wars.yaml:2: not YAML")
