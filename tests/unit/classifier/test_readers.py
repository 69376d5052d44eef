"""Reading beside the loop: what one bad text costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from schemas.reading import Article, Reading
from services.classifier.adapters.readers import SAMPLES, Job, ProcessReaders, ReadersUnfit, ThreadReaders, Unread, warm_up
from services.classifier.core.filing import Read
from services.classifier.core.language import language_of
from tests.builders import THE_MORNING
from tests.unit.classifier.reading_faults import read_by_title

pytestmark = pytest.mark.slow


def jobs(*titles: str) -> list[Job]:
    return [Job(Article(id=f"{number}-{title}", title=title, text="Some words."), THE_MORNING) for number, title in enumerate(titles)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def processes() -> AsyncIterator[ProcessReaders]:
    readers = ProcessReaders(1, 0.3, read_by_title)
    yield readers
    await readers.close()


def told(found: list[Read | Unread]) -> list[str]:
    return [one.detail if isinstance(one, Unread) else one.reading.id for one in found]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_text_that_takes_too_long_costs_itself_alone(processes: ProcessReaders) -> None:
    found = told(await processes.read(jobs("first", "loop", "second")))

    assert found == ["0-first", "reading took longer than 0.3 s", "2-second"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_text_that_ends_the_process_costs_itself_alone(processes: ProcessReaders) -> None:
    found = told(await processes.read(jobs("first", "die", "second")))

    assert found == ["0-first", "the reading process died over it twice", "2-second"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_fault_of_the_reading_is_told_with_its_article(processes: ProcessReaders) -> None:
    assert told(await processes.read(jobs("fail", "first"))) == ["KeyError: 'no such word'", "1-first"]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_loop_runs_while_a_worker_reads(processes: ProcessReaders) -> None:
    reading = asyncio.ensure_future(processes.read(jobs("loop")))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.01)
        turns += 1

    assert turns > 5


async def test_a_thread_reads_as_well() -> None:
    readers = ThreadReaders(read_by_title)
    try:
        assert told(await readers.read(jobs("first", "fail"))) == ["0-first", "KeyError: 'no such word'"]
    finally:
        await readers.close()


async def test_readers_that_can_read_nothing_say_so_before_an_article_is_blamed() -> None:
    def broken(article: Article) -> Reading:
        raise KeyError("lexicon")

    readers = ThreadReaders(broken)
    try:
        with pytest.raises(ReadersUnfit, match="tr: KeyError"):
            await warm_up(readers, THE_MORNING)
    finally:
        await readers.close()


async def test_a_sentence_of_every_language_is_read_at_the_start() -> None:
    readers = ThreadReaders()
    try:
        await warm_up(readers, THE_MORNING)
        languages = [language_of("", text) for text in SAMPLES.values()]
    finally:
        await readers.close()

    assert languages == list(SAMPLES)
