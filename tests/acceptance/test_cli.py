"""`classify`, `replay` and `--help`: what scripts and newcomers hold the command to. No Kafka, no Postgres."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.standalone.annotated import story_of
from tests.acceptance.commands import COMMAND, RISING_TOLL, called, environment, run

READING = ["id", "language", "relevant", "actors", "event_types", "casualties", "ceasefire"]
CASUALTY = ["effect", "low", "high", "bound", "side", "group", "claimant", "subset", "current", "evidence"]
EVIDENCE = ["field", "start", "end", "text"]
ALERT = [
    "article_id", "story_id", "kind", "reason", "severity", "effect", "side", "group", "low", "high", "bound", "claimant", "previous",
    "status", "headline", "evidence",
]  # fmt: skip
FAR_AWAY = {
    "id": "far",
    "title": "Two soldiers killed in Peru",
    "text": "Two soldiers were killed in Peru, the Peruvian army said.",
    "published_at": "2022-09-13T05:00:00Z",
    "outlet": "Andes Post",
}


def lines(*documents: dict[str, Any]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def the_story() -> list[dict[str, Any]]:
    return [article.article().model_dump(mode="json") for article in story_of(RISING_TOLL).articles]


def in_order(wanted: list[str], document: dict[str, Any]) -> bool:
    """Whether these keys are all there, in this order; further ones may stand among them."""
    return [key for key in document if key in wanted] == wanted


def test_classify_prints_a_line_of_the_promised_form_for_each_article() -> None:
    ended = called("classify", "-", given=lines(*the_story()))
    assert (ended.code, ended.err) == (0, "")
    readings = [json.loads(line) for line in ended.out.splitlines()]
    assert [reading["id"] for reading in readings] == [article["id"] for article in the_story()]
    for reading in readings:
        assert in_order(READING, reading)
        assert all(in_order(CASUALTY, claim) and in_order(EVIDENCE, claim["evidence"]) for claim in reading["casualties"])
        assert all("code" in actor for actor in reading["actors"])
        assert all("type" in event for event in reading["event_types"])
        assert all(in_order(["status", "current", "evidence"], truce) for truce in reading["ceasefire"])
    article, claim = the_story()[0], readings[0]["casualties"][0]
    evidence = claim["evidence"]
    assert (claim["effect"], claim["low"], claim["high"], claim["side"], claim["claimant"]) == ("killed", 2, 2, "ARM", "ARM.MIL")
    assert article[evidence["field"]][evidence["start"] : evidence["end"]] == evidence["text"]


def test_articles_of_elsewhere_are_read_only_where_asked_for() -> None:
    plain, everywhere = called("classify", "-", given=lines(FAR_AWAY)), called("classify", "--everywhere", "-", given=lines(FAR_AWAY))
    assert (plain.code, everywhere.code) == (0, 0)
    silent, read = json.loads(plain.out), json.loads(everywhere.out)
    assert (silent["relevant"], silent["casualties"]) == (False, [])
    assert [claim["low"] for claim in read["casualties"]] == [2]


def test_replay_prints_a_line_of_the_promised_form_for_each_alert(tmp_path: Path) -> None:
    first, second = tmp_path / "morning.jsonl", tmp_path / "evening.jsonl"
    first.write_text(lines(*the_story()[:4]), encoding="utf-8")
    second.write_text(lines(*the_story()[4:]), encoding="utf-8")
    ended = called("replay", first, second)
    assert (ended.code, ended.err) == (0, "")
    alerts = [json.loads(line) for line in ended.out.splitlines()]
    assert all(in_order(ALERT, alert) and in_order(EVIDENCE, alert["evidence"]) for alert in alerts)
    due = story_of(RISING_TOLL).replay.expected_alerts
    assert [(alert["article_id"], alert["low"], alert["status"]) for alert in alerts] == [(one.at, one.low, one.status) for one in due]
    assert len({alert["story_id"] for alert in alerts}) == 1
    assert [alert["previous"] and alert["previous"]["low"] for alert in alerts] == [None, None, 2, 7, 4, 11, None]


@pytest.mark.parametrize("command", ["classify", "replay"])
def test_a_bad_line_is_named_with_its_place_and_the_others_are_worked_on(tmp_path: Path, command: str) -> None:
    good = the_story()[0]
    file = tmp_path / "mixed.jsonl"
    bad = ["{no json", "[1, 2]", json.dumps({"title": "a title"}), json.dumps({**good, "id": "undated", "published_at": "yesterday"})]
    file.write_text("\n".join([*bad, "", json.dumps(good)]) + "\n", encoding="utf-8")
    missing = tmp_path / "missing.jsonl"

    ended = called(command, file, missing)

    assert ended.code == 1
    said = ended.err.splitlines()
    assert [line.split(": ")[0] for line in said] == [f"{file}:1", f"{file}:2", f"{file}:3", f"{file}:4", str(missing)]
    assert all("an article is one JSON object a line" in line for line in said[:3])
    assert "taken as unknown" in said[3]
    assert "give a file of JSON lines" in said[4]
    printed = [json.loads(line) for line in ended.out.splitlines()]
    assert printed[-1]["id" if command == "classify" else "article_id"] == good["id"]


def test_bytes_that_are_no_utf8_are_named_and_end_only_their_own_file(tmp_path: Path) -> None:
    odd, good = tmp_path / "odd.jsonl", tmp_path / "good.jsonl"
    odd.write_bytes(b'{"id": "\xff\xfe"}\n')
    good.write_text(lines(the_story()[0]), encoding="utf-8")
    ended = called("classify", odd, good)
    assert ended.code == 1
    assert f"{odd}: not UTF-8" in ended.err
    assert len(ended.out.splitlines()) == 1


@pytest.mark.parametrize("command", ["classify", "replay"])
def test_nothing_in_is_nothing_out(command: str) -> None:
    ended = run(command, "-", given="\n \n")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_reader_that_has_enough_is_no_fault(tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text(lines(*({**article, "id": f"{turn}-{article['id']}"} for turn in range(40) for article in the_story())))
    pipe = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$0" classify "$1" | head -n 1; echo "${PIPESTATUS[0]}"', COMMAND, many],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
        check=False,
    )
    line, code = pipe.stdout.splitlines()
    assert json.loads(line)["id"] == "0-t01-2022-09-13"
    assert (code, pipe.stderr) == ("141", "")


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["up"], ["demo"], ["fetcher"], ["classifier"], ["alerter"], ["migrate"], ["classify"], ["replay"], ["explain"], ["doctor"],
        ["health"], ["feeds"], ["feeds", "list"], ["feeds", "check"], ["lexicon"], ["lexicon", "check"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_explains_itself(arguments: list[str]) -> None:
    ended = called(*arguments, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert "Usage:" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80


def test_doctor_names_a_mend_for_everything_that_is_missing() -> None:
    ended = called("doctor")
    assert ended.code == 1
    said = ended.out.splitlines()
    for number, line in enumerate(said):
        assert not line.startswith("mend") or said[number + 1].strip(), line
    words = " ".join(ended.out.split())
    for subject, mend in (("broker", "set CAUCASUS_WATCH_KAFKA=host:port"), ("database", "set CAUCASUS_WATCH_DATABASE")):
        assert any(line.split()[:2] == ["mend", subject] for line in said)
        assert mend in words


def test_doctor_tells_every_wrong_setting_at_once() -> None:
    ended = called("doctor", settings={"kafka": "nonsense", "concurrency": "many", "webhooks": "{"})
    assert ended.code == 1
    for name in ("KAFKA", "CONCURRENCY", "WEBHOOKS"):
        assert f"CAUCASUS_WATCH_{name}" in ended.out
