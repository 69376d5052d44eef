"""`caucasus-watch routes …`: who is told of what. Imports nothing heavy, so that --help is quick."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.standalone.commanding import run

routes_app = typer.Typer(no_args_is_help=True, help="Who is told of what, by which channels, and why.")

RoutesFile = Annotated[
    Path | None,
    typer.Option("--file", help="A routes.yaml; without it that of CAUCASUS_WATCH_ROUTES_FILE, else the package's.", show_default=False),
]


@routes_app.command("check")
def routes_check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A routes.yaml; without it that of the settings.", show_default=False)
    ] = None,
    secrets: Annotated[bool, typer.Option(help="Whether the files of secrets are read too; not where they lie on another machine.")] = True,
) -> None:
    """Check a routes.yaml: each fault with file, line and the mend; where there is none, the tree and the receivers.

    Exit code 1 where there are faults. Nobody is told anything.
    """
    from services.standalone.routetrial import check

    run(lambda: check(Console(), file, secrets=secrets))


@routes_app.command("test")
def routes_test(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="ALERT|FILE|-|LABEL=VALUE...",
            help="An alert's id (asks the database), a file with its JSON, - for standard input, or labels: severity=critical side=ARM.",
        ),
    ],
    file: RoutesFile = None,
    at: Annotated[
        str | None, typer.Option(help="The time that it is raised, ISO with a zone; for hours and silences.", show_default="now")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each receiver.")] = False,
) -> None:
    """Show who would get an alert and why: the way through the tree, groups and pauses, hours, and what people hold back.

    Nobody is told anything. Exit code 1 where nobody would get it.
    """
    from services.standalone.routetrial import Trial, attempt

    run(lambda: asyncio.run(attempt(Console(), Trial(tuple(what), file, at, as_json=as_json))))


@routes_app.command("schema")
def routes_schema() -> None:
    """Print the JSON Schema of routes.yaml, for editors that check and complete while one writes."""
    import json
    import sys

    from services.alerter.core.routes import Routes

    def work() -> int:
        sys.stdout.write(json.dumps(Routes.model_json_schema(by_alias=True), ensure_ascii=False, indent=2) + "\n")
        return 0

    run(work)
