"""The desk's rules: who may come in, where a page goes on, what a span of time is, how a feed looks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import DeskRole
from services.desk.core.feeds import atom, json_feed
from services.desk.core.pages import Cursor
from services.desk.core.refusals import Refusal, Refused
from services.desk.core.spans import ahead, moment_of, span_of
from services.desk.core.tokens import Token, admit, hash_of, token_of
from tests.unit.schemas.test_hands import an_alert

FEW = settings(max_examples=30, deadline=None)
NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def a_token(role: DeskRole = DeskRole.DESK, **values: object) -> Token:
    return Token("id", "Anna", role, bool(values.pop("feeds_only", False)), "Boris", NOW - timedelta(days=1), **values)  # type: ignore[arg-type]  # built by name


@pytest.mark.parametrize(
    ("token", "needed", "given", "refusal"),
    [
        (a_token(), DeskRole.VIEWER, {}, None),
        (a_token(), DeskRole.DESK, {}, None),
        (a_token(), DeskRole.ADMIN, {}, Refusal.ROLE_TOO_LOW),
        (a_token(DeskRole.VIEWER), DeskRole.DESK, {}, Refusal.ROLE_TOO_LOW),
        (None, DeskRole.VIEWER, {}, Refusal.WRONG_TOKEN),
        (a_token(expires_at=NOW), DeskRole.VIEWER, {}, Refusal.EXPIRED_TOKEN),
        (a_token(expires_at=NOW + timedelta(seconds=1)), DeskRole.VIEWER, {}, None),
        (a_token(revoked_at=NOW), DeskRole.VIEWER, {}, Refusal.REVOKED_TOKEN),
        (a_token(), DeskRole.VIEWER, {"in_address": True, "for_feed": True}, Refusal.FEEDS_ONLY),
        (a_token(DeskRole.VIEWER, feeds_only=True), DeskRole.VIEWER, {"in_address": True, "for_feed": True}, None),
        (a_token(DeskRole.VIEWER, feeds_only=True), DeskRole.VIEWER, {}, Refusal.FEEDS_ONLY),
    ],
)
def test_who_may_come_in(token: Token | None, needed: DeskRole, given: dict[str, bool], refusal: Refusal | None) -> None:
    if refusal is None:
        assert admit(token, needed, NOW, **given) is token
        return
    with pytest.raises(Refused) as told:
        admit(token, needed, NOW, **given)
    assert told.value.kind is refusal
    assert told.value.mend


def test_a_token_is_kept_as_its_hash_alone() -> None:
    text = token_of(bytes(range(32)))
    assert text.startswith("cwd_")
    assert len(text) == 47
    assert text not in hash_of(text)
    assert hash_of(text) != hash_of(text + "x")


@FEW
@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_is_read_back(at: datetime, name: object) -> None:
    cursor = Cursor(at, str(name))
    assert Cursor.of(str(cursor)) == cursor


@FEW
@given(st.text(max_size=60))
def test_what_is_no_cursor_is_refused_and_nothing_else_happens(text: str) -> None:
    try:
        read = Cursor.of(text)
    except Refused:
        return
    assert read.at.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "span"),
    [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("1d12h", timedelta(days=1, hours=12)), ("1W", timedelta(weeks=1))],
)
def test_spans(text: str, span: timedelta) -> None:
    assert span_of(text) == span
    assert moment_of(text, NOW) == NOW + span


@pytest.mark.parametrize("text", ["", "0m", "2", "soon", "-2h", "9999w", "2026-11-24T18:00", "h2", "1h1d"])
def test_what_is_no_span_and_no_moment_is_refused_with_the_mend(text: str) -> None:
    with pytest.raises(Refused, match=r"write|shorter"):
        moment_of(text, NOW)


def test_a_moment_is_ahead_and_not_too_far() -> None:
    assert ahead(moment_of("2026-11-24T20:00+02:00", NOW - timedelta(hours=1)), NOW - timedelta(hours=1)) == NOW
    for wrong in (NOW, NOW + timedelta(days=400)):
        with pytest.raises(Refused):
            ahead(wrong, NOW)


def test_a_feed_tells_what_changed_first_and_holds_no_foreign_markup() -> None:
    alert = an_alert(0, headline="25 <b>killed</b> \x0b& more", url="https://wire.example/a?b=1&c=2", outlet="Example Wire")
    hostile = an_alert(1, url="javascript:alert(1)")
    feed = feedparser.parse(atom("critical", "https://desk.example/routes/critical/alerts.atom", [alert, hostile]), sanitize_html=False)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["25 <b>killed</b> & more", "25 killed"]
    assert [link.href for entry in feed.entries for link in entry.get("links", [])] == ["https://wire.example/a?b=1&c=2"]
    assert feed.feed.updated == "2023-09-19T12:00:00Z"
    document = json.loads(json_feed("critical", "https://desk.example/f.json", [alert, hostile]))
    assert [item.get("external_url") for item in document["items"]] == ["https://wire.example/a?b=1&c=2", None]
    assert document["items"][0]["_alert"]["low"] == 25


def test_a_feed_says_whose_acknowledgement_is_changed_and_who_marked_what_as_wrong() -> None:
    reopened = an_alert(0, reopens="Anna, 2023-09-19 12:04 UTC: 5 killed")
    withdrawn = an_alert(1, reason="withdrawn", because="Anna: those were wounded")
    texts = [item["content_text"] for item in json.loads(json_feed("f", "https://desk.example/", [reopened, withdrawn]))["items"]]
    assert "Reopened: Anna, 2023-09-19 12:04 UTC: 5 killed" in texts[0]
    assert "Marked as wrong by Anna: those were wounded" in texts[1]


def test_a_feed_without_alerts_is_a_feed() -> None:
    assert feedparser.parse(atom("empty", "https://desk.example/", [])).entries == []
    assert json.loads(json_feed("empty", "https://desk.example/", []))["items"] == []
