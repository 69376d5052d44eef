"""The one command, `caucasus-watch`. Each routine is imported only when it is called, so that --help is quick."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from services.standalone.backtestcommands import reclassify, replay
from services.standalone.commanding import print_line, run, say
from services.standalone.deskcommands import alerts_app, desk_app
from services.standalone.feedcommands import feeds_app
from services.standalone.routecommands import routes_app
from services.standalone.storycommands import story_app

app = typer.Typer(
    name="caucasus-watch",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Watches the news of the Caucasus and tells a desk when a [b]claim[/b] changed: who says so, once, with the sentence that says it.\n\n"
    "New here? [b]caucasus-watch demo[/b] shows it all on a story of September 2023.",
)

ONE_MACHINE = "On one machine"
PIECES = "Single services, for containers"
SCRIPTS = "For scripts: JSON lines in, JSON lines out"
CARE = "Care"
DESK = "At the desk"

app.add_typer(feeds_app, name="feeds", rich_help_panel=CARE)
app.add_typer(alerts_app, name="alerts", rich_help_panel=DESK)
app.add_typer(desk_app, name="desk", rich_help_panel=DESK)
app.add_typer(story_app, name="story", rich_help_panel=DESK)
app.add_typer(routes_app, name="routes", rich_help_panel=DESK)

lexicon_app = typer.Typer(no_args_is_help=True, help="The reader's data: words, patterns, places, actors.")
app.add_typer(lexicon_app, name="lexicon", rich_help_panel=CARE)

Files = Annotated[list[str], typer.Argument(help="Files of article JSON lines; - is standard input.", metavar="FILE...")]
BusChoice = Annotated[
    Literal["kafka", "memory"],
    typer.Option("--bus", help="kafka: a real Kafka (its own, or that of CAUCASUS_WATCH_KAFKA); memory: one process, no Kafka."),
]
Folder = Annotated[Path | None, typer.Option(help="Where data and logs are kept.", show_default=False)]


@app.command(rich_help_panel=ONE_MACHINE)
def demo(
    source: Annotated[
        Path | None, typer.Option("--from", help="A folder of annotated articles, one YAML file each.", show_default="a story of its own")
    ] = None,
    replay_name: Annotated[str | None, typer.Option("--replay", help="Which replay of the folder, where it has several.")] = None,
    bus: BusChoice = "kafka",
    folder: Folder = None,
    seconds: Annotated[float, typer.Option(help="How long the whole story takes to be told, at the quickest.", min=1)] = 12.0,
    picture: Annotated[Path | None, typer.Option(help="Write what the terminal shows as an SVG picture.")] = None,
) -> None:
    """Show the whole service on a news story: feeds over HTTP, Kafka, Postgres, alerts in the terminal.

    Ends by itself. Exit code 0 only if every expected alert came and no other.
    """
    from services.standalone.demo import Demonstration, demonstrate

    wish = Demonstration(source=source, replay=replay_name, bus=bus, folder=folder, seconds=seconds, picture=picture)
    run(lambda: asyncio.run(demonstrate(wish)))


@app.command(rich_help_panel=ONE_MACHINE)
def up(
    bus: BusChoice = "kafka",
    folder: Folder = None,
    feeds: Annotated[Path | None, typer.Option(help="Your own feeds.yaml in place of the built-in list.")] = None,
) -> None:
    """Run the whole service on this machine with live feeds, until Ctrl-C.

    Brings its own Kafka and Postgres unless CAUCASUS_WATCH_KAFKA and CAUCASUS_WATCH_DATABASE name others. Data stays in
    one folder across restarts.
    """
    from services.standalone.up import Wish, run_up

    run(lambda: asyncio.run(run_up(Wish(bus=bus, folder=folder, feeds=feeds))))


@app.command(rich_help_panel=PIECES)
def fetcher() -> None:
    """Pull feeds and put the region's articles on articles.fetched."""
    from services.fetcher.__main__ import main

    run(main)


@app.command(rich_help_panel=PIECES)
def classifier() -> None:
    """Read articles.fetched: actors, events, claims, ceasefires, stories; write articles.classified."""
    from services.classifier.__main__ import main

    run(main)


@app.command(rich_help_panel=PIECES)
def alerter() -> None:
    """Read articles.classified, keep the ledger, tell the desks; write alerts.raised."""
    from services.alerter.__main__ import main

    run(main)


@app.command(rich_help_panel=PIECES)
def migrate() -> None:
    """Bring the database of CAUCASUS_WATCH_DATABASE to the newest revision."""
    from services.standalone.migrating import migrate_to_newest

    run(lambda: asyncio.run(migrate_to_newest(print)))


@app.command(rich_help_panel=SCRIPTS)
def classify(
    files: Files,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Also read articles that do not concern the region.")] = False,
) -> None:
    """Read articles and print what each says: actors, events, casualty claims with their claimant, ceasefires.

    One JSON object a line: id, language, relevant, actors, event_types, casualties, ceasefire. No Kafka, no database.
    """

    def work() -> int:
        from services.classifier.core.reading import read
        from services.runtime.collector import look_seldom
        from services.standalone.lines import articles_from

        look_seldom()
        faults: list[str] = []

        def heard(text: str) -> None:
            say(text)
            faults.append(text)

        for article in articles_from(files, say, heard):
            print_line(read(article, everywhere=everywhere).model_dump(mode="json"))
        return 1 if faults else 0

    run(work)


app.command(rich_help_panel=SCRIPTS)(replay)
app.command(rich_help_panel=CARE)(reclassify)


@app.command(rich_help_panel=SCRIPTS)
def explain(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE|URL|-", help="A file of article JSON lines, of which one article is shown, or the address of a page."),
    ],
    number: Annotated[int, typer.Option("--number", help="Which article of the file.", min=1)] = 1,
    published: Annotated[
        datetime | None, typer.Option("--published", help="When the page of URL was published, UTC: dates are read by it.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write one page there instead.")] = None,
) -> None:
    """Show one article with its claims marked, and for each the claimant, the rule and the reason."""

    def work() -> int:
        from itertools import islice

        from services.classifier.core.reading import read
        from services.standalone.explanation import page, show
        from services.standalone.lines import articles_from
        from services.standalone.pagearticle import NoArticle, article_at, is_address

        if is_address(file):
            try:
                article = asyncio.run(article_at(file, published_at=published.replace(tzinfo=UTC) if published else None))
            except NoArticle as fault:
                say(str(fault))
                return 1
        else:
            found = next(islice(articles_from([file], say, say), number - 1, None), None)
            if found is None:
                say(f"{file} holds no article number {number}")
                return 1
            article = found
        reading = read(article, everywhere=True)
        if html is None:
            show(article, reading, Console())
        else:
            html.write_text(page(article, reading), encoding="utf-8")
            say(f"written to {html}")
        return 0

    run(work)


@app.command(rich_help_panel=CARE)
def doctor() -> None:
    """Check settings, broker, database, migrations, feeds and channels: one line each, what is wrong and the mend."""
    from services.standalone.doctor import examine

    run(lambda: asyncio.run(examine(Console())))


@app.command(rich_help_panel=CARE)
def trace(
    url: Annotated[str, typer.Argument(metavar="URL|ID", help="The article's address in any of its forms, or its id.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object with every row that is kept of it.")] = False,
) -> None:
    """Tell what became of an article at every stage: fetched, classified, its claims, decided, alerts and deliveries.

    Asks the database of CAUCASUS_WATCH_DATABASE, else the one that `up` keeps here. Exit code 1 where no stage ever had it.
    """
    from services.standalone.traceview import trace_article

    run(lambda: asyncio.run(trace_article(Console(), url, as_lines=as_json)))


@lexicon_app.command("check")
def lexicon_check() -> None:
    """Check the data files of the reader: each fault with file, line and what is wrong."""
    from services.standalone.lexicons import check

    run(lambda: check(print))


@app.command(rich_help_panel=CARE)
def health() -> None:
    """Ask the service on this machine's metrics port whether it is well; for health checks of containers."""
    from services.standalone.health import ask_health

    run(lambda: ask_health(print))


def main() -> None:
    """Entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
