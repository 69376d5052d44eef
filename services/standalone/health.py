"""Asks the service in this container, or on this machine, whether it lives: for health checks."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from services.runtime.settings import WatchSettings, variable

ANSWER_WITHIN = 3.0


def ask_health(say: Callable[[str], None]) -> int:
    """Say it in a line; 0 where the service on the metrics port answers that it is well, 1 where not, 2 where no port is set.

    Raises:
        SettingsFault: a setting is wrong.
    """
    settings = WatchSettings.load()
    if not settings.metrics_port:
        say(f"no port to ask: set {variable('metrics_port')}")
        return 2
    host = "127.0.0.1" if settings.metrics_host in {"0.0.0.0", "::"} else settings.metrics_host  # noqa: S104 - compared, not bound
    try:
        answer = httpx.get(f"http://{host}:{settings.metrics_port}/healthz", timeout=ANSWER_WITHIN, trust_env=False)
    except httpx.HTTPError as fault:
        say(f"no answer on port {settings.metrics_port}: {fault}")
        return 1
    say(answer.text.strip() or f"HTTP {answer.status_code}")
    return 0 if answer.is_success else 1
