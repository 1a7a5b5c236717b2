"""Subscriptions and the feed over HTTP: what an administrator and a reader can rely on."""

import pytest

from service.operations.evaluate import evaluate_profile
from tests.databases import rows
from tests.small import DAY, KEY, asking, request

URL = "https://receiver.example/events"
SUBSCRIPTIONS = "/v1/subscriptions"


@pytest.fixture
def made(http, admin):
    """A subscription, as its maker sees it."""
    reply = http.post(SUBSCRIPTIONS, json={"url": URL, "description": "CRM"}, headers=admin)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (201, "no-store")
    return reply.get_json()


def change(service, profile, *visits):
    """Make a profile change."""
    for count in visits:
        evaluate_profile(service, KEY, request(asking(profile, visits=count)))


def feed(http, headers, **query):
    """A page of the feed."""
    return http.get("/v1/changes", query_string=query, headers=headers).get_json()


def test_a_secret_is_shown_once(http, admin, made, database):
    """Only who makes a subscription or rotates its secret sees it; lists and audit events never do."""
    assert made["secret"].startswith("whsec_")
    assert "secret" not in http.get(f"{SUBSCRIPTIONS}/{made['id']}", headers=admin).get_json()
    (listed,) = http.get(SUBSCRIPTIONS, headers=admin).get_json()["items"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    rotated = http.post(f"{SUBSCRIPTIONS}/{made['id']}/rotate", headers=admin)
    assert rotated.headers["Cache-Control"] == "no-store"
    assert rotated.get_json()["secret"] not in {made["secret"], None}
    audited = str(rows(database, "SELECT * FROM audit_events"))
    assert made["secret"] not in audited
    assert rotated.get_json()["secret"] not in audited


def test_each_step_is_in_the_audit_events(http, admin, made, database):
    """Who made, changed, rotated, replayed, retried and ended a subscription is known afterwards."""
    one = f"{SUBSCRIPTIONS}/{made['id']}"
    http.patch(one, json={"state": "paused"}, headers=admin)
    http.post(f"{one}/rotate", headers=admin)
    http.post(f"{one}/replay", json={"from": "2026-01-01T00:00:00Z"}, headers=admin)
    http.post(f"{one}/retry", json={}, headers=admin)
    http.delete(one, headers=admin)
    audited = str(rows(database, "SELECT * FROM audit_events"))
    for step in ("created", "changed", "rotated", "replayed", "retried", "ended"):
        assert f"subscription.{step}" in audited
    assert http.get(one, headers=admin).status_code == 404


def test_a_subscription_is_changed_member_by_member(http, admin, made):
    """What a change does not name stays as it is."""
    one = f"{SUBSCRIPTIONS}/{made['id']}"
    filters = {"kinds": ["tag"], "keys": None}
    assert http.patch(one, json={"filters": filters}, headers=admin).get_json()["filters"] == {"kinds": ["tag"]}
    found = http.patch(one, json={"state": "paused", "description": "ERP", "url": None}, headers=admin).get_json()
    assert (found["state"], found["description"]) == ("paused", "ERP")
    assert (found["url"], found["filters"]) == (URL, {"kinds": ["tag"]})
    assert http.patch(one, json={"filters": {}}, headers=admin).get_json()["filters"] == {}


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/url"]),
        ({"url": "http://127.0.0.1/", "name": "x"}, ["/name", "/url"]),
        ({"url": 7}, ["/url"]),
        ({"url": ""}, ["/url"]),
        ([], [""]),
        ({"url": URL, "filters": {"kinds": ["tags"], "stages": []}}, ["/filters/kinds/0", "/filters/stages"]),
        ({"url": URL, "filters": {"keys": []}}, ["/filters/keys"]),
    ],
)
def test_all_faults_of_a_subscription_are_named(http, admin, body, pointers):
    """A subscription that can't be is refused with every fault, none of it kept."""
    reply = http.post(SUBSCRIPTIONS, json=body, headers=admin)
    assert reply.status_code == 422
    assert sorted(one["pointer"] for one in reply.get_json()["errors"]) == pointers
    assert http.get(SUBSCRIPTIONS, headers=admin).get_json()["items"] == []


@pytest.mark.parametrize("start", ["yesterday", "01ARZ3NDEKTSV4RRFFQ69G5FAV-0", "01ARZ3NDEKTSV4RRFFQ69G5FAV-"])
def test_a_replay_needs_a_point_of_the_log(http, admin, made, start):
    """An event that is not in the log, or no instant, is no point to begin at."""
    reply = http.post(f"{SUBSCRIPTIONS}/{made['id']}/replay", json={"from": start}, headers=admin)
    assert (reply.status_code, reply.get_json()["errors"][0]["pointer"]) == (422, "/from")


def test_there_are_only_so_many_subscriptions(http, admin, monkeypatch):
    """One too many is refused, so that nobody fills the service with them."""
    monkeypatch.setattr("service.operations.subscriptions.MOST_SUBSCRIPTIONS", 2)
    statuses = [http.post(SUBSCRIPTIONS, json={"url": URL}, headers=admin).status_code for _ in range(3)]
    assert statuses == [201, 201, 409]


def test_the_feed_has_every_change_once_and_in_order(http, service, evaluator):
    """Who follows the feed gets each change once, oldest first, however small the pages."""
    for number in range(5):
        change(service, f"u{number}", 4, 0)
    everything = feed(http, evaluator, limit=1000)
    assert everything["more"] is False
    found, page = [], {"next": None, "more": True}
    while page["more"]:
        page = feed(http, evaluator, limit=3, **({"after": page["next"]} if page["next"] else {}))
        found += page["items"]
    assert found == everything["items"]
    assert len({one["id"] for one in found}) == len(found) > 10
    again = feed(http, evaluator, after=page["next"])
    assert again == {"items": [], "next": page["next"], "more": False}
    change(service, "u9", 4)
    assert {one["subject"] for one in feed(http, evaluator, after=page["next"])["items"]} == {"u9"}


def test_the_feed_can_be_filtered(http, service, auditor):
    """Only what is asked for is on the page, and the cursor goes on behind all that was looked at."""
    change(service, "u", 4, 0)
    page = feed(http, auditor, kind="tag", key="regular", outcome="removed", ruleset=KEY)
    (one,) = page["items"]
    assert (one["type"], one["data"]["from"], one["data"]["to"]) == ("tagwright.tag.removed", "held", "absent")
    assert feed(http, auditor, after=page["next"])["items"] == []
    assert feed(http, auditor, ruleset="another")["items"] == []


def test_the_feed_looks_through_only_so_much_at_once(http, service, auditor, monkeypatch):
    """A filter that seldom fits gets short pages, which say that there is more."""
    monkeypatch.setattr("service.operations.feed.CHUNK", 2)
    monkeypatch.setattr("service.operations.feed.MOST_LOOKED_AT", 4)
    for number in range(5):
        change(service, f"u{number}", 4)
    page, turns = feed(http, auditor, ruleset="another"), 1
    assert (page["items"], page["more"]) == ([], True)
    while page["more"]:
        page, turns = feed(http, auditor, ruleset="another", after=page["next"]), turns + 1
    assert turns > 2


@pytest.mark.parametrize("after", ["x", "MQ", "Y2hhbmdlIC0x", "Y2hhbmdlIDHCsg", "////"])
def test_a_cursor_is_a_reply_s(http, auditor, after):
    """A cursor that was never given is refused."""
    reply = http.get("/v1/changes", query_string={"after": after}, headers=auditor)
    assert (reply.status_code, reply.get_json()["errors"][0]["pointer"]) == (422, "/after")


def test_an_action_is_told_with_the_change_that_fired_it(http, service, auditor, evaluator):
    """Each action stands in one event, that of its change; the reply names the change too."""
    body = asking("u", visits=4)
    reply = http.post(f"/v1/rulesets/{KEY}/evaluate", json=body, headers=evaluator).get_json()
    assert reply["actions"] == [
        {"key": "thank", "parameters": {"channel": "email"}, "on": {"kind": "tag", "key": "regular"}}
    ]
    carrying = [one for one in feed(http, auditor)["items"] if one["data"]["actions"]]
    assert [(one["data"]["kind"], one["data"]["key"]) for one in carrying] == [("tag", "regular")]
    assert [one["id"] for one in feed(http, auditor)["items"]] == [one["id"] for one in reply["decisions"]]


def test_an_event_has_what_was_decided(http, service, auditor):
    """An event says everything about its change, as it was recorded."""
    change(service, "u", 4)
    version = service.programs.active(KEY)
    one = feed(http, auditor, kind="stage", outcome="moved")["items"][0]
    data = one["data"]
    assert {name: value for name, value in one.items() if name != "data"} == {
        "specversion": "1.0",
        "id": f"{data['evaluation_id']}-{one['id'].rpartition('-')[2]}",
        "source": f"urn:tagwright:ruleset:{KEY}",
        "type": "tagwright.stage.moved",
        "subject": "u",
        "time": "2026-01-01T00:00:00Z",
        "datacontenttype": "application/json",
    }
    assert data["ruleset"] == {"key": KEY, "version": 1, "digest": version.digest}
    assert (data["from"], data["to"], data["movement"]) == ("new", "active", "promotion")
    assert (data["at"], data["recorded_at"], data["profile_id"]) == (one["time"], "2026-01-01T00:00:00Z", "u")


def test_the_lag_is_measured(http, service, admin, clock):
    """How late deliveries are can be watched, also when nobody delivers; what is paused does not count."""
    made = http.post(SUBSCRIPTIONS, json={"url": URL}, headers=admin).get_json()

    def lag():
        lines = http.get("/metrics").get_data(as_text=True).splitlines()
        return float(next(one for one in lines if one.startswith("tagwright_delivery_lag_seconds ")).split()[1])

    assert lag() == 0
    change(service, "u", 4)
    clock.at += DAY
    assert lag() == DAY / 1000
    http.patch(f"{SUBSCRIPTIONS}/{made['id']}", json={"state": "paused"}, headers=admin)
    assert lag() == 0
