"""The signature of a webhook: a receiver that knows the secret can tell that the alert is ours, whole and recent."""

from __future__ import annotations

import hashlib
import hmac

VERSION = "v1"


def signature(secret: bytes, timestamp: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256, under the secret, of the Unix time in seconds, a full stop, and the body."""
    return f"{VERSION}={hmac.new(secret, f'{timestamp}.'.encode() + body, hashlib.sha256).hexdigest()}"
