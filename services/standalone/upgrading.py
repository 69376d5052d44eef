"""A database brought to the newest revision by a process of its own.

What migrates is ten megabytes, which a process that polls for long would hold for nothing.
"""

from __future__ import annotations

import asyncio
import sys

MODULE = "services.standalone.upgrading"


class UpgradeFailed(RuntimeError):  # noqa: N818 - it names the state of the database
    """The database is not at the newest revision; the message says why."""


async def upgrade_apart(url: str) -> None:
    """Bring the database to the newest revision.

    Raises:
        UpgradeFailed: it cannot be reached, a step failed, or a newer release has migrated it already.
    """
    process = await asyncio.create_subprocess_exec(
        # -P: a folder `services` where the user happens to stand is not ours.
        *(sys.executable, "-P", "-m", MODULE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        # The address holds a password: neither the arguments nor the environment of a process are the place for it.
        _, said = await process.communicate(url.encode())
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise UpgradeFailed(said.decode(errors="replace").strip() or f"the migration ended with {process.returncode}")


def main() -> int:
    """Migrate the database of standard input's address; 1 with the reason on standard error where it was not."""
    from sqlalchemy.exc import SQLAlchemyError

    from migrations.upgrade import UnknownRevision, upgrade

    try:
        asyncio.run(upgrade(sys.stdin.read().strip()))
    except (UnknownRevision, OSError, SQLAlchemyError) as fault:
        sys.stderr.write(f"{(str(fault).strip().splitlines() or [type(fault).__name__])[0]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
