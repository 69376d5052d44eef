"""`caucasus-watch replay`, `story plot` and `reclassify`: what would have been told, how a toll went, what today's rules read otherwise."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from schemas.vocabulary import Effect
from services.runtime.settings import SettingsFault
from services.standalone.commanding import FAULTS, WRONG_USE, print_line, run, say

story_app = typer.Typer(no_args_is_help=True, help="One story: how its toll went.")

Since = Annotated[str | None, typer.Option("--since", help="Of the database: articles that the service had since then (ISO, with a zone).")]
Until = Annotated[str | None, typer.Option("--until", help="Of the database: articles that the service had before then.")]


def replay(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files of article JSON lines, or folders; - is standard input.", metavar="[FILE|FOLDER]...", show_default=False
        ),
    ] = None,
    *,
    routes: Annotated[Path | None, typer.Option("--routes", help="A routes.yaml: print who would be told what and when, and why.")] = None,
    since: Since = None,
    until: Until = None,
    policy: Annotated[Path | None, typer.Option("--policy", help="A policy.yaml in place of the package's.")] = None,
    diff: Annotated[
        Path | None,
        typer.Option("--diff", help="Print what differs from another routes.yaml, or from a saved run of another version of the rules."),
    ] = None,
    name: Annotated[str | None, typer.Option("--replay", help="Which replay of a folder, where it has several.")] = None,
    as_text: Annotated[bool, typer.Option("--text", help="Tellings as lines for people.")] = False,
) -> None:
    """Decide on articles in their order of arrival and print the alerts that a desk would have got; nothing is sent.

    One JSON object a line: article_id, story_id, kind, reason, severity, effect, side, group, low, high, bound, claimant,
    previous, status, headline, evidence. The same pure decisions as the service, in memory.

    With --routes: one line a message, with its time, receiver, route, the way through the tree and its alerts; waits, groups,
    hours and the limits of channels as the service keeps them. Save a run (`> before.jsonl`), change rules, policy or routes, and --diff shows what it alters.
    """

    def work() -> int:
        from services.standalone.backtest import Wish, back_test
        from services.standalone.stored import Stretch

        stored = since is not None or until is not None
        if stored is bool(files):
            say("give files or folders, or --since and --until for the articles of the database: one of the two")
            return WRONG_USE
        wish = Wish(
            sources=tuple(files or ()),
            stretch=Stretch(_moment(since, "--since"), _moment(until, "--until")) if stored else None,
            routes=routes,
            policy=policy,
            diff=diff,
            replay=name,
            as_text=as_text,
        )
        return asyncio.run(back_test(wish, print_line, _write, say))

    run(work)


@story_app.command("plot")
def story_plot(
    story: Annotated[
        str | None,
        typer.Argument(
            metavar="[STORY]", help="Id of a story of the database; with --from, its id or words of its title.", show_default="the largest"
        ),
    ] = None,
    sources: Annotated[
        list[str] | None, typer.Option("--from", help="Files of article JSON lines, or folders, in place of the database.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Where the SVG is written.")] = Path("toll.svg"),
    effect: Annotated[Effect, typer.Option(help="Which toll.")] = Effect.KILLED,
    language: Annotated[str, typer.Option(help="Of the legend: en or ru.")] = "en",
) -> None:
    """Draw how the toll of a story went: a line of steps for each claimant and people, as SVG without scripts."""

    def work() -> int:
        from services.alerter.core.datafile import packaged_names
        from services.standalone.storyplot import Plot, plot

        if not sources and story is None:
            say("name a story of the database, or give articles with --from")
            return WRONG_USE
        if language not in packaged_names("headlines"):
            say(f"there are no words in {language!r}; there are {', '.join(packaged_names('headlines'))}")
            return WRONG_USE
        return asyncio.run(plot(Plot(story, tuple(sources or ()), out, effect, language), say))

    run(work)


def reclassify(
    since: Annotated[str, typer.Option("--since", help="Articles that the service had since then (ISO, with a zone).")],
    until: Annotated[str | None, typer.Option("--until", help="Articles that the service had before then.", show_default="now")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write what today's rules read, beside what the older ones read.")] = False,
) -> None:
    """Read stored articles again by today's rules and print what differs: tags of each article, alerts that would have been raised.

    Nothing is ever sent, and without --apply nothing is written. With it, rows of the new rules_version are added; run twice, it
    adds nothing. Stories and copies stay as they were. Exit code 1 where rules of the same version read otherwise: they need a new one.
    """

    def work() -> int:
        from rich.console import Console

        from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit
        from services.standalone.rereading import reclassify as again
        from services.standalone.stored import Stretch

        stretch = Stretch(_moment(since, "--since"), _moment(until, "--until"))
        try:
            return asyncio.run(again(stretch, apply=apply, write=_write, say=say, console=Console(stderr=True)))
        except (DatabaseUnavailable, DatabaseUnfit) as fault:
            say(f"the database cannot be asked: {fault}; is it running, and migrated? caucasus-watch doctor says more")
            return FAULTS

    run(work)


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _moment(text: str | None, option: str) -> datetime | None:
    """The time that an option names.

    Raises:
        SettingsFault: it is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsFault([f"{option}: {text!r} is no time; write it as 2026-11-24T18:00Z or 2026-11-24"]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
