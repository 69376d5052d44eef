"""Channels made from the routes and the settings; secrets are read from their files here, and every fault is told at once."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from services.alerter.adapters.apprisechannel import AppriseChannel
from services.alerter.adapters.channels import Channel, Manner, Router, Target
from services.alerter.adapters.kafkatopic import KafkaChannel
from services.alerter.adapters.mail import MailChannel, Server
from services.alerter.adapters.posting import Poster
from services.alerter.adapters.services import FormChannel, Speech, maker
from services.alerter.adapters.terminal import Terminal
from services.alerter.adapters.webhook import WebhookChannel
from services.alerter.core.bundling import Limit
from services.alerter.core.policy import Policy
from services.alerter.core.receivers import (
    AppriseConfig,
    ChannelConfig,
    EmailConfig,
    KafkaConfig,
    TerminalConfig,
    WebhookConfig,
    web_fault,
)
from services.alerter.core.routes import Routes
from services.alerter.core.routing import tree
from services.alerter.core.wording import Wording
from services.alerter.settings import AlerterSettings
from services.runtime.bus import Bus
from services.runtime.clock import WallClock
from services.runtime.settings import SettingsFault, variable

ADDRESSES = frozenset({"url", "api_url", "webhook_url"})
"""Secrets that are addresses of the web."""


def built(settings: AlerterSettings, routes: Routes, policy: Policy, bus: Bus) -> tuple[tuple[Channel, ...], Router]:
    """Every channel of the routes, and who is behind each receiver.

    Raises:
        SettingsFault: a secret cannot be read, or is none; each fault with the receiver's name.
    """
    channels: dict[Target, Channel] = {}
    receivers: dict[str, tuple[Target, ...]] = {}
    manners: dict[Target, Manner] = {}
    faults: list[str] = []
    for receiver in routes.receivers:
        targets: list[Target] = []
        if receiver.from_settings:
            for channel in of_settings(settings, policy):
                channels.setdefault(channel.target, channel)
                targets.append(channel.target)
        for name, config in receiver.channels():
            target = Target(config.kind, name)
            if target in channels:
                faults.append(f"{name}: the settings name a {config.kind} of this name too; name the receiver otherwise")
                continue
            try:
                channels[target] = _channel(target, config, settings, policy, bus)
            except SettingsFault as fault:
                faults += fault.faults
                continue
            targets.append(target)
            manners[target] = manner_of(config)
        receivers[receiver.name] = tuple(targets)
    if faults:
        raise SettingsFault(faults)
    owners = {
        receiver.name: owner for receiver in routes.receivers if (owner := receiver.owner or routes.owner) not in {None, receiver.name}
    }
    return tuple(channels.values()), Router(tree(routes), receivers, {name: owner for name, owner in owners.items() if owner}, manners)


def of_settings(settings: AlerterSettings, policy: Policy) -> tuple[Channel, ...]:
    """The ways to tell the receivers that the settings name."""
    channels: list[Channel] = []
    if settings.terminal:
        channels.append(Terminal(Wording.packaged(policy.language)))
    channels += [
        WebhookChannel(
            webhook.name,
            webhook.url,
            webhook.key(),
            allow_private=settings.allow_private,
            seconds=settings.webhook_seconds,
            parallel=settings.webhook_parallel,
        )
        for webhook in settings.webhooks
    ]
    return tuple(channels)


def manner_of(config: ChannelConfig) -> Manner:
    """How such a channel is to be told."""
    limit = Limit(config.rate_limit.messages, config.rate_limit.per) if config.rate_limit else None
    return Manner(limit, config.give_up.total_seconds() if config.give_up else None, threads=isinstance(config, EmailConfig))


def secret_faults(routes: Routes, folder: Path) -> list[str]:
    """What is wrong with the secrets that the routes name: files that cannot be read, addresses that are none."""
    faults: list[str] = []
    for receiver in routes.receivers:
        for name, config in receiver.channels():
            for secret in config.secrets:
                try:
                    secret_of(config, secret, name, folder)
                except SettingsFault as fault:
                    faults += fault.faults
    return faults


def secret_of(config: ChannelConfig, name: str, receiver: str, folder: Path) -> str:
    """A secret of the channel, from the routes or from its file (below `folder` where its path is none from the top).

    Raises:
        SettingsFault: the file cannot be read or is empty, or the address in it is none.
    """
    where = f"the {name} of the {config.kind} of {receiver}"
    given, path = getattr(config, name), getattr(config, f"{name}_file")
    if path is not None:
        try:
            value = Path(folder, path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8 text"
            raise SettingsFault(
                [f"{where} cannot be read from {Path(folder, path)}: {why}; make it a text file that the alerter may read"]
            ) from fault
    elif given is not None:
        value = str(given.get_secret_value()).strip()
    else:
        return ""
    if not value:
        raise SettingsFault([f"{where} is empty; write the value into it"])
    if name in ADDRESSES and not isinstance(config, AppriseConfig) and (fault_of := web_fault(value)):
        raise SettingsFault([f"{where}: {fault_of}"])
    return value


def _channel(target: Target, config: ChannelConfig, settings: AlerterSettings, policy: Policy, bus: Bus) -> Channel:
    folder = settings.routes_file.parent if settings.routes_file is not None else Path()
    language = config.language or policy.language
    speech = Speech(Wording.packaged(language), own=language != policy.language)
    allow_private = config.allow_private or settings.allow_private
    seconds, wall = config.timeout.total_seconds(), WallClock()

    def secret(name: str) -> str:
        return secret_of(config, name, target.name, folder)

    match config:
        case TerminalConfig():
            return Terminal(speech.wording, name=target.name)
        case KafkaConfig():
            return KafkaChannel(target.name, config.topic, bus, wall, seconds=seconds)
        case WebhookConfig():
            return WebhookChannel(
                target.name,
                secret("url"),
                secret("secret").encode(),
                allow_private=allow_private,
                seconds=seconds,
                parallel=config.parallel,
            )
        case EmailConfig():
            return MailChannel(target, config, _server(config, secret, folder, allow_private=allow_private), speech, wall)
        case AppriseConfig():
            return AppriseChannel(target, secret("url"), speech, wall, seconds=seconds, allow_private=allow_private)
        case _:
            for name in config.secrets:
                secret(name)
            make = maker(config, secret, wall)
            if make is None:
                raise SettingsFault([f"{variable('routes_file')}: there is no channel of the kind {config.kind}"])
            poster = Poster(allow_private=allow_private, seconds=seconds, parallel=config.parallel, clock=wall)
            return FormChannel(target, speech, make, poster, config.parallel)


def _server(config: EmailConfig, secret: Callable[[str], str], folder: Path, *, allow_private: bool) -> Server:
    host, _, port = config.smarthost.rpartition(":")
    context: ssl.SSLContext | None = None
    if config.ca_file is not None:
        try:
            context = ssl.create_default_context(cafile=Path(folder, config.ca_file))
        except (OSError, ssl.SSLError) as fault:
            raise SettingsFault([f"the ca_file of the mail server {config.smarthost} holds no certificates: {fault}"]) from fault
    return Server(
        host=host.strip("[]"),
        port=int(port),
        tls=config.tls,
        username=config.auth_username,
        password=secret("auth_password") or None,
        hello=config.hello,
        allow_private=allow_private,
        context=context,
    )
