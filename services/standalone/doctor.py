"""Looks at everything the service needs and says, one line each, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from migrations.upgrade import current, head
from schemas.topics import TOPICS
from services.alerter.adapters.building import secret_faults
from services.alerter.settings import AlerterSettings
from services.classifier.settings import ClassifierSettings
from services.desk.settings import DeskSettings
from services.fetcher.adapters.feedfile import load_feeds
from services.fetcher.settings import FetcherSettings
from services.runtime.bus import BusUnavailable
from services.runtime.kafka import KafkaBus
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, check, open_engine
from services.runtime.settings import SettingsFault, WatchSettings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is empty where all is well."""

    subject: str
    state: str
    mend: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.mend


def settings() -> list[Finding]:
    """Every setting of every service, and the data files that they name; each fault names its own mend."""
    faults: dict[str, None] = {}
    for kind in (FetcherSettings, ClassifierSettings, AlerterSettings, DeskSettings):
        try:
            loaded = kind.load()
        except SettingsFault as found:
            faults.update(dict.fromkeys(found.faults))
            continue
        if isinstance(loaded, AlerterSettings):
            for read in (loaded.policy, loaded.routes, loaded.watches):
                try:
                    read()
                except SettingsFault as found:
                    faults.update(dict.fromkeys(found.faults))
    if not faults:
        return [Finding("settings", "read")]
    return [Finding("settings", *fault.split(";", 1)) if ";" in fault else Finding("settings", fault, "correct it") for fault in faults]


async def broker(loaded: WatchSettings) -> Finding:
    """Whether Kafka answers."""
    if loaded.kafka is None:
        return Finding("broker", "none set", "set CAUCASUS_WATCH_KAFKA=host:port, or use `caucasus-watch up`, which brings its own")
    try:
        return Finding("broker", await KafkaBus.of(loaded, "caucasus-watch-doctor").check())
    except SettingsFault as fault:
        return Finding("broker", *fault.faults[0].split(";", 1))
    except BusUnavailable as fault:
        return Finding("broker", f"{loaded.kafka} does not answer ({fault})", "start Kafka, or correct CAUCASUS_WATCH_KAFKA")


async def database(loaded: WatchSettings) -> Finding:
    """Whether Postgres answers."""
    if loaded.database is None:
        return Finding("database", "none set", "set CAUCASUS_WATCH_DATABASE, or use `caucasus-watch up`, which brings its own")
    engine = open_engine(loaded.database_url, application="caucasus-watch-doctor")
    try:
        return Finding("database", await check(engine))
    except (DatabaseUnavailable, DatabaseUnfit) as fault:
        return Finding("database", str(fault), "start Postgres, or correct CAUCASUS_WATCH_DATABASE")
    finally:
        await engine.dispose()


async def migrations(loaded: WatchSettings) -> Finding:
    """Whether the database is at the newest revision."""
    if loaded.database is None:
        return Finding("migrations", "no database to look at", "set CAUCASUS_WATCH_DATABASE")
    try:
        revision = await current(loaded.database_url)
    except (OSError, SQLAlchemyError) as fault:
        return Finding("migrations", f"the database cannot be asked ({type(fault).__name__})", "see the line above")
    if revision == head():
        return Finding("migrations", f"at {revision}, the newest")
    return Finding("migrations", f"at {revision or 'nothing'}, the newest is {head()}", "run `caucasus-watch migrate`")


def feeds() -> Finding:
    """Whether the list of feeds can be read, and how many are on."""
    try:
        chosen = FetcherSettings.load().feeds_file
        listed = load_feeds(chosen)
    except SettingsFault:
        return Finding("feeds", "not looked at", "correct the settings first")
    except (OSError, ValueError) as fault:
        return Finding("feeds", str(fault), "correct the file of CAUCASUS_WATCH_FEEDS_FILE")
    every = [feed for _, feed in listed.feeds()]
    enabled = sum(1 for feed in every if feed.enabled)
    if not enabled:
        return Finding("feeds", f"{len(every)} listed, none of them on", "take `enabled: false` off those to be watched")
    return Finding("feeds", f"{enabled} of {len(every)} are on ({chosen or 'the built-in list'})")


def channels() -> Finding:
    """Where alerts go."""
    try:
        loaded = AlerterSettings.load()
    except SettingsFault:
        return Finding("channels", "not looked at", "correct the settings first")
    try:
        routes = loaded.routes()
    except SettingsFault as fault:
        return Finding("channels", "; ".join(fault.faults), "`caucasus-watch routes check` shows each fault")
    folder = loaded.routes_file.parent if loaded.routes_file is not None else Path()
    if faults := secret_faults(routes, folder):
        return Finding("channels", "; ".join(faults), "make the files of secrets readable for the alerter")
    named = [f"{config.kind} {name}" for receiver in routes.receivers for name, config in receiver.channels()]
    if any(receiver.from_settings for receiver in routes.receivers):
        named += [*(["terminal"] if loaded.terminal else []), *(webhook.name for webhook in loaded.webhooks)]
    if not named:
        return Finding(
            "channels", "none: alerts stay on the topic alerts.raised", "set CAUCASUS_WATCH_ROUTES_FILE, or CAUCASUS_WATCH_TERMINAL=true"
        )
    return Finding("channels", ", ".join(named))


async def examine(console: Console) -> int:
    """Look at everything and print one line each; 0 where all is well, 1 where something is to be mended."""
    findings = settings()
    try:
        loaded = WatchSettings.load()
    except SettingsFault:
        loaded = None
    if loaded is not None:
        looks: tuple[Callable[[WatchSettings], Awaitable[Finding]], ...] = (broker, database, migrations)
        findings += [await look(loaded) for look in looks]
    findings += [feeds(), channels()]
    findings.append(Finding("topics", ", ".join(topic.name for topic in TOPICS)))
    for finding in findings:
        mark = "[green]well[/] " if finding.well else "[red]mend[/] "
        mend = f"\n               [bold]{escape(finding.mend.strip())}[/]" if finding.mend else ""
        console.print(f"{mark} {finding.subject:10} {escape(finding.state)}{mend}", highlight=False, soft_wrap=True)
    return 0 if all(finding.well for finding in findings) else 1
