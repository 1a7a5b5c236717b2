"""Time passes in a running service, and every customer moves on at exactly the right instant, though nobody asks.

The instants lie in the past, so that a sweep's `--until` is the clock; the log of changes is what it is held to.
"""

import shutil
import time

import pytest

from service.cli import main
from service.cli.printing import WELL
from tests.end_to_end.running import PATIENCE_S, ROOT, running

LOST = [
    ("2026-01-02T08:30:00Z", "new"),
    ("2026-01-02T08:30:00Z", "active"),
    ("2026-01-17T08:30:00Z", "at_risk"),
    ("2026-02-16T08:30:00Z", "churned"),
]
DORMANT, TELEGRAM = "dormant-reactivation", "telegram-lifecycle"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A running service with the shipped rulesets, which sweeps only when it is told to."""
    folder = tmp_path_factory.mktemp("time")
    with running(folder, rulesets=shipped(folder, DORMANT, TELEGRAM), sweep_seconds=0) as service:
        yield service


def shipped(folder, *keys):
    """A folder with some of the shipped rulesets."""
    rulesets = folder / "shipped"
    rulesets.mkdir()
    for key in keys:
        shutil.copy(ROOT / "rulesets" / f"{key}.json", rulesets)
    return rulesets


def post(service, ruleset, profile, at, **attributes):
    """Evaluate a profile at an instant."""
    body = {"profile": {"id": profile, "attributes": attributes}, "at": at}
    status, reply = service.call("POST", f"/v1/rulesets/{ruleset}/evaluate", body)
    assert status == 200, reply
    return reply


def sweep(service, until):
    """Let time pass up to an instant, by the command an operator would use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAGWRIGHT_DATABASE_URL", service.environment["TAGWRIGHT_DATABASE_URL"])
        assert main(["sweep", "--until", until]) == WELL


def changes(service, profile, *keys):
    """What changed for a profile, oldest first: when, what, to what, why."""
    status, page = service.call("GET", f"/v1/profiles/{profile}/timeline?limit=1000")
    assert status == 200
    found = [(one["at"], one["key"], one["to"], one["cause"]) for one in reversed(page["items"])]
    return [one for one in found if one[1] in keys]


def actions(service, profile):
    """When which actions fired for a profile, as its records say."""
    _, page = service.call("GET", f"/v1/decisions?profile={profile}&limit=1000")
    ids = dict.fromkeys(one["evaluation_id"] for one in reversed(page["items"]))
    records = [service.call("GET", f"/v1/evaluations/{one}")[1] for one in ids]
    return [(one["at"], fired["key"]) for one in records for fired in one["outcome"]["actions"]]


def test_a_fan_becomes_at_risk_and_is_lost_by_sweeps_alone(service):
    """Posted once, and never again: fifteen silent days and thirty more end at the exact instants, once each."""
    last = "2026-01-02T08:30:00Z"
    post(service, TELEGRAM, "fan", last, joined_at="2026-01-01T00:00:00Z", articles_read=3, last_click_at=last)
    for until in ("2026-01-17T08:29:59Z", "2026-01-17T08:30:00Z", "2026-01-20T00:00:00Z", "2026-03-01T00:00:00Z"):
        sweep(service, until)
    found = changes(service, "fan", "lifecycle")
    assert [(at, to) for at, _, to, _ in found] == LOST
    assert [cause for _, _, _, cause in found] == ["first", "first", "time", "time"]


def test_a_silent_customer_is_woken_and_touched_again(service):
    """After thirty days without login the wake-up fires, after seven more without an answer the second touch."""
    last = "2026-03-01T02:00:00Z"
    post(service, DORMANT, "quiet", last, last_login_at=last, last_active_at=last, categories=["home"])
    for until in ("2026-03-31T01:59:59Z", "2026-03-31T02:00:00Z", "2026-04-07T01:59:59Z", "2026-04-07T02:00:00Z"):
        sweep(service, until)
    assert changes(service, "quiet", "wake_up", "no_response") == [
        ("2026-03-31T02:00:00Z", "wake_up", "held", "time"),
        ("2026-04-07T02:00:00Z", "no_response", "held", "time"),
    ]
    assert actions(service, "quiet") == [
        ("2026-03-31T02:00:00Z", "wake_up"),
        ("2026-04-07T02:00:00Z", "second_touch"),
    ]


def test_a_member_rises_after_three_active_months_and_falls_after_two_silent_ones(service):
    """Silver comes when three months of watching are over, and goes two months after the last sign of life."""
    for day in ("2026-01-10", "2026-02-05", "2026-03-03", "2026-03-28"):
        post(service, DORMANT, "member", f"{day}T04:00:00Z", last_active_at=f"{day}T04:00:00Z")
    for until in ("2026-04-10T03:59:59Z", "2026-04-10T04:00:00Z", "2026-08-01T00:00:00Z"):
        sweep(service, until)
    assert changes(service, "member", "lifecycle") == [
        ("2026-01-10T04:00:00Z", "lifecycle", "member", "first"),
        ("2026-04-10T04:00:00Z", "lifecycle", "silver", "time"),
        ("2026-05-27T16:00:00Z", "lifecycle", "member", "time"),
    ]


def test_a_running_service_sweeps_by_itself(tmp_path):
    """With several processes, one of them decides what is due, once, soon after it is."""
    last = "2026-01-02T08:30:00Z"
    with running(tmp_path, rulesets=shipped(tmp_path, TELEGRAM), sweep_seconds=1, workers=2) as service:
        for name in ("a", "b", "c"):
            post(service, TELEGRAM, name, last, joined_at="2026-01-01T00:00:00Z", articles_read=3, last_click_at=last)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and len(changes(service, "c", "lifecycle")) < len(LOST):
            time.sleep(0.1)
        for name in ("a", "b", "c"):
            assert [(at, to) for at, _, to, _ in changes(service, name, "lifecycle")[2:]] == LOST[2:]
        assert service.stop() == 0
