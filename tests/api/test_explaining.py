"""Why, over HTTP: of one evaluation, and of what a profile does not hold; now and at any past instant."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.language.instants import write_instant
from service.operations.publish import publish_ruleset
from tests.small import DAY, KEY, START, changed

TITLED = changed(
    attributes=[
        {"key": "visits", "type": "integer", "default": 0, "minimum": 0, "title": {"en": "Visits", "zh": "来访次数"}},
        {"key": "last_seen", "type": "datetime", "title": {"en": "Last seen", "zh": "最近来访"}},
        *changed()["attributes"][2:],
    ]
)


@pytest.fixture(name="evaluate")
def evaluating(http, service, evaluator):
    """Evaluates a profile under the small ruleset, with titles, and gives the reply."""
    publish_ruleset(service, json.dumps(TITLED), "titles", COMMAND_LINE)

    def post(profile, attributes=None, **more):
        body = {"profile": {"id": profile, "attributes": attributes}, **more}
        reply = http.post(f"/v1/rulesets/{KEY}/evaluate", json=body, headers=evaluator)
        assert reply.status_code == 200, reply.json
        return reply.json

    return post


@pytest.fixture(name="explain")
def explaining(http, auditor):
    """The explanation of an evaluation."""

    def get(evaluation_id, **query):
        reply = http.get(f"/v1/evaluations/{evaluation_id}/explanation", query_string=query, headers=auditor)
        assert reply.status_code == 200, reply.json
        return reply.json

    return get


@pytest.fixture(name="why_not")
def asking(http, auditor):
    """Why a profile does not hold something."""

    def get(profile="u", **query):
        path = f"/v1/profiles/{profile}/why-not"
        return http.get(path, query_string={"ruleset": KEY, **query}, headers=auditor)

    return get


def about(explanation, key):
    """The entry of one tag, tier or the lifecycle."""
    return [one for one in explanation["decisions"] if one["key"] == key][-1]


def test_an_evaluation_is_explained_from_its_record(evaluate, explain):
    """Each decision with its sentence and leaves, each score with its parts, and that it came out the same again."""
    told = explain(evaluate("u", {"visits": 2, "last_seen": write_instant(START - 12 * DAY)})["evaluation_id"])
    assert (told["reproduced"], told["language"], told["profile_id"], told["ruleset"]["version"]) == (
        True,
        "en",
        "u",
        2,
    )
    stale = about(told, "stale")
    assert stale["sentence"] == "Tag `stale` was assigned because days since Last seen is 12, which is at least 10"
    assert (stale["outcome"], stale["cause"], stale["nearest"]) == ("assigned", "first", [])
    assert about(told, "keen")["leaves"] == [
        {"member": "when", "text": "rate > 0.5", "held": None, "sentence": "`rate` is missing", "missing": ["rate"]}
    ]
    regular = about(told, "regular")
    assert regular["nearest"] == [
        {
            "to": "held",
            "changes": [{"attribute": "visits", "title": "Visits", "from": 2, "to": 3}],
            "at": "2026-01-01T00:00:00Z",
            "sentence": "If Visits were 3 instead of 2, tag `regular` would be held",
        }
    ]
    assert about(told, "band")["ladder"]["up"] == {"band": "high", "threshold": 50, "distance": 30}
    assert [one["adds"] for one in told["scores"][0]["components"]] == [20]
    assert told["actions"] == []


def test_the_language_is_the_callers(evaluate, explain, http, auditor):
    """By query or by header; every sentence and every title."""
    evaluation = evaluate("u", {"visits": 2})["evaluation_id"]
    told = explain(evaluation, language="zh")
    assert about(told, "regular")["sentence"] == "未持有标签“`regular`”，因为来访次数为 2，低于 3"
    assert about(told, "regular")["nearest"][0]["sentence"] == "若来访次数为 3（现为 2），则将持有标签“`regular`”"
    headers = {**auditor, "Accept-Language": "zh-CN"}
    assert http.get(f"/v1/evaluations/{evaluation}/explanation", headers=headers).json == told


def test_one_thing_can_be_asked_for(evaluate, explain):
    """By kind, by key, or both."""
    evaluation = evaluate("u", {"visits": 5})["evaluation_id"]
    assert [one["key"] for one in explain(evaluation, kind="tier")["decisions"]] == ["band"]
    one = explain(evaluation, kind="tag", key="stale")
    assert ([each["key"] for each in one["decisions"]], one["scores"], one["actions"]) == (["stale"], [], [])
    assert [each["fired"] for each in explain(evaluation, kind="action")["actions"]] == [True]
    assert [each["key"] for each in explain(evaluation, kind="score", key="activity")["scores"]] == ["activity"]


def test_each_decision_of_a_chain_is_told_and_only_the_last_looks_on(evaluate, explain):
    """Entered and moved in one evaluation: two decisions, and what would be nearest stands with where it ended."""
    told = explain(evaluate("u", {"visits": 5})["evaluation_id"])
    moves = [one for one in told["decisions"] if one["kind"] == "stage"]
    assert [(one["outcome"], [each["to"] for each in one["nearest"]]) for one in moves] == [
        ("entered", []),
        ("moved", ["new"]),
    ]


def test_an_evaluation_by_hand_is_explained_with_its_reason(evaluate, explain, http, evaluator):
    """Who said so, and why."""
    evaluate("u", {"visits": 5})
    word = {"ruleset": KEY, "state": "blocked", "reason": "asked to be left alone"}
    reply = http.put("/v1/profiles/u/tags/regular", json=word, headers=evaluator)
    told = about(explain(reply.json["evaluation_id"]), "regular")
    assert told["sentence"].endswith("blocked it by hand: asked to be left alone")
    assert told["nearest"] == []


def test_what_is_not_there_is_not_explained(http, auditor, evaluator):
    """An unknown evaluation is not found; only auditors read the log."""
    assert http.get("/v1/evaluations/01K/explanation", headers=auditor).status_code == 404
    assert http.get("/v1/evaluations/01K/explanation", headers=evaluator).status_code == 403
    refused = http.get("/v1/evaluations/01K/explanation?kind=mood", headers=auditor)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/kind")


def test_why_a_profile_does_not_hold_a_tag_a_band_or_a_stage(evaluate, why_not):
    """The decision as it stands now, and the nearest changes with which it would hold."""
    evaluate("u", {"visits": 2})
    told = why_not(tag="regular").json
    assert (told["holds"], told["kind"], told["target"]) == (False, "tag", "held")
    assert told["decision"]["sentence"] == "Tag `regular` is not held because Visits is 2, which is below 3"
    assert told["decision"]["nearest"][0]["changes"][0]["to"] == 3
    band = why_not(tier="band:high").json
    assert (band["decision"]["ladder"]["up"]["distance"], band["decision"]["nearest"][0]["changes"][0]["to"]) == (30, 5)
    stage = why_not(stage="new", language="zh").json
    assert stage["decision"]["nearest"][0]["sentence"] == "若来访次数为 0（现为 2），则阶段将为 `new`"


def test_what_holds_is_said_to_hold(evaluate, why_not):
    """There is nothing to change then."""
    evaluate("u", {"visits": 4})
    told = why_not(tag="regular").json
    assert (told["holds"], told["decision"]["nearest"]) == (True, [])
    assert told["decision"]["sentence"] == "Tag `regular` is held because Visits is 4, which is at least 3"


def test_time_is_brought_up_before_anything_is_asked(evaluate, why_not, clock):
    """A tag that time has given meanwhile holds, though nobody looked."""
    evaluate("u", {"last_seen": write_instant(START - 5 * DAY)})
    assert why_not(tag="stale").json["decision"]["nearest"][0] == {
        "changes": [],
        "at": "2026-01-06T00:00:00Z",
        "sentence": "Without new data, tag `stale` would be held from 2026-01-06 08:00 on",
    }
    clock.at += 30 * DAY
    assert why_not(tag="stale").json["holds"] is True


def test_the_past_can_be_asked_about(evaluate, why_not, clock):
    """By the facts and the version of then."""
    evaluate("u", {"visits": 2})
    clock.at += 5 * DAY
    evaluate("u", {"visits": 9})
    then = why_not(tag="regular", at="2026-01-03T00:00:00Z").json
    assert (then["at"], then["holds"], why_not(tag="regular").json["holds"]) == ("2026-01-03T00:00:00Z", False, True)
    assert then["decision"]["nearest"][0]["changes"][0]["to"] == 3
    assert why_not(tag="regular", at="2025-12-31T00:00:00Z").status_code == 404
    assert why_not(tag="regular", at="2027-12-31T00:00:00Z").status_code == 422


def test_what_can_be_asked_is_said(evaluate, why_not, http, auditor):
    """One tag, stage or band that there is, of a ruleset and a profile that there are."""
    evaluate("u", {"visits": 2})
    for query in (
        {},
        {"tag": "regular", "stage": "new"},
        {"tag": "none"},
        {"stage": "none"},
        {"tier": "band"},
        {"tier": "none:high"},
    ):
        reply = why_not(**query)
        assert (reply.status_code, reply.json["code"]) == (422, "invalid-request"), query
    assert http.get("/v1/profiles/u/why-not?tag=regular", headers=auditor).json["errors"][0]["pointer"] == "/ruleset"
    assert why_not("nobody", tag="regular").status_code == 404
    assert why_not(ruleset="none", tag="regular").status_code == 404


def test_merged_keys_are_understood(evaluate, service, why_not):
    """Who asks by an old key is told by the present one."""
    document = {**TITLED, "tags": [{**TITLED["tags"][0], "aliases": ["frequent"]}, *TITLED["tags"][1:]]}
    publish_ruleset(service, json.dumps(document), "merged", COMMAND_LINE)
    evaluate("u", {"visits": 2})
    publish_ruleset(service, json.dumps(document), "again", COMMAND_LINE)
    assert why_not(tag="frequent").json["key"] == "regular"


def test_a_dry_run_says_what_would_be_nearest(evaluate):
    """`explain` keeps its shape; a dry run adds what is nearest, since nobody waits for it."""
    body = {"explain": True, "decisions": "all"}
    dry = evaluate("u", {"visits": 2}, dry_run=True, **body)
    (entry,) = [one for one in dry["explanation"] if one["key"] == "regular"]
    assert entry["sentence"]["zh"] == "未持有标签“`regular`”，因为来访次数为 2，低于 3"
    assert entry["nearest"][0]["changes"] == [
        {"attribute": "visits", "title": {"en": "Visits", "zh": "来访次数"}, "from": 2, "to": 3}
    ]
    assert [one["text"] for one in entry["conditions"]] == ["visits >= 3"]
    live = evaluate("u", {"visits": 2}, **body)
    assert all("nearest" not in one and one["sentence"]["en"] for one in live["explanation"])
