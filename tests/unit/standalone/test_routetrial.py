"""`routes check` and `routes test`: what they say and how they end, without telling anybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from tests.unit.alerter.letters import a_rising_toll

FILE = """\
route:
  receiver: desk
  routes:
    - matchers: [severity="critical"]
      receiver: pager
      mute_time_intervals: [nights]
    - matchers: [kind="watch"]
      receiver: ops
      group_wait: 30s
      group_interval: 5m
      repeat_interval: 1h30m
receivers:
  - {name: desk, from_settings: true}
  - {name: ops, terminal_configs: [{}]}
  - {name: pager, owner: ops, pagerduty_configs: [{routing_key_file: key}]}
time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: "22:00", end_time: "24:00"}]
        location: Asia/Baku
"""
DAY = ("--at", "2026-01-01T12:00:00+04:00")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("ROUTES_FILE", "DATABASE"):
        monkeypatch.delenv(f"CAUCASUS_WATCH_{name}", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    (tmp_path / "key").write_text("a key")
    path = tmp_path / "routes.yaml"
    path.write_text(FILE)
    return path


def routes(*arguments: object, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["routes", *map(str, arguments)], input=given)


def test_a_file_without_faults_is_shown_as_its_tree(file: Path) -> None:
    done = routes("check", file)
    assert done.exit_code == 0
    for words in (
        'severity="critical" -> pager; mute in nights',
        "waits 30s, then every 5m; again every 1h30m",
        "ops hears when they fail",
    ):
        assert words in done.stdout


def test_every_fault_is_told_at_once_with_its_line(file: Path) -> None:
    file.write_text(FILE.replace("receiver: pager", "reciever: pager").replace("Asia/Baku", "Baku"))
    done = routes("check", file)
    assert done.exit_code == 1
    assert f"{file}:5: route.routes.0.reciever: there is no such name here; did you mean receiver?" in done.stderr
    assert f"{file}:20: " in done.stderr
    assert "2 faults; the alerter does not start with this file" in done.stderr


def test_a_secret_that_is_not_there_is_a_fault_unless_it_lies_elsewhere(file: Path) -> None:
    (file.parent / "key").unlink()
    done = routes("check", file)
    assert (done.exit_code, "the routing_key of the pagerduty of pager cannot be read from" in done.stderr) == (1, True)
    assert routes("check", file, "--no-secrets").exit_code == 0


def test_labels_are_led_through_the_tree(file: Path) -> None:
    done = routes("test", "--file", file, *DAY, "severity=critical", "kind=casualty")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["pager  by pagerduty pager", '  why: everything > severity="critical"  (route pager)']


def test_muted_hours_are_told_with_their_end(file: Path) -> None:
    done = routes("test", "--file", file, "--at", "2026-01-01T23:00:00+04:00", "severity=critical")
    assert "muted by nights until 2026-01-01 20:00 UTC, then told with the others of that time" in done.stdout


def test_what_is_muted_for_ever_reaches_nobody(file: Path) -> None:
    file.write_text(FILE.replace('times: [{start_time: "22:00", end_time: "24:00"}]', "months: ['1:12']"))
    done = routes("test", "--file", file, *DAY, "severity=critical")
    assert (done.exit_code, "for ever" in done.stdout) == (1, True)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_whole_alert_comes_from_standard_input_also_as_a_webhook_carries_it(file: Path, wrapped: bool) -> None:
    document = a_rising_toll().model_dump(mode="json")
    done = routes("test", "--file", file, *DAY, "--json", "-", given=json.dumps({"data": document} if wrapped else document))
    assert done.exit_code == 0
    (found,) = (json.loads(line) for line in done.stdout.splitlines())
    assert (found["receiver"], found["channels"], found["held"]) == ("pager", ["pagerduty pager"], None)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (["colour=red"], "alerts have no label 'colour'"),
        (["nonsense"], "no id of an alert, no label and no file"),
        (["-"], "is no JSON"),
        (["severity=critical", "--at", "noon"], "is no time; write it as"),
        (["severity=critical", "--at", "2026-01-01T12:00:00"], "has no zone"),
        (["3b1f0f8e-0000-5000-8000-000000000000"], "CAUCASUS_WATCH_DATABASE: it is not set"),
    ],
)
def test_wrong_use_says_the_mend(file: Path, what: list[str], says: str) -> None:
    done = routes("test", "--file", file, *what, given="no json")
    assert done.exit_code == 2
    assert says in done.stderr


def test_a_file_that_is_not_there_is_wrong_use(file: Path) -> None:
    assert routes("check", file.parent / "none.yaml").exit_code == 2


def test_the_schema_knows_every_channel() -> None:
    schema = json.loads(routes("schema").stdout)
    assert {"slack_configs", "email_configs", "apprise_configs"} <= schema["$defs"]["Receiver"]["properties"].keys()
    assert "continue" in schema["$defs"]["Route"]["properties"]
