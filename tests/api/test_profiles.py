"""Profiles over HTTP: segments in three formats, a timeline, and a person's word on a tag."""

import csv
import json
from io import StringIO

from tests.small import KEY, asking


def fill(http, evaluator):
    """Three profiles, one of them with a name that a spreadsheet would run."""
    items = [asking("a", visits=1), asking("=b()", visits=4), asking("c", visits=9)]
    reply = http.post(f"/v1/rulesets/{KEY}/evaluate-batch", json={"items": items}, headers=evaluator)
    assert reply.status_code == 200


def test_a_segment_comes_page_by_page_as_json(http, evaluator):
    """Pages go on where the one before ended; of what may be given several times each counts."""
    fill(http, evaluator)
    path = f"/v1/profiles?ruleset={KEY}&limit=1&tier=band:low&tier=band:high&tag=regular"
    first = http.get(path, headers=evaluator).get_json()
    second = http.get(f"{path}&cursor={first['next']}", headers=evaluator).get_json()
    assert [one["profile_id"] for one in (*first["items"], *second["items"])] == ["=b()", "c"]
    assert second["next"] is None


def test_a_segment_comes_whole_as_csv_and_ndjson(http, evaluator):
    """Both have every profile, with a column for each tier and score, and nothing that a spreadsheet would run."""
    fill(http, evaluator)
    path = f"/v1/profiles?ruleset={KEY}&limit=1"
    reply = http.get(path, headers=evaluator | {"Accept": "text/csv"})
    assert reply.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(reply.get_data(as_text=True))))
    assert [(one["profile_id"], one["tags"], one["tier.band"], one["score.activity"]) for one in rows] == [
        ("'=b()", "regular", "low", "40"),
        ("a", "", "low", "10"),
        ("c", "regular", "high", "90"),
    ]
    reply = http.get(path, headers=evaluator | {"Accept": "application/x-ndjson"})
    lines = [json.loads(line) for line in reply.get_data(as_text=True).splitlines()]
    assert [(one["profile_id"], one["tiers"], one["scores"]) for one in lines] == [
        ("=b()", {"band": "low"}, {"activity": 40}),
        ("a", {"band": "low"}, {"activity": 10}),
        ("c", {"band": "high"}, {"activity": 90}),
    ]


def test_a_segment_that_cannot_be_read_is_a_problem_in_every_format(http, evaluator):
    """A fault is told as one, also to who asked for CSV, and an empty segment is an empty list."""
    for kind in ("text/csv", "application/x-ndjson", "application/json"):
        headers = evaluator | {"Accept": kind}
        reply = http.get(f"/v1/profiles?ruleset={KEY}&tag=nothing", headers=headers)
        assert (reply.status_code, reply.get_json()["errors"][0]["pointer"]) == (422, "/tag/0")
        assert http.get("/v1/profiles?ruleset=nothing", headers=headers).status_code == 404
        assert http.get("/v1/profiles", headers=headers).get_json()["errors"][0]["code"] == "missing-member"
        assert http.get(f"/v1/profiles?ruleset={KEY}&tag=keen", headers=headers).status_code == 200


def test_a_timeline_lists_every_change_of_a_profile(http, evaluator):
    """Newest first, with cause and rule, page by page; ids with slashes have one too."""
    for visits in (4, 0):
        http.post(f"/v1/rulesets/{KEY}/evaluate", json=asking("a/b", visits=visits), headers=evaluator)
    path = f"/v1/profiles/a/b/timeline?ruleset={KEY}&limit=2"
    page = http.get(path, headers=evaluator).get_json()
    items = page["items"]
    while page["next"]:
        page = http.get(f"{path}&cursor={page['next']}", headers=evaluator).get_json()
        items += page["items"]
    assert {one["profile_id"] for one in items} == {"a/b"}
    assert [(one["key"], one["outcome"], one["cause"]) for one in items if one["key"] in {"regular", "lifecycle"}] == [
        ("lifecycle", "moved", "data"),
        ("regular", "removed", "data"),
        ("lifecycle", "moved", "first"),
        ("lifecycle", "entered", "first"),
        ("regular", "assigned", "first"),
    ]


def test_a_tag_is_set_by_hand_once_per_idempotency_key(http, evaluator, auditor):
    """The reply is that of an evaluation; a repeat gets the same one, and another word under the key is refused."""
    fill(http, evaluator)
    body = {"ruleset": KEY, "state": "assigned", "reason": "knows us"}
    headers = evaluator | {"Idempotency-Key": "k"}
    first = http.put("/v1/profiles/a/tags/regular", json=body, headers=headers)
    again = http.put("/v1/profiles/a/tags/regular", json=body, headers=headers)
    assert (first.status_code, first.get_json()["tags"]) == (200, ["regular"])
    assert (again.get_data(), again.headers["Idempotency-Replayed"]) == (first.get_data(), "true")
    assert http.put("/v1/profiles/a/tags/keen", json=body, headers=headers).status_code == 409
    assert http.put("/v1/profiles/a/tags/regular", json=body, headers=auditor).status_code == 403
    assert (
        http.get(f"/v1/profiles?ruleset={KEY}&tag=regular", headers=auditor).get_json()["items"][1]["profile_id"] == "a"
    )


def test_how_far_the_sweep_is_behind_is_measured(http, evaluator, clock):
    """Whoever watches the service sees how many are due and how late, also when nobody sweeps."""

    def measured():
        lines = http.get("/metrics").get_data(as_text=True).splitlines()
        return [
            float(line.split()[1])
            for name in ("lag_seconds", "due")
            for line in lines
            if line.startswith(f"tagwright_sweep_{name} ")
        ]

    body = asking("u", visits=1) | {"event": {"type": "hello"}}
    http.post(f"/v1/rulesets/{KEY}/evaluate", json=body, headers=evaluator)
    assert measured() == [0, 0]
    clock.at += 3 * 86_400_000 + 1_500
    assert measured() == [1.5, 1]
