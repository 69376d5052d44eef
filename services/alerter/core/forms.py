"""What each chat service and pager is sent: (message, alerts, key) -> a request. The forms are those of the services' own pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from schemas.alert_raised import AlertRaised
from schemas.matchers import labels_of
from schemas.vocabulary import AlertReason, Severity
from services.alerter.core.markup import COLOURS, chat_html_of, markdown_of, marked, web_address
from services.alerter.core.message import Message, clipped, text_of

SLACK_SECTION = 2900
TELEGRAM_TEXT = 4000
DISCORD_TEXT = 3900
TEAMS_TEXT = 20_000
PAGERDUTY_SUMMARY = 1024
_PAGERDUTY = {Severity.INFO: "info", Severity.NOTICE: "warning", Severity.WARNING: "error", Severity.CRITICAL: "critical"}


@dataclass(frozen=True, slots=True)
class Form:
    """A request to be sent: JSON by POST unless said otherwise."""

    url: str
    document: Any
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The document as it goes over the wire."""
        return json.dumps(self.document, ensure_ascii=False, sort_keys=True).encode()


def slack(url: str, message: Message) -> Form:
    """An incoming webhook: `text` is what a phone's notification shows, the blocks are the message."""
    text = slack_text(_body(message))
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": message.first[:150], "emoji": False}},
        {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, SLACK_SECTION)}},
    ]
    colour = {"color": COLOURS[message.severity], "blocks": blocks}
    return Form(url, {"text": slack_text(message.first), "attachments": [colour], "unfurl_links": False})


def slack_text(text: str) -> str:
    """Escaped as Slack asks for: its three characters, which alone begin a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def discord(url: str, message: Message) -> Form:
    """A webhook: nobody is mentioned, whatever an article says."""
    embed = {
        "title": _cut(message.first, 256),
        "description": _cut(markdown_of(message), DISCORD_TEXT),
        "color": int(COLOURS[message.severity].removeprefix("#"), 16),
    }
    if link := web_address(message.letters[0].link):
        embed["url"] = link
    return Form(url, {"content": _cut(marked(message.first), 2000), "embeds": [embed], "allowed_mentions": {"parse": []}})


def teams(url: str, message: Message) -> Form:
    """An adaptive card by a workflow. Its texts know a little Markdown, so ours is escaped."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": marked(message.first), "weight": "bolder", "size": "large", "wrap": True},
        {"type": "TextBlock", "text": _cut(markdown_of(message), TEAMS_TEXT).replace("\n", "\n\n"), "wrap": True},
    ]
    links = [link for letter in message.letters if (link := web_address(letter.link))]
    actions = [{"type": "Action.OpenUrl", "title": message.wording.form.message.link, "url": link} for link in links[:1]]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body, "actions": actions,
    }  # fmt: skip
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return Form(url, {"type": "message", "summary": message.first, "attachments": [attachment]})


def telegram(api_url: str, token: str, chat_id: int | str, message: Message) -> Form:
    """The bot's sendMessage. Where the HTML would be cut in a tag, plain text goes out instead."""
    html = chat_html_of(message)
    document: dict[str, Any] = {"chat_id": chat_id, "link_preview_options": {"is_disabled": True}}
    if len(html) <= TELEGRAM_TEXT:
        document |= {"text": html, "parse_mode": "HTML"}
    else:
        document |= {"text": _cut(text_of(message), TELEGRAM_TEXT)}
    return Form(f"{api_url.rstrip('/')}/bot{quote(token, safe=':')}/sendMessage", document)


def matrix(homeserver: str, token: str, room: str, key: str, message: Message) -> Form:
    """A message into a room; `key` is the transaction: the server knows a repeat."""
    path = f"/_matrix/client/v3/rooms/{quote(room, safe='')}/send/m.room.message/{quote(key, safe='')}"
    document = {
        "msgtype": "m.text",
        "body": text_of(message),
        "format": "org.matrix.custom.html",
        "formatted_body": chat_html_of(message, newline="<br>"),
    }
    return Form(homeserver.rstrip("/") + path, document, "PUT", {"authorization": f"Bearer {token}"})


def pagerduty(url: str, routing_key: str, alerts: Sequence[AlertRaised], message: Message) -> Form:
    """A trigger of the story's incident: one incident per story, which a withdrawal of its only alert does not close."""
    last = alerts[-1]
    links = [{"href": link, "text": letter.headline} for letter in message.letters if (link := web_address(letter.link))]
    payload = {
        "summary": _cut(message.first, PAGERDUTY_SUMMARY),
        "source": last.outlet or "caucasus-watch",
        "severity": _PAGERDUTY[message.severity],
        "timestamp": (last.raised_at or last.published_at or datetime.fromtimestamp(0, UTC)).isoformat(),
        "class": str(last.reason),
        "group": last.story_id,
        "custom_details": {"message": text_of(message), **{name: value for name, value in labels_of(last).items() if value}},
    }
    document = {
        "routing_key": routing_key, "event_action": "resolve" if last.reason is AlertReason.WATCH_ENDED else "trigger",
        "dedup_key": last.story_id, "client": "caucasus-watch", "payload": payload, "links": links[:10],
    }  # fmt: skip
    return Form(url, document)


def alertmanager(url: str, alerts: Sequence[AlertRaised], message: Message, active: timedelta, now: datetime) -> Form:
    """Alertmanager's own API: labels name the change, annotations tell it; it counts as firing for `active`."""
    documents = []
    for alert, letter in zip(alerts, message.letters, strict=True):
        labels = {name: value for name, value in labels_of(alert).items() if value}
        begins = alert.raised_at or now
        annotations = {
            "summary": letter.headline,
            "description": text_of(Message(clipped(letter.headline), (letter,), message.wording)),
            "quote": letter.quote,
            "link": letter.link,
        }
        documents.append(
            {
                "labels": {"alertname": "CaucasusWatch", **labels},
                "annotations": {name: value for name, value in annotations.items() if value},
                "startsAt": begins.isoformat(),
                # A replayed or late alert would be over before it came.
                "endsAt": (max(begins, now) + active).isoformat(),
                **({"generatorURL": link} if (link := web_address(letter.link)) else {}),
            }
        )
    base = url.rstrip("/")
    return Form(base if base.endswith("/api/v2/alerts") else f"{base}/api/v2/alerts", documents)


def _body(message: Message) -> str:
    """The message without its first line, which stands in a place of its own."""
    return text_of(message).partition("\n")[2].strip("\n")


def _cut(text: str, longest: int) -> str:
    """The text within a service's limit, its end marked where something is missing."""
    return text if len(text) <= longest else text[: longest - 1].rstrip("\\") + "…"
