"""Receivers and their channels as `routes.yaml` writes them. Secrets stand in files (`…_file`) or, for trials, in the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePath
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from services.alerter.core.datafile import DataForm, packaged_names

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"
_DURATION = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")


def duration(value: object) -> object:
    """`1h30m`, `45s`, `0s` as a length of time; what is no text is left for the model to judge.

    Raises:
        ValueError: the text is none.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value != 0:
        raise ValueError(f"{value} has no unit; write it as {value}s, or as 1h30m, 2d")
    if not isinstance(value, str):
        return timedelta() if value == 0 else value
    found = _DURATION.fullmatch(value.strip())
    if not value.strip() or found is None:
        raise ValueError(f"{value!r} is no length of time; write it as 30s, 5m, 1h30m, 2d or 1w")
    return timedelta(**{unit: int(part) for unit, part in zip(_UNITS, found.groups(), strict=True) if part})


Duration = Annotated[timedelta, BeforeValidator(duration)]


def _web(value: str) -> str:
    if fault := web_fault(value):
        raise ValueError(fault)
    return value


def web_fault(value: str) -> str:
    """What is wrong with the address of a receiver; empty where nothing is."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return "the address is no web address"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "the address must begin with https:// or http:// and name a host"
    if parts.username or parts.password:
        return "the address must hold no user name and no password"
    return ""


def _language(value: str) -> str:
    if value not in (known := packaged_names("headlines")):
        raise ValueError(f"there are no headlines in {value!r}; known are {', '.join(known)}")
    return value


def _host_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
        raise ValueError(f"{value!r} is no host:port; write it as mail.example:587")
    return value


Address = Annotated[str, AfterValidator(_web)]
Mail = Annotated[str, Field(pattern=r"^[^@\s<>,\"]+@[^@\s<>,\"]+$", max_length=254)]
Language = Annotated[str, AfterValidator(_language)]


class RateLimit(DataForm):
    """At most so many messages in so long a time; what is more comes as one digest."""

    messages: int = Field(ge=1, le=10_000)
    per: Duration

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.per <= timedelta():
            raise ValueError("the time of a limit must be above 0; write per: 1m")
        return self


class ChannelConfig(DataForm):
    """What every channel may be told. `allow_private` is for receivers on this machine and in private networks."""

    kind: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()
    """Names of fields that are given as themselves or as `<name>_file`."""
    optional: ClassVar[tuple[str, ...]] = ()
    """Secrets that may be missing."""

    timeout: Duration = timedelta(seconds=10)
    parallel: int = Field(default=8, ge=1, le=64)
    rate_limit: RateLimit | None = None
    give_up: Duration | None = None
    language: Language | None = None
    allow_private: bool = False

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if not timedelta() < self.timeout <= timedelta(minutes=2):
            raise ValueError("the timeout must be above 0 and at most 2m")
        for name in self.secrets:
            given = [one for one in (name, f"{name}_file") if getattr(self, one) is not None]
            if len(given) > 1 or (not given and name not in self.optional):
                raise ValueError(f"{'both' if given else 'none'} of {name} and {name}_file {'are' if given else 'is'} given; give one")
        return self


class TerminalConfig(ChannelConfig):
    """Alerts on standard output."""

    kind = "terminal"


class KafkaConfig(ChannelConfig):
    """Alerts on a topic of their own of the service's Kafka; every alert is on `alerts.raised` anyway."""

    kind = "kafka"
    topic: str = Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")


class WebhookConfig(ChannelConfig):
    """A signed POST. `docs/how-to/webhook.md` is for those who write the receiver."""

    kind = "webhook"
    secrets = ("url", "secret")
    url: SecretStr | None = None
    url_file: PurePath | None = None
    secret: SecretStr | None = None
    secret_file: PurePath | None = None


class EmailConfig(ChannelConfig):
    """Mail through a server: one thread per story."""

    kind = "email"
    secrets = ("auth_password",)
    optional = ("auth_password",)
    to: tuple[Mail, ...] = Field(min_length=1)
    sender: Mail = Field(alias="from")
    smarthost: Annotated[str, AfterValidator(_host_port)]
    tls: Literal["starttls", "tls", "none"] = "starttls"
    auth_username: str | None = None
    auth_password: SecretStr | None = None
    auth_password_file: PurePath | None = None
    ca_file: PurePath | None = None
    hello: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.-]{1,253}$")
    parallel: int = Field(default=2, ge=1, le=64)
    timeout: Duration = timedelta(seconds=30)

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        if (self.auth_username is None) != (self.auth_password is None and self.auth_password_file is None):
            raise ValueError("a login needs both auth_username and one of auth_password and auth_password_file")
        if self.auth_username is not None and self.tls == "none" and not self.allow_private:
            raise ValueError("a password is not sent in the clear; write tls: starttls or tls: tls")
        return self


class SlackConfig(ChannelConfig):
    """An incoming webhook of Slack, or of what understands its form (Mattermost, Rocket.Chat)."""

    kind = "slack"
    secrets = ("api_url",)
    api_url: SecretStr | None = None
    api_url_file: PurePath | None = None


class TeamsConfig(ChannelConfig):
    """A workflow of Microsoft Teams that posts an adaptive card."""

    kind = "msteams"
    secrets = ("webhook_url",)
    webhook_url: SecretStr | None = None
    webhook_url_file: PurePath | None = None


class DiscordConfig(ChannelConfig):
    """A webhook of Discord."""

    kind = "discord"
    secrets = ("webhook_url",)
    webhook_url: SecretStr | None = None
    webhook_url_file: PurePath | None = None


class TelegramConfig(ChannelConfig):
    """A bot of Telegram in one chat."""

    kind = "telegram"
    secrets = ("bot_token",)
    bot_token: SecretStr | None = None
    bot_token_file: PurePath | None = None
    chat_id: int | str
    api_url: Address = "https://api.telegram.org"


class MatrixConfig(ChannelConfig):
    """A room of Matrix; the delivery's key is the transaction, so that a repeat is none there."""

    kind = "matrix"
    secrets = ("access_token",)
    homeserver: Address
    room: str = Field(pattern=r"^![^\s]+$")
    access_token: SecretStr | None = None
    access_token_file: PurePath | None = None


class PagerdutyConfig(ChannelConfig):
    """A service of PagerDuty (Events API v2)."""

    kind = "pagerduty"
    secrets = ("routing_key",)
    routing_key: SecretStr | None = None
    routing_key_file: PurePath | None = None
    url: Address = "https://events.pagerduty.com/v2/enqueue"


class AlertmanagerConfig(ChannelConfig):
    """An Alertmanager, which then routes by its own rules."""

    kind = "alertmanager"
    secrets = ("password",)
    optional = ("password",)
    url: Address
    username: str | None = None
    password: SecretStr | None = None
    password_file: PurePath | None = None
    active: Duration = timedelta(hours=1)


class AppriseConfig(ChannelConfig):
    """Any of the services that Apprise knows, by its kind of address (`ntfys://…`, `gotifys://…`)."""

    kind = "apprise"
    secrets = ("url",)
    url: SecretStr | None = None
    url_file: PurePath | None = None
    parallel: int = Field(default=1, ge=1, le=8)
    timeout: Duration = timedelta(seconds=30)


class Receiver(DataForm):
    """Somebody who is told, by one or several channels. `owner` is the receiver that hears when one of them fails."""

    name: str = Field(pattern=NAME)
    owner: str | None = None
    from_settings: bool = False
    terminal_configs: tuple[TerminalConfig, ...] = ()
    kafka_configs: tuple[KafkaConfig, ...] = ()
    webhook_configs: tuple[WebhookConfig, ...] = ()
    email_configs: tuple[EmailConfig, ...] = ()
    slack_configs: tuple[SlackConfig, ...] = ()
    msteams_configs: tuple[TeamsConfig, ...] = ()
    discord_configs: tuple[DiscordConfig, ...] = ()
    telegram_configs: tuple[TelegramConfig, ...] = ()
    matrix_configs: tuple[MatrixConfig, ...] = ()
    pagerduty_configs: tuple[PagerdutyConfig, ...] = ()
    alertmanager_configs: tuple[AlertmanagerConfig, ...] = ()
    apprise_configs: tuple[AppriseConfig, ...] = ()

    def channels(self) -> Iterator[tuple[str, ChannelConfig]]:
        """Each channel with the name of its target: the receiver's, and from the second of a kind on with its number."""
        for field in type(self).model_fields:
            if field.endswith("_configs"):
                for number, config in enumerate(getattr(self, field)):
                    yield (self.name if number == 0 else f"{self.name}[{number}]"), config
