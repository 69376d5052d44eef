"""What the runner makes of a message before anything is read or stored."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.envelope import UnreadableMessage, seal
from schemas.topics import ARTICLES_FETCHED
from schemas.vocabulary import DeadLetterReason
from services.classifier.runner import decode
from services.classifier.settings import ClassifierSettings
from services.runtime.bus import Received
from services.runtime.settings import SettingsFault
from tests.builders import fetched


def received(value: bytes, **headers: str) -> Received:
    return Received(ARTICLES_FETCHED.name, 0, 0, "key", value, headers)


def test_a_message_of_the_fetcher_is_the_article_that_it_sent() -> None:
    article = fetched("first", published_at=None)
    sealed = seal(ARTICLES_FETCHED, article.article_id, article, event_id="1", now=article.fetched_at)

    assert decode(received(sealed.value, **sealed.headers)) == article


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"<html>", DeadLetterReason.NOT_JSON),
        (b"", DeadLetterReason.NOT_JSON),
        (b"[]", DeadLetterReason.NOT_OF_SCHEMA),
        (b'{"article_id": "x"}', DeadLetterReason.NOT_OF_SCHEMA),
        (fetched("first").model_copy(update={"article_id": "seed-001"}).model_dump_json().encode(), DeadLetterReason.NOT_OF_SCHEMA),
    ],
)
def test_what_is_no_article_is_unreadable_for_a_reason(value: bytes, reason: DeadLetterReason) -> None:
    with pytest.raises(UnreadableMessage) as fault:
        decode(received(value))

    assert fault.value.reason is reason


def test_another_event_on_the_topic_is_unreadable() -> None:
    with pytest.raises(UnreadableMessage) as fault:
        decode(received(fetched("first").model_dump_json().encode(), ce_type="org.caucasus-watch.alert.raised.v1"))

    assert fault.value.reason is DeadLetterReason.UNKNOWN_TYPE


def test_settings_out_of_bounds_are_told_with_their_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCASUS_WATCH_BATCH", "0")
    monkeypatch.setenv("CAUCASUS_WATCH_READING_SECONDS", "soon")
    with pytest.raises(SettingsFault) as fault:
        ClassifierSettings.load()

    assert "CAUCASUS_WATCH_BATCH" in str(fault.value)
    assert "CAUCASUS_WATCH_READING_SECONDS" in str(fault.value)


def test_settings_never_change() -> None:
    with pytest.raises(ValidationError):
        ClassifierSettings().batch = 3  # type: ignore[misc]  # it must not be possible
