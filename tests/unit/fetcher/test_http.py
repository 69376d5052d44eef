"""The client against a real server that misbehaves: each failure has its name, and nothing is raised."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest

from schemas.vocabulary import PollReason
from services.fetcher.adapters.budget import ByteBudget
from services.fetcher.adapters.http import Fetch
from services.fetcher.core.answers import Answer, Limits, Refusal, Validators, retry_after
from services.runtime import wire
from services.runtime.guard import is_public
from tests.unit.fetcher.local_server import Asked, LocalServer, answer, breaks_off, drips, never_answers, never_ends
from tests.unit.fetcher.samples import body_of

LIMITS = Limits(seconds=5.0, bytes=1_000_000)
SHORT = Limits(seconds=0.15, bytes=1_000_000)


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    async with LocalServer() as made:
        yield made


@pytest.fixture
async def fetch() -> AsyncIterator[Fetch]:
    async with Fetch(contact="desk@wire.example", allow_private=True, host_gap=0.0) as made:
        yield made


async def refused(fetch: Fetch, address: str, limits: Limits = LIMITS) -> Refusal:
    got = await fetch.get(address, limits=limits)
    assert isinstance(got, Refusal), got
    return got


async def answered(fetch: Fetch, address: str, validators: Validators | None = None) -> Answer:
    got = await fetch.get(address, limits=LIMITS, validators=validators)
    assert isinstance(got, Answer), got
    return got


async def test_a_body_comes_with_what_to_ask_by_next_time(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", body_of("plain-rss.xml"), etag='"v1"', last_modified="Tue, 19 Sep 2023 10:00:00 GMT")
    first = await answered(fetch, server.url("/rss"))
    assert first.body == body_of("plain-rss.xml")
    assert first.validators == Validators('"v1"', "Tue, 19 Sep 2023 10:00:00 GMT")

    again = await answered(fetch, server.url("/rss"), first.validators)
    assert (again.status, again.body) == (304, None)
    assert server.asked[1].headers["if-none-match"] == '"v1"'
    assert server.asked[1].headers["if-modified-since"] == "Tue, 19 Sep 2023 10:00:00 GMT"


async def test_the_user_agent_says_who_we_are_and_no_cookie_is_kept(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", "<rss/>", headers={"Set-Cookie": "seen=1"})
    await answered(fetch, server.url("/rss"))
    await answered(fetch, server.url("/rss"))
    assert "caucasus-watch/" in server.asked[1].headers["user-agent"]
    assert "desk@wire.example" in server.asked[1].headers["user-agent"]
    assert "cookie" not in server.asked[1].headers


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, PollReason.REFUSED),
        (401, PollReason.REFUSED),
        (403, PollReason.REFUSED),
        (404, PollReason.NOT_FOUND),
        (410, PollReason.GONE),
        (418, PollReason.REFUSED),
        (429, PollReason.RATE_LIMITED),
        (500, PollReason.SERVER_ERROR),
        (503, PollReason.SERVER_ERROR),
    ],
)
async def test_a_status_has_its_reason(server: LocalServer, fetch: Fetch, status: int, reason: PollReason) -> None:
    server.gives("/rss", "no", status=status)
    got = await refused(fetch, server.url("/rss"))
    assert (got.reason, got.status) == (reason, status)


async def test_the_servers_wish_is_heard(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", "later", status=503, headers={"Retry-After": "120"})
    assert (await refused(fetch, server.url("/rss"))).retry_after == 120


def test_retry_after_has_two_forms_and_a_cap() -> None:
    now = datetime(2023, 9, 19, 10, 0, tzinfo=UTC)
    assert retry_after({"retry-after": "Tue, 19 Sep 2023 10:05:00 GMT"}, now) == 300
    assert retry_after({"retry-after": "Mon, 18 Sep 2023 10:05:00 GMT"}, now) == 0
    assert retry_after({"retry-after": "99999999999999"}, now) == 86_400
    assert retry_after({"retry-after": "soon"}, now) is None
    assert retry_after({}, now) is None


async def test_a_server_that_never_answers_is_timed_out(server: LocalServer, fetch: Fetch) -> None:
    server.plays("/rss", never_answers)
    assert (await refused(fetch, server.url("/rss"), SHORT)).reason is PollReason.TIMED_OUT


async def test_a_body_that_drips_is_timed_out_as_a_whole(server: LocalServer, fetch: Fetch) -> None:
    server.plays("/rss", drips)
    assert (await refused(fetch, server.url("/rss"), SHORT)).reason is PollReason.TIMED_OUT


async def test_a_body_without_end_is_too_large(server: LocalServer, fetch: Fetch) -> None:
    server.plays("/rss", never_ends)
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.TOO_LARGE


async def test_a_gzip_bomb_is_too_large(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", body_of("gzip-bomb.xml.gz"), headers={"Content-Encoding": "gzip"})
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "bare deflate"])
async def test_packed_bodies_are_unpacked(server: LocalServer, fetch: Fetch, encoding: str) -> None:
    plain = body_of("plain-rss.xml")
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain), "bare deflate": bare.compress(plain) + bare.flush()}
    server.gives("/rss", packed[encoding], headers={"Content-Encoding": encoding.rsplit(maxsplit=1)[-1]})
    assert (await answered(fetch, server.url("/rss"))).body == plain


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_a_packing_that_is_not_what_it_says_is_no_feed(server: LocalServer, fetch: Fetch, encoding: str) -> None:
    server.gives("/rss", b"plain words", headers={"Content-Encoding": encoding})
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.NOT_A_FEED


async def test_a_body_that_breaks_off_is_unreachable(server: LocalServer, fetch: Fetch) -> None:
    server.plays("/rss", breaks_off)
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.UNREACHABLE


async def test_nobody_there_is_unreachable(fetch: Fetch) -> None:
    async with LocalServer() as gone:
        address = gone.url("/rss")
    assert (await refused(fetch, address)).reason is PollReason.UNREACHABLE


async def test_a_name_that_does_not_exist_is_unreachable(fetch: Fetch) -> None:
    assert (await refused(fetch, "http://no-such-host.invalid/rss")).reason is PollReason.UNREACHABLE


async def test_redirects_are_followed_and_a_permanent_one_is_told(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/old", status=301, headers={"Location": "/new"})
    server.gives("/new", "<rss/>")
    server.gives("/for-now", status=302, headers={"Location": "/new"})
    assert (await answered(fetch, server.url("/old"))).moved_to == server.url("/new")
    assert (await answered(fetch, server.url("/for-now"))).moved_to is None


async def test_redirects_in_a_circle_end(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/a", status=302, headers={"Location": "/a"})
    assert (await refused(fetch, server.url("/a"))).reason is PollReason.TOO_MANY_REDIRECTS
    assert len(server.asked) <= 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "javascript:alert(1)", "gopher://wire.example/", "http://user:secret@wire.example/"]
)
async def test_redirects_lead_to_the_web_only(server: LocalServer, fetch: Fetch, target: str) -> None:
    server.gives("/rss", status=302, headers={"Location": target})
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.ADDRESS_REFUSED


async def test_this_machine_is_not_asked_unless_it_is_allowed(server: LocalServer) -> None:
    server.gives("/rss", "<rss/>")
    port = server.address.rpartition(":")[2]
    async with Fetch(contact="desk@wire.example", host_gap=0.0) as guarded:
        # By its number, by a name that resolves to it, and in the coats that addresses wear.
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"):  # noqa: S104 - it is asked, not bound
            got = await guarded.get(f"http://{host}:{port}/rss", limits=LIMITS)
            assert isinstance(got, Refusal), host
            assert got.reason in {PollReason.ADDRESS_REFUSED, PollReason.UNREACHABLE}, host
        assert (await refused(guarded, server.url("/rss"))).reason is PollReason.ADDRESS_REFUSED
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1",  # noqa: S104 - judged, not bound
     "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "::", "nonsense"],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


async def test_one_host_is_asked_one_thing_at_a_time(server: LocalServer, fetch: Fetch) -> None:
    arrived, held = asyncio.Event(), asyncio.Event()

    async def holds(writer: asyncio.StreamWriter, _: Asked) -> None:
        arrived.set()
        await asyncio.wait_for(held.wait(), 5)
        await answer(writer, 200, b"<rss/>", {})

    for number in range(5):
        server.plays(f"/{number}", holds)
    polls = [asyncio.create_task(fetch.get(server.url(f"/{number}"), limits=LIMITS)) for number in range(5)]
    await arrived.wait()
    held.set()
    assert all(isinstance(got, Answer) for got in await asyncio.gather(*polls))
    assert (len(server.asked), server.most_at_once) == (5, 1)


async def test_a_host_is_left_alone_for_the_gap(server: LocalServer) -> None:
    server.gives("/rss", "<rss/>")
    loop = asyncio.get_running_loop()
    async with Fetch(contact="desk@wire.example", allow_private=True, host_gap=0.1) as polite:
        await answered(polite, server.url("/rss"))
        began = loop.time()
        await answered(polite, server.url("/rss"))
    assert loop.time() - began >= 0.08


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_bomb_is_let_off_no_further_than_the_limit(server: LocalServer, fetch: Fetch, encoding: str) -> None:
    plain = b" " * 40_000_000
    bomb = gzip.compress(plain, 1) if encoding == "gzip" else brotli.compress(plain, quality=1)
    server.gives("/rss", bomb, headers={"Content-Encoding": encoding})
    got = await refused(fetch, server.url("/rss"))
    assert (got.reason, got.size <= LIMITS.bytes) == (PollReason.TOO_LARGE, True)
    assert fetch.budget.used == 0


async def test_brotli_is_unpacked(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", brotli.compress(body_of("plain-rss.xml")), headers={"Content-Encoding": "br"})
    assert (await answered(fetch, server.url("/rss"))).body == body_of("plain-rss.xml")
    assert "br" in server.asked[0].headers["accept-encoding"]


async def test_a_body_that_announces_too_much_is_not_read(server: LocalServer, fetch: Fetch) -> None:
    sent = 0

    async def boasts(writer: asyncio.StreamWriter, _: Asked) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
        while True:
            writer.write(b" " * 65_536)
            await writer.drain()
            sent += 65_536

    server.plays("/rss", boasts)
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.TOO_LARGE
    assert sent < 50_000_000


async def test_the_first_byte_has_a_limit_of_its_own(server: LocalServer, fetch: Fetch) -> None:
    loop = asyncio.get_running_loop()
    server.plays("/silent", never_answers)
    server.plays("/heads", only_heads)
    for path in ("/silent", "/heads"):
        began = loop.time()
        got = await refused(fetch, server.url(path), Limits(seconds=30.0, bytes=1_000_000, first_byte=0.08))
        assert (got.reason, loop.time() - began < 5) == (PollReason.TIMED_OUT, True)


async def only_heads(writer: asyncio.StreamWriter, _: Asked) -> None:
    """The head comes at once, and no byte of the body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 500\r\n\r\n")
    await writer.drain()
    await asyncio.Event().wait()


async def test_a_server_that_has_begun_has_the_whole_time(server: LocalServer, fetch: Fetch) -> None:
    loop = asyncio.get_running_loop()

    async def takes_its_time(writer: asyncio.StreamWriter, _: Asked) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<rss>")
        over = loop.time() + 0.1
        while loop.time() < over:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(b"</rss>")
        await writer.drain()

    server.plays("/rss", takes_its_time)
    got = await fetch.get(server.url("/rss"), limits=Limits(seconds=5.0, bytes=1_000, first_byte=0.05))
    assert isinstance(got, Answer)
    assert (got.body or b"").endswith(b"</rss>")


async def test_what_a_server_says_of_freshness_is_heard(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", "<rss/>", headers={"Cache-Control": "public, max-age=600", "Retry-After": "30"})
    got = await answered(fetch, server.url("/rss"))
    assert (got.fresh_for, got.retry_after) == (600, 30)


async def test_a_shield_is_told_from_the_outlet(server: LocalServer, fetch: Fetch) -> None:
    server.gives("/rss", "<html>…</html>", status=403, headers={"CF-Mitigated": "challenge"})
    assert (await refused(fetch, server.url("/rss"))).reason is PollReason.CHALLENGE


async def test_credentials_and_cookies_cross_to_no_other_host(server: LocalServer, fetch: Fetch) -> None:
    elsewhere = server.url("/there").replace("127.0.0.1", "localhost")
    server.gives("/here", status=302, headers={"Location": "/still-here", "Set-Cookie": "a=1"})
    server.gives("/still-here", status=302, headers={"Location": elsewhere, "Set-Cookie": "b=2"})
    server.gives("/there", "<rss/>")
    got = await fetch.get(server.url("/here"), limits=LIMITS, authorization="Basic c2VjcmV0")
    assert isinstance(got, Answer)
    assert [(asked.path, asked.headers.get("authorization")) for asked in server.asked] == [
        ("/here", "Basic c2VjcmV0"),
        ("/still-here", "Basic c2VjcmV0"),
        ("/there", None),
    ]
    assert not any("cookie" in asked.headers for asked in server.asked)


async def test_a_redirect_into_a_private_network_is_refused_when_it_is_connected_to(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To the guard the test's server is on the open internet, and 127.0.0.2 is not.
    monkeypatch.setattr(wire, "is_public", lambda address: address == "127.0.0.1")
    port = server.address.rpartition(":")[2]
    server.gives("/number", status=302, headers={"Location": f"http://127.0.0.2:{port}/inside"})
    server.gives("/name", status=302, headers={"Location": f"http://inside.example:{port}/inside"})
    server.gives("/inside", "secret")
    monkeypatch.setattr(socket, "getaddrinfo", resolving({"inside.example": "127.0.0.2"}))
    async with Fetch(contact="desk@wire.example", host_gap=0.0) as guarded:
        for path in ("/number", "/name"):
            assert (await refused(guarded, server.url(path))).reason is PollReason.ADDRESS_REFUSED
    assert server.paths() == ["/number", "/name"]


async def test_a_name_that_resolves_anew_to_a_private_address_is_refused(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "is_public", lambda address: address == "127.0.0.1")
    port = server.address.rpartition(":")[2]
    server.gives("/rss", "<rss/>", headers={"Connection": "close"})
    addresses = {"turning.example": "127.0.0.1"}
    monkeypatch.setattr(socket, "getaddrinfo", resolving(addresses))
    monkeypatch.setattr(wire, "RESOLVED_SECONDS", 0)
    async with Fetch(contact="desk@wire.example", host_gap=0.0) as guarded:
        assert (await answered(guarded, f"http://turning.example:{port}/rss")).status == 200
        addresses["turning.example"] = "127.0.0.2"
        assert (await refused(guarded, f"http://turning.example:{port}/rss")).reason is PollReason.ADDRESS_REFUSED


def resolving(addresses: Mapping[str, str]) -> Callable[..., list[Any]]:
    """A name server that knows these names alone."""

    def look_up(host: str, port: int, **_: object) -> list[Any]:
        if host not in addresses:
            raise socket.gaierror("there is no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (addresses[host], port))]

    return look_up


async def test_bodies_that_wait_for_each_other_all_come(server: LocalServer) -> None:
    body = b"<rss>" + b" " * 900_000 + b"</rss>"
    for number in range(6):
        server.gives(f"/{number}", body)
    async with Fetch(contact="desk@wire.example", allow_private=True, host_gap=0.0, budget=ByteBudget(1_000_000)) as narrow:
        got = await asyncio.gather(*(narrow.get(server.url(f"/{number}"), limits=LIMITS) for number in range(6)))
    assert [answer.body == body for answer in got if isinstance(answer, Answer)] == [True] * 6
