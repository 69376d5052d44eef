"""`caucasus-watch story list` and `story show`: stories, their ledgers, and what happened in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.standalone.backtestcommands import story_app
from services.standalone.commanding import DONE, print_line
from services.standalone.deskcommands import AsJson, at_the_desk, stamp

__all__ = ["story_app", "story_list", "story_show"]

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from services.desk.adapters.audit import Author
    from services.desk.core.forms import ShownFigure


@story_app.command("list")
def story_list(
    words: Annotated[str, typer.Argument(help="Words of the title, in any case.", show_default="every story")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=200)] = 20,
    as_json: AsJson = False,
) -> None:
    """List stories, those last written of first: id, articles, alerts, title."""

    async def work(connection: AsyncConnection, _: Author, __: datetime) -> int:
        from services.desk.adapters.stories import page

        for one in (await page(connection, words=words, at_most=limit)).items:
            if as_json:
                print_line(one.model_dump(mode="json"))
            else:
                typer.echo(f"{one.id}  {stamp(one.last_at)}  {one.articles:4} articles {one.alerts:3} alerts  {one.title}")
        return DONE

    at_the_desk(work)


@story_app.command("show")
def story_show(
    story: Annotated[str, typer.Argument(metavar="STORY", help="Id of the story, or one that it had before.")], as_json: AsJson = False
) -> None:
    """Show a story: what is known now by effect and people, from each claimant; the truce; and what happened in it."""

    async def work(connection: AsyncConnection, _: Author, __: datetime) -> int:
        from services.desk.adapters.stories import in_full, timeline

        one = await in_full(connection, story)
        happened = (await timeline(connection, story)).items
        if as_json:
            print_line(one.model_dump(mode="json") | {"timeline": [moment.model_dump(mode="json") for moment in happened]})
            return DONE
        typer.echo(one.title)
        for line in one.ledger:
            typer.echo(f"  {line.effect}, {line.side or 'side not told'}")
            for figure in line.figures:
                typer.echo(
                    f"    {_number(figure):>20}  {figure.claimant or figure.outlet}, {stamp(figure.stated_at)}  «{figure.quote[:100]}»"
                )
        for turn in one.truce:
            typer.echo(f"  truce {turn.status}, {stamp(turn.at)}")
        for moment in happened:
            by = f" {moment.by}:" if moment.by else ""
            typer.echo(f"  {stamp(moment.at)}  {moment.what}{by} {moment.words}")
        return DONE

    at_the_desk(work)


def _number(figure: ShownFigure) -> str:
    from services.alerter.core.wording import Wording

    words = Wording.packaged("en").figure(figure.low, figure.high, figure.bound) if figure.bound != "vague" else "no number"
    return " ".join(
        part for part in (words, "" if figure.group == "all" else figure.group, "killed or hurt" if figure.joint else "") if part
    )
