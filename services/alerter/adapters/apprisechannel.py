"""The many services that Apprise knows, each through a worker process that is killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys

from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.adapters.posting import judged
from services.alerter.adapters.services import Speech
from services.alerter.core.message import text_of
from services.alerter.core.retries import Outcome
from services.runtime.clock import Clock

WORKER = "services.alerter.adapters.appriseworker"
_STATUS = re.compile(r"error=(\d{3})\b")
_SECRETS = re.compile(r"\w+://\S+")


class AppriseChannel:
    """Tells one address of Apprise."""

    parallel = 1

    def __init__(
        self, target: Target, url: str, speech: Speech, clock: Clock, *, seconds: float = 30.0, allow_private: bool = False
    ) -> None:
        """`url` is a secret: it never stands in an outcome."""
        self.target = target
        self.seconds = seconds
        self._url = url
        self._speech = speech
        self._clock = clock
        self._allow_private = allow_private
        self._worker: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def send(self, parcel: Parcel) -> Outcome:
        """Tell it once; a worker that does not answer in time is killed."""
        message = self._speech.message(parcel)
        order = {
            "url": self._url,
            "title": message.first,
            "body": text_of(message).partition("\n")[2].strip("\n"),
            "severity": message.severity,
            "allow_private": self._allow_private,
        }
        async with self._turn:
            answered = False
            try:
                async with asyncio.timeout(self.seconds):
                    answer = await self._ask(json.dumps(order).encode() + b"\n")
                    answered = True
            except TimeoutError:
                return Outcome(DeliveryReason.TIMED_OUT, f"Apprise did not deliver it within {self.seconds:g} s")
            except (OSError, ValueError) as fault:
                return Outcome(DeliveryReason.CHANNEL_FAULT, f"the worker of Apprise failed: {fault}")
            finally:
                if not answered:
                    await self._end()
        return self._meaning(answer["state"], _SECRETS.sub("…", answer["detail"]))

    async def close(self) -> None:
        """End the worker."""
        await self._end()

    def _meaning(self, state: str, detail: str) -> Outcome:
        if state == "delivered":
            return Outcome(DeliveryReason.DELIVERED)
        if state == "refused":
            return Outcome(DeliveryReason.ADDRESS_REFUSED, f"{detail}; allow_private would allow it")
        if state == "unfit":
            return Outcome(DeliveryReason.MISCONFIGURED, detail)
        if found := _STATUS.search(detail):
            outcome = judged(int(found[1]), b"", self._clock.now())
            # Apprise calls its own failure one; only a true status tells more.
            if outcome.reason is not DeliveryReason.DELIVERED:
                return Outcome(outcome.reason, detail)
        return Outcome(DeliveryReason.UNREACHABLE if "onnection" in detail else DeliveryReason.CHANNEL_FAULT, detail)

    async def _ask(self, order: bytes) -> dict[str, str]:
        if self._worker is None or self._worker.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            self._worker = await asyncio.create_subprocess_exec(
                sys.executable, "-m", WORKER, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
            )
        worker = self._worker
        assert worker.stdin is not None and worker.stdout is not None  # noqa: S101, PT018 - both are pipes
        worker.stdin.write(order)
        await worker.stdin.drain()
        line = await worker.stdout.readline()
        if not line:
            raise OSError("it ended without an answer")
        answer: dict[str, str] = json.loads(line)
        return answer

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()
