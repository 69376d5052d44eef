"""The desk's interface on a real Postgres: what each role sees and does, what is refused and how, and that all of it is in the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import feedparser
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import desk_tokens, hands
from schemas.vocabulary import DeskRole
from services.desk.adapters.tokens import first_admin, revoke
from services.runtime.postgres import open_engine, transaction
from tests.builders import THE_MORNING
from tests.integration.desks import BOSS, a_raised_alert, a_token, a_whole_story, client, raise_alerts, the_clock
from tests.rows import a_story, an_alias, named, put

pytestmark = pytest.mark.stack

FIVE, NINE, STORY = named("five"), named("nine"), named("shelling")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url, application="test", pool_size=5)
    yield made
    await made.dispose()


@pytest.fixture
async def editor(engine: AsyncEngine) -> AsyncIterator[httpx.AsyncClient]:
    await a_whole_story(engine)
    async with client(engine, await a_token(engine, DeskRole.DESK, name="Anna")) as made:
        yield made


async def audited(engine: AsyncEngine) -> list[tuple[str, str, str]]:
    async with client(engine, await a_token(engine, DeskRole.ADMIN)) as admin:
        return [(one["done_by"], one["action"], one["subject"]) for one in (await admin.get("/audit")).json()["items"]][1:]


def kind_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["detail"]
    assert told["mend"]
    return str(told["type"].rpartition(":")[2])


class Test_coming_in:  # noqa: N801 - reads as a heading
    async def test_without_a_token_nothing_opens_but_health(self, engine: AsyncEngine) -> None:
        async with client(engine) as stranger:
            for path in (
                "/alerts",
                f"/alerts/{FIVE}",
                "/stories",
                "/silences",
                "/audit",
                "/routes",
                "/stream/alerts",
                "/routes/x/alerts.atom",
            ):
                answer = await stranger.get(path)
                assert (answer.status_code, kind_of(answer)) == (401, "no_token")
                assert answer.headers["www-authenticate"].startswith("Bearer")
            assert (await stranger.get("/healthz")).json() == {"state": "well"}

    async def test_a_wrong_an_expired_and_a_revoked_token_are_told_apart(self, engine: AsyncEngine) -> None:
        expired = await a_token(engine, DeskRole.ADMIN, name="expired", expires_at=THE_MORNING)
        revoked = await a_token(engine, DeskRole.ADMIN, name="revoked")
        async with transaction(engine) as connection:
            await revoke(connection, BOSS, "revoked", THE_MORNING)
        for token, kind in (("cwd_wrong", "wrong_token"), (expired, "expired_token"), (revoked, "revoked_token")):
            async with client(engine, token) as stranger:
                answer = await stranger.get("/alerts")
                assert (answer.status_code, kind_of(answer)) == (401, kind)

    async def test_each_role_may_what_those_before_it_may(self, engine: AsyncEngine) -> None:
        await a_whole_story(engine)
        asked: tuple[tuple[str, str, dict[str, str] | None], ...] = (
            ("GET", "/alerts", None),
            ("POST", f"/alerts/{FIVE}/acknowledge", {}),
            ("GET", "/audit", None),
        )
        for rank, role in enumerate(DeskRole):
            async with client(engine, await a_token(engine, role)) as one:
                statuses = [(await one.request(method, path, json=body)).status_code for method, path, body in asked]
            assert statuses == [200] * (rank + 1) + [403] * (2 - rank)

    async def test_a_token_of_feeds_stands_in_an_address_and_opens_nothing_else(self, engine: AsyncEngine) -> None:
        await a_whole_story(engine)
        feeds = await a_token(engine, DeskRole.VIEWER, name="reader", feeds_only=True)
        plain = await a_token(engine, DeskRole.ADMIN, name="plain")
        async with client(engine) as reader:
            feed = await reader.get("/routes/all/alerts.atom", params={"token": feeds})
            assert feed.headers["content-type"].startswith("application/atom+xml")
            titles = [entry.title for entry in feedparser.parse(feed.content).entries]
            assert titles == ["9 killed, was 5", "5 killed"]
            assert feeds not in feed.text
            assert len((await reader.get("/routes/all/alerts.json", params={"token": feeds})).json()["items"]) == 2
            assert (await reader.get("/routes/other/alerts.json", params={"token": feeds})).json()["items"] == []
            assert kind_of(await reader.get("/routes/all/alerts.atom", params={"token": plain})) == "feeds_only"
            assert kind_of(await reader.get("/alerts", params={"token": plain})) == "no_token"
            assert kind_of(await reader.get("/alerts", headers={"authorization": f"Bearer {feeds}"})) == "feeds_only"
            assert (await reader.get("/routes/all/alerts.atom", headers={"authorization": f"Bearer {plain}"})).status_code == 200

    async def test_the_token_is_kept_nowhere_and_its_use_is(self, engine: AsyncEngine) -> None:
        token = await a_token(engine, DeskRole.VIEWER)
        async with client(engine, token) as viewer:
            await viewer.get("/alerts")
        async with engine.connect() as connection:
            (row,) = (await connection.execute(sa.select(desk_tokens))).all()
        assert token not in str(row)
        assert row.last_used_at is not None

    async def test_the_first_admin_is_made_once(self, engine: AsyncEngine) -> None:
        async with transaction(engine) as connection:
            assert await first_admin(connection, BOSS, THE_MORNING) is not None
        async with transaction(engine) as connection:
            assert await first_admin(connection, BOSS, THE_MORNING) is None


class Test_looking:  # noqa: N801 - reads as a heading
    async def test_alerts_come_page_by_page_and_what_comes_in_meanwhile_moves_nothing(
        self, engine: AsyncEngine, editor: httpx.AsyncClient
    ) -> None:
        await raise_alerts(engine, *(a_raised_alert(f"more {number}", 20 + number) for number in range(5)))
        seen: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = (await editor.get("/alerts", params={"limit": 2, **after})).json()
            seen += [one["alert"]["alert_id"] for one in page["items"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
            await raise_alerts(engine, a_raised_alert(f"meanwhile {len(seen)}", 40 + len(seen)))
        assert seen == [*(named(f"more {number}") for number in (4, 3, 2, 1, 0)), NINE, FIVE]

    async def test_filters(self, engine: AsyncEngine, editor: httpx.AsyncClient) -> None:
        await raise_alerts(engine, a_raised_alert("truce", 30, effect=None), route="truces")
        await editor.post(f"/alerts/{NINE}/acknowledge", json={})

        async def found(**params: str) -> list[str]:
            return [one["alert"]["alert_id"] for one in (await editor.get("/alerts", params=params)).json()["items"]]

        assert await found(kind="ceasefire") == await found(route="truces") == await found(match="status=violated") == [named("truce")]
        assert await found(severity="critical") == [NINE]
        assert await found(standing="open") == [named("truce")]
        assert await found(standing="acknowledged") == [NINE, FIVE]
        assert await found(story=STORY, until=(THE_MORNING + timedelta(minutes=5)).isoformat()) == [FIVE]
        assert await found(story=named("another")) == []

    async def test_a_story_with_its_ledger_figures_claims_articles_and_timeline(
        self, engine: AsyncEngine, editor: httpx.AsyncClient
    ) -> None:
        async with engine.begin() as connection:
            await put(connection, a_story("younger"), an_alias("younger", "shelling"))
        (listed,) = (await editor.get("/stories", params={"q": "SHELLS fall"})).json()["items"]
        assert (listed["id"], listed["articles"], listed["alerts"]) == (STORY, 2, 2)
        story = (await editor.get(f"/stories/{named('younger')}")).json()
        assert (story["id"], story["aliases"]) == (STORY, [named("younger")])
        ((line,),) = [story["ledger"]]
        assert (line["effect"], line["side"], [figure["low"] for figure in line["figures"]]) == ("killed", "ARM", [9])
        parts = {
            name: (await editor.get(f"/stories/{STORY}/{name}")).json()["items"] for name in ("figures", "claims", "articles", "timeline")
        }
        assert [(figure["low"], figure["subset"]) for figure in parts["figures"]] == [(5, False), (9, False), (2, True)]
        assert [claim["low"] for claim in parts["claims"]] == [5, 9]
        assert len(parts["articles"]) == 2
        assert [moment["what"] for moment in parts["timeline"]] == ["alert.raised", "delivered", "alert.raised", "delivered"]

    async def test_what_is_not_there_is_said_with_where_to_look(self, editor: httpx.AsyncClient) -> None:
        for path in (f"/alerts/{named('none')}", "/alerts/none", f"/stories/{named('none')}", "/stories/%00", "/nowhere"):
            answer = await editor.get(path)
            assert (answer.status_code, kind_of(answer)) == (404, "not_found")

    @pytest.mark.parametrize(
        "params",
        [
            {"after": "nonsense"},
            {"match": "colour=blue"},
            {"limit": "0"},
            {"kind": "weather"},
            {"since": "2023-09-19"},
            {"until": "0.5"},
            {"side": "\x00"},
        ],
    )
    async def test_a_question_that_is_not_right_is_refused_with_what_is_wrong(
        self, editor: httpx.AsyncClient, params: dict[str, str]
    ) -> None:
        answer = await editor.get("/alerts", params=params)
        assert (answer.status_code, kind_of(answer)) == (422, "not_valid")


class Test_acting:  # noqa: N801 - reads as a heading
    async def test_an_acknowledgement_covers_what_was_and_a_change_reopens(self, engine: AsyncEngine, editor: httpx.AsyncClient) -> None:
        done = (await editor.post(f"/alerts/{NINE}/acknowledge", json={"words": "calling Yerevan"})).json()
        assert (done["standing"], done["by"]) == ("acknowledged", "Anna")
        assert (await editor.get(f"/alerts/{FIVE}")).json()["standing"] == "acknowledged"
        await raise_alerts(engine, a_raised_alert("twelve", 20, low=12))
        assert (await editor.get(f"/alerts/{named('twelve')}")).json()["standing"] == "reopened"
        assert (await editor.post(f"/alerts/{NINE}/unacknowledge", json={})).json()["standing"] == "open"
        assert [action for _, action, _ in await audited(engine)][:2] == ["alert.unacknowledge", "alert.acknowledge"]

    async def test_a_snooze_ends_by_itself_and_cannot_be_past(self, editor: httpx.AsyncClient) -> None:
        done = (await editor.post(f"/alerts/{NINE}/snooze", json={"for": "2h"})).json()
        assert (done["standing"], done["until"] > done["since"]) == ("snoozed", True)
        past = await editor.post(f"/alerts/{NINE}/snooze", json={"until": THE_MORNING.isoformat()})
        assert kind_of(past) == "not_valid"
        assert kind_of(await editor.post(f"/alerts/{NINE}/snooze", json={})) == "not_valid"

    async def test_notes_and_a_wrong_mark_need_words(self, editor: httpx.AsyncClient) -> None:
        assert kind_of(await editor.post(f"/alerts/{NINE}/note", json={"words": ""})) == "not_valid"
        assert kind_of(await editor.post(f"/alerts/{NINE}/wrong", json={"words": "  "})) == "not_valid"
        noted = (await editor.post(f"/alerts/{NINE}/note", json={"words": "seen on television"})).json()
        assert (noted["standing"], noted["hands"][0]["words"]) == ("open", "seen on television")

    async def test_a_wrong_alert_is_withdrawn_at_once_for_the_desk_and_bears_no_more_of_it(self, editor: httpx.AsyncClient) -> None:
        answer = await editor.post(f"/alerts/{NINE}/wrong", json={"words": "those were wounded"})
        assert (answer.status_code, answer.json()["standing"]) == (202, "withdrawn")
        for action in ("wrong", "resend"):
            assert kind_of(await editor.post(f"/alerts/{NINE}/{action}", json={"words": "again"})) == "conflict"
        assert (await editor.post(f"/alerts/{NINE}/note", json={"words": "by the ministry"})).status_code == 200

    async def test_asked_twice_with_one_key_it_is_done_once(self, engine: AsyncEngine, editor: httpx.AsyncClient) -> None:
        for _ in range(2):
            answer = await editor.post(f"/alerts/{NINE}/resend", json={}, headers={"idempotency-key": "one click"})
            assert answer.status_code == 202
        async with engine.connect() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(hands)) == 1

    async def test_a_silence_is_made_seen_and_ended_early_and_each_step_is_in_the_audit(
        self, engine: AsyncEngine, editor: httpx.AsyncClient
    ) -> None:
        made = await editor.post("/silences", json={"matchers": ["side=ARM", 'severity!="critical"'], "for": "2h", "why": "an exercise"})
        assert (made.status_code, made.json()["state"]) == (201, "active")
        assert made.json()["matchers"] == ['side="ARM"', 'severity!="critical"']
        quiet = {one["alert"]["alert_id"]: one["silenced_by"] for one in (await editor.get("/alerts")).json()["items"]}
        assert quiet == {NINE: None, FIVE: None}
        (seen,) = (await editor.get("/silences")).json()["items"]
        assert (seen["created_by"], seen["why"]) == ("Anna", "an exercise")
        ended = (await editor.post(f"/silences/{seen['id']}/expire")).json()
        assert (ended["state"], ended["expired_by"]) == ("expired", "Anna")
        assert (await editor.get("/silences")).json()["items"] == []
        assert len((await editor.get("/silences", params={"every": True})).json()["items"]) == 1
        assert (await audited(engine))[:2] == [("Anna", "silence.expire", seen["id"]), ("Anna", "silence.add", seen["id"])]

    @pytest.mark.parametrize(
        "wanted",
        [
            {"matchers": [], "for": "2h", "why": "x"},
            {"matchers": ["colour=blue"], "for": "2h", "why": "x"},
            {"matchers": ["side=~(a+)+"], "for": "2h", "why": "x"},
            {"matchers": ["side=ARM"], "for": "2h", "why": " "},
            {"matchers": ["side=ARM"], "for": "-2h", "why": "x"},
            {"matchers": ["side=ARM"], "for": "2y", "why": "x"},
            {"matchers": ["side=ARM"], "until": "2023-09-19T12:30:00Z", "why": "x"},
            {"matchers": ["side=ARM"], "why": "x"},
            {"matchers": ["side=ARM"], "for": "2h", "why": "x", "colour": "blue"},
        ],
    )
    async def test_a_silence_that_is_not_right_is_refused(self, editor: httpx.AsyncClient, wanted: dict[str, object]) -> None:
        answer = await editor.post("/silences", json=wanted)
        assert (answer.status_code, kind_of(answer)) == (422, "not_valid")

    async def test_an_alert_that_is_silenced_now_says_by_which_silence(self, editor: httpx.AsyncClient) -> None:
        wanted = {"matchers": ["side=NKR", "severity!=critical"], "for": "2h", "why": "an exercise"}
        silence = (await editor.post("/silences", json=wanted)).json()["id"]
        quiet = {one["alert"]["alert_id"]: one["silenced_by"] for one in (await editor.get("/alerts")).json()["items"]}
        assert quiet == {NINE: None, FIVE: silence}
        await editor.post(f"/silences/{silence}/expire")
        assert (await editor.get(f"/alerts/{FIVE}")).json()["silenced_by"] is None

    async def test_a_silence_that_overlaps_one_of_the_same_matchers_is_refused_with_both_mends(self, editor: httpx.AsyncClient) -> None:
        wanted = {"matchers": ["side=ARM", "kind=casualty"], "for": "2h", "why": "an exercise"}
        first = (await editor.post("/silences", json=wanted)).json()
        again = await editor.post("/silences", json=wanted | {"matchers": ["kind=casualty", 'side="ARM"'], "for": "10m"})
        assert (again.status_code, kind_of(again)) == (409, "conflict")
        assert first["id"] in again.json()["detail"]
        assert (await editor.post("/silences", json=wanted | {"begins_at": first["ends_at"]})).status_code == 201
        assert (await editor.post("/silences", json=wanted | {"matchers": ["side=ARM"]})).status_code == 201
        await editor.post(f"/silences/{first['id']}/expire")
        assert (await editor.post("/silences", json=wanted | {"for": "1h"})).status_code == 201

    async def test_a_wrong_method_is_told_which_are_right(self, editor: httpx.AsyncClient) -> None:
        answer = await editor.request("DELETE", "/silences")
        assert (answer.status_code, kind_of(answer), answer.headers["allow"]) == (405, "not_allowed", "GET, POST")

    async def test_what_is_no_json_is_told(self, editor: httpx.AsyncClient) -> None:
        answer = await editor.post("/silences", content=b"\xff\x00{", headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}
        assert kind_of(answer) == "not_valid"

    async def test_what_is_too_large_is_not_read(self, editor: httpx.AsyncClient) -> None:
        answer = await editor.post(f"/alerts/{NINE}/note", content=b"x" * 70_000)
        assert (answer.status_code, kind_of(answer)) == (413, "too_large")

    async def test_a_database_that_is_away_is_said(self) -> None:
        nowhere = open_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none", application="test")
        async with client(nowhere, "cwd_x") as one:
            answer = await one.get("/alerts")
            assert (answer.status_code, kind_of(answer)) == (503, "unavailable")
            assert (await one.get("/healthz")).status_code == 503
        await nowhere.dispose()


async def test_every_change_is_audited_with_what_stood_before_and_after(engine: AsyncEngine, editor: httpx.AsyncClient) -> None:
    await editor.post(f"/alerts/{NINE}/acknowledge", json={"words": "mine"})
    async with client(engine, await a_token(engine, DeskRole.ADMIN)) as admin:
        items = (await admin.get("/audit", params={"subject": NINE})).json()["items"]
        page = (await admin.get("/audit", params={"limit": 1})).json()
        rest = (await admin.get("/audit", params={"limit": 50, "after": page["next"]})).json()
        assert kind_of(await admin.get("/audit", params={"after": "x"})) == "not_valid"
    ((entry),) = items
    assert (entry["done_by"], entry["via"], entry["action"]) == ("Anna", "api", "alert.acknowledge")
    assert (entry["before"]["standing"], entry["after"]["standing"], entry["after"]["words"]) == ("open", "acknowledged", "mine")
    assert [one["action"] for one in [*page["items"], *rest["items"]]] == ["token.add", "alert.acknowledge", "token.add"]
    assert the_clock().now().isoformat()[:13] == entry["done_at"][:13]
