"""Settings from the environment: every fault at once, each with its mend, and never a secret in a message."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from services.runtime.clock import story_clock

PREFIX = "CAUCASUS_WATCH_"
Loaded = TypeVar("Loaded", bound="WatchSettings")

_BROKER = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:,/@]+):(\d{1,5})")
_DRIVER = "postgresql+asyncpg"
_DATABASE_MEND = "write it as postgresql+asyncpg://USER:PASSWORD@HOST:5432/NAME, or with ?host=/FOLDER for a Unix socket"
_KAFKA_MEND = "write host:port, several with commas between: kafka-1:9092,kafka-2:9092"


def mended(mend: str) -> dict[str, Any]:
    """For `Field(json_schema_extra=mended(…))`: what a person should write when the value is wrong or missing."""
    return {"mend": mend}


class SettingsFault(ValueError):  # noqa: N818 - it is what the person reads, one fault a line
    """What is wrong with the settings, all of it: one line each, naming the variable, the fault and the mend."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the lines; the message is all of them."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class WatchSettings(BaseSettings):
    """What every process needs. The constructor takes what it is given; only `load` looks into the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    kafka: str | None = Field(default=None, description="Kafka's bootstrap addresses", json_schema_extra=mended(_KAFKA_MEND))
    kafka_security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = Field(
        default="plaintext",
        description="how Kafka is spoken to: ssl is TLS, sasl with a name and a password",
        json_schema_extra=mended("write plaintext, ssl, sasl_plaintext or sasl_ssl"),
    )
    kafka_ca_file: Path | None = Field(
        default=None,
        description="PEM file of the authority that signed the brokers' certificates; the system's own authorities where none is named",
        json_schema_extra=mended("write the path of a PEM file, or leave it out"),
    )
    kafka_certificate_file: Path | None = Field(
        default=None,
        description="PEM file of the certificate that we show to the brokers, with those that signed it behind it",
        json_schema_extra=mended("write the path of a PEM file, or leave it out"),
    )
    kafka_key_file: Path | None = Field(
        default=None,
        description="PEM file of that certificate's key, where it is not in the same file",
        json_schema_extra=mended("write the path of a PEM file, or leave it out"),
    )
    kafka_key_password: SecretStr | None = Field(
        default=None, description="password of that key", json_schema_extra=mended("write it, best into a file, or leave it out")
    )
    kafka_mechanism: Literal["scram-sha-512", "scram-sha-256", "plain"] = Field(
        default="scram-sha-512",
        description="how the password is proven; plain shows it to the broker, so only by sasl_ssl",
        json_schema_extra=mended("write scram-sha-512, scram-sha-256 or plain"),
    )
    kafka_username: str | None = Field(
        default=None, description="the name that Kafka knows us by", json_schema_extra=mended("write what the cluster knows us by")
    )
    kafka_password: SecretStr | None = Field(
        default=None, description="the password that goes with it", json_schema_extra=mended("write it, best into a file")
    )
    database: SecretStr | None = Field(default=None, description="Postgres", json_schema_extra=mended(_DATABASE_MEND))
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="how log lines look; auto is console on a terminal and JSON elsewhere",
        json_schema_extra=mended("write auto, json or console"),
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="the least grave lines that are logged",
        json_schema_extra=mended("write debug, info, warning or error"),
    )
    metrics_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="port of /metrics and /healthz, 0 for any free one; none is opened where it is not set",
        json_schema_extra=mended("write a port from 1 to 65535, 0 for any free one, or leave it out"),
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="address that the metrics are served on",
        json_schema_extra=mended("write 127.0.0.1 for this machine only, 0.0.0.0 for a container"),
    )
    clock: str | None = Field(
        default=None,
        description="a story's clock, for replays: ANCHOR|BEGINS|SPEED",
        json_schema_extra=mended("write ANCHOR|BEGINS|SPEED, such as 2026-01-01T12:00:00Z|2023-09-19T06:00:00Z|600, or leave it out"),
    )
    replica: str = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}",
        min_length=1,
        description="name of this process among its like",
        json_schema_extra=mended("write a name that no other replica has, or leave it out"),
    )

    @field_validator("kafka")
    @classmethod
    def _brokers(cls, value: str | None) -> str | None:
        if value is None:
            return None
        addresses = [part.strip() for part in value.split(",")]
        for address in addresses:
            found = _BROKER.fullmatch(address)
            if not found or not 0 < int(found[2]) <= 65535:
                raise ValueError(f"{address!r} is no host:port")
        return ",".join(addresses)

    @field_validator("database")
    @classmethod
    def _url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            url = make_url(value.get_secret_value())
        except (ArgumentError, ValueError):
            raise ValueError("it is no database address") from None
        if url.drivername in {"postgres", "postgresql"}:
            url = url.set(drivername=_DRIVER)
        if url.drivername != _DRIVER:
            raise ValueError(f"it is for {url.drivername}, not for {_DRIVER}")
        return SecretStr(url.render_as_string(hide_password=False))

    @field_validator("log_format", "log_level", "kafka_security", "kafka_mechanism", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("clock")
    @classmethod
    def _story(cls, value: str | None) -> str | None:
        if value is not None:
            story_clock(value)
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the constructor is given and nothing else: a value made in a test is the same on every machine."""
        return (init_settings,)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """The settings of this process: `overrides` (None: not given), then the environment, then the defaults.

        Raises:
            SettingsFault: all that is wrong, at once.
        """
        environment, faults, unusable = _with_files(cls, os.environ)
        given = {name: value for name, value in overrides.items() if value is not None}
        values = {**_Environment(cls, environment)(), **given}
        try:
            settings = cls(**values)
        except ValidationError as found:
            for error in found.errors(include_url=False, include_context=False):
                name = str(error["loc"][0]) if error["loc"] else ""
                if name not in unusable:
                    faults.append(_line(cls, name, error["type"], error["msg"], error.get("input")))
            raise SettingsFault(faults) from None
        if faults:
            raise SettingsFault(faults)
        return settings

    def need(self, *names: str) -> None:
        """Make sure that these optional settings are there.

        Raises:
            SettingsFault: those that are not, all at once.
        """
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise SettingsFault([_line(type(self), name, "missing", "", None) for name in missing])

    @property
    def kafka_address(self) -> str:
        """Kafka's bootstrap addresses.

        Raises:
            SettingsFault: they are not set.
        """
        self.need("kafka")
        return self.kafka or ""

    @property
    def database_url(self) -> str:
        """The address of Postgres, with its password: for the driver only, never for a message.

        Raises:
            SettingsFault: it is not set.
        """
        self.need("database")
        return self.database.get_secret_value() if self.database else ""


class _Environment(EnvSettingsSource):
    """The variables of the given mapping; a list may be written as JSON or with commas between."""

    def __init__(self, settings: type[BaseSettings], environment: Mapping[str, str]) -> None:
        self._environment = environment
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environment.items() if value.strip()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002 - the library's signature
        """The value of a list or mapping; what is no JSON is left for the model to judge, so that its fault is told beside the others."""
        try:
            return json.loads(value)
        except ValueError:
            text = str(value).strip()
            return text if text.startswith(("[", "{")) else [part.strip() for part in text.split(",")]


def variable(name: str) -> str:
    """The environment variable of a field."""
    return PREFIX + name.upper()


def _with_files(settings: type[WatchSettings], environment: Mapping[str, str]) -> tuple[dict[str, str], list[str], set[str]]:
    """The variables with those given as files read in; the faults; the fields that have a fault already."""
    read = dict(environment)
    faults: list[str] = []
    unusable: set[str] = set()
    for name in settings.model_fields:
        plain, by_file = variable(name), variable(name) + "_FILE"
        path = environment.get(by_file, "")
        if not path.strip():
            continue
        fault = ""
        if environment.get(plain, "").strip():
            fault = f"{plain}: it is given, and {by_file} too; keep one of the two"
        else:
            try:
                read[plain] = Path(path).read_text(encoding="utf-8").strip()
            except FileNotFoundError:
                fault = f"{by_file}: there is no file {path}; make it or name the right one"
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
                fault = f"{by_file}: {path} cannot be read ({why}); make it a text file that this user may read"
            else:
                if not read[plain]:
                    fault = f"{by_file}: {path} is empty; write the value into it"
        if fault:
            read.pop(plain, None)
            faults.append(fault)
            unusable.add(name)
    return read, faults, unusable


def _line(settings: type[WatchSettings], name: str, kind: str, message: str, given: object) -> str:
    """One fault: the variable, what is wrong with it, the mend. A secret's value is never in it."""
    field = settings.model_fields.get(name)
    if field is None:
        return f"{name or settings.__name__}: {message or 'it is unknown'}"
    extra = field.json_schema_extra
    mend = str(extra["mend"]) if isinstance(extra, dict) and "mend" in extra else f"it is {field.description or 'needed'}"
    if kind == "missing":
        return f"{variable(name)}: it is not set; {mend}"
    what = message.removeprefix("Value error, ")
    if isinstance(given, str | int | float) and "Secret" not in str(field.annotation) and kind != "value_error":
        what = f"{given!r} is not right: {what[:1].lower()}{what[1:]}"
    return f"{variable(name)}: {what}; {mend}"
