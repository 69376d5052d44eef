"""The files with the list of feeds: the package's own, and the user's over it."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path

from services.fetcher.core.feedlist import FeedList, FeedListFault, read_list, repeated_over

PACKAGED = "feeds.yaml"


def load_feeds(path: Path | None = None) -> FeedList:
    """The feeds of the package, or those of the user's file where there is one.

    Raises:
        FeedListFault: the file is missing or wrong; each fault with file and line.
    """
    if path is None:
        return packaged()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as fault:
        raise FeedListFault(
            [f"{path}: there is no such file; make it, or leave the setting feeds_file out for the feeds of the package"]
        ) from fault
    except (OSError, UnicodeDecodeError) as fault:
        raise FeedListFault([f"{path}: it cannot be read ({fault}); make it a text file in UTF-8 that this user may read"]) from fault
    own = read_list(text, str(path))
    if own.extends is None:
        return own
    both = own.over(packaged())
    repeated_over(both, str(path))
    return both


def save(path: Path, text: str) -> None:
    """Write a user's list: whole or not at all, through a link to the file it names, with the permissions it had.

    Raises:
        FeedListFault: it cannot be written.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        Path(file.name).replace(path)
    except OSError as fault:
        raise FeedListFault([f"{path}: it cannot be written ({fault.strerror}); choose a file that this user may write"]) from fault


def packaged() -> FeedList:
    """The list that ships with the service."""
    text = files("services.fetcher").joinpath("data", PACKAGED).read_text(encoding="utf-8")
    return read_list(text, f"services/fetcher/data/{PACKAGED}")
