"""Ports: free when they are chosen, the same ones the next time, new ones when somebody has taken them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.standalone import ports


def test_they_are_free_and_all_different(tmp_path: Path) -> None:
    found = ports.chosen(tmp_path / "ports.json", ["broker", "controller"])
    assert len(set(found.values())) == 2
    assert all(ports.free(port) for port in found.values())


def test_they_are_remembered(tmp_path: Path) -> None:
    first = ports.chosen(tmp_path / "ports.json", ["broker", "controller"])
    assert ports.chosen(tmp_path / "ports.json", ["broker", "controller"]) == first


def test_new_ones_are_chosen_when_one_is_taken(tmp_path: Path) -> None:
    first = ports.chosen(tmp_path / "ports.json", ["broker"])
    with socket.socket() as taker:
        taker.bind((ports.HOST, first["broker"]))
        taker.listen()
        second = ports.chosen(tmp_path / "ports.json", ["broker"])
        assert second != first
    assert ports.chosen(tmp_path / "ports.json", ["broker"]) == second


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"broker": "x"}', '{"broker": null}'])
def test_a_damaged_file_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    found = ports.chosen(tmp_path / "ports.json", ["broker"])
    assert ports.chosen(tmp_path / "ports.json", ["broker"]) == found
