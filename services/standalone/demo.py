"""The demo: a newsroom releases a story article by article, the whole service follows it, the terminal shows the alerts."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from schemas.alert_raised import AlertRaised
from services.alerter.adapters.terminal import show
from services.alerter.core.wording import Wording
from services.fetcher.core.addresses import article_id as article_id_of
from services.runtime.clock import StoryClock
from services.runtime.postgres import DatabaseUnavailable
from services.standalone import progress
from services.standalone.annotated import BUNDLED, AnnotatedArticle, Story, StoryFault, story_of
from services.standalone.desk import Desk
from services.standalone.expectation import Verdict, judge
from services.standalone.newsroom import Newsroom
from services.standalone.whole import BusKind, Plan, Whole, WholeFailed

ANSWER_WITHIN = 30.0
"""Real seconds that one article may take to its decision before the demo gives it up."""
LOOK_EVERY = 0.05
POLL_EVERY = 0.4
"""Real seconds between two polls of one feed."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What was asked for on the command line."""

    source: Path | None = None
    replay: str | None = None
    bus: BusKind = "kafka"
    folder: Path | None = None
    seconds: float = 12.0
    picture: Path | None = None


@dataclass(slots=True)
class Told:
    """What happened so far: alerts in order, when each article was released, and those that never came to a decision."""

    ids: Mapping[str, str]
    """Id of the service -> id in the story's files."""
    console: Console
    alerts: list[AlertRaised] = field(default_factory=list)
    released: dict[str, datetime] = field(default_factory=dict)
    outcomes: dict[str, str | None] = field(default_factory=dict)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    wording: Wording = field(default_factory=lambda: Wording.packaged("en"))

    def hear(self, alert: AlertRaised) -> None:
        """Keep an alert that reached the desk, and show it."""
        self.alerts.append(alert)
        show(self.console, alert, self.wording)
        self.came.set()


def clock_for(story: Story, seconds: float, now: datetime) -> StoryClock:
    """A clock that begins a minute before the story's first article and passes the story in so many seconds."""
    begins = story.articles[0].published_at - timedelta(minutes=1)
    span = (story.articles[-1].published_at - begins).total_seconds()
    return StoryClock(anchor=now, begins=begins, speed=max(1.0, span / seconds))


def feeds_file(newsroom: Newsroom, speed: float) -> str:
    """The newsroom's feeds in the form of feeds.yaml; intervals are seconds of the story's clock."""
    outlets = [
        {
            "id": feed["id"],
            "name": feed["outlet"],
            "feeds": [
                {
                    "id": feed["id"],
                    "url": feed["url"],
                    "language": feed["language"],
                    "scope": "world",
                    "interval": min(86_400, max(1, int(POLL_EVERY * speed))),
                }
            ],
        }
        for feed in newsroom.feeds()
    ]
    return yaml.safe_dump({"outlets": outlets}, allow_unicode=True, sort_keys=False)


async def _tell_story(story: Story, newsroom: Newsroom, whole: Whole, clock: StoryClock, told: Told) -> None:
    """Releases each article at its own time of the story's clock, but not before the one before it is decided.

    A desk sees articles minutes apart; here they are parts of a second apart. Waiting for the decision keeps their
    order what it was.
    """
    service_ids = {file_id: service_id for service_id, file_id in told.ids.items()}
    for article in story.articles:
        await clock.sleep((article.published_at - clock.now()).total_seconds())
        whole.raise_if_failed()
        newsroom.release(article)
        service_id = service_ids[article.id]
        told.released[service_id] = clock.now()
        line = f"{article.published_at:%d %b %H:%M}  {article.outlet}: {article.title}"
        told.console.print(Text(line, style="dim"), overflow="ellipsis", no_wrap=True)
        told.outcomes[article.id] = await _decided(whole, service_id)


async def _decided(whole: Whole, service_id: str) -> str | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_WITHIN):
            while True:
                whole.raise_if_failed()
                with suppress(DatabaseUnavailable):
                    reason = await progress.outcome(whole.engine, service_id)
                    if reason is not None:
                        return reason
                await asyncio.sleep(LOOK_EVERY)
    return None


async def _all_heard(whole: Whole, told: Told) -> None:
    """Waits until every alert of the database has reached the desk."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_WITHIN):
            while True:
                told.came.clear()
                with suppress(DatabaseUnavailable):
                    if len(told.alerts) >= (await progress.counts(whole.engine)).alerts:
                        return
                with suppress(TimeoutError):
                    await asyncio.wait_for(told.came.wait(), LOOK_EVERY * 4)


def _stage_table(released: Mapping[str, datetime], reached: Mapping[str, progress.Stages], speed: float) -> Table:
    table = Table(title="How long each stage took (real seconds)", title_justify="left", box=None, header_style="dim")
    table.add_column("stage")
    for name in ("median", "longest"):
        table.add_column(name, justify="right")
    for stage, seconds in progress.spans(released, reached, speed).items():
        if seconds:
            table.add_row(stage, f"{median(seconds):.2f}", f"{max(seconds):.2f}")
    return table


def _counts_table(counts: progress.Counts, story: Story) -> Table:
    table = Table(box=None, show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for name, value in (
        ("articles released", len(story.articles)),
        ("articles read", counts.articles),
        ("of them about the region", counts.relevant),
        ("of them copies", counts.copies),
        ("stories", counts.stories),
        ("claims", counts.claims),
        ("alerts", counts.alerts),
    ):
        table.add_row(name, str(value))
    return table


def _say_verdict(story: Story, verdict: Verdict, told: Told, console: Console) -> bool:
    lost = [article_id for article_id, reason in told.outcomes.items() if reason is None]
    for article_id in lost:
        console.print(f"[red]no decision[/] on {article_id} within {ANSWER_WITHIN:.0f} s")
    if not story.judged:
        console.print(f"{len(told.alerts)} alerts; the folder names no expected ones, so nothing is judged")
        return not lost
    for due in verdict.missed:
        figure = due.status or f"{due.low if due.low is not None else due.high} {due.effect} {due.side or ''}"
        console.print(f"[red]missing[/]  at {due.at}: {due.kind} {escape(figure)} ({escape(due.why)})")
    for alert in verdict.false:
        console.print(f"[red]unexpected[/]  at {alert.article_id}: {escape(alert.headline)}")
    due_count = len(story.replay.expected_alerts)
    optional = f", and {len(verdict.optional)} that may come or not" if verdict.optional else ""
    mark = "[green]as expected[/]" if verdict.as_expected else "[red]not as expected[/]"
    console.print(f"{mark}: {len(verdict.hit)} of {due_count} alerts that were due came{optional}, {len(verdict.false)} that were not")
    return verdict.as_expected and not lost


@asynccontextmanager
async def _folder(wish: Demonstration) -> AsyncIterator[Path]:
    """A fresh folder for this run's data: kept below the one that was asked for, else thrown away at the end."""
    if wish.folder is None:
        with tempfile.TemporaryDirectory(prefix="caucasus-watch-demo-", ignore_cleanup_errors=True) as scratch:
            yield Path(scratch)
    else:
        folder = wish.folder / f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        folder.mkdir(parents=True)
        yield folder


def _by_file(alerts: Sequence[AlertRaised], ids: Mapping[str, str]) -> list[AlertRaised]:
    return [alert.model_copy(update={"article_id": ids.get(alert.article_id, alert.article_id)}) for alert in alerts]


def _article_ids(articles: Sequence[AnnotatedArticle]) -> Mapping[str, str]:
    return {str(article_id_of(article.url)): article.id for article in articles}


async def _run(wish: Demonstration, story: Story, console: Console) -> int:
    told = Told(ids=_article_ids(story.articles), console=console)
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(_folder(wish))
        newsroom = await stack.enter_async_context(Newsroom(story.articles))
        desk = await stack.enter_async_context(Desk(told.hear))
        clock = clock_for(story, wish.seconds, datetime.now(UTC) + timedelta(seconds=1))
        feeds = folder / "feeds.yaml"
        plan = Plan(folder=folder, bus=wish.bus, feeds=feeds, clock=clock, webhook=(desk.url, desk.secret), own_newsroom=True)
        feeds.write_text(feeds_file(newsroom, clock.speed), encoding="utf-8")
        whole = await stack.enter_async_context(Whole(plan, console))
        await _tell_story(story, newsroom, whole, clock, told)
        await _all_heard(whole, told)
        counts = await progress.counts(whole.engine)
        reached = await progress.stages(whole.engine, list(told.ids))
    console.print()
    console.print(_counts_table(counts, story))
    console.print()
    console.print(_stage_table(told.released, reached, clock.speed))
    console.print()
    verdict = judge(story.replay, _by_file(told.alerts, told.ids))
    return 0 if _say_verdict(story, verdict, told, console) else 1


def picture(console: Console) -> str:
    """What the terminal showed, as an SVG that asks no other server for its fonts."""
    drawn = console.export_svg(title="caucasus-watch demo")
    return re.sub(r"<!--.*?-->|@font-face \{.*?\}", "", drawn, flags=re.DOTALL)


async def demonstrate(wish: Demonstration) -> int:
    """Run the demo; 0 where every expected alert came and no other, 1 where not, 2 where it could not begin."""
    console = Console(record=wish.picture is not None, width=100 if wish.picture is not None else None, highlight=False)
    try:
        story = story_of(wish.source or BUNDLED, wish.replay)
    except StoryFault as fault:
        console.print(f"[red]{escape(str(fault))}[/]")
        return 2
    try:
        code = await _run(wish, story, console)
    except (WholeFailed, DatabaseUnavailable) as fault:
        console.print(f"[red]{escape(str(fault))}[/]")
        return 2
    if wish.picture is not None:
        wish.picture.write_text(picture(console), encoding="utf-8")
    return code
