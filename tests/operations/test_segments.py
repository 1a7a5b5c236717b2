"""Segments: exactly the profiles that fit, as they stand, on each database."""

import json
import random
from itertools import chain

import pytest

from service.audit.rows import Segment
from service.bootstrap import COMMAND_LINE
from service.errors import InvalidRequest, NotFound
from service.operations.evaluate import evaluate_batch, evaluate_profile
from service.operations.holdings import holdings
from service.operations.publish import publish_ruleset
from service.operations.segments import PAGE, list_profiles, read_segment, stream_segment
from service.operations.sweep import Sweep, sweep
from tests.conftest import wire_on
from tests.small import DAY, KEY, RULESET, START, asking, changed, request


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    yield service
    service.store.close()


def post(service, items):
    """Evaluate many."""
    reply = evaluate_batch(service, KEY, request({"items": items}), lambda error: {"detail": error.detail})
    assert reply.recorded == len(items), reply.text


def find(service, limit=1000, **query):
    """The ids of the profiles that fit."""
    return [
        one["profile_id"]
        for one in list_profiles(service, read_segment(service, query | {"ruleset": KEY}), None, limit)[0]
    ]


def test_a_segment_is_chosen_by_all_that_is_known(service):
    """Stage, tags held and not held, bands and ranges of scores each narrow it; ends of a range are included."""
    post(service, [asking(f"p{visits}", visits=visits, rate=1 if visits % 2 else 0) for visits in range(10)])
    post(service, [asking("unknown", visits=1)])
    assert find(service, stage=["new"]) == ["p0"]
    assert find(service, stage=["new", "active"], tag=["keen"]) == ["p1", "p3", "p5", "p7", "p9"]
    assert find(service, tag=["keen", "regular"]) == ["p3", "p5", "p7", "p9"]
    assert find(service, not_tag=["keen", "regular"]) == ["p0", "p2", "unknown"]
    assert find(service, tier=["band:high"], not_tag=["keen"]) == ["p6", "p8"]
    assert len(find(service, tier=["band:high", "band:low"])) == 11
    assert find(service, score=["activity:50..70"]) == ["p5", "p6", "p7"]
    assert find(service, score=["activity:..10"]) == ["p0", "p1", "unknown"]
    assert find(service, score=["activity:90.."], tag=["regular"], stage=["active"]) == ["p9"]
    assert find(service, score=["activity:70..50"]) == []


def test_an_unknown_score_is_in_no_range(service):
    """Whoever has no score is not between any two."""
    scores = [
        {
            "key": "activity",
            "missing": "unknown",
            "components": [{"key": "seen", "weight": 1, "value": "scale(rate, 0, 10)"}],
        }
    ]
    publish_ruleset(service, json.dumps(changed(scores=scores)), "second", COMMAND_LINE)
    post(service, [asking("known", rate=5), asking("unknown")])
    assert find(service, score=["activity:0..100"]) == ["known"]


def test_segments_are_what_states_say(both, clock):
    """After any number of evaluations and sweeps each segment has exactly the profiles whose state fits."""
    chance = random.Random(7)  # noqa: S311  # the same every time
    for day in range(6):
        clock.at = START + day * DAY
        items = [
            asking(
                f"p{chance.randrange(40)}",
                visits=chance.randrange(6),
                rate=chance.random(),
                last_seen="2025-12-28T00:00:00Z",
            )
            | ({"event": {"type": "hello"}} if chance.random() < 0.3 else {})
            for _ in range(30)
        ]
        post(both, items)
        sweep(both, Sweep(until=clock.at))
    sweep(both, Sweep(until=START + 20 * DAY))
    rows = both.store.read(lambda reads: reads.segment(Segment(KEY), "", 1000))
    assert len(rows) > 30
    held = {row.profile_id: {(one.kind, one.key, one.value) for one in holdings(row)} for row in rows}
    known = {("tag", key, "held"): {"tag": [key]} for key in ("regular", "stale", "keen", "greeted")}
    known |= {("tier", "band", band): {"tier": [f"band:{band}"]} for band in ("low", "high")}
    known |= {("stage", "lifecycle", stage): {"stage": [stage]} for stage in ("new", "active")}
    for what, query in known.items():
        expected = sorted(profile for profile, found in held.items() if what in found)
        assert sorted(find(both, **query)) == expected
        assert sorted(find(both, **query, not_tag=["keen"])) == [
            one for one in expected if ("tag", "keen", "held") not in held[one]
        ]
        low = [row.profile_id for row in rows if 20 <= json.loads(row.scores)["activity"] <= 30.5]
        assert sorted(find(both, **query, score=["activity:20..30.5"])) == sorted(set(low) & set(expected))


def test_pages_neither_repeat_nor_skip(both):
    """Every profile is on one page, also one whose id is of other letters, and a page may be of one."""
    names = sorted(["a", "B", "é", "小", "z' \" %", "z/1", "~"])
    post(both, [asking(one, visits=4) for one in names])
    segment = read_segment(both, {"ruleset": KEY, "tag": ["regular"]})
    found, cursor = list_profiles(both, segment, None, 1)
    while cursor is not None:
        items, cursor = list_profiles(both, segment, cursor, 1)
        found += items
    assert sorted(one["profile_id"] for one in found) == names
    assert list_profiles(both, segment, None, len(names))[1] is None


def test_an_entry_says_how_the_profile_stands(service):
    """Stage, tags, bands and scores of the last decision, and when something changes next."""
    post(service, [asking("u", visits=4) | {"event": {"type": "hello"}}])
    (entry,), _ = list_profiles(service, Segment(KEY), None, 10)
    assert entry == {
        "profile_id": "u",
        "version": 1,
        "at": "2026-01-01T00:00:00Z",
        "stage": "active",
        "tags": ["greeted", "regular"],
        "tiers": {"band": "low"},
        "scores": {"activity": 40},
        "next_change_at": "2026-01-04T00:00:00Z",
    }


def test_a_whole_segment_is_read_in_parts(service):
    """However many fit, no more than one part is in memory, and each profile comes once."""
    names = [f"p{number:04}" for number in range(2 * PAGE)]
    for start in range(0, len(names), 1000):
        post(service, [asking(one, visits=4) for one in names[start : start + 1000]])
    parts = list(stream_segment(service, read_segment(service, {"ruleset": KEY, "tag": ["regular"]}), None))
    assert [len(one) for one in parts] == [PAGE, PAGE]
    assert [one["profile_id"] for one in chain.from_iterable(parts)] == names


def test_merged_keys_count_for_the_present_ones(service):
    """Profiles that were not decided since a tag, a band or a stage was renamed are still found, by either name."""
    post(service, [asking("old", visits=9)])
    tiers = [
        {
            "key": "band",
            "input": "score.activity",
            "bands": [{"key": "low"}, {"key": "top", "aliases": ["high"], "from": 50}],
        }
    ]
    tags = [{"key": "loyal", "aliases": ["regular"], "when": "visits >= 3"}]
    lifecycle = json.loads(json.dumps(RULESET["lifecycle"]).replace('"active"', '"awake"'))
    lifecycle["stages"][1]["aliases"] = ["active"]
    renamed = changed(tiers=tiers, tags=tags, lifecycle=lifecycle, values=[], actions=[])
    publish_ruleset(service, json.dumps(renamed), "second", COMMAND_LINE)
    post(service, [asking("new", visits=9)])
    for query in (
        {"tag": ["loyal"]},
        {"tag": ["regular"]},
        {"tier": ["band:top"]},
        {"tier": ["band:high"]},
        {"stage": ["awake"]},
    ):
        assert find(service, **query) == ["new", "old"]
    assert find(service, not_tag=["loyal"]) == []
    evaluate_profile(service, KEY, request({"profile": {"id": "old"}}))
    rows = service.store.read(lambda reads: reads.segment(Segment(KEY), "", 10))
    assert {one.key for row in rows for one in holdings(row) if one.kind == "tag"} == {"loyal"}
    assert find(service, tag=["loyal"], stage=["awake"], tier=["band:top"]) == ["new", "old"]


def test_what_the_ruleset_does_not_know_is_told(service):
    """A slip of the pen is no empty segment: every unknown name and every range that is none is a fault."""
    query = {
        "ruleset": KEY,
        "stage": ["activ"],
        "tag": ["regular", "regulr"],
        "not_tag": ["none"],
        "tier": ["band", "bond:low", "band:mid"],
        "score": ["activity", "activity:1-2", "actvity:1..2", "activity:..", "activity:1..2000"],
    }
    with pytest.raises(InvalidRequest) as refused:
        read_segment(service, query)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [
        ("/tag/1", "unknown-tag"),
        ("/tier/0", "unknown-band"),
        ("/tier/1", "unknown-tier"),
        ("/tier/2", "unknown-band"),
        ("/stage/0", "unknown-stage"),
        ("/not_tag/0", "unknown-tag"),
        ("/score/0", "wrong-value"),
        ("/score/1", "wrong-value"),
        ("/score/2", "unknown-score"),
        ("/score/4", "wrong-value"),
    ]
    assert "did you mean `active`?" in str(refused.value.errors)
    with pytest.raises(InvalidRequest):
        read_segment(service, {})
    with pytest.raises(NotFound):
        read_segment(service, {"ruleset": "nothing"})


def test_a_cursor_belongs_to_its_query(service):
    """A cursor of another segment, or a made-up one, is refused."""
    post(service, [asking("a", visits=4), asking("b", visits=4)])
    _, cursor = list_profiles(service, read_segment(service, {"ruleset": KEY}), None, 1)
    for given in (cursor, "nonsense", "!", ""):
        with pytest.raises(InvalidRequest):
            list_profiles(service, read_segment(service, {"ruleset": KEY, "tag": ["regular"]}), given, 1)
