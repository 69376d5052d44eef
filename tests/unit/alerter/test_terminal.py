"""An alert on a terminal, narrow or wide."""

from __future__ import annotations

import io

import pytest

from schemas.vocabulary import DeliveryReason
from services.alerter.adapters.channels import Parcel
from services.alerter.adapters.terminal import Terminal
from services.alerter.core.wording import Wording
from tests.builders import a_claim, a_truce
from tests.unit.alerter.stories import Story

ENGLISH = Wording.packaged("en")


async def printed(width: int) -> str:
    story, stream = Story(), io.StringIO()
    terminal = Terminal(ENGLISH, stream=stream, width=width)
    story.tells(a_claim(25), a_truce("agreed"))
    story.tells(a_claim(34, bound="at_least", claimant="ARM.MED", quote="at least 34 Armenians had been killed"), a_truce("violated"))
    for alert in story.told[-2:]:
        assert (await terminal.send(Parcel(alert, "key"))).reason is DeliveryReason.DELIVERED
    return stream.getvalue()


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_every_line_fits_and_nothing_is_cut_off(width: int) -> None:
    text = await printed(width)
    assert max(map(len, text.splitlines())) <= min(width, 100)
    joined = "".join(line.strip("│ ").strip() + " " for line in text.splitlines())
    assert "At least 34 killed on the Karabakh Armenian side, was 25 (Armenian media)" in joined
    assert "«at least 34 Armenians had been killed»" in joined
    assert "…" not in text


async def test_it_says_who_where_and_what_stood_before() -> None:
    text = await printed(80)
    for words in ("Armenian media", "Before", "25 (Karabakh authorities)", "Example Wire", "2023-09-19 13:00 UTC", "agreed", "Critical"):
        assert words in text


async def test_a_terminal_that_is_gone_is_a_fault_of_the_channel() -> None:
    stream = io.StringIO()
    terminal = Terminal(ENGLISH, stream=stream, width=80)
    (alert,) = Story().tells(a_claim(5)).alerts
    stream.close()
    assert (await terminal.send(Parcel(alert, "key"))).reason is DeliveryReason.CHANNEL_FAULT
