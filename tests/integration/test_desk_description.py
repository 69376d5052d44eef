"""The interface does what its description says: schemathesis asks it everything, within bounds, on a real Postgres."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from schemas.vocabulary import DeskRole
from services.desk.app import run
from services.desk.settings import DeskSettings
from services.runtime.lifecycle import Lifecycle
from services.runtime.postgres import open_engine
from tests.integration.desks import a_token, a_whole_story, the_clock

pytestmark = pytest.mark.stack


@pytest.fixture
def desk(database_url: str) -> Iterator[tuple[str, str]]:
    """The address of a desk that runs in a thread of its own, and a token of an admin."""
    ready: list[tuple[str, str]] = []
    begun, over = threading.Event(), threading.Event()

    async def serve() -> None:
        engine = open_engine(database_url, application="test")
        await a_whole_story(engine)
        token = await a_token(engine, DeskRole.ADMIN)
        await engine.dispose()
        async with Lifecycle("desk", signals=False) as life:

            def at(address: str) -> None:
                ready.append((address, token))
                begun.set()

            running = asyncio.create_task(
                run(DeskSettings(database=SecretStr(database_url), desk_port=0), clock=the_clock(), life=life, at=at)
            )
            await asyncio.to_thread(over.wait)
            life.stop()
            await running

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert begun.wait(20)
    try:
        yield ready[0]
    finally:
        over.set()
        thread.join(20)


def test_every_way_answers_as_described(desk: tuple[str, str]) -> None:
    address, token = desk
    description = schemathesis.openapi.from_url(f"{address}/openapi.json")
    headers = {"Authorization": f"Bearer {token}"}
    asked: list[str] = []
    for found in description.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        asked.append(operation.label)

        # Bounded by examples, and the same ones each time: the gate must not depend on luck.
        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            # Cursors, matchers and spans have forms of their own, which a schema cannot tell: that they are refused is right.
            case.call_and_validate(headers=headers, timeout=10, excluded_checks=[positive_data_acceptance])

        ask()
    assert len(asked) > 15
