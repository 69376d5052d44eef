"""Chat services, pagers and Alertmanager: each a form of its own over the same guarded HTTP."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

from services.alerter.adapters.channels import Parcel, Target
from services.alerter.adapters.posting import Poster
from services.alerter.core import forms
from services.alerter.core.forms import Form
from services.alerter.core.message import Message, message_of
from services.alerter.core.receivers import (
    AlertmanagerConfig,
    ChannelConfig,
    DiscordConfig,
    MatrixConfig,
    PagerdutyConfig,
    SlackConfig,
    TeamsConfig,
    TelegramConfig,
)
from services.alerter.core.retries import Outcome
from services.alerter.core.wording import Wording
from services.runtime.clock import Clock, WallClock

Secrets = Callable[[str], str]
"""The secret of that name of the configuration; empty where an optional one is not given."""
Make = Callable[[Parcel, Message], Form]


@dataclass(frozen=True, slots=True)
class Speech:
    """The language of a channel; `own` where it is another than that of the headlines."""

    wording: Wording
    own: bool = False

    def message(self, parcel: Parcel) -> Message:
        """What is said of the parcel."""
        return message_of(parcel.alerts, self.wording, subject=parcel.subject, own=self.own)


@dataclass(frozen=True, slots=True)
class FormChannel:
    """Tells a service by one request per message."""

    target: Target
    speech: Speech
    make: Make
    poster: Poster
    parallel: int
    _headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json; charset=utf-8"})

    @property
    def seconds(self) -> float:
        """The longest that one attempt takes."""
        return self.poster.seconds

    async def send(self, parcel: Parcel) -> Outcome:
        """Tell it once."""
        form = self.make(parcel, self.speech.message(parcel))
        return await self.poster.send(form.method, form.url, form.body, {**self._headers, **form.headers, "idempotency-key": parcel.key})

    async def close(self) -> None:
        """Close its connections."""
        await self.poster.close()


def maker(config: ChannelConfig, secrets: Secrets, clock: Clock | None = None) -> Make | None:  # noqa: PLR0911 - one line for each service
    """How the requests of such a channel are made; None where it is none of these services."""
    time = clock or WallClock()
    match config:
        case SlackConfig():
            return lambda _, message: forms.slack(secrets("api_url"), message)
        case DiscordConfig():
            return lambda _, message: forms.discord(secrets("webhook_url"), message)
        case TeamsConfig():
            return lambda _, message: forms.teams(secrets("webhook_url"), message)
        case TelegramConfig():
            return lambda _, message: forms.telegram(config.api_url, secrets("bot_token"), config.chat_id, message)
        case MatrixConfig():
            return lambda parcel, message: forms.matrix(config.homeserver, secrets("access_token"), config.room, parcel.key, message)
        case PagerdutyConfig():
            return lambda parcel, message: forms.pagerduty(config.url, secrets("routing_key"), parcel.alerts, message)
        case AlertmanagerConfig():
            return lambda parcel, message: _alertmanager(config, secrets, parcel, message, time)
        case _:
            return None


def _alertmanager(config: AlertmanagerConfig, secrets: Secrets, parcel: Parcel, message: Message, clock: Clock) -> Form:
    form = forms.alertmanager(config.url, parcel.alerts, message, config.active, clock.now())
    if config.username is None:
        return form
    login = base64.b64encode(f"{config.username}:{secrets('password')}".encode()).decode()
    return Form(form.url, form.document, form.method, {"authorization": f"Basic {login}"})
