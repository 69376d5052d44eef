"""How Kafka is entered: what is missing, useless or unreadable is told at once, each with its mend and without a secret."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.runtime.kafka import KafkaBus
from services.runtime.kafka_access import access_of
from services.runtime.settings import SettingsFault, WatchSettings

WORD = "hush-hush"


def settings(**given: Any) -> WatchSettings:
    return WatchSettings(kafka="one:9092", **given)


def faults(**given: Any) -> dict[str, str]:
    with pytest.raises(SettingsFault) as fault:
        access_of(settings(**given))
    assert WORD not in str(fault.value)
    assert all("; " in line for line in fault.value.faults), "each with its mend"
    return {line.partition(":")[0].removeprefix("CAUCASUS_WATCH_KAFKA_"): line for line in fault.value.faults}


def test_where_nothing_is_said_kafka_is_spoken_to_in_the_clear() -> None:
    access = access_of(settings())

    assert access.options()["security_protocol"] == "PLAINTEXT"
    assert access.context is None


def test_a_name_and_a_password_go_to_every_client_and_stand_in_no_representation() -> None:
    access = access_of(settings(kafka_security="sasl_ssl", kafka_username="desk", kafka_password=SecretStr(WORD)))

    options = access.options()
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("desk", WORD)
    assert WORD not in repr(access)


def test_who_serves_the_other_end_is_always_checked() -> None:
    context = access_of(settings(kafka_security="ssl")).context

    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_sasl_without_a_name_and_a_password_is_refused() -> None:
    assert set(faults(kafka_security="sasl_plaintext")) == {"USERNAME", "PASSWORD"}


def test_a_secret_that_nobody_would_be_shown_is_a_slip_of_the_pen(tmp_path: Path) -> None:
    told = faults(kafka_username="desk", kafka_password=SecretStr(WORD), kafka_ca_file=tmp_path / "ca.pem")

    assert set(told) == {"USERNAME", "PASSWORD", "CA_FILE"}
    assert "CAUCASUS_WATCH_KAFKA_SECURITY=ssl" in told["CA_FILE"]


def test_files_that_are_missing_or_hold_something_else_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "desk.pem").write_text("no certificate")

    told = faults(kafka_security="ssl", kafka_ca_file=tmp_path / "absent.pem", kafka_certificate_file=tmp_path / "desk.pem")

    assert set(told) == {"CA_FILE", "CERTIFICATE_FILE"}
    assert "no such file" in told["CA_FILE"]


def test_a_key_needs_its_certificate(tmp_path: Path) -> None:
    assert set(faults(kafka_security="ssl", kafka_key_file=tmp_path / "desk.key")) == {"KEY_FILE"}


def test_the_variables_are_read_and_the_password_by_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "word").write_text(f"{WORD}\n")
    monkeypatch.setenv("CAUCASUS_WATCH_KAFKA", "one:9093")
    monkeypatch.setenv("CAUCASUS_WATCH_KAFKA_SECURITY", "SASL_PLAINTEXT")
    monkeypatch.setenv("CAUCASUS_WATCH_KAFKA_MECHANISM", "SCRAM-SHA-256")
    monkeypatch.setenv("CAUCASUS_WATCH_KAFKA_USERNAME", "desk")
    monkeypatch.setenv("CAUCASUS_WATCH_KAFKA_PASSWORD_FILE", str(tmp_path / "word"))

    access = access_of(WatchSettings.load())

    assert (access.protocol, access.mechanism, access.password) == ("SASL_PLAINTEXT", "SCRAM-SHA-256", WORD)


def test_a_service_whose_access_is_wrong_does_not_start() -> None:
    with pytest.raises(SettingsFault, match="KAFKA_USERNAME"):
        KafkaBus.of(settings(kafka_security="sasl_ssl"), "desk")
