"""`caucasus-watch feeds …`: the list of feeds, one feed explained, files put through the parse step."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.vocabulary import FeedScope
from services.standalone.commanding import run, say

feeds_app = typer.Typer(no_args_is_help=True, help="The list of feeds, and one feed explained.")

OwnFile = Annotated[
    Path | None,
    typer.Option(
        "--file",
        help="Your own list of feeds; without it that of CAUCASUS_WATCH_FEEDS_FILE. It is made where it is missing, on top of the package's.",
        show_default=False,
    ),
]
Scope = Annotated[
    FeedScope, typer.Option(help="world: keep what names the region; region: keep every entry, for feeds that tell of nothing else.")
]


@feeds_app.command("list")
def feeds_list(
    every: Annotated[bool, typer.Option("--all", help="Also those that are off, with the reason.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with everything that the list says.")] = False,
) -> None:
    """Show the feeds that are polled."""
    from services.standalone.feedviews import list_feeds

    run(lambda: list_feeds(Console(), every=every, as_json=as_json))


@feeds_app.command("states")
def feeds_states(
    every: Annotated[bool, typer.Option("--all", help="Also those that are well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with everything that is known of the feed.")] = False,
) -> None:
    """Show the feeds that do not fare well: how, since when, and what their last polls came to.

    Asks the database of CAUCASUS_WATCH_DATABASE, else the one that `up` keeps here.
    """
    from services.standalone.feedstates import show_states

    run(lambda: asyncio.run(show_states(Console(), every=every, as_json=as_json)))


@feeds_app.command("check")
def feeds_check(
    address: Annotated[str, typer.Argument(metavar="URL|ID", help="The address of a feed, or its id in the list.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object with everything that was found.")] = False,
) -> None:
    """Fetch one feed once and explain it: status, entries, dates, names, what would be kept, and what to do where it is none.

    Exit code 1 where it is no feed. Nothing is written anywhere.
    """
    from services.standalone.feedviews import check_feed

    run(lambda: asyncio.run(check_feed(Console(), address, as_json=as_json)))


@feeds_app.command("parse")
def feeds_parse(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Bodies of feeds, as a server sent them; - reads names of files, one a line, from standard input."
        ),
    ],
    address: Annotated[
        str, typer.Option("--address", help="Where they come from, for relative links; without it what the feed itself says.")
    ] = "",
    content_type: Annotated[str, typer.Option("--content-type", help="The header that came with them.")] = "",
    timezone: Annotated[str, typer.Option("--timezone", help="The outlet's, for dates that name no zone.")] = "UTC",
) -> None:
    """Put files through the parse step of the service, in its worker processes under their limits.

    One JSON object a line for each file, in their order: file, failure (null, or the name of what it is instead of a feed),
    entries with title, link, id (of the article), published_at, text. Exit code 1 where a file could not be read.
    """
    from services.standalone.feedparsing import parse_files

    run(lambda: asyncio.run(parse_files(files, address=address, content_type=content_type, timezone=timezone)))


@feeds_app.command("add")
def feeds_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of the feed.")],
    *,
    outlet: Annotated[str, typer.Option(help="Name of who publishes it; the id of an outlet of the list adds to that one.")] = "",
    feed_id: Annotated[str, typer.Option("--id", help="Short name of the feed; made from the outlet's where it is left out.")] = "",
    scope: Scope = FeedScope.WORLD,
    language: Annotated[str, typer.Option(help="ISO 639-1, such as ru.")] = "",
    country: Annotated[str, typer.Option(help="Where the publisher sits: ISO 3166-1 alpha-3, such as GEO.")] = "",
    orientation: Annotated[str, typer.Option(help="Who stands behind it: state_agency, independent, opposition, …")] = "",
    timezone: Annotated[str, typer.Option(help="Of dates without a zone, such as Asia/Tbilisi.")] = "",
    interval: Annotated[int | None, typer.Option(help="Seconds between polls; learnt where it is left out.", show_default=False)] = None,
    file: OwnFile = None,
) -> None:
    """Add a feed to your own list. Nothing is fetched: `feeds check` tells beforehand what would come."""
    from services.standalone.feedediting import NewFeed, add_feed

    wish = NewFeed(url, outlet, feed_id, scope, language, country, orientation, timezone, interval)
    run(lambda: add_feed(wish, file, say))


@feeds_app.command("remove")
def feeds_remove(
    name: Annotated[str, typer.Argument(metavar="URL|ID", help="The feed, by its id or address.")],
    file: OwnFile = None,
) -> None:
    """Take a feed out of your own list; one of the package's list is switched off there.

    The history stays in the database: a feed that is not in the list any more is retired at the fetcher's next start.
    """
    from services.standalone.feedediting import remove_feed

    run(lambda: remove_feed(name, file, say))


@feeds_app.command("import")
def feeds_import(
    source: Annotated[str, typer.Argument(metavar="FILE.opml|-", help="OPML as feed readers export it; - is standard input.")],
    scope: Scope = FeedScope.WORLD,
    file: OwnFile = None,
) -> None:
    """Add the feeds of an OPML file to your own list; those that are in the list already are passed over.

    Strict: a file with faults adds nothing, and each fault is told with its line.
    """
    from services.standalone.feedediting import import_feeds

    run(lambda: import_feeds(source, scope, file, say))


@feeds_app.command("export")
def feeds_export(
    target: Annotated[str, typer.Argument(metavar="[FILE.opml|-]", help="Where to; - is standard output.")] = "-",
    every: Annotated[bool, typer.Option("--all", help="Also those that are off.")] = False,
) -> None:
    """Write the list as OPML, for other feed readers and for `feeds import`."""
    from services.standalone.feedediting import export_feeds

    run(lambda: export_feeds(target, every=every, say=say))


@feeds_app.command("poll")
def feeds_poll(
    opml: Annotated[Path, typer.Option("--opml", metavar="FILE", help="The feeds, as feed readers export them.")],
    *,
    once: Annotated[bool, typer.Option("--once", help="Each feed once, now, whatever its interval.")] = False,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Also addresses of this machine and of private networks.")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="Where the embedded Postgres keeps what was seen.", show_default=False)
    ] = None,
    entries: Annotated[
        Path | None,
        typer.Option("--entries", metavar="FILE", help="Append the link of each entry never reported before.", show_default=False),
    ] = None,
) -> None:
    """Poll the feeds of an OPML file with the service's own poller and store, and print one JSON line.

    The database is that of CAUCASUS_WATCH_DATABASE, else an embedded Postgres in FOLDER; it is brought to the newest revision.
    No page of an article is read.

    feeds = ok (something new) + unchanged + failed; entries: those in the bodies that came; new: those never seen before;
    seconds and cpu_seconds: from the first request to the last commit, CPU of this process, its parser workers and the
    embedded Postgres together. Each failed feed is told on standard error.
    """
    from services.standalone.feedpolling import PollWish, poll_feeds

    if not once:
        say("say --once: the feeds are polled once each; the service itself (`caucasus-watch up`) polls them again and again")
        raise typer.Exit(2)
    run(lambda: asyncio.run(poll_feeds(PollWish(opml, allow_private=allow_private, data=data, entries=entries))))
