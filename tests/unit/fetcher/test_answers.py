"""What the heads of an answer say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from schemas.vocabulary import PollReason
from services.fetcher.core.answers import conditions, fresh_for, is_challenge, refusal_of, retry_after, validators_of
from tests.unit.fetcher.samples import body_of

NOW = datetime(2023, 9, 19, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": 'public, max-age="300", must-revalidate', "age": "60"}, 240),
        ({"cache-control": "max-age=60", "expires": "Tue, 19 Sep 2023 12:00:00 GMT"}, 60),
        ({"cache-control": "max-age=99999999"}, 86_400),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "max-age=soon"}, None),
        ({"expires": "Tue, 19 Sep 2023 10:10:00 GMT"}, 600),
        ({"expires": "Tue, 19 Sep 2023 13:10:00 GMT", "date": "Tue, 19 Sep 2023 13:00:00 GMT"}, 600),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({}, None),
    ],
)
def test_freshness_is_read_as_caches_read_it(headers: Mapping[str, str], seconds: float | None) -> None:
    assert fresh_for(headers, NOW) == seconds


@pytest.mark.parametrize("value", ["Tue, 99 Sep 2023 10:05:00 GMT", "Tue, 19 Sep 99999 10:05:00 GMT", "١٢", "-5", "1e3", "\x00"])
def test_nonsense_of_a_server_is_no_wish(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) is None
    assert fresh_for({"expires": value}, NOW) is None


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        (403, {}, PollReason.REFUSED),
        (403, {"cf-mitigated": "challenge"}, PollReason.CHALLENGE),
        (503, {"x-sucuri-block": "EXPVP10"}, PollReason.CHALLENGE),
        (408, {}, PollReason.TIMED_OUT),
        (410, {"cf-mitigated": "challenge"}, PollReason.GONE),
        (503, {"server": "cloudflare"}, PollReason.SERVER_ERROR),
    ],
)
def test_a_status_without_a_body_has_its_reason(status: int, headers: Mapping[str, str], reason: PollReason) -> None:
    assert refusal_of(status, "", headers, NOW).reason is reason


def test_a_page_of_a_shield_is_known_by_its_words_and_an_article_about_one_is_not() -> None:
    assert is_challenge(body_of("html-error-page.html"))
    assert not is_challenge(b"<html><title>Just in: the bridge is open</title><p>Checking of browsers by border guards goes on.</p></html>")


def test_validators_are_sent_back_as_they_came_and_monstrous_ones_are_not_kept() -> None:
    kept = validators_of({"etag": 'W/"a b"', "last-modified": "yesterday"})
    assert conditions(kept) == {"if-none-match": 'W/"a b"', "if-modified-since": "yesterday"}
    assert conditions(validators_of({"etag": "x" * 5_000, "last-modified": "\x00"})) == {}
    assert conditions(validators_of({"etag": '"ü"'})) == {}
