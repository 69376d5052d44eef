"""Settings: every fault at once, each with its mend, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from services.runtime.clock import StoryClock, WallClock, clock_of
from services.runtime.settings import SettingsFault, WatchSettings, mended

SECRET = "postgresql+asyncpg://watch:hush-hush@db/watch"


class NewsroomSettings(WatchSettings):
    desks: tuple[str, ...] = ()
    token: SecretStr = Field(json_schema_extra=mended("ask the newsroom for one"))


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith("CAUCASUS_WATCH_")]:
        monkeypatch.delenv(name)


def set_all(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv("CAUCASUS_WATCH_" + name.upper(), value)


def test_without_anything_the_defaults_stand() -> None:
    settings = WatchSettings.load()

    assert (settings.kafka, settings.database, settings.log_format, settings.metrics_port) == (None, None, "auto", None)
    assert settings.replica


def test_the_environment_is_read_and_overrides_win(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, kafka="one:9092, two:9093", log_level="DEBUG", metrics_port="9100", database=SECRET)

    settings = WatchSettings.load(metrics_port=9200, log_format=None)

    assert settings.kafka_address == "one:9092,two:9093"
    assert settings.log_level == "debug"
    assert settings.metrics_port == 9200
    assert settings.log_format == "auto"
    assert settings.database_url == SECRET


def test_the_constructor_does_not_look_into_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, kafka="one:9092")

    assert WatchSettings().kafka is None


def test_all_faults_are_told_at_once_each_with_its_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_all(
        monkeypatch,
        kafka="one:9092,two",
        database="mysql://root:hush-hush@db/x",
        log_format="xml",
        metrics_port="ninety",
        clock="yesterday",
        replica_file=str(tmp_path / "absent"),
    )

    with pytest.raises(SettingsFault) as fault:
        WatchSettings.load()

    told = {line.partition(":")[0]: line for line in fault.value.faults}
    assert set(told) == {
        "CAUCASUS_WATCH_KAFKA",
        "CAUCASUS_WATCH_DATABASE",
        "CAUCASUS_WATCH_LOG_FORMAT",
        "CAUCASUS_WATCH_METRICS_PORT",
        "CAUCASUS_WATCH_CLOCK",
        "CAUCASUS_WATCH_REPLICA_FILE",
    }
    assert told["CAUCASUS_WATCH_KAFKA"].endswith(
        "'two' is no host:port; write host:port, several with commas between: kafka-1:9092,kafka-2:9092"
    )
    assert "'ninety'" in told["CAUCASUS_WATCH_METRICS_PORT"]
    assert "from 1 to 65535" in told["CAUCASUS_WATCH_METRICS_PORT"]
    assert "mysql" in told["CAUCASUS_WATCH_DATABASE"]
    assert "absent" in told["CAUCASUS_WATCH_REPLICA_FILE"]
    assert "hush-hush" not in str(fault.value)


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "database").write_text(SECRET + "\n")
    set_all(monkeypatch, database_file=str(tmp_path / "database"))

    settings = WatchSettings.load()

    assert settings.database_url == SECRET
    assert "hush-hush" not in repr(settings)


def test_a_value_given_twice_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "database").write_text(SECRET)
    set_all(monkeypatch, database=SECRET, database_file=str(tmp_path / "database"))

    with pytest.raises(SettingsFault, match="CAUCASUS_WATCH_DATABASE: it is given, and CAUCASUS_WATCH_DATABASE_FILE too") as fault:
        WatchSettings.load()
    assert "hush-hush" not in str(fault.value)


@pytest.mark.parametrize(("content", "told"), [(b"", "is empty"), (b"\xff\xfe", "not UTF-8")])
def test_an_unusable_file_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "kafka").write_bytes(content)
    set_all(monkeypatch, kafka_file=str(tmp_path / "kafka"))

    with pytest.raises(SettingsFault, match=told):
        WatchSettings.load()


def test_what_is_required_and_missing_is_told_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="CAUCASUS_WATCH_TOKEN: it is not set; ask the newsroom for one"):
        NewsroomSettings.load()

    set_all(monkeypatch, token_file=str(tmp_path / "absent"))
    with pytest.raises(SettingsFault) as fault:
        NewsroomSettings.load()
    assert len(fault.value.faults) == 1


@pytest.mark.parametrize("written", ["north, south", '["north", "south"]'])
def test_a_list_is_written_with_commas_or_as_json(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    set_all(monkeypatch, desks=written, token="t")

    assert NewsroomSettings.load().desks == ("north", "south")


def test_a_list_that_is_broken_is_told_beside_the_other_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, desks='["north"', token="t", kafka="two")

    with pytest.raises(SettingsFault) as fault:
        NewsroomSettings.load()
    assert [line.partition(":")[0] for line in fault.value.faults] == ["CAUCASUS_WATCH_KAFKA", "CAUCASUS_WATCH_DESKS"]


def test_what_a_process_needs_is_asked_for_at_once() -> None:
    with pytest.raises(SettingsFault) as fault:
        WatchSettings().need("kafka", "database")
    assert len(fault.value.faults) == 2

    with pytest.raises(SettingsFault, match="CAUCASUS_WATCH_DATABASE"):
        _ = WatchSettings().database_url


def test_a_plain_postgres_address_gets_the_driver() -> None:
    settings = WatchSettings(database=SecretStr("postgres://watch@/watch?host=/run/pg"))

    assert settings.database_url.startswith("postgresql+asyncpg://watch@/watch?host=")


def test_the_clock_of_the_settings() -> None:
    assert isinstance(clock_of(WatchSettings()), WallClock)

    clock = clock_of(WatchSettings(clock="2026-01-01T12:00:00Z|2023-09-19T06:00:00+04:00|600"))
    assert isinstance(clock, StoryClock)
    assert (clock.speed, clock.begins.hour) == (600.0, 2)


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-01T12:00:00Z|2023-09-19T06:00:00Z",
        "2026-01-01T12:00:00|2023-09-19T06:00:00Z|1",
        "a|b|1",
        "2026-01-01T12:00:00Z|2023-09-19T06:00:00Z|0",
    ],
)
def test_a_clock_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    set_all(monkeypatch, clock=written)

    with pytest.raises(SettingsFault, match="CAUCASUS_WATCH_CLOCK"):
        WatchSettings.load()
