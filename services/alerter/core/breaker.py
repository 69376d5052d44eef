"""When a channel is left alone for a while: after failures in a row, and when its receiver asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.vocabulary import DeliveryReason
from services.alerter.core.retries import LONGEST_WISH, Outcome

FAILURES = 5
"""Failures in a row after which a channel counts as failing."""
FIRST_PAUSE = 15.0
LONGEST_PAUSE = 300.0
"""Seconds between two trials of a channel that fails."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a channel fares. `pause`: seconds that it is left alone from the last outcome on."""

    failures: int = 0
    pause: float = 0.0

    @property
    def open(self) -> bool:
        """Whether the channel counts as failing: it is tried with one message at a time."""
        return self.failures >= FAILURES

    def after(self, outcome: Outcome) -> Breaker:
        """With one more outcome. A receiver that asks for patience is left alone as a whole, not for one alert."""
        if outcome.reason is DeliveryReason.DELIVERED:
            return Breaker()
        wish = min(outcome.retry_after or 0.0, LONGEST_WISH)
        if outcome.reason is DeliveryReason.RATE_LIMITED:
            return replace(self, pause=wish)
        failures = self.failures + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - FAILURES, 10)) if failures >= FAILURES else 0.0
        return Breaker(failures, max(pause, wish))
