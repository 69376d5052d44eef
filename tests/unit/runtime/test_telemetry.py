"""Logs, metrics and traces."""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
import structlog
from prometheus_client import CollectorRegistry, Counter

from services.runtime.settings import SettingsFault, WatchSettings
from services.runtime.telemetry import get_logger, measured, new_traceparent, serve_metrics, set_up_logging, trace_of, traceparent

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.usefixtures("_logging_as_before")
def test_json_lines_carry_the_service_the_trace_and_the_fault(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(WatchSettings(log_format="json"), "classifier")

    with trace_of({"traceparent": GIVEN}):
        get_logger("runner").info("article_classified", reason="copy", outlet="Երևան")
    try:
        int("no date")
    except ValueError:
        logging.getLogger("library").exception("library line %d", 7)
    get_logger("runner").debug("too fine")

    captured = capsys.readouterr()
    first, second = (json.loads(line) for line in captured.err.splitlines())
    assert captured.out == ""
    assert (first["service"], first["event"], first["reason"], first["outlet"]) == ("classifier", "article_classified", "copy", "Երևան")
    assert first["trace_id"] == GIVEN.split("-")[1]
    assert second["event"] == "library line 7"
    assert second["exception"][0]["exc_type"] == "ValueError"


@pytest.mark.usefixtures("_logging_as_before")
def test_console_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(WatchSettings(log_format="console", log_level="warning"), "fetcher")

    get_logger("runner").info("unheard")
    get_logger("runner").warning("feed_failed", feed="apa")

    line = capsys.readouterr().err
    assert "unheard" not in line
    assert "feed_failed" in line
    assert "feed=apa" in line


def test_a_trace_is_continued_or_begun() -> None:
    assert traceparent() != traceparent()
    with trace_of({"traceparent": GIVEN}):
        assert traceparent() == GIVEN
    for broken in ({}, {"traceparent": "nonsense"}, {"traceparent": "00-" + "0" * 32 + "-" + "1" * 16 + "-01"}):
        with trace_of(broken) as begun:
            assert traceparent() == begun
            assert len(begun) == len(new_traceparent()) == len(GIVEN)


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


async def test_metrics_and_health_are_served_and_the_port_is_freed() -> None:
    registry = CollectorRegistry()
    Counter("caucasus_watch_test_things", "Things", ["reason"], registry=registry).labels("copy").inc()
    complaints = [""]
    server = serve_metrics(0, health=lambda: complaints[0], registry=registry)

    status, body = await asyncio.to_thread(get, server.port, "/metrics")
    assert (status, 'caucasus_watch_test_things_total{reason="copy"} 1.0' in body) == (200, True)
    assert await asyncio.to_thread(get, server.port, "/healthz") == (200, "ok\n")
    complaints[0] = "the relay is behind"
    assert await asyncio.to_thread(get, server.port, "/healthz") == (503, "the relay is behind\n")
    assert (await asyncio.to_thread(get, server.port, "/else"))[0] == 404

    with pytest.raises(SettingsFault, match=r"CAUCASUS_WATCH_METRICS_PORT: .*cannot be had"):
        serve_metrics(server.port, registry=registry)

    await server.close()
    again = serve_metrics(server.port, registry=registry)
    await again.close()


def test_a_stage_is_measured_even_where_it_fails() -> None:
    from services.runtime.telemetry import STAGE_SECONDS

    def count() -> float:
        samples = next(iter(STAGE_SECONDS.collect())).samples
        return sum(s.value for s in samples if s.name.endswith("_count") and s.labels["stage"] == "reading")

    before = count()
    with pytest.raises(ValueError, match="x"), measured("reading"):
        raise ValueError("x")
    assert count() == before + 1
