"""What polling a thousand feeds costs, beside the loop that everybody writes first; the figures go into docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.newsstand import ENTRIES, address_of

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- fetcher -->", "<!-- /fetcher -->"
ROUNDS = 10
HOSTILE_SHARE = 0.15


class Process:
    """A process that answers each line with a line of JSON."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{module}", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def heard(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a process of the bench has ended; what it said stands above")
        return json.loads(line)

    def round(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        found: dict[str, Any] = self.heard()
        return found

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


class Stand:
    """The thousand feeds."""

    def __init__(self, feeds: int, hostile: int, entries: int = ENTRIES) -> None:
        self.feeds, self.hostile = feeds, hostile
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.newsstand", "--feeds", str(feeds), "--hostile", str(hostile), "--entries", str(entries)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        self.tell("behave")

    def tell(self, word: str) -> None:
        urllib.request.urlopen(f"http://127.0.0.1:{self._port}/told/{word}", timeout=10).close()

    def opml(self, path: Path) -> Path:
        lines = "".join(
            f'<outline type="rss" text="Feed {n}" xmlUrl="http://{address_of(n)}:{self._port}/rss"/>\n' for n in range(self.feeds)
        )
        path.write_text(f'<opml version="2.0"><body>\n{lines}</body></opml>\n', encoding="utf-8")
        return path

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def stand(feeds: int, hostile: int, entries: int = ENTRIES) -> Iterator[Stand]:
    made = Stand(feeds, hostile, entries)
    try:
        yield made
    finally:
        made.close()


def measured(feeds: int) -> dict[str, Any]:
    """All figures of one run."""
    hostile = round(feeds * HOSTILE_SHARE)
    with tempfile.TemporaryDirectory() as name, stand(feeds, hostile) as served:
        folder = Path(name)
        opml = served.opml(folder / "feeds.opml")
        naive = Process("naive", str(opml), str(folder / "naive"))
        naive_first = told(naive.round(), "naive, first round")
        ours = Process("pollrounds", str(opml), str(folder / "postgres"), str(folder / "entries"))
        idle = ours.heard()["idle_mb"]
        first = told(ours.round(), "first round")
        steady: list[dict[str, Any]] = []
        found: set[str] = set()
        wanted: set[str] = set()
        served.tell("round/1")
        naive_steady = told(naive.round(), "naive, steady round")
        naive.end()
        for turn in range(1, ROUNDS + 1):
            served.tell(f"round/{turn}")
            steady.append(told(ours.round(), f"steady round {turn}"))
            if turn == 1:
                found, wanted = (set((folder / file).read_text(encoding="utf-8").split()) for file in ("entries", "naive"))
        served.tell("misbehave")
        served.tell(f"round/{ROUNDS + 1}")
        mixed = told(ours.round(), "with hostile feeds")
        served.tell("behave")
        recovered = told(ours.round(), "once they behave")
        links = (folder / "entries").read_text(encoding="utf-8").split()
        ours.end()
    return {
        "load": os.getloadavg()[1],
        "feeds": feeds,
        "hostile": hostile,
        "idle_mb": idle,
        "naive_first": naive_first,
        "naive_steady": naive_steady,
        "first": first,
        "steady": steady,
        "mixed": mixed,
        "recovered": recovered,
        "missing": len(wanted - found),
        "more": len(found - wanted),
        "repeated": len(links) - len(set(links)),
    }


def told(figures: dict[str, Any], what: str) -> dict[str, Any]:
    print(f"{what:22}", ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)
    return figures


def page(run: dict[str, Any], commit: str) -> str:
    """The section of the page."""
    steady = run["steady"]
    mean = sum(one["cpu"] for one in steady) / len(steady)
    honest = run["feeds"] - run["hostile"]
    most = max(one["peak_mb"] for one in steady)

    def late(kind: str) -> str:
        return f"{run['first'][kind]:.0f}; {max(one[kind] for one in steady):.0f}; {run['mixed'][kind]:.0f} ms"

    rows = [
        ("naive loop (httpx, feedparser on every body), first and steady round", f"{run['naive_first']['cpu']:.1f} and {run['naive_steady']['cpu']:.1f} CPU s"),
        ("first round", f"{run['first']['cpu']:.1f} CPU s, {run['first']['cpu'] / run['naive_first']['cpu']:.2f} of the naive loop's; {run['first']['seconds']:.0f} s"),
        (f"steady round, mean of {len(steady)}", f"{mean:.2f} CPU s, Postgres and parsers included: {run['naive_steady']['cpu'] / mean:.0f} times less; {sum(one['seconds'] for one in steady) / len(steady):.1f} s"),
        ("links that only feedparser on every body found, or only we did, after two rounds", f"{run['missing']}, {run['more']}"),
        ("links told twice over all rounds", f"{run['repeated']}"),
        (f"a third each of {run['hostile']} without a byte, with a byte a second, without end: the {honest} others polled within", f"{run['mixed']['good_within']:.1f} s"),
        ("of these still failing in the round in which they behave", f"{run['recovered']['failed']}"),
        (f"resident memory of the process that polls: idle; most in {len(steady)} steady rounds; first round; hostile mix", f"{run['idle_mb']:.0f}; {most:.0f}; {run['first']['peak_mb']:.0f}; {run['mixed']['peak_mb']:.0f} MB"),
        ("not in it: two parser workers; the embedded Postgres with its 64 MB of buffers (shared pages once, after the last steady round)", f"{steady[-1]['workers_mb']:.0f}; {steady[-1]['postgres_mb']:.0f} MB"),
        ("the loop late at the worst, by its own work: first round; steady; hostile mix", late("own_late_ms")),
        ("the same with what other processes of the machine took", late("late_ms")),
    ]  # fmt: skip
    table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
    when = f"{datetime.now(UTC):%-d %B %Y}"
    return (
        f"{BEGIN}\n## Polling (`./run bench fetcher`, {when}, commit {commit})\n\n"
        f"{run['feeds']:,} feeds of 60 entries and 99 KB on as many addresses of this machine, 5 % of them with one new entry a round, 30 % without\n"
        f"validators. CPU seconds of all processes but the server of the feeds. The machine's load at the end: {run['load']:.1f} on {os.cpu_count()} cores;\n"
        f"the server, the naive loop and the service make two of it, the rest is other work, which slows each CPU second too.\n\n| what | figure |\n|---|---|\n{table}\n{END}"
    )


def written(section: str, document: str) -> str:
    """The page with the section in the place of the last one."""
    if BEGIN in document:
        head, rest = document.split(BEGIN, 1)
        return head + section + rest.split(END, 1)[1]
    return document.rstrip() + "\n\n" + section + "\n"


def fetcher(arguments: Sequence[str]) -> None:
    """A thousand feeds, ten rounds, a hostile mix; some five minutes. `--feeds N` for fewer, which writes nothing."""
    feeds = int(arguments[arguments.index("--feeds") + 1]) if "--feeds" in arguments else 1_000
    run = measured(feeds)
    commit = (
        subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    )
    section = page(run, commit)
    print(section)
    if feeds == 1_000:
        PAGE.write_text(written(section, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
