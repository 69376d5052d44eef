"""Logs, metrics and traces: structlog on standard error, Prometheus on a port, W3C trace context in headers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import REGISTRY, CollectorRegistry, Histogram, make_wsgi_app
from structlog.contextvars import bound_contextvars, merge_contextvars

from services.runtime.settings import SettingsFault, WatchSettings, variable

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

STAGE_SECONDS = Histogram(
    "caucasus_watch_stage_seconds",
    "Seconds that one stage of an article's path took",
    ["stage"],
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_CHATTY = {
    # Their informative lines tell how the library works; only what it complains about concerns an operator.
    **dict.fromkeys(("asyncio", "httpcore", "httpx", "sqlalchemy"), logging.WARNING),
    # These complain ten times a second of a broker that is away, or of every page that is odd; we say it once, in our own words.
    **dict.fromkeys(("aiokafka", "trafilatura", "htmldate", "courlan"), logging.CRITICAL),
}


def set_up_logging(settings: WatchSettings, service: str, *, handler: logging.Handler | None = None) -> None:
    """Send the process's log lines, ours and the libraries', to standard error: standard output belongs to what a command prints.

    A command whose terminal belongs to a person gives the `handler` of a file instead.
    """
    on_terminal = handler is None and sys.stderr.isatty()
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not on_terminal)
    shared: list[structlog.types.Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    tail: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        tail += [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    else:
        tail += [structlog.dev.ConsoleRenderer(colors=on_terminal, exception_formatter=structlog.dev.plain_traceback)]
    handler = handler or logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=tail))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[settings.log_level])
    for name, level in _CHATTY.items():
        logging.getLogger(name).setLevel(logging.DEBUG if settings.log_level == "debug" else level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; its lines are `log.info("what_happened", reason=…, feed=…)`."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


@contextmanager
def measured(stage: str) -> Iterator[None]:
    """Observe how long the block took, in `caucasus_watch_stage_seconds{stage=…}`."""
    began = time.perf_counter()
    try:
        yield
    finally:
        STAGE_SECONDS.labels(stage).observe(time.perf_counter() - began)


class MetricsServer:
    """`/metrics` and `/healthz` on one port, in a thread of their own: they answer while the loop is busy."""

    def __init__(self, server: WSGIServer) -> None:
        """Begin to serve."""
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self._server.server_port)

    async def close(self) -> None:
        """Stop serving and free the port."""
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()
        await asyncio.to_thread(self._thread.join)


def serve_metrics(
    port: int, *, host: str = "127.0.0.1", health: Callable[[], str] | None = None, registry: CollectorRegistry = REGISTRY
) -> MetricsServer:
    """Serve `/metrics`, and `/healthz`: 200 while `health()` returns an empty text, 503 with the text else.

    Raises:
        SettingsFault: the port cannot be had.
    """
    metrics: WSGIApplication = make_wsgi_app(registry)

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environ, start)
        complaint = health() if health is not None else ""
        status, text = ("200 OK", "ok") if not complaint else ("503 Service Unavailable", complaint)
        if path != "/healthz":
            status, text = "404 Not Found", "there are /metrics and /healthz"
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [text.encode() + b"\n"]

    try:
        server = make_server(host, port, app, handler_class=_Silent)
    except OSError as fault:
        raise SettingsFault([f"{variable('metrics_port')}: {host}:{port} cannot be had ({fault.strerror}); write another port"]) from fault
    return MetricsServer(server)


class _Silent(WSGIRequestHandler):
    """A probe every few seconds is no news for the log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's signature
        """Nothing."""


def new_traceparent() -> str:
    """The `traceparent` header of a trace that begins here, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def traceparent() -> str:
    """The `traceparent` to send on: of the trace that this code runs in, else of a new one."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get(_HEADER) or new_traceparent()


@contextmanager
def trace_of(headers: Mapping[str, str]) -> Iterator[str]:
    """Within the block `traceparent()` continues the trace of `headers`, or a new one where they carry none; log lines bear its id."""
    carrier = dict(headers)
    if not _valid(carrier):
        carrier = {_HEADER: new_traceparent()}
    token = context.attach(_W3C.extract(carrier))
    try:
        with bound_contextvars(trace_id=carrier[_HEADER].split("-")[1]):
            yield carrier[_HEADER]
    finally:
        context.detach(token)


_HEADER = "traceparent"
_W3C = TraceContextTextMapPropagator()


def _valid(carrier: dict[str, str]) -> bool:
    """Whether the library accepts the header; it knows the rules of the versions."""
    return trace.get_current_span(_W3C.extract(carrier, context=context.Context())).get_span_context().is_valid
