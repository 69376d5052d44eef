"""The exit code of a service tells an operator what to mend."""

from __future__ import annotations

import json

import pytest

from services.runtime.deadletters import TooManyDeadLetters
from services.runtime.postgres import DatabaseUnfit
from services.runtime.process import run_process
from services.runtime.settings import SettingsFault, WatchSettings


class ListError(ValueError):
    pass


class UnreadableError(RuntimeError):
    pass


def ending(fault: Exception | None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("CAUCASUS_WATCH_KAFKA", "127.0.0.1:9092")
    monkeypatch.setenv("CAUCASUS_WATCH_DATABASE", "postgresql://watch@127.0.0.1/watch")
    monkeypatch.setenv("CAUCASUS_WATCH_LOG_FORMAT", "json")

    async def run(_settings: WatchSettings) -> None:
        if fault is not None:
            raise fault

    return run_process("dancer", WatchSettings, run, wrong=(ListError,), unfit=(UnreadableError,))


def test_stopped_as_asked_is_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ending(None, monkeypatch) == 0


@pytest.mark.parametrize("fault", [SettingsFault(["CAUCASUS_WATCH_X: wrong; mend it"]), ListError("feeds.yaml:3: no address")])
def test_what_is_set_wrong_is_2_and_told_with_its_mend(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(fault, monkeypatch) == 2
    assert str(fault) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "event"),
    [
        (DatabaseUnfit("no table"), "database_unfit"),
        (TooManyDeadLetters("51 of 60"), "too_many_dead_letters"),
        (UnreadableError("lexicon"), "unreadable_error"),
    ],
)
def test_what_it_stands_on_is_1_and_logged(
    fault: Exception, event: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ending(fault, monkeypatch) == 1
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["detail"]) == (event, str(fault))


def test_a_missing_address_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("CAUCASUS_WATCH_KAFKA", raising=False)
    monkeypatch.delenv("CAUCASUS_WATCH_DATABASE", raising=False)

    async def run(_settings: WatchSettings) -> None:
        pytest.fail("it must not run")

    assert run_process("dancer", WatchSettings, run) == 2
    said = capsys.readouterr().err
    assert "CAUCASUS_WATCH_KAFKA" in said
    assert "CAUCASUS_WATCH_DATABASE" in said
