"""Messages in every form: what changed first, nothing of an article taken for a mark, a tag or a mention."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import AlertReason, DeliverySubject
from services.alerter.core import forms
from services.alerter.core.letters import Envelope, mail_of
from services.alerter.core.markup import chat_html_of, markdown_of, page_of, web_address
from services.alerter.core.message import FIRST_LINE, Message, clipped, message_of, text_of
from services.alerter.core.wording import Wording
from tests.builders import a_claim, a_truce
from tests.unit.alerter.letters import NASTY, a_nasty_toll, a_rising_toll
from tests.unit.alerter.stories import Story

ENGLISH, RUSSIAN = Wording.packaged("en"), Wording.packaged("ru")
NOW = datetime(2023, 9, 20, tzinfo=UTC)


def message(*alerts: AlertRaised, **how: object) -> Message:
    return message_of(alerts or (a_rising_toll(),), ENGLISH, **how)  # type: ignore[arg-type]  # named in each test


def test_the_message_tells_who_says_so_who_else_and_what_came_before() -> None:
    text = text_of(message())
    first, blank, *rest = text.splitlines()
    assert first == "At least 34 killed on the Karabakh Armenian side, was 25 (Armenian media)"
    assert blank == ""
    for line in (
        "Says: Armenian media",
        "Before: 25 (Karabakh authorities)",
        "In its words: «at least 34 Armenians had been killed»",
        "Independent publishers so far: 3",
        "Others say: 12 (Azerbaijani military); 25 (Karabakh authorities)",
        "Published: 2023-09-19 14:00 UTC",
        "Told so far:",
        "  2023-09-19 12:00 UTC  25 killed on the Karabakh Armenian side (Karabakh authorities)",
        "  2023-09-19 12:00 UTC  Ceasefire agreed",
    ):
        assert line in rest


def test_the_first_line_fits_a_phone() -> None:
    long = a_rising_toll().model_copy(update={"headline": "At least 34 killed on the side of the people " * 5})
    first = message(long).first
    assert len(first) <= FIRST_LINE
    assert first.endswith("…")
    # The whole headline follows in the message.
    assert text_of(message(long)).splitlines()[2] == long.headline


@pytest.mark.parametrize(
    ("line", "longest", "short"),
    [
        ("short", 10, "short"),
        ("two\nlines  and   spaces", 40, "two lines and spaces"),
        ("one two three four", 13, "one two…"),
        ("x" * 30, 10, "xxxxxxxxx…"),
    ],
)
def test_a_line_is_cut_at_a_word(line: str, longest: int, short: str) -> None:
    assert clipped(line, longest) == short


def test_several_alerts_begin_with_their_number_and_the_gravest() -> None:
    story = Story()
    story.tells(a_claim(5))
    story.tells(a_claim(9), a_truce("collapsed"))
    several = message(*story.told)
    assert several.first == "3 changes: Ceasefire collapsed (Example Wire)"
    text = text_of(several)
    assert all(alert.headline in text for alert in story.told)


def test_a_repeat_says_that_it_is_still_open() -> None:
    assert message(subject=DeliverySubject.REPEAT).first.startswith("Still open: At least 34 killed")


def test_a_channel_may_have_a_language_of_its_own() -> None:
    russian = message_of((a_rising_toll(),), RUSSIAN, own=True)
    assert russian.first.startswith("Убитые со стороны армян Карабаха: не менее 34, было 25")
    assert "Независимых изданий: 3" in text_of(russian)


class Tags(HTMLParser):
    """The tags of a page, and what they link to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("form", [page_of, chat_html_of])
def test_no_tag_of_an_article_comes_through(form: object) -> None:
    nasty = a_nasty_toll()
    page = Tags(form(message(nasty)))  # type: ignore[operator]  # one of the two functions
    assert "script" not in page.tags
    assert page.links == []
    assert NASTY in html.unescape("".join(page.texts))


def test_no_mark_of_an_article_is_one_in_markdown() -> None:
    text = markdown_of(message(a_nasty_toll()))
    plain = re.sub(r"\\(.)", "", text)
    assert "[x](" not in text
    assert "```" not in plain
    assert not re.search(r"(?<!\\)[<>`]", text.replace("\n> ", "\n"))
    assert text.count("**") == 2
    assert web_address("javascript:alert(1)") == ""


def test_the_page_is_whole_and_has_the_story_as_a_table() -> None:
    page = Tags(page_of(message()))
    assert page.tags.count("table") == 2
    assert page.links == ["https://wire.example/article-3"]


def test_the_mail_of_a_story_stands_in_its_thread() -> None:
    envelope = Envelope("watch@news.example", ("a@news.example", "b@news.example"))
    mail = mail_of(message(), envelope, "key-3", thread=["key-1", "key-2"], sent_at=NOW)
    assert mail["Message-ID"] == "<key-3@news.example>"
    assert mail["In-Reply-To"] == "<key-2@news.example>"
    assert mail["References"] == "<key-1@news.example> <key-2@news.example>"
    assert mail["To"] == "a@news.example, b@news.example"
    assert mail["Subject"] == message().first
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert bytes(mail).isascii()


def test_no_line_of_an_article_becomes_a_header() -> None:
    alert = a_rising_toll().model_copy(update={"headline": "34 killed\r\nBcc: everybody@news.example"})
    mail = mail_of(message(alert), Envelope("watch@news.example", ("a@news.example",)), "key", thread=(), sent_at=NOW)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "34 killed Bcc: everybody@news.example"


def test_slack_gets_a_line_for_the_notification_and_no_mention() -> None:
    form = forms.slack("https://hooks.example/1", message(a_nasty_toll()))
    assert "<!channel>" not in form.document["attachments"][0]["blocks"][1]["text"]["text"]
    assert "&lt;!channel&gt;" in form.document["text"]
    assert len(form.document["attachments"][0]["blocks"][1]["text"]["text"]) <= 3000


def test_discord_mentions_nobody_and_keeps_its_limits() -> None:
    many = [a_nasty_toll()] * 60
    form = forms.discord("https://discord.example/1", message(*many))
    assert form.document["allowed_mentions"] == {"parse": []}
    (embed,) = form.document["embeds"]
    assert len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4096
    assert "url" not in embed


def test_teams_gets_a_card_with_the_link_to_press() -> None:
    (attachment,) = forms.teams("https://teams.example/1", message()).document["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["actions"][0]["url"] == "https://wire.example/article-3"


def test_telegram_gets_html_and_plain_text_where_it_would_be_cut() -> None:
    short = forms.telegram("https://api.telegram.org", "12:ab", -100, message())
    assert (short.url, short.document["parse_mode"]) == ("https://api.telegram.org/bot12:ab/sendMessage", "HTML")
    long = forms.telegram("https://api.telegram.org", "12:ab", -100, message(*[a_rising_toll()] * 20))
    assert "parse_mode" not in long.document
    assert len(long.document["text"]) <= 4096


def test_matrix_gets_the_key_as_its_transaction() -> None:
    form = forms.matrix("https://matrix.example/", "token", "!room:matrix.example", "key-1", message())
    assert form.method == "PUT"
    assert form.url == "https://matrix.example/_matrix/client/v3/rooms/%21room%3Amatrix.example/send/m.room.message/key-1"
    assert form.headers["authorization"] == "Bearer token"


def test_pagerduty_gets_one_incident_for_a_story() -> None:
    alert = a_rising_toll()
    document = forms.pagerduty("https://events.example", "routing", (alert,), message(alert)).document
    assert (document["event_action"], document["dedup_key"]) == ("trigger", alert.story_id)
    assert document["payload"]["severity"] == "critical"
    ended = alert.model_copy(update={"reason": AlertReason.WATCH_ENDED})
    assert forms.pagerduty("https://events.example", "routing", (ended,), message(ended)).document["event_action"] == "resolve"


def test_alertmanager_gets_labels_and_annotations() -> None:
    alert = a_rising_toll()
    form = forms.alertmanager("http://am.example:9093/", (alert,), message(alert), timedelta(hours=1), NOW)
    assert form.url == "http://am.example:9093/api/v2/alerts"
    (document,) = json.loads(form.body)
    assert document["labels"]["alertname"] == "CaucasusWatch"
    assert document["labels"]["severity"] == "critical"
    assert "" not in document["labels"].values()
    assert document["annotations"]["summary"] == alert.headline
    assert document["annotations"]["quote"] == "at least 34 Armenians had been killed"
    assert document["endsAt"] == "2023-09-20T01:00:00+00:00"
