"""The running service tells a real receiver what time brings, though the receiver fails half of its calls."""

import subprocess
import sys
import time
from collections import Counter

from tests.end_to_end.running import ROOT, running
from tests.receiver import receiving

RULESET = "telegram-lifecycle"
DORMANT = "dormant-reactivation"
SETTINGS = {"workers": 2, "delivery_allow": "127.0.0.0/8", "delivery_seconds": 1, "sweep_seconds": 0}
PATIENCE_S = 60


def command(service, *arguments):
    """Run a command beside the running service."""
    line = [sys.executable, "-m", "service", *arguments]
    subprocess.run(line, cwd=ROOT, env=service.environment, check=True, stdout=subprocess.DEVNULL)


def wait_until(is_done):
    """Return when something is so."""
    until = time.monotonic() + PATIENCE_S
    while not is_done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def stage_events(service):
    """The ids of all changes of the stage, in order."""
    return [one["id"] for one in service.call("GET", "/v1/changes?kind=stage")[1]["items"]]


def test_a_silent_profile_is_told_of_step_by_step(tmp_path):
    """One post; then sweeps alone lead the profile on, and each change arrives once, in order, at its exact instant."""
    calls = Counter()

    def every_other(headers, _body):
        calls[headers["webhook-id"]] += 1
        return 200 if calls[headers["webhook-id"]] % 2 == 0 else 500

    with receiving(every_other) as receiver, running(tmp_path, **SETTINGS) as service:
        command(service, "import", f"rulesets/{RULESET}.json")
        _, made = service.call("POST", "/v1/subscriptions", {"url": receiver.url, "filters": {"kinds": ["stage"]}})
        attributes = {"joined_at": "2026-01-01T00:00:00Z", "articles_read": 3, "last_click_at": "2026-01-02T00:00:00Z"}
        body = {"profile": {"id": "reader", "attributes": attributes}, "at": "2026-01-02T00:00:00Z"}
        status, _ = service.call("POST", f"/v1/rulesets/{RULESET}/evaluate", body)
        assert status == 200
        wait_until(lambda: receiver.accepted)
        command(service, "sweep", "--until", "2026-04-01T00:00:00Z")
        wait_until(lambda: set(receiver.ids()) >= set(stage_events(service)))
        expected = stage_events(service)
        assert service.stop() == 0
    stages = {one.id: (one.event["data"]["to"], one.event["time"]) for one in receiver.accepted}
    assert [stages[one] for one in expected] == [
        ("new", "2026-01-02T00:00:00Z"),
        ("active", "2026-01-02T00:00:00Z"),
        ("at_risk", "2026-01-17T00:00:00Z"),
        ("churned", "2026-02-16T00:00:00Z"),
    ]
    assert receiver.ids() == expected
    assert all(one.is_signed_by(made["secret"]) for one in receiver.received)


def test_a_wake_up_reaches_who_is_to_send_it(tmp_path):
    """Thirty silent days lead to an event with the wake-up, seven more without an answer to the second touch."""
    last = "2026-03-01T02:00:00Z"
    with receiving() as receiver, running(tmp_path, **SETTINGS) as service:
        command(service, "import", f"rulesets/{DORMANT}.json")
        filters = {"keys": ["wake_up", "no_response"], "outcomes": ["assigned"]}
        service.call("POST", "/v1/subscriptions", {"url": receiver.url, "filters": filters})
        attributes = {"last_login_at": last, "last_active_at": last, "categories": ["home"]}
        body = {"profile": {"id": "quiet", "attributes": attributes}, "at": last}
        assert service.call("POST", f"/v1/rulesets/{DORMANT}/evaluate", body)[0] == 200
        command(service, "sweep", "--until", "2026-04-10T00:00:00Z")
        wait_until(lambda: len(receiver.accepted) == 2)
        assert service.stop() == 0
    told = [(one.event["time"], [fired["key"] for fired in one.event["data"]["actions"]]) for one in receiver.accepted]
    assert told == [("2026-03-31T02:00:00Z", ["wake_up"]), ("2026-04-07T02:00:00Z", ["second_touch"])]
