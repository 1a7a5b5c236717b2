"""The log of the log: who was refused, used a key, or read about people is an entry itself, and no flood fills it."""

import json

import pytest

from service.audit.find_rows import Sought
from service.operations.auditing.access import DENIED, MOST_ACTORS, MOST_ROUTES, READ, REFUSED, USED, Access
from service.operations.ports import Caller
from tests.conftest import wire_on
from tests.databases import everything

MINUTE, DAY = 60_000, 86_400_000
ROUTE = "POST /v1/keys"


def who(name: str, number: int = 0) -> Caller:
    """A caller."""
    return Caller(name, frozenset({"evaluator"}), f"request-{number}")


def noted(service, action: str) -> list:
    """What was noted of a kind, oldest first; what waits to be written comes before."""
    service.store.write(lambda unit: None)
    rows, _ = service.store.read(lambda reads: reads.finding.events(Sought({"action": action}), None, 1000))
    return rows[::-1]


def detail(row) -> dict:
    """What an entry says."""
    return json.loads(row.detail)


def test_a_flood_of_refusals_is_two_entries_a_minute(service, clock):
    """The first is noted at once with its request; the rest as one, with how many, from where and when."""
    access = Access(service)
    for number in range(500):
        access.refused(who("anonymous", number), REFUSED, "GET /v1/rulesets" if number % 5 else ROUTE)
    assert access.flush() == 0
    (first,) = noted(service, REFUSED)
    assert (first.request_id, detail(first), first.at) == ("request-0", {"count": 1}, clock.at)
    clock.at += MINUTE
    assert access.flush() == 1
    _, rest = noted(service, REFUSED)
    assert detail(rest) == {
        "count": 499,
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-01-01T00:01:00Z",
        "routes": {"GET /v1/rulesets": 400, ROUTE: 99},
        "last_request": "request-499",
    }
    access.refused(who("anonymous", 500), REFUSED, ROUTE)
    assert len(noted(service, REFUSED)) == 3


def test_the_next_refusal_notes_the_minute_before(service, clock):
    """Where nobody looked in between, the first refusal of a later minute brings what was counted before it."""
    access = Access(service)
    for number in range(3):
        access.refused(who("k", number), DENIED, ROUTE)
    clock.at += 2 * MINUTE
    access.refused(who("k", 3), DENIED, ROUTE)
    assert [detail(row)["count"] for row in noted(service, DENIED)] == [1, 2, 1]


def test_refusals_are_counted_by_actor_as_far_as_that_is_bounded(service, clock):
    """Each key's refusals are its own; of very many keys, or routes, the last ones are counted together."""
    access = Access(service)
    for number in range(MOST_ACTORS + 20):
        for _ in range(2):
            access.refused(who(f"k{number}"), DENIED, ROUTE)
    for number in range(MOST_ROUTES + 5):
        access.refused(who("k0"), DENIED, f"GET /{number}")
    access.stop()
    rows = noted(service, DENIED)
    assert len(rows) == MOST_ACTORS + 1 + MOST_ACTORS + 1
    routes = next(detail(row)["routes"] for row in rows if row.actor == "k0" and "routes" in detail(row))
    assert (len(routes), routes["others"]) == (MOST_ROUTES + 1, 6)
    assert next(detail(row)["count"] for row in rows if row.actor == "others" and "routes" in detail(row)) == 39


def test_a_key_is_noted_on_each_day_it_is_used(service, clock, database):
    """The first use on a day is an entry, by whichever process it came; later ones are not."""
    both = Access(service), Access(wire_on(database, clock))
    for day in range(2):
        for access in both:
            for _ in range(3):
                access.used(who("k1"))
                noted(access._service, USED)  # noqa: SLF001  # what waits in its own process is written first
        rows = noted(service, USED)
        assert [(row.actor, row.subject) for row in rows] == [("k1", "k1")] * (day + 1)
        clock.at += DAY
    both[1]._service.store.close()  # noqa: SLF001  # opened here


@pytest.mark.parametrize(("percent", "expected"), [(0, 0), (25, 5), (100, 20)])
def test_readings_are_noted_by_share(service, percent, expected):
    """Of readings about people as many are noted as the settings say; they name the reader, the route and the person."""
    access = Access(service, percent)
    for _ in range(20):
        access.read(who("k1"), "GET /v1/profiles/{profile_id*}", "u1", "u1")
    rows = noted(service, READ)
    assert len(rows) == expected
    assert {(row.actor, row.subject) for row in rows} == ({("k1", "u1")} if rows else set())


def test_what_can_not_be_noted_is_told(service, clock):
    """A database that is away ends nothing: somebody is told, and the thread goes on."""
    told = []
    access = Access(service, 0, told.append)
    access.refused(who("k"), DENIED, ROUTE)
    access.refused(who("k"), DENIED, ROUTE)
    access.start(0.01)
    service.store.write(lambda unit: None)

    def broken(job):
        raise OSError

    object.__setattr__(service.store, "write", broken)
    access.stop()
    assert [type(one) for one in told] == [OSError]


class TestOverHttp:
    """The same, as callers cause it."""

    def test_refusals_and_uses(self, http, service, key_for):
        """A wrong key, a key without the role, and each key's use are entries with who, when, where and what."""
        headers = key_for("evaluator")
        key = headers["Authorization"].removeprefix("Bearer ")
        key_id = key.split("_")[1]
        assert (
            http.get("/v1/rulesets", headers={"Authorization": "Bearer tw_x_y", "X-Request-Id": "r1"}).status_code
            == 401
        )
        assert http.get("/v1/keys", headers=headers | {"X-Request-Id": "r2"}).status_code == 403
        assert http.get("/v1/rulesets", headers=headers | {"X-Request-Id": "r3"}).status_code == 200
        found = {action: noted(service, action) for action in (REFUSED, DENIED, USED)}
        assert [(row.actor, row.request_id, row.subject) for row in found[REFUSED]] == [
            ("anonymous", "r1", "GET /v1/rulesets")
        ]
        assert [(row.actor, row.request_id, row.subject) for row in found[DENIED]] == [(key_id, "r2", "GET /v1/keys")]
        assert [(row.actor, row.request_id) for row in found[USED]] == [(key_id, "r3")]
        assert all(row.at == service.clock() for rows in found.values() for row in rows)

    def test_no_secret_is_noted(self, http, service, key_for, database):
        """Neither a right key nor a wrong one stands anywhere in the database, nor a password that was tried."""
        headers = key_for("evaluator")
        secret = headers["Authorization"].rpartition("_")[2]
        http.get("/v1/keys", headers=headers)
        http.get("/v1/rulesets", headers={"Authorization": "Bearer tw_guess_hunter2"})
        http.post("/console/sign-in", data={"name": "ann", "password": "swordfish"})
        (refused,) = noted(service, "session.refused")
        assert (refused.actor, refused.subject) == ("anonymous", "unknown")
        text = everything(database)
        assert not [one for one in (secret, "hunter2", "swordfish") if one in text]
