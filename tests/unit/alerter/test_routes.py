"""Routes as data: whom the tree leads to, and every fault of a file with its line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.alerter.core.datafile import DataFault
from services.alerter.core.receivers import Receiver
from services.alerter.core.routes import Routes
from services.alerter.core.routing import NEVER, Leg, legs, tree

NOON = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # noon of a Monday in Baku
NIGHT = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)  # half past midnight there

FILE = """\
route:
  receiver: desk
  group_by: [story]
  routes:
    - matchers: [kind=watch]
      receiver: ops
    - matchers: ['severity="critical"']
      receiver: pager
      continue: true
      mute_time_intervals: [nights]
      routes:
        - matchers: ['side=~"ARM|NKR"', kind=casualty]
          name: armenian-dead
          group_wait: 30s
          group_interval: 5m
          repeat_interval: 4h
    - matchers: [severity=~"warning|critical"]
      receiver: mail
receivers:
  - name: desk
    from_settings: true
  - name: ops
    slack_configs: [{api_url: "https://hooks.example/1"}]
  - name: pager
    owner: ops
    pagerduty_configs: [{routing_key_file: /run/secrets/pager}]
  - name: mail
    email_configs: [{to: [desk@news.example], from: watch@news.example, smarthost: "mail.example:587"}]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: "23:00", end_time: "24:00"}, {start_time: "00:00", end_time: "07:00"}]
        location: Asia/Baku
"""


def found(text: str = FILE, now: datetime = NOON, **labels: str) -> list[Leg]:
    return list(legs(tree(Routes.of(text)), labels, now))


def receivers(text: str = FILE, now: datetime = NOON, **labels: str) -> list[str]:
    return [leg.receiver for leg in found(text, now, **labels)]


@pytest.mark.parametrize(
    ("labels", "who"),
    [
        ({"kind": "casualty", "severity": "notice"}, ["desk"]),
        ({"kind": "casualty", "severity": "warning"}, ["mail"]),
        ({"kind": "ceasefire", "severity": "critical"}, ["pager", "mail"]),
        ({"kind": "casualty", "severity": "critical", "side": "NKR"}, ["pager", "mail"]),
        ({"kind": "watch", "severity": "critical"}, ["ops"]),
        ({}, ["desk"]),
    ],
)
def test_the_tree_is_walked_as_alertmanager_does(labels: dict[str, str], who: list[str]) -> None:
    assert [leg.receiver for leg in legs(tree(Routes.of(FILE)), labels, NOON)] == who


def test_a_node_inherits_what_it_does_not_say() -> None:
    first, second = found(kind="casualty", severity="critical", side="ARM", story="s")
    assert (first.route, first.group_wait, first.repeat_interval) == ("armenian-dead", timedelta(seconds=30), timedelta(hours=4))
    assert first.group == "armenian-dead|story=s"
    assert first.path == ("everything", 'severity="critical"', 'side=~"ARM|NKR", kind="casualty"')
    assert (second.route, second.group, second.repeat_interval) == ("mail", None, None)


def test_matched_hours_are_the_nodes_own_and_hold_until_they_end() -> None:
    muted, mail = found(now=NIGHT, kind="ceasefire", severity="critical")
    assert muted.not_before == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    assert (muted.muted_by, muted.group) == (("nights",), "pager|muted")
    assert mail.not_before is None
    # Below it the hours do not hold: as in Alertmanager they are not inherited.
    assert found(now=NIGHT, kind="casualty", severity="critical", side="ARM")[0].not_before is None


def test_outside_its_active_hours_a_route_waits_for_them() -> None:
    text = FILE.replace("mute_time_intervals: [nights]", "active_time_intervals: [nights]")
    (day, _) = found(text, NOON, kind="ceasefire", severity="critical")
    assert (day.not_before, day.muted_by) == (datetime(2026, 3, 2, 19, 0, tzinfo=UTC), ("outside nights",))
    (night, _) = found(text, NIGHT, kind="ceasefire", severity="critical")
    assert night.not_before is None


def test_hours_that_never_end_are_told_as_such() -> None:
    always = FILE.replace(
        'times: [{start_time: "23:00", end_time: "24:00"}, {start_time: "00:00", end_time: "07:00"}]', "years: ['2000:2999']"
    )
    assert found(always, NOON, kind="ceasefire", severity="critical")[0].not_before == NEVER


def test_each_receiver_is_found_once() -> None:
    text = FILE.replace("receiver: mail\nreceivers", "receiver: pager\nreceivers")
    assert receivers(text, kind="ceasefire", severity="critical") == ["pager"]


def line(part: str, text: str) -> int:
    return next(number for number, one in enumerate(text.splitlines(), 1) if part in one)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("receiver: mail", "reciever: mail", "there is no such name here; did you mean receiver?"),
        ("receiver: mail", "receiver: mial", "there is no receiver 'mial'; did you mean mail?"),
        ("owner: ops", "owner: nobody", "there is no receiver 'nobody'"),
        ("owner: ops", "owner: pager", "cannot be its own owner"),
        ("  - name: mail", "  - name: desk", "two receivers are called 'desk'"),
        ("mute_time_intervals: [nights]", "mute_time_intervals: [night]", "there is no time interval 'night'; did you mean nights?"),
        ("location: Asia/Baku", "location: Asia/Bakou", "'Asia/Bakou' is no zone"),
        ("- matchers: [kind=watch]", "- matchers: [kindd=watch]", "alerts have no label 'kindd'; did you mean kind?"),
        ("group_by: [story]", "group_by: [stroy]", "alerts have no label 'stroy'"),
        ("repeat_interval: 4h", "repeat_interval: 4 hours", "is no length of time; write it as 30s"),
        ("group_wait: 30s", "group_wait: 30", "has no unit; write it as 30s"),
        ("  receiver: desk", "  matchers: [kind=casualty]\n  receiver: desk", "the topmost route takes every alert"),
        (
            '- times: [{start_time: "23:00", end_time: "24:00"}',
            '- times: [{start_time: "23:00", end_time: "07:00"}',
            "past midnight write two",
        ),
        ("routing_key_file: /run/secrets/pager", "url: https://x.example", "none of routing_key and routing_key_file is given"),
        ('"mail.example:587"', "mail.example", "is no host:port"),
        ("- matchers: [kind=watch]", "- matchers: []", "no alert ever comes here"),
        ("    from_settings: true", "    owner: ops", "the receiver desk has no channel"),
        ("name: armenian-dead", "name: armenian-dead\n          name: other", "name is given twice here"),
    ],
)
def test_a_fault_is_named_with_file_and_line_and_the_mend(right: str, wrong: str, says: str) -> None:
    with pytest.raises(DataFault) as fault:
        Routes.of(FILE.replace(right, wrong), "mine.yaml")
    assert says in str(fault.value)
    assert all(one.startswith("mine.yaml:") for one in fault.value.faults)


def test_the_line_is_that_of_the_fault() -> None:
    text = FILE.replace("receiver: mail", "receiver: mial").replace("location: Asia/Baku", "location: Baku")
    with pytest.raises(DataFault, match=rf"^mine.yaml:{line('location: Baku', text)}: time_intervals.0.time_intervals.0.location: "):
        Routes.of(text, "mine.yaml")
    text = FILE.replace("receiver: mail", "receiver: mial")
    with pytest.raises(DataFault, match=rf"^mine.yaml:{line('mial', text)}: route.routes.2.receiver: "):
        Routes.of(text, "mine.yaml")


def test_a_route_that_holds_itself_is_a_loop_not_an_endless_one() -> None:
    text = FILE.replace("route:\n", "route: &top\n", 1).replace(
        "    - matchers: [kind=watch]", "    - *top\n    - matchers: [kind=watch]", 1
    )
    with pytest.raises(DataFault, match=r"mine.yaml:1: this part holds itself"):
        Routes.of(text, "mine.yaml")


def test_aliases_that_multiply_are_refused_before_they_do() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n" for before, after in zip("abcdef", "bcdefg", strict=True)
    )
    with pytest.raises(DataFault, match="too large or too deep"):
        Routes.of(bomb, "mine.yaml")


def test_the_packaged_routes_lead_everything_to_the_settings() -> None:
    assert [leg.receiver for leg in legs(tree(Routes.packaged()), {"kind": "casualty"}, NOON)] == ["settings"]


@pytest.mark.parametrize("text", ["", "[]", "route", "route: {receiver: a}", "receivers: []", "a: [b", "\t", "route: *none"])
def test_what_is_no_routes_at_all_is_refused(text: str) -> None:
    with pytest.raises(DataFault, match=r"mine.yaml:\d+: "):
        Routes.of(text, "mine.yaml")


def test_the_example_of_the_page_is_one() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "routes.md").read_text(encoding="utf-8")
    routes = Routes.of(page.split("```yaml\n")[1].split("```")[0])
    assert [leg.receiver for leg in legs(tree(routes), {"kind": "casualty", "severity": "critical", "side": "ARM"}, NOON)] == [
        "duty-editor", "yerevan",
    ]  # fmt: skip


def test_the_page_of_channels_names_every_channel_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "channels.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+_configs)`", page, re.MULTILINE)) == {
        name for name in Receiver.model_fields if name.endswith("_configs")
    }
