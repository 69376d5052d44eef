"""`./run bench PART`: what things cost, as ratios against a named baseline of the same run.

    ./run bench classifier      articles a second on one core, linearity, memory, time until ready; as it stands and compiled
    ./run bench alerter         from a message on Kafka to the webhook, with many stories, and beside channels that hang; four minutes
    ./run bench fetcher         a thousand feeds: CPU of a round, hostile servers, memory; some five minutes; --feeds N for fewer

No figure here is a test: the machine decides them. docs/benchmarks.md keeps what was seen.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.alerter import alerter
from tests.bench.fetcher import fetcher

ROOT = Path(__file__).parents[2]


def classifier() -> None:
    """Reading as a checkout does it, and as the image does it, whose reading core is compiled."""
    command = [sys.executable, "-m", "tests.bench.classifier"]
    print("as it stands (a checkout)", flush=True)
    subprocess.run(command, check=True, cwd=ROOT)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        print("\nbuilding the compiled wheel, a minute or two …", flush=True)
        built = subprocess.run([sys.executable, "deploy/wheel.py", scratch], cwd=ROOT, capture_output=True, text=True, check=False)
        if built.returncode:
            print(f"not measured: {built.stderr.strip()}")
            return
        zipfile.ZipFile(built.stdout.strip()).extractall(Path(scratch, "wheel"))
        print("compiled (the image)", flush=True)
        path = os.pathsep.join((str(Path(scratch, "wheel")), str(ROOT)))
        # From another folder: the one that Python is started in comes first on its path.
        subprocess.run(command, check=True, cwd=scratch, env={**os.environ, "PYTHONPATH": path})


PARTS: dict[str, Callable[[Sequence[str]], None]] = {"classifier": lambda _: classifier(), "fetcher": fetcher, "alerter": alerter}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=[*PARTS], help="what to measure")
    given, rest = parser.parse_known_args(argv)
    PARTS[given.part](rest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
