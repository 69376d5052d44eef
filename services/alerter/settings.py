"""Settings of the alerter."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from services.alerter.core.datafile import DataFault
from services.alerter.core.policy import Policy
from services.alerter.core.retries import RetryPolicy
from services.alerter.core.routes import Routes
from services.alerter.core.watches import Watches
from services.runtime.settings import SettingsFault, WatchSettings, mended, variable

_WEBHOOKS_MEND = 'write a JSON list such as [{"name": "desk", "url": "https://desk.example/alerts", "secret_file": "/run/secrets/desk"}], or leave it out'


class Webhook(BaseModel):
    """A receiver of alerts over HTTP. The secret, which signs each alert, is given or lies in a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    url: str
    secret: SecretStr | None = None
    secret_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise ValueError("the url is no web address") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the url must begin with https:// or http:// and name a host")
        if parts.username or parts.password:
            raise ValueError("the url must hold no user name and no password: each alert is signed instead")
        return value

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_file is None):
            raise ValueError(f"the webhook {self.name} needs one of secret and secret_file")
        if not self.key():
            raise ValueError(f"the secret of the webhook {self.name} is empty")
        return self

    def key(self) -> bytes:
        """The secret.

        Raises:
            ValueError: its file cannot be read.
        """
        if self.secret is not None:
            return self.secret.get_secret_value().encode()
        assert self.secret_file is not None  # noqa: S101 - one of the two is there
        try:
            return self.secret_file.read_text(encoding="utf-8").strip().encode()
        except (OSError, UnicodeDecodeError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
            raise ValueError(f"the secret of the webhook {self.name} cannot be read from {self.secret_file}: {why}") from fault


class AlerterSettings(WatchSettings):
    """What the alerter needs besides what every process needs. Times of deliveries are real seconds."""

    policy_file: Path | None = Field(
        default=None,
        description="YAML file that says when a desk is told, in place of the package's own",
        json_schema_extra=mended("write the path of a YAML file, or leave it out for the policy of the package"),
    )
    headline_language: str | None = Field(
        default=None,
        description="language of headlines and messages, in place of the policy's",
        json_schema_extra=mended("write en or ru, or leave it out"),
    )
    routes_file: Path | None = Field(
        default=None,
        description="YAML file that says who is told of what, by which channels, in place of the terminal and the webhooks",
        json_schema_extra=mended("write the path of a YAML file (docs/how-to/routes.md), or leave it out"),
    )
    watches_file: Path | None = Field(
        default=None,
        description="YAML file that says what the service watches of itself, in place of the package's own",
        json_schema_extra=mended("write the path of a YAML file (docs/how-to/watches.md), or leave it out"),
    )
    terminal: bool = Field(
        default=True,
        description="whether alerts are printed on standard output",
        json_schema_extra=mended("write true or false"),
    )
    webhooks: tuple[Webhook, ...] = Field(
        default=(),
        description="receivers of alerts over HTTP",
        json_schema_extra=mended(_WEBHOOKS_MEND),
    )
    allow_private: bool = Field(
        default=False,
        description="whether webhooks may lie at addresses of this machine and of private networks",
        json_schema_extra=mended("write true for tests and intranets, false else"),
    )
    webhook_seconds: float = Field(
        default=10.0,
        gt=0,
        le=120,
        description="seconds that a webhook has for its whole answer",
        json_schema_extra=mended("write seconds up to 120"),
    )
    webhook_parallel: int = Field(
        default=8,
        ge=1,
        le=64,
        description="alerts that are sent to one webhook at the same time",
        json_schema_extra=mended("write a number from 1 to 64"),
    )
    retry_first: float = Field(
        default=1.0,
        gt=0,
        description="seconds before the second attempt of a delivery; each wait is twice the one before",
        json_schema_extra=mended("write seconds"),
    )
    retry_longest: float = Field(
        default=300.0, gt=0, description="the longest seconds between two attempts", json_schema_extra=mended("write seconds")
    )
    give_up_hours: float = Field(
        default=6.0,
        gt=0,
        description="age in hours at which an undelivered alert is given up, visibly",
        json_schema_extra=mended("write hours"),
    )
    lease_margin: float = Field(
        default=20.0,
        gt=0,
        description="seconds that a delivery's lease outlasts the longest attempt; if this replica dies, another sends again only then",
        json_schema_extra=mended("write seconds"),
    )
    batch: int = Field(
        default=50,
        ge=1,
        le=500,
        description="messages that are decided in one transaction",
        json_schema_extra=mended("write a number from 1 to 500"),
    )

    @field_validator("webhooks")
    @classmethod
    def _names(cls, value: tuple[Webhook, ...]) -> tuple[Webhook, ...]:
        names = [webhook.name for webhook in value]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two webhooks are called {min(twice)}")
        return value

    @property
    def retries(self) -> RetryPolicy:
        """How deliveries are tried again."""
        return RetryPolicy(first=self.retry_first, longest=self.retry_longest, give_up=self.give_up_hours * 3600.0)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of routes, policy and watches, where some are named: what is taken anew when it changes."""
        return tuple(file for file in (self.policy_file, self.routes_file, self.watches_file) if file is not None)

    def routes(self) -> Routes:
        """Who is told.

        Raises:
            SettingsFault: the file cannot be read or holds no routes; every fault with its line.
        """
        if self.routes_file is None:
            return Routes.packaged()
        try:
            return Routes.of(self.routes_file.read_text(encoding="utf-8"), str(self.routes_file))
        except (OSError, UnicodeDecodeError) as fault:
            raise SettingsFault([f"{variable('routes_file')}: {self.routes_file} cannot be read ({fault})"]) from fault
        except DataFault as fault:
            raise SettingsFault(list(fault.faults)) from fault

    def watches(self) -> Watches:
        """What the service watches of itself.

        Raises:
            SettingsFault: the file cannot be read or holds no watches; every fault with its line.
        """
        if self.watches_file is None:
            return Watches.packaged()
        try:
            return Watches.of(self.watches_file.read_text(encoding="utf-8"), str(self.watches_file))
        except (OSError, UnicodeDecodeError) as fault:
            raise SettingsFault([f"{variable('watches_file')}: {self.watches_file} cannot be read ({fault})"]) from fault
        except DataFault as fault:
            raise SettingsFault(list(fault.faults)) from fault

    def policy(self) -> Policy:
        """When a desk is told.

        Raises:
            SettingsFault: the file cannot be read or is no policy; every fault with its line.
        """
        policy = Policy.packaged()
        if self.policy_file is not None:
            try:
                policy = Policy.of(self.policy_file.read_text(encoding="utf-8"), str(self.policy_file))
            except (OSError, UnicodeDecodeError) as fault:
                raise SettingsFault([f"{variable('policy_file')}: {self.policy_file} cannot be read ({fault})"]) from fault
            except DataFault as fault:
                raise SettingsFault(list(fault.faults)) from fault
        if self.headline_language is None:
            return policy
        try:
            return Policy.model_validate(policy.model_dump() | {"language": self.headline_language})
        except ValueError as fault:
            raise SettingsFault(
                [f"{variable('headline_language')}: {self.headline_language!r} has no headlines; write en or ru"]
            ) from fault
