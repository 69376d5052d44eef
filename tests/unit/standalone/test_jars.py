"""Kafka's files: fetched once for all, whole or not at all, and nothing but the right content is used."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import pytest

from services.standalone import jars
from services.standalone.jars import Jar, KafkaFilesMissing, kafka_files

CONTENT = {f"part-{number}": f"the bytes of part {number}".encode() for number in range(5)}


class Repository:
    """A Maven repository on this machine, with what it was asked for."""

    def __init__(self) -> None:
        self.content = dict(CONTENT)
        self.asked: Counter[str] = Counter()
        # Answers the first so many requests for each file as an overloaded server does.
        self.refusals = 0
        repository = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                artifact = self.path.split("/")[-3]
                if not self.path.endswith(".jar"):
                    # Checksums of its own it does not offer.
                    self.send_error(404)
                    return
                repository.asked[artifact] += 1
                body = repository.content.get(artifact)
                if body is None or repository.asked[artifact] <= repository.refusals:
                    self.send_error(404 if body is None else 503)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002 - the library's signature
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/maven"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """The only one that is asked: the settings of jgo name it, as a user behind a mirror would, and the list is ours."""
    listed = tuple(Jar("org.example", name, "1.0", hashlib.sha256(content).hexdigest()) for name, content in CONTENT.items())
    monkeypatch.setattr(jars, "wanted", lambda: listed)
    with Repository() as made:
        settings = tmp_path / "jgo.conf"
        settings.write_text(f"[repositories]\ncentral = {made.address}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
        yield made


def test_they_are_fetched_once_and_the_progress_is_told(repository: Repository, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    place = kafka_files(lambda done, total: told.append((done, total)), folder=tmp_path / "kafka")
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {f"{name}-1.0.jar": body for name, body in CONTENT.items()}
    assert told == [(done, 5) for done in range(1, 6)]

    assert kafka_files(folder=tmp_path / "kafka") == place
    assert set(repository.asked.values()) == {1}


def test_two_that_want_them_at_once_fetch_them_once(repository: Repository, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(kafka_files, folder=tmp_path / "kafka") for _ in range(2)]
    assert [future.result() for future in both] == [tmp_path / "kafka"] * 2
    assert set(repository.asked.values()) == {1}


def test_a_server_that_stumbles_is_asked_again(repository: Repository, tmp_path: Path) -> None:
    repository.refusals = 2
    kafka_files(folder=tmp_path / "kafka")
    assert set(repository.asked.values()) == {3}


def test_another_content_is_not_used_and_leaves_nothing(repository: Repository, tmp_path: Path) -> None:
    repository.content["part-3"] = b"not what was published"
    with pytest.raises(KafkaFilesMissing, match=r"part-3-1\.0\.jar .*another content than it should have .*--bus memory"):
        kafka_files(folder=tmp_path / "kafka")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("kafka")) == ["kafka.lock"]


def test_a_file_that_cannot_be_had_is_named_with_the_ways_to_do_without(repository: Repository, tmp_path: Path) -> None:
    del repository.content["part-0"]
    with pytest.raises(KafkaFilesMissing, match=r"part-0-1\.0\.jar of Kafka .* could not be fetched .*--bus memory"):
        kafka_files(folder=tmp_path / "kafka")
    assert not jars.present(tmp_path / "kafka")


def test_what_is_missing_of_a_damaged_set_is_mended(repository: Repository, tmp_path: Path) -> None:
    place = kafka_files(folder=tmp_path / "kafka")
    (place / "part-2-1.0.jar").unlink()
    kafka_files(folder=tmp_path / "kafka")
    assert (place / "part-2-1.0.jar").read_bytes() == CONTENT["part-2"]


def test_a_cache_that_cannot_be_written_is_said_so(tmp_path: Path, repository: Repository) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KafkaFilesMissing, match="Set XDG_CACHE_HOME to a folder that can be written"):
        kafka_files(folder=tmp_path / "file" / "kafka")


def test_the_list_that_is_shipped_is_whole() -> None:
    listed = jars.wanted()
    assert len({jar.file_name for jar in listed}) == len(listed) == 46
    assert {len(jar.sha256) for jar in listed} == {64}
    assert {jar.version for jar in listed if jar.group == "org.apache.kafka"} == {jars.VERSION}


def test_the_cache_lies_where_the_user_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jars.cache_folder() == tmp_path / "caucasus-watch" / "kafka-4.3.1"
