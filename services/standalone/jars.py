"""The program files of Apache Kafka: fetched once per user, checked, shared by all runs.

`data/kafka-4.3.1.jars` lists them with their checksums. They lie in the user's cache folder; a half-fetched set never
has the name of a whole one, and a second process that wants them meanwhile waits for the first.
"""

from __future__ import annotations

import concurrent.futures
import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

VERSION = "4.3.1"
_LIST = f"kafka-{VERSION}.jars"
_THREADS = 8
_TIMEOUT = 30
_TRIES = 3
_MEND = (
    "Look whether the network reaches your Maven repository (a mirror is set in the settings of jgo, ~/.config/jgo.conf, section [repositories]), "
    "or use a running Kafka (CAUCASUS_WATCH_KAFKA=host:port), or go without one (--bus memory)."
)

# Called with how many files are there and how many there will be.
Progress = Callable[[int, int], None]


class KafkaFilesMissing(RuntimeError):  # noqa: N818 - named for what is missing
    """The program files of Kafka are not there and cannot be had; the message says how to do without."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One file: its coordinates and the SHA-256 of its content."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the folder."""
        return f"{self.artifact}-{self.version}.jar"

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` is the one."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


@cache
def wanted() -> tuple[Jar, ...]:
    """The list."""
    text = resources.files("services.standalone").joinpath("data", _LIST).read_text(encoding="utf-8")
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            group, artifact, version = coordinates.split(":")
            jars.append(Jar(group, artifact, version, sha256))
    return tuple(jars)


def cache_folder() -> Path:
    """Where they lie for this user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "caucasus-watch" / f"kafka-{VERSION}"


def present(folder: Path | None = None) -> bool:
    """Whether all are there, by name."""
    place = folder or cache_folder()
    return all((place / jar.file_name).exists() for jar in wanted())


def kafka_files(progress: Progress | None = None, *, folder: Path | None = None) -> Path:
    """The folder that holds all files; they are fetched first where they are missing.

    Raises:
        KafkaFilesMissing: they cannot be had; nothing half-done is left.
    """
    place = folder or cache_folder()
    if present(place):
        return place
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.with_name(place.name + ".lock").open("w") as lock:
            # Another process may be fetching them; then they are there when the lock is free.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not present(place):
                _fetch(place, progress)
    except OSError as fault:
        raise KafkaFilesMissing(
            f"the files of Kafka {VERSION} cannot be kept in {place}: {fault}. Set XDG_CACHE_HOME to a folder that can be written."
        ) from fault
    return place


def _fetch(place: Path, progress: Progress | None) -> None:
    try:
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext
    except ImportError:
        raise KafkaFilesMissing(f"Kafka {VERSION} needs caucasus-watch[standalone] to be installed. {_MEND}") from None
    logging.getLogger("jgo").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix=f"{place.name}.", dir=place.parent) as scratch:
        maven = MavenContext(repo_cache=Path(scratch) / "repository", local_repos=[], timeout=_TIMEOUT)
        # The user's own repositories are asked first; one named like the default takes its place.
        maven.remote_repos = {**GlobalSettings.load().repositories, **maven.remote_repos, **GlobalSettings.load().repositories}
        whole = Path(scratch) / "whole"
        whole.mkdir()

        def bring(jar: Jar) -> None:
            artifact = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact()
            reason = ""
            for _ in range(_TRIES):
                try:
                    fetched = artifact.resolve()
                    if jar.is_at(fetched):
                        shutil.move(fetched, whole / jar.file_name)
                        return
                    reason = "it has another content than it should have (SHA-256) and is not used"
                except Exception as fault:  # noqa: BLE001 - jgo passes on whatever its HTTP library raises; to us all of it means the same
                    reason = f"{type(fault).__name__}: {fault}"
                # What came of a broken transfer would be taken for the file the next time.
                if artifact.cached_path is not None:
                    artifact.cached_path.unlink(missing_ok=True)
            raise KafkaFilesMissing(f"{jar.file_name} of Kafka {VERSION} could not be fetched ({reason}). {_MEND}")

        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            waiting = [pool.submit(bring, jar) for jar in wanted()]
            try:
                for done, future in enumerate(concurrent.futures.as_completed(waiting), 1):
                    future.result()
                    if progress is not None:
                        progress(done, len(waiting))
            finally:
                pool.shutdown(cancel_futures=True)
        shutil.rmtree(place, ignore_errors=True)
        whole.rename(place)
