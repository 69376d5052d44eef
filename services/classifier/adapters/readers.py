"""Reading articles beside the event loop: in worker processes with a limit of time, or in a thread.

A worker that dies, or a text that takes too long, costs that one article and no other.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.reading import Article, Reading
from services.classifier.core.filing import Read, prepared
from services.classifier.core.reading import read
from services.runtime.collector import look_seldom

CHUNK = 8
"""Articles that travel to a worker together: few enough that two workers share a batch, enough that travelling costs little."""


@dataclass(frozen=True, slots=True)
class Job:
    """An article to be read; `seen_at` is its published time, or when it was fetched; `outlet` its publisher's name."""

    article: Article
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """An article that could not be read, and why."""

    detail: str


class ReadersUnfit(RuntimeError):  # noqa: N818 - named for the state that the operator must mend
    """Not even a plain sentence can be read: the lexicons, the region or the installation are broken, and no article is to blame."""


Reader = Callable[[Article], Reading]
"""Reads one article; a function of a module, so that a worker process can find it."""


class Readers(Protocol):
    """Reads articles."""

    async def read(self, jobs: Sequence[Job]) -> list[Read | Unread]:
        """What was read, in the order of `jobs`; never an exception for what a text holds."""
        ...

    async def close(self) -> None:
        """End the workers."""
        ...


SAMPLES = {
    "en": "Two soldiers were killed near Martakert on Tuesday, the defence ministry said.",
    "ru": "Двое военнослужащих погибли под Мартакертом, сообщили во вторник в министерстве обороны Армении.",
    "az": "Azərbaycan Müdafiə Nazirliyi bildirib ki, iki hərbi qulluqçu həlak olub.",
    "hy": "Հայաստանի պաշտպանության նախարարությունը հայտնում է, որ երկու զինծառայող է զոհվել։",
    "tr": "Azerbaycan Savunma Bakanlığı iki askerin hayatını kaybettiğini açıkladı.",
    "ka": "საქართველოს თავდაცვის სამინისტრომ ორი ჯარისკაცის დაღუპვა დაადასტურა.",
    "fr": "Deux soldats arméniens ont été tués mardi, a annoncé le ministère de la Défense.",
    "de": "Zwei armenische Soldaten wurden am Dienstag getötet, teilte das Verteidigungsministerium mit.",
}


async def warm_up(readers: Readers, now: datetime) -> None:
    """Read a sentence of each language, so that lexicons are loaded before the first article waits for them.

    Raises:
        ReadersUnfit: one of them cannot be read.
    """
    found = await readers.read([Job(Article(id=f"sample-{language}", text=text), now) for language, text in SAMPLES.items()])
    faults = [f"{language}: {one.detail}" for language, one in zip(SAMPLES, found, strict=True) if isinstance(one, Unread)]
    if faults:
        raise ReadersUnfit("; ".join(faults))


class ThreadReaders:
    """Reads in one thread of this process: for tests and for the memory bus. A long text is waited for."""

    def __init__(self, reader: Reader = read) -> None:
        """The thread starts with the first article."""
        self._reader = reader
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="reader")

    async def read(self, jobs: Sequence[Job]) -> list[Read | Unread]:
        """See `Readers`."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, _read_all, list(jobs), None, self._reader)

    async def close(self) -> None:
        """See `Readers`."""
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)


class ProcessReaders:
    """Reads in processes of their own, so that neither the loop nor its heartbeats wait for a text."""

    def __init__(self, processes: int, seconds: float, reader: Reader = read) -> None:
        """`seconds`: the longest that the reading of one article may take. Processes start with the first article."""
        self._reader = reader
        self._processes = processes
        self._seconds = seconds
        self._executor: Executor | None = None

    async def read(self, jobs: Sequence[Job]) -> list[Read | Unread]:
        """See `Readers`."""
        chunks = [list(jobs[start : start + CHUNK]) for start in range(0, len(jobs), CHUNK)]
        return [one for chunk in await asyncio.gather(*(self._read(chunk) for chunk in chunks)) for one in chunk]

    async def close(self) -> None:
        """See `Readers`."""
        executor, self._executor = self._executor, None
        if executor is not None:
            await asyncio.to_thread(executor.shutdown, cancel_futures=True)

    async def _read(self, jobs: list[Job]) -> list[Read | Unread]:
        for attempt in range(2):
            executor = self._started()
            try:
                return await asyncio.get_running_loop().run_in_executor(executor, _read_all, jobs, self._seconds, self._reader)
            except BrokenProcessPool:
                # The worker died: of another chunk's article, of its own, or because somebody killed it.
                self._forget(executor)
                if len(jobs) == 1 and attempt:
                    return [Unread("the reading process died over it twice")]
        found: list[Read | Unread] = []
        for job in jobs:
            found += await self._read([job])
        return found

    def _started(self) -> Executor:
        if self._executor is None:
            # Spawned, not forked: a fork of a process with threads and an event loop is not safe.
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self._processes, mp_context=context, initializer=_begin)
        return self._executor

    def _forget(self, executor: Executor) -> None:
        if self._executor is executor:
            self._executor = None
        executor.shutdown(wait=False, cancel_futures=True)


class TooSlow(Exception):  # noqa: N818 - the state of the article, never seen outside this module
    """The limit of time is over."""


def _begin() -> None:
    """In a new worker: Ctrl-C is the parent's affair, and the worker ends when the parent has died."""
    look_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _too_slow)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _too_slow(*_: object) -> None:
    raise TooSlow


def _read_all(jobs: list[Job], seconds: float | None, reader: Reader) -> list[Read | Unread]:
    return [_read_one(job, seconds, reader) for job in jobs]


def _read_one(job: Job, seconds: float | None, reader: Reader) -> Read | Unread:
    article = job.article
    try:
        if seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        return prepared(reader(article), title=article.title, text=article.text, seen_at=job.seen_at, outlet=article.outlet)
    except TooSlow:
        return Unread(f"reading took longer than {seconds:g} s")
    except Exception as fault:  # noqa: BLE001 - whatever a text provokes costs that one article, and is told with it
        return Unread(f"{type(fault).__name__}: {fault}")
    finally:
        if seconds is not None:
            # The alarm may go off between the last line above and this one.
            with suppress(TooSlow):
                signal.setitimer(signal.ITIMER_REAL, 0)


def readers(processes: int, seconds: float) -> Readers:
    """Readers as the settings ask for them."""
    return ProcessReaders(processes, seconds) if processes else ThreadReaders()
