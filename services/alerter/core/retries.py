"""What becomes of a delivery after an attempt: delivered, tried again and when, or given up and why."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.vocabulary import DeliveryReason, DeliveryState

PERMANENT = frozenset(
    {
        DeliveryReason.REDIRECTED,
        DeliveryReason.REFUSED,
        DeliveryReason.GONE,
        DeliveryReason.ADDRESS_REFUSED,
        DeliveryReason.MISCONFIGURED,
    }
)
"""Ends that no second attempt mends: somebody must change the configuration."""

LONGEST_WISH = 3600.0
"""Seconds: a receiver is asked again at least hourly, whatever its Retry-After says."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `retry_after`: the receiver's wish, in seconds."""

    reason: DeliveryReason
    detail: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits, in seconds, grow from `first` to `longest`; a delivery older than `give_up` is given up."""

    first: float = 1.0
    longest: float = 300.0
    give_up: float = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Settlement:
    """The state after the attempt; `wait` seconds until the next one where it is still pending."""

    state: DeliveryState
    reason: DeliveryReason
    detail: str
    wait: float | None = None

    @property
    def error(self) -> str | None:
        """What the delivery's row keeps: the reason and the detail; None where it was delivered."""
        if self.state is DeliveryState.DELIVERED:
            return None
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


def settle(outcome: Outcome, attempts: int, age: float, chance: float, policy: RetryPolicy) -> Settlement:
    """What to do after `attempts` attempts on a delivery `age` seconds old; `chance` in [0, 1) spreads the waits."""
    if outcome.reason is DeliveryReason.DELIVERED:
        return Settlement(DeliveryState.DELIVERED, outcome.reason, outcome.detail)
    if outcome.reason in PERMANENT:
        return Settlement(DeliveryState.GIVEN_UP, outcome.reason, outcome.detail)
    # The exponent is bounded: after a day of attempts it would be no number any more.
    bound = min(policy.longest, policy.first * 2.0 ** min(attempts - 1, 30))
    wait = bound * (0.5 + chance / 2)
    if outcome.retry_after is not None:
        wait = max(wait, min(outcome.retry_after, LONGEST_WISH))
    if age + wait > policy.give_up:
        last = f"last {outcome.reason}" + (f": {outcome.detail}" if outcome.detail else "")
        return Settlement(DeliveryState.GIVEN_UP, DeliveryReason.TOO_OLD, f"{attempts} attempts in {age:.0f} s, {last}")
    return Settlement(DeliveryState.PENDING, outcome.reason, outcome.detail, wait)
