"""A sealed message opens as it was; what cannot be opened says why in a word of the closed list."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.alert_raised import AlertRaised
from schemas.article_fetched import ArticleFetched
from schemas.envelope import UnreadableMessage, opened, seal
from schemas.topics import ARTICLES_CLASSIFIED, ARTICLES_FETCHED
from schemas.vocabulary import DeadLetterReason
from tests.builders import a_classified, fetched

NOW = datetime(2023, 9, 19, 12, 30, tzinfo=UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def unreadable(value: bytes, headers: dict[str, str] | None = None) -> UnreadableMessage:
    with pytest.raises(UnreadableMessage) as caught:
        opened(value, headers or {}, ArticleFetched)
    return caught.value


def test_a_sealed_event_opens_as_it_was() -> None:
    article = fetched()
    envelope = seal(ARTICLES_FETCHED, article.article_id, article, event_id="e-1", now=NOW)
    assert (envelope.topic, envelope.key) == ("articles.fetched", article.article_id)
    assert opened(envelope.value, envelope.headers, ArticleFetched) == article


def test_the_headers_are_those_of_cloudevents_in_binary_mode() -> None:
    envelope = seal(ARTICLES_FETCHED, "key", fetched(), event_id="e-1", now=NOW, traceparent=TRACE)
    assert envelope.headers == {
        "ce_specversion": "1.0",
        "ce_id": "e-1",
        "ce_type": "org.caucasus-watch.article.fetched.v1",
        "ce_source": "/caucasus-watch/fetcher",
        "ce_time": "2023-09-19T12:30:00+00:00",
        "ce_subject": "key",
        "content-type": "application/json",
        "traceparent": TRACE,
    }


def test_without_a_trace_there_is_no_trace_header() -> None:
    assert "traceparent" not in seal(ARTICLES_FETCHED, "key", fetched(), event_id="e-1", now=NOW).headers


def test_a_message_without_our_headers_opens_by_its_body() -> None:
    article = fetched()
    assert opened(article.model_dump_json().encode(), {}, ArticleFetched) == article


def test_members_of_a_newer_writer_are_passed_over() -> None:
    article = fetched()
    newer = {**article.model_dump(mode="json"), "mood": "grim"}
    assert opened(json.dumps(newer).encode(), {}, ArticleFetched) == article


def test_members_that_an_older_writer_did_not_know_have_their_defaults() -> None:
    older = fetched().model_dump(mode="json")
    for name in ("language_hint", "text_source", "keywords"):
        del older[name]
    article = opened(json.dumps(older).encode(), {}, ArticleFetched)
    assert (article.language_hint, article.text_source, article.keywords) == (None, "feed", ())


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>502 Bad Gateway</html>", id="an error page"),
        pytest.param(b'{"article_id": "1"', id="cut off"),
        pytest.param(b'{"title": "\xff\xfe"}', id="not UTF-8"),
        pytest.param(b"\x00\x01\x02", id="bytes"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="nested deep"),
        pytest.param(b'{"title": "\\ud800"}', id="half a character"),
        pytest.param(b"9" * 100_000, id="a number of a hundred thousand digits"),
    ],
)
def test_what_is_no_json_says_so(value: bytes) -> None:
    assert unreadable(value).reason is DeadLetterReason.NOT_JSON


@pytest.mark.parametrize("value", [b"null", b"[]", b'"articles"', b"12", b"true", b"{}"])
def test_json_of_another_form_is_not_of_the_schema(value: bytes) -> None:
    assert unreadable(value).reason is DeadLetterReason.NOT_OF_SCHEMA


@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        ("article_id", None),
        ("revision", "short"),
        ("title", ["a", "list"]),
        ("published_at", "yesterday"),
        ("fetched_at", None),
        ("outlet", {"name": "no id"}),
        ("text_source", "hearsay"),
    ],
)
def test_a_wrong_member_is_named_in_the_detail(member: str, wrong: object) -> None:
    document = {**fetched().model_dump(mode="json"), member: wrong}
    fault = unreadable(json.dumps(document).encode())
    assert fault.reason is DeadLetterReason.NOT_OF_SCHEMA
    assert fault.detail.startswith(member)
    assert str(fault) == f"not_of_schema: {fault.detail}"


def test_the_number_of_faults_is_told() -> None:
    fault = unreadable(b'{"article_id": 5}')
    assert "faults)" in fault.detail


def test_a_text_that_no_column_can_keep_is_refused() -> None:
    document = {**fetched().model_dump(mode="json"), "text": "five\0killed"}
    fault = unreadable(json.dumps(document).encode())
    assert fault.reason is DeadLetterReason.NOT_OF_SCHEMA
    assert "NUL" in fault.detail


@pytest.mark.parametrize("text", ["\\u0000", "a path: C:\\users\\u0000", "\\\\u0000"])
def test_a_text_that_only_speaks_of_it_is_kept(text: str) -> None:
    document = {**fetched().model_dump(mode="json"), "text": text}
    assert opened(json.dumps(document).encode(), {}, ArticleFetched).text == text


def test_a_message_declared_as_another_event_is_not_read() -> None:
    other = seal(ARTICLES_CLASSIFIED, "story", a_classified(), event_id="e-1", now=NOW)
    fault = unreadable(other.value, dict(other.headers))
    assert fault.reason is DeadLetterReason.UNKNOWN_TYPE
    assert fault.detail == "declared as org.caucasus-watch.article.classified.v1, expected org.caucasus-watch.article.fetched.v1"


def test_a_message_of_a_later_version_of_the_event_is_not_read() -> None:
    body = fetched().model_dump_json().encode()
    assert unreadable(body, {"ce_type": "org.caucasus-watch.article.fetched.v2"}).reason is DeadLetterReason.UNKNOWN_TYPE


@given(value=st.binary(max_size=200))
def test_no_bytes_raise_anything_else(value: bytes) -> None:
    with pytest.raises(UnreadableMessage):
        opened(value, {}, AlertRaised)


WRITABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(title=WRITABLE, text=WRITABLE, hours=st.integers(-12, 14))
def test_any_text_and_any_zone_survive_the_journey(title: str, text: str, hours: int) -> None:
    article = fetched().model_copy(update={"title": title, "text": text, "published_at": NOW.astimezone(timezone(timedelta(hours=hours)))})
    envelope = seal(ARTICLES_FETCHED, "key", article, event_id="e-1", now=NOW)
    assert opened(envelope.value, envelope.headers, ArticleFetched) == article
