"""The alerter's settings: every fault at once, the mend beside it, no secret in a message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.alerter.adapters.building import of_settings
from services.alerter.settings import AlerterSettings
from services.runtime.settings import SettingsFault

HOOK = {"name": "desk", "url": "https://desk.example/alerts", "secret": "hush-hush"}


def loaded(monkeypatch: pytest.MonkeyPatch, *hooks: dict[str, str], **others: str) -> AlerterSettings:
    monkeypatch.setenv("CAUCASUS_WATCH_WEBHOOKS", json.dumps(hooks))
    for name, value in others.items():
        monkeypatch.setenv(f"CAUCASUS_WATCH_{name.upper()}", value)
    return AlerterSettings.load()


def test_webhooks_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, HOOK)
    assert [(hook.name, hook.url, hook.key()) for hook in settings.webhooks] == [("desk", HOOK["url"], b"hush-hush")]
    assert "hush" not in repr(settings)


def test_webhooks_and_their_secrets_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    hook = {"name": "desk", "url": HOOK["url"], "secret_file": str(tmp_path / "secret")}
    (tmp_path / "hooks").write_text(json.dumps([hook]))
    monkeypatch.setenv("CAUCASUS_WATCH_WEBHOOKS_FILE", str(tmp_path / "hooks"))
    assert AlerterSettings.load().webhooks[0].key() == b"from a file"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": "desk.example"}, "must begin with https:// or http://"),
        ({"url": "https://user:word@desk.example/"}, "must hold no user name"),
        ({"url": "http://[broken"}, "is no web address"),
        ({"secret": ""}, "is empty"),
        ({"secret_file": "/nowhere"}, "one of secret and secret_file"),
        ({"name": "The Desk"}, "pattern"),
        ({"adress": "x"}, "Extra inputs"),
    ],
)
def test_a_wrong_webhook_is_named_with_its_fault_and_the_mend(monkeypatch: pytest.MonkeyPatch, change: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsFault) as fault:
        loaded(monkeypatch, HOOK | change)
    assert "CAUCASUS_WATCH_WEBHOOKS: " in str(fault.value)
    assert says.lower() in str(fault.value).lower()
    assert "hush-hush" not in str(fault.value)


def test_a_secret_that_cannot_be_read_is_a_fault_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsFault, match="cannot be read from /nowhere/secret"):
        loaded(monkeypatch, {"name": "desk", "url": HOOK["url"], "secret_file": "/nowhere/secret"})


def test_two_webhooks_of_one_name_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsFault, match="two webhooks are called desk"):
        loaded(monkeypatch, HOOK, HOOK)


async def test_the_channels_that_the_settings_name(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, HOOK, terminal="true")
    channels = of_settings(settings, settings.policy())
    assert [(channel.target.channel, channel.target.name) for channel in channels] == [("terminal", "terminal"), ("webhook", "desk")]
    for channel in channels:
        await channel.close()


def test_a_policy_file_of_the_desks_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("window_hours: never\n")
    with pytest.raises(SettingsFault, match=r"mine\.yaml:1: window_hours: Input should be a valid number"):
        AlerterSettings(policy_file=path).policy()
    with pytest.raises(SettingsFault, match=r"CAUCASUS_WATCH_POLICY_FILE: .* cannot be read"):
        AlerterSettings(policy_file=tmp_path / "none.yaml").policy()


def test_the_language_of_headlines() -> None:
    assert AlerterSettings(headline_language="ru").policy().language == "ru"
    with pytest.raises(SettingsFault, match="'la' has no headlines"):
        AlerterSettings(headline_language="la").policy()
