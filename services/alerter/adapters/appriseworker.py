"""A process of its own that speaks through Apprise: `python -m services.alerter.adapters.appriseworker`.

Apprise asks the network in its own way and cannot be stopped in the middle; here it can, with the process. Reads one JSON
object a line (`url`, `title`, `body`, `severity`, `allow_private`), answers each with one (`state`, `detail`). Names are
resolved through the guard, so that no address and no redirect leads into a private network unless that is allowed.
"""

from __future__ import annotations

import json
import re
import socket
import sys
from typing import Any

from services.runtime.guard import is_public

REFUSED = "leads to no address of the open internet"
_BEFORE = re.compile(r"^[\d: ,-]+ - [A-Z]+ - ")
_resolve = socket.getaddrinfo
_ALLOWED = {"private": False}
_refused: list[str] = []


def guarded(host: Any, port: Any, *rest: Any, **named: Any) -> list[Any]:
    """The addresses of the name that may be asked.

    Raises:
        OSError: it has none.
    """
    found = _resolve(host, port, *rest, **named)
    allowed = [entry for entry in found if _ALLOWED["private"] or is_public(str(entry[4][0]))]
    if not allowed:
        # The plugins tell of a connection that failed, but not why.
        _refused.append(str(host))
        raise OSError(f"{host} {REFUSED}")
    return allowed


def told(order: dict[str, Any]) -> dict[str, str]:
    """Carry out one order: `state` is delivered, failed, refused (the address of a private network) or unfit (no such service)."""
    import apprise
    from apprise import NotifyFormat, NotifyType

    _ALLOWED["private"] = bool(order["allow_private"])
    _refused.clear()
    kinds = {"info": NotifyType.INFO, "notice": NotifyType.INFO, "warning": NotifyType.WARNING, "critical": NotifyType.FAILURE}
    made = apprise.Apprise.instantiate(order["url"], suppress_exceptions=True)
    if made is None:
        return {"state": "unfit", "detail": "Apprise knows no such address"}
    # Apprise retries and waits by itself where it is told to; here that is the deliverer's business.
    speaker = apprise.Apprise()
    speaker.add(made)
    with apprise.LogCapture(level=apprise.logging.INFO) as log:  # type: ignore[no-untyped-call]  # it ships half a type
        well = speaker.notify(body=order["body"], title=order["title"], notify_type=kinds[order["severity"]], body_format=NotifyFormat.TEXT)
        lines = (_BEFORE.sub("", line.strip()) for line in log.getvalue().splitlines())
        said = " | ".join(line for line in lines if "rror" in line or "ailed" in line)
    if well:
        return {"state": "delivered", "detail": ""}
    if _refused:
        return {"state": "refused", "detail": f"{_refused[0]} {REFUSED}"}
    return {"state": "failed", "detail": said[-400:] or "Apprise says that it was not delivered"}


def main() -> int:
    """Serve orders until the input ends."""
    socket.getaddrinfo = guarded
    for line in sys.stdin:
        try:
            answer = told(json.loads(line))
        except Exception as fault:  # noqa: BLE001 - a plugin may raise anything; the order that follows must be served all the same
            answer = {"state": "failed", "detail": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(answer), flush=True)  # noqa: T201 - it is the answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
