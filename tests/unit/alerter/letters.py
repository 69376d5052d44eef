"""Alerts for tests of messages and channels: a toll that rose with rivals and a past, a truce, and words that must be escaped."""

from __future__ import annotations

from schemas.alert_raised import AlertRaised
from services.alerter.adapters.channels import Parcel, Target
from tests.builders import a_claim, a_truce
from tests.unit.alerter.stories import Story

DESK = Target("test", "desk")
NASTY = "Bo said: <script>alert(1)</script> & *bold* _it_ [x](javascript:alert(1)) @everyone <!channel> ```"


def a_rising_toll(quote: str = "at least 34 Armenians had been killed") -> AlertRaised:
    """34 after 25, with a rival who says 12."""
    story = Story()
    story.tells(a_claim(25), a_truce("agreed"))
    story.tells(a_claim(12, claimant="AZE.MIL"), outlet="Other Wire")
    (alert,) = story.tells(a_claim(34, bound="at_least", claimant="ARM.MED", quote=quote), outlet="Third Wire").alerts
    return alert


def a_nasty_toll() -> AlertRaised:
    """An alert whose words come from somebody who means harm."""
    alert = a_rising_toll(NASTY)
    return alert.model_copy(update={"title": NASTY, "outlet": NASTY, "url": "javascript:alert(1)", "headline": f"34 killed {NASTY}"})


def a_parcel(*alerts: AlertRaised) -> Parcel:
    """What a channel is given."""
    first, *others = alerts or (a_rising_toll(),)
    return Parcel(first, DESK.key(first.alert_id), tuple(others))
