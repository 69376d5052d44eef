"""`caucasus-watch desk …` and `caucasus-watch alerts …`: the desk's interface, its tokens, and hands laid on alerts from a terminal.

What a command does is written down by the same functions as what the interface does, under the name of the system's user.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.vocabulary import DeskRole, HandAction, Severity, Standing
from services.standalone.commanding import DONE, FAULTS, WRONG_USE, print_line, run, say

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from services.desk.adapters.audit import Author
    from services.desk.core.forms import AlertAtDesk, AlertInFull, ShownSilence

Work = Callable[["AsyncConnection", "Author", datetime], Awaitable[int]]

desk_app = typer.Typer(help="The desk's interface over HTTP, and the tokens that open it.", invoke_without_command=True)
token_app = typer.Typer(no_args_is_help=True, help="Tokens that open the desk's interface.")
desk_app.add_typer(token_app, name="token")
alerts_app = typer.Typer(no_args_is_help=True, help="Alerts: where each stands, and what you do with it.")

AlertId = Annotated[str, typer.Argument(metavar="ALERT", help="Id of the alert, or the beginning of it, as `alerts list` shows it.")]
Words = Annotated[str, typer.Option("--note", "-n", help="What there is to say to it.")]
WholeStory = Annotated[bool, typer.Option("--story", help="For every alert of its story, not only for the same effect and people.")]
As = Annotated[str | None, typer.Option("--as", help="Your name in the audit.", show_default="the name of the system's user")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@desk_app.callback()
def desk(context: typer.Context) -> None:
    """Serve the desk's interface until Ctrl-C; or, with `token`, make and revoke what opens it.

    The address is CAUCASUS_WATCH_DESK_HOST and CAUCASUS_WATCH_DESK_PORT; what it offers is told at /openapi.json.
    """
    if context.invoked_subcommand is not None:
        return
    from services.desk.__main__ import main

    run(main)


@token_app.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="Whose it is: it stands in the audit.")],
    role: Annotated[DeskRole, typer.Option(help="viewer reads; desk also acts; admin also reads the audit.")] = DeskRole.VIEWER,
    expires: Annotated[
        str | None, typer.Option(help="When it stops to open: 30d, 12h, or a time with its zone.", show_default="never")
    ] = None,
    feeds_only: Annotated[bool, typer.Option("--feeds-only", help="It opens feeds alone, and may stand in their address.")] = False,
    by: As = None,
) -> None:
    """Make a token and print it, once: it is kept nowhere."""

    async def work(connection: AsyncConnection, author: Author, now: datetime) -> int:
        from services.desk.adapters.tokens import make
        from services.desk.core.spans import ahead, moment_of

        until = None if expires is None else ahead(moment_of(expires, now), now)
        token, text = await make(connection, author, name, role, now, expires_at=until, feeds_only=feeds_only)
        say(f"{token.name}, {token.role}{', feeds alone' if feeds_only else ''}; keep it now, it is not shown again:")
        typer.echo(text)
        return DONE

    at_the_desk(work, by)


@token_app.command("list")
def token_list(as_json: AsJson = False) -> None:
    """Show the tokens: whose, which role, until when, last used."""

    async def work(connection: AsyncConnection, _: Author, now: datetime) -> int:
        from dataclasses import asdict

        from services.desk.adapters.tokens import listed

        for token in await listed(connection):
            state = "revoked" if token.revoked_at else "expired" if token.expires_at and token.expires_at <= now else "open"
            if as_json:
                stamps = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(token).items()}
                print_line({**stamps, "state": state})
                continue
            used = f"used {stamp(token.last_used_at)}" if token.last_used_at else "never used"
            until = f", until {stamp(token.expires_at)}" if token.expires_at else ""
            typer.echo(f"{token.id[:8]}  {state:8} {token.role + (' (feeds)' if token.feeds_only else ''):14} {token.name}  {used}{until}")
        return DONE

    at_the_desk(work)


@token_app.command("revoke")
def token_revoke(which: Annotated[str, typer.Argument(metavar="NAME|ID", help="Name of the token, or its id.")], by: As = None) -> None:
    """Revoke a token: from now on it opens nothing."""

    async def work(connection: AsyncConnection, author: Author, now: datetime) -> int:
        from services.desk.adapters.tokens import revoke

        token = await revoke(connection, author, which, now)
        typer.echo(f"{token.name} is revoked since {stamp(token.revoked_at)}")
        return DONE

    at_the_desk(work, by)


@alerts_app.command("list")
def alerts_list(
    *,
    story: Annotated[str | None, typer.Option(help="Of this story alone.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Of this severity alone.")] = None,
    standing: Annotated[Standing | None, typer.Option(help="Those that stand so.")] = None,
    match: Annotated[list[str] | None, typer.Option("--match", help="Label matchers, such as side=ARM; all of them must fit.")] = None,
    since: Annotated[str | None, typer.Option(help="Raised since then: 2h ago is written 2h, or a time with its zone.")] = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=200)] = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, the newest first: when, how loud, where each stands, and what changed."""

    async def work(connection: AsyncConnection, _: Author, now: datetime) -> int:
        from schemas.matchers import MatcherFault, matchers_of
        from services.desk.adapters.alerts import Wish, page
        from services.desk.core.refusals import Refusal, Refused

        try:
            matchers = matchers_of(match or [])
        except MatcherFault as fault:
            raise Refused(Refusal.NOT_VALID, "a matcher cannot be read", str(fault)) from fault
        wish = Wish(severity=severity, story=story, standing=standing, matchers=matchers, since=_since(since, now))
        cursor, left = None, limit
        from services.desk.core.pages import Cursor

        while left > 0:
            found = await page(connection, wish, now, at_most=left, after=cursor)
            for one in found.items:
                if as_json:
                    print_line(one.model_dump(mode="json"))
                else:
                    typer.echo(_line(one))
            left -= len(found.items)
            if found.next is None:
                break
            cursor = Cursor.of(found.next)
        return DONE

    at_the_desk(work)


@alerts_app.command("show")
def alerts_show(alert: AlertId, as_json: AsJson = False) -> None:
    """Show one alert in full: its words, where it stands, what people did, and each telling."""

    async def work(connection: AsyncConnection, _: Author, now: datetime) -> int:
        from services.desk.adapters.alerts import in_full

        _print(await in_full(connection, await _whole_id(connection, alert), now), as_json=as_json)
        return DONE

    at_the_desk(work)


@alerts_app.command("ack")
def alerts_ack(alert: AlertId, note: Words = "", story: WholeStory = False, by: As = None) -> None:
    """Take an alert: it is not told again until the figure or the status changes."""
    _lay(alert, HandAction.ACKNOWLEDGE, by, words=note, whole_story=story)


@alerts_app.command("unack")
def alerts_unack(alert: AlertId, note: Words = "", story: WholeStory = False, by: As = None) -> None:
    """Take an acknowledgement, a snooze or a resolution back."""
    _lay(alert, HandAction.UNACKNOWLEDGE, by, words=note, whole_story=story)


@alerts_app.command("snooze")
def alerts_snooze(
    alert: AlertId,
    until: Annotated[str, typer.Argument(metavar="SPAN|TIME", help="How long: 30m, 2h, or a time with its zone.")],
    note: Words = "",
    story: WholeStory = False,
    by: As = None,
) -> None:
    """Put an alert off: what there is to tell of it is told when the snooze ends."""
    _lay(alert, HandAction.SNOOZE, by, words=note, whole_story=story, until=until)


@alerts_app.command("resolve")
def alerts_resolve(alert: AlertId, note: Words = "", story: WholeStory = False, by: As = None) -> None:
    """Say that nothing is left to do; a change reopens it."""
    _lay(alert, HandAction.RESOLVE, by, words=note, whole_story=story)


@alerts_app.command("note")
def alerts_note(alert: AlertId, words: Annotated[str, typer.Argument(help="What there is to say.")], by: As = None) -> None:
    """Write a note to an alert."""
    _lay(alert, HandAction.NOTE, by, words=words)


@alerts_app.command("wrong")
def alerts_wrong(alert: AlertId, why: Annotated[str, typer.Argument(help="What is wrong with it.")], by: As = None) -> None:
    """Mark an alert as wrong: its claim leaves the ledger, and those who had the alert are told. Both are kept."""
    _lay(alert, HandAction.WRONG, by, words=why)


@alerts_app.command("resend")
def alerts_resend(alert: AlertId, note: Words = "", by: As = None) -> None:
    """Tell an alert again to each of its receivers."""
    _lay(alert, HandAction.RESEND, by, words=note)


@alerts_app.command("silence")
def alerts_silence(
    matchers: Annotated[
        list[str], typer.Argument(metavar="MATCHER...", help="Which alerts, such as side=ARM severity!=critical; all must fit.")
    ],
    until: Annotated[str, typer.Option("--for", "--until", help="How long: 30m, 2h, or until a time with its zone.")],
    why: Annotated[str, typer.Option(help="Why nobody is to be told.")],
    begins: Annotated[
        str | None, typer.Option("--from", help="From when: a span from now, or a time with its zone.", show_default="now")
    ] = None,
    by: As = None,
) -> None:
    """Keep alerts back for a while. They are raised, kept and shown all the same, and are not told afterwards."""

    async def work(connection: AsyncConnection, author: Author, now: datetime) -> int:
        from services.desk.adapters.deeds import silence
        from services.desk.core.spans import moment_of

        start = now if begins is None else moment_of(begins, now)
        made = await silence(connection, author, matchers, now, begins_at=start, ends_at=moment_of(until, start), why=why)
        typer.echo(_silence_line(made))
        return DONE

    at_the_desk(work, by)


@alerts_app.command("silences")
def alerts_silences(
    every: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False, as_json: AsJson = False
) -> None:
    """Show the silences that hold or are to come."""

    async def work(connection: AsyncConnection, _: Author, now: datetime) -> int:
        from services.desk.adapters.deeds import silences_of

        for one in (await silences_of(connection, now, every=every)).items:
            if as_json:
                print_line(one.model_dump(mode="json"))
            else:
                typer.echo(_silence_line(one))
        return DONE

    at_the_desk(work)


@alerts_app.command("expire")
def alerts_expire(silence: Annotated[str, typer.Argument(metavar="SILENCE", help="Id of the silence.")], by: As = None) -> None:
    """End a silence before its time."""

    async def work(connection: AsyncConnection, author: Author, now: datetime) -> int:
        from services.desk.adapters.deeds import expire

        typer.echo(_silence_line(await expire(connection, author, silence, now)))
        return DONE

    at_the_desk(work, by)


@alerts_app.command("watches")
def alerts_watches(as_json: AsJson = False) -> None:
    """Show where the watches on the service itself stand, those that tell of something wrong first.

    Exit code 1 where something is wrong.
    """

    async def work(connection: AsyncConnection, _: Author, __: datetime) -> int:
        from services.desk.adapters.watches import listed

        found = (await listed(connection)).items
        for one in found:
            if as_json:
                print_line(one.model_dump(mode="json"))
            else:
                state = "WRONG" if one.firing else "well"
                typer.echo(f"{state:6} since {stamp(one.since)}  {one.name:28} {one.subject}: {one.detail}")
        if not found:
            say("the alerter has not looked yet; it does once a minute, where it runs")
        return FAULTS if any(one.firing for one in found) else DONE

    at_the_desk(work)


def _lay(alert: str, action: HandAction, by: str | None, *, words: str = "", whole_story: bool = False, until: str | None = None) -> None:
    async def work(connection: AsyncConnection, author: Author, now: datetime) -> int:
        from services.desk.adapters.deeds import lay
        from services.desk.core.spans import ahead, moment_of

        end = None if until is None else ahead(moment_of(until, now), now)
        known = await _whole_id(connection, alert)
        done = await lay(connection, author, known, action, now, words=words, until=end, whole_story=whole_story)
        typer.echo(_line(done))
        if action in {HandAction.WRONG, HandAction.RESEND}:
            say("the alerter does it within seconds, where it runs")
        return DONE

    at_the_desk(work, by)


def at_the_desk(work: Work, name: str | None = None) -> None:
    """Do it in one transaction, with the faults told as a person reads them."""

    async def whole() -> int:
        from services.desk.adapters.audit import Author
        from services.desk.core.refusals import Refusal, Refused
        from services.runtime.clock import clock_of
        from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit, open_engine, transaction
        from services.runtime.settings import WatchSettings
        from services.standalone.database import database_url

        settings = WatchSettings.load()
        engine = open_engine(database_url(settings), application="caucasus-watch alerts", pool_size=1)
        try:
            async with transaction(engine) as connection:
                return await work(connection, Author(name or _user(), "command"), clock_of(settings).now())
        except Refused as refused:
            say(str(refused))
            return FAULTS if refused.kind in {Refusal.NOT_FOUND, Refusal.CONFLICT} else WRONG_USE
        except (DatabaseUnavailable, DatabaseUnfit) as fault:
            say(f"the database cannot be asked: {fault}; is it running, and migrated? caucasus-watch doctor says more")
            return FAULTS
        finally:
            await engine.dispose()

    run(lambda: asyncio.run(whole()))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"


async def _whole_id(connection: AsyncConnection, text: str) -> str:
    """The id of the one alert that begins so; the text itself where it cannot be told."""
    import sqlalchemy as sa

    from schemas.tables import alerts
    from services.desk.core.refusals import Refusal, Refused

    plain = text.strip().lower()
    if len(plain) >= 36 or not len(plain) >= 4 or any(sign not in "0123456789abcdef-" for sign in plain):
        return plain
    found = await connection.execute(
        sa.select(alerts.c.id).where(sa.cast(alerts.c.id, sa.Text).startswith(plain, autoescape=True)).limit(2)
    )
    ids = [row.id for row in found]
    if len(ids) > 1:
        raise Refused(Refusal.CONFLICT, f"several alerts begin with {plain}", "write more of the id")
    return ids[0] if ids else plain


def _since(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    from services.desk.core.spans import moment_of

    moment = moment_of(text, now)
    return moment if moment <= now else now - (moment - now)


def _line(one: AlertAtDesk) -> str:
    stands = one.standing + (f" by {one.by}" if one.by else "") + (f" until {stamp(one.until)}" if one.until else "")
    stands += ", silenced" if one.silenced_by else ""
    return f"{one.alert.alert_id[:8]}  {stamp(one.alert.raised_at)}  {one.alert.severity:8} [{stands}]  {one.alert.headline}"


def _print(one: AlertInFull, *, as_json: bool) -> None:
    if as_json:
        print_line(one.model_dump(mode="json"))
        return
    alert = one.alert
    typer.echo(alert.headline)
    typer.echo(f"  «{alert.evidence.sentence or alert.evidence.text}»")
    stands = one.standing + (f" by {one.by}, {stamp(one.since)}" if one.by else "")
    facts = (
        ("stands", stands),
        ("withdrawn by", one.withdrawn_by),
        ("silenced by", one.silenced_by),
        ("reopens", alert.reopens),
        ("outlet", alert.outlet),
        ("link", alert.url),
        ("published", stamp(alert.published_at)),
        ("raised", stamp(alert.raised_at)),
        ("alert", alert.alert_id),
        ("story", alert.story_id),
    )
    for label, value in facts:
        if value:
            typer.echo(f"  {label:12} {value}")
    for hand in one.hands:
        came = f" ({hand.outcome})" if hand.outcome else ""
        typer.echo(f"  {stamp(hand.done_at)}  {hand.done_by}: {hand.action}{came} {hand.words}".rstrip())
    for told in one.tellings:
        how = f"{told.state}, {told.attempts} attempts" + (f", {told.held_reason} by {told.held_by}" if told.held_reason else "")
        typer.echo(f"  {told.channel} {told.target}: {how}" + (f"; {told.last_error}" if told.last_error else ""))


def _silence_line(one: ShownSilence) -> str:
    return f"{one.id}  {one.state:8} {stamp(one.begins_at)} to {stamp(one.ends_at)}  {', '.join(one.matchers)}  {one.created_by}: {one.why}"


def stamp(moment: datetime | None) -> str:
    """A time to the minute in UTC; empty where there is none."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
