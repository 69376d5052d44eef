"""Checks the files of deploy/: the Dockerfile by hadolint, compose.yaml by the Compose schema. Exit code 1 on any fault.

python deploy/check.py [FOLDER]
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent


def checks(folder: Path) -> tuple[tuple[str, ...], ...]:
    """The commands that check the files in `folder`; each ends with 0 where all is well."""
    return (
        ("hadolint", str(folder / "Dockerfile")),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(folder / "compose.yaml")),
    )


def main(argv: Sequence[str]) -> int:
    """Run every check, so that all faults are told at once."""
    commands = checks(Path(argv[0]) if argv else HERE)
    failed = [command[0] for command in commands if subprocess.run(command, check=False).returncode]
    print(f"deploy: {len(commands)} checks, {len(failed)} failed {' '.join(failed)}".rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
