from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import ZoneReason
from services.classifier.core.cleaning import zones_of
from tests.unit.classifier.reader import figures_in

STORY = (
    "Two soldiers were killed near Agdam on Tuesday, the Defence Ministry in Baku said, and three others were wounded in the same attack."
)


def reasons(text: str, title: str = "") -> list[ZoneReason]:
    return [zone.reason for zone in zones_of(title, text)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("By Jane Example | Aug 2, 2014 | 3 min read", ZoneReason.BYLINE),
        ("Photo: A soldier near Terter (File/Getty)", ZoneReason.PHOTO_CREDIT),
        ("Share on Facebook   Tweet   Pin It", ZoneReason.SHARE_BAR),
        ("ADVERTISEMENT", ZoneReason.ADVERTISEMENT),
        ("Get the Morning Letter in your inbox! Unsubscribe anytime.", ZoneReason.NEWSLETTER),
        ("View this interactive content on example.com", ZoneReason.INTERACTIVE),
        ("READ MORE: ten killed in another war", ZoneReason.INTERACTIVE),
        ("It looks like you are using an ad blocker", ZoneReason.ADVERTISEMENT),
    ],
)
def test_what_is_not_the_article_is_dropped_with_its_reason(line: str, reason: ZoneReason) -> None:
    assert reasons(f"{STORY}\n\n{line}\n\n{STORY}") == [ZoneReason.BODY, reason, ZoneReason.BODY]


def test_a_title_told_again_above_the_text_is_dropped() -> None:
    assert reasons(f"Two soldiers killed near Agdam\n\n{STORY}", "Two soldiers killed near Agdam") == [
        ZoneReason.DUPLICATE_TITLE,
        ZoneReason.BODY,
    ]


def test_all_below_a_reporting_credit_is_the_machine_s() -> None:
    tail = "(Reporting by Example Wire; editing by A. N. Other)\n\nIn conclusion, 500 people were killed in the conflict."
    assert reasons(f"{STORY}\n\n{tail}") == [ZoneReason.BODY, ZoneReason.TAIL, ZoneReason.TAIL]
    assert ("killed", 500, 500) not in figures_in(f"{STORY}\n\n{tail}")


def test_comments_of_readers_claim_nothing() -> None:
    assert figures_in(f"{STORY}\n\nComments (23)\nararat: they killed 9 soldiers of ours\nLeave a Reply") == [
        ("killed", 2, 2),
        ("wounded", 3, 3),
    ]


def test_a_sentence_that_begins_like_noise_is_read() -> None:
    sentence = "Video footage shows the bodies of two soldiers lying beside a trench, the Defence Ministry in Baku said."
    assert reasons(sentence) == [ZoneReason.BODY]


@given(st.text(max_size=300))
def test_zones_are_spans_of_the_stored_text_in_order(text: str) -> None:
    zones = zones_of("A title", text)
    assert all(0 <= zone.start < zone.end <= len(text) for zone in zones)
    assert all(first.end <= second.start for first, second in itertools.pairwise(zones))
