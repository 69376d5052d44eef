"""What the services of one machine are told, so that they do not get in each other's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.alerter.core.datafile import packaged
from services.standalone.whole import SERVICES, Plan, ports_of


def test_each_service_has_a_metrics_port_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_METRICS_PORT", "9464")
    assert [ports_of(name)["metrics_port"] for name in SERVICES] == [9464, 9465, 9466, 9467]


def test_any_free_port_stays_any_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_METRICS_PORT", "0")
    assert ports_of("alerter") == {"metrics_port": 0}


def test_without_a_port_none_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAUCASUS_WATCH_METRICS_PORT", raising=False)
    assert ports_of("fetcher") == {}


def test_only_a_newsroom_of_this_machine_may_be_asked_at_private_addresses() -> None:
    assert "allow_private" not in Plan(folder=Path("data")).settings()
    assert Plan(folder=Path("data"), own_newsroom=True).settings()["allow_private"] is True
    # A played story never goes by the user's own routes.
    routes = Path(Plan(folder=Path("data"), webhook=("http://127.0.0.1:1/", "secret")).settings()["routes_file"])
    assert routes.read_text(encoding="utf-8") == packaged("routes.yaml")
