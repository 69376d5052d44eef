"""`caucasus-watch demo`, run as a newcomer runs it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.acceptance.commands import CHECKOUT, RISING_TOLL, Ended, run

pytestmark = pytest.mark.stack

SEEDS = CHECKOUT.parent / "shared" / "gold" / "seeds"
WITHIN = 150.0


def has_the_tables(ended: Ended, *, articles: int) -> None:
    """The tables at the end, each with a heading, and no log line among what is shown."""
    assert re.search(rf"articles released +{articles}\b", ended.out)
    assert re.search(rf"articles read +{articles}\b", ended.out)
    for stage in ("released to fetched", "fetched to classified", "classified to decided", "decided to told"):
        assert re.search(rf"{stage} +\d+\.\d\d +\d+\.\d\d", ended.out)
    assert "service=" not in ended.out
    assert "[info" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 80
    # How long it took is said, not judged: the machine may do much else.
    print(f"the demo took {ended.seconds:.1f} s")


def test_its_own_story_comes_out_as_expected_on_a_real_kafka() -> None:
    ended = run("demo", within=WITHIN)
    assert ended.code == 0, ended.out + ended.err
    has_the_tables(ended, articles=12)
    assert "kafka      ready" in ended.out
    assert "At least 34 killed" in ended.out
    assert ended.out.count("Ceasefire agreed") == 1
    assert re.search(r"as expected: (\d+) of \1 alerts that were due came", ended.out)


def test_it_runs_in_one_process_without_kafka(tmp_path: Path) -> None:
    ended = run("demo", "--bus", "memory", "--from", RISING_TOLL, "--seconds", "6", "--folder", tmp_path, within=WITHIN)
    assert ended.code == 0, ended.out + ended.err
    has_the_tables(ended, articles=8)
    assert "kafka" not in ended.out
    assert "as expected: 7 of 7 alerts that were due came, 0 that were not" in ended.out
    (log,) = tmp_path.glob("demo-*/logs/caucasus-watch.log")
    assert '"event": "article_classified"' in log.read_text(encoding="utf-8")


def test_another_story_runs_on_a_real_kafka() -> None:
    ended = run("demo", "--from", RISING_TOLL, "--seconds", "6", within=WITHIN)
    assert ended.code == 0, ended.out + ended.err
    has_the_tables(ended, articles=8)
    assert "kafka      ready" in ended.out
    assert "was 11 (Armenian military)" in ended.out


def test_a_wrong_expectation_ends_in_1_and_names_what_is_missing_and_what_was_not_expected(tmp_path: Path) -> None:
    story = shutil.copytree(RISING_TOLL, tmp_path / "story")
    for article in story.glob("t0[3-8]-*"):
        article.unlink()
    (story / "replay.yaml").write_text(
        "name: wrong\narticles: [t01-2022-09-13, t02-2022-09-13]\nexpected_alerts:\n"
        '  - {at: t01-2022-09-13, kind: casualty, effect: killed, side: ARM, low: 3, why: "[sic] nobody says so"}\n'
        "  - {at: t02-2022-09-13, kind: casualty, effect: wounded, side: ARM, low: 4}\n",
        encoding="utf-8",
    )
    ended = run("demo", "--bus", "memory", "--from", story, "--seconds", "1", within=WITHIN)
    assert ended.code == 1, ended.out + ended.err
    said = " ".join(ended.out.split())
    assert "missing at t01-2022-09-13: casualty 3 killed ARM ([sic] nobody says so)" in said
    assert "unexpected at t01-2022-09-13: 2 soldiers killed on the Armenian side (Armenian military)" in said
    assert "not as expected: 1 of 2 alerts that were due came, 1 that were not" in said


@pytest.mark.parametrize(("make", "mend"), [(False, "is no folder; --from takes a folder"), (True, "holds no annotated article")])
def test_a_folder_without_a_story_ends_in_2_with_the_mend(tmp_path: Path, make: bool, mend: str) -> None:
    folder = tmp_path / "[nowhere]"
    if make:
        folder.mkdir()
    ended = run("demo", "--from", folder)
    assert ended.code == 2
    assert mend in " ".join(ended.out.split())
    assert "[nowhere]" in "".join(ended.out.split())


@pytest.mark.skipif(
    not SEEDS.is_dir(), reason="not run: the folder shared/gold/seeds of the five real articles is not beside this checkout"
)
def test_five_real_articles_come_out_as_expected() -> None:
    ended = run("demo", "--from", SEEDS, within=WITHIN)
    assert ended.code == 0, ended.out + ended.err
    has_the_tables(ended, articles=5)
    assert "as expected: 10 of 10 alerts that were due came" in ended.out
