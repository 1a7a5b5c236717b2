"""Simulating a draft: what it says would happen is what publishing does, for all profiles, some, or posted ones."""

import json
from multiprocessing import active_children
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import COMMAND_LINE
from service.errors import InvalidRequest, NotFound, RulesetRejected
from service.language.pipeline import read_ruleset
from service.operations.authoring.forget import forget_profile
from service.operations.authoring.gate import impact_gate
from service.operations.authoring.impact import PER_MOVE, interval
from service.operations.authoring.jobs import Interrupted, read_job
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.runner import Runner
from service.operations.authoring.simulate import Sample, Simulation, simulate_draft, simulate_stored
from service.operations.evaluate import evaluate_batch
from service.operations.publish import publish_ruleset
from service.operations.replies import json_text
from service.operations.sweep import Sweep, sweep
from tests.conftest import wire_on
from tests.small import CALLER, DAY, KEY, RULESET, START, as_read, asking, changed, remembered, request

EAGER = changed(tags=[*RULESET["tags"][1:], {"key": "regular", "when": "visits >= 5"}])
"""The small ruleset, but `regular` from five visits on."""


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    yield service
    service.store.close()


def store(service, **visits):
    """Decide some profiles with so many visits each, seen last on the first day."""
    items = [
        asking(name, visits=count, last_seen="2026-01-01T00:00:00Z") | {"event": {"type": "hello"}}
        for name, count in visits.items()
    ]
    for start in range(0, len(items), 500):
        body = {"items": items[start : start + 500]}

        assert evaluate_batch(service, KEY, request(body), lambda error: {}).recorded


def simulation(service, document, at=None):
    """A document beside the version in force."""
    text = json.dumps(document)
    program = read_ruleset(text).program
    assert program is not None
    at = service.clock() if at is None else at
    return Simulation(active=service.programs.latest(KEY), draft=program, text=text, at=at)


def simulate(service, document, at=None, sample=None, **more):
    """What a document would change for the stored profiles, as a caller would read it."""
    return json.loads(json_text(simulate_stored(service, simulation(service, document, at), sample, **more)))


def by_job(service, **body):
    """The result of a job that was asked for by a request."""
    job = simulate_draft(service, KEY, as_read(body), CALLER)
    assert Runner(service, "r1", KINDS, lambda *_: None).step()
    found = json.loads(json_text(read_job(service, KINDS, job.id, "en")))
    assert found["state"] == "done", found["error"]
    return found["result"]


def of(found, name, key):
    """The entry of one tag, tier, output or action."""
    (entry,) = [one for one in found[name] if one["key"] == key]
    return entry


def test_who_moves_is_counted_and_named_with_reasons(both):
    """Each tag, tier and stage says how many would go where, and for each kind of move some profiles say why."""
    store(both, a=1, b=3, c=4, d=6)
    found = simulate(both, EAGER)
    assert found["moved"] == {"profiles": 2, "share": 0.5, "low": 0.5, "high": 0.5}
    assert (found["of"], found["simulated"], found["failed"]) == (4, 4, 0)
    regular = of(found, "tags", "regular")
    assert (regular["gained"], regular["lost"], regular["kept"]) == (0, 2, 1)
    assert of(found, "tags", "greeted")["kept"] == 4
    assert of(found, "tiers", "band")["flow"] == [
        {"from": "low", "to": "low", "profiles": 3},
        {"from": "high", "to": "high", "profiles": 1},
    ]
    assert found["stages"] == [{"from": "active", "to": "active", "profiles": 4}]
    assert of(found, "values", "cap")["changed"] == 2
    assert found["undetermined"] == [{"kind": "tag", "key": "keen", "before": 4, "after": 4}]
    assert found["missing"] == [{"attribute": "rate", "before": 4, "after": 4}]
    assert [(one["profile_id"], one["key"], one["from"], one["to"]) for one in found["examples"]] == [
        ("b", "regular", "held", "absent"),
        ("c", "regular", "held", "absent"),
    ]
    first = found["examples"][0]
    assert first["sentence"]["en"] == "`b` loses the tag `regular`"
    assert first["before"]["conditions"][0]["expression"] == "visits >= 3"
    assert first["after"]["conditions"][0]["expression"] == "visits >= 5"
    assert first["before"]["conditions"][0]["value"] is True


def test_the_same_ruleset_moves_nobody(both, clock):
    """Whatever time has brought meanwhile, it brings to both."""
    store(both, a=1, b=3, c=4)
    clock.at += 30 * DAY
    found = simulate(both, RULESET)
    assert found["moved"]["profiles"] == 0
    assert found["examples"] == []
    assert of(found, "tags", "stale")["kept"] == 3
    assert found["simulated"] == 3


def test_a_renamed_tag_band_or_stage_moves_nobody(both):
    """What an alias takes over is the same under another name."""
    store(both, a=1, b=6)
    document = changed(
        tags=[*RULESET["tags"][1:], {"key": "loyal", "when": "visits >= 3", "aliases": ["regular"]}],
        values=[],
        actions=[],
        tiers=[
            {
                "key": "band",
                "input": "score.activity",
                "bands": [{"key": "low"}, {"key": "top", "from": 50, "aliases": ["high"]}],
            }
        ],
        lifecycle=RULESET["lifecycle"]
        | {
            "stages": [{"key": "new"}, {"key": "awake", "aliases": ["active"]}],
            "transitions": [
                {"key": "wakes", "from": ["new"], "to": "awake", "movement": "promotion", "when": "visits >= 1"},
            ],
        },
    )
    found = simulate(both, document)
    assert found["moved"]["profiles"] == 0, found["examples"]
    assert of(found, "tags", "loyal")["kept"] == 1
    assert "regular" not in [one["key"] for one in found["tags"]]
    assert found["stages"] == [{"from": "awake", "to": "awake", "profiles": 2}]


def test_nothing_is_written(both):
    """Stored profiles and the log are as they were before."""
    store(both, a=1, b=3)
    before = [remembered(both, name) for name in "ab"]
    simulate(both, EAGER, at=START + 90 * DAY)
    assert [remembered(both, name) for name in "ab"] == before
    assert both.store.read(lambda reads: len(reads.evaluations({}, (None, None), 1 << 62, 100))) == 2


def states(service, names):
    """What stored profiles hold: stage, tags and bands."""
    found = {}
    for name in names:
        state = json.loads(remembered(service, name).state)
        found[name] = (state["stage"], set(state["tags"]), {key: one[0] for key, one in state["tiers"].items()})
    return found


numbers = st.integers(0, 12)


@st.composite
def drafts(draw):
    """The small ruleset with other limits."""
    bands = [{"key": "low"}, {"key": "high", "from": draw(st.integers(0, 100))}]
    tags = [
        {"key": "regular", "when": f"visits >= {draw(numbers)}"},
        {"key": "stale", "when": f"days_since(last_seen) >= {draw(st.integers(1, 40))}"},
        *RULESET["tags"][2:],
    ]
    return changed(tags=tags, tiers=[{"key": "band", "input": "score.activity", "bands": bands}])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=st.lists(numbers, min_size=1, max_size=12), document=drafts(), days=st.integers(0, 60))
def test_a_simulation_is_what_publishing_does(tmp_path_factory, clock, visits, document, days):
    """Publishing the draft to everybody moves exactly the profiles that were counted, and fires those actions."""
    clock.at = START
    service = wire_on(tmp_path_factory.mktemp("copy") / "test.db", clock)
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    names = [f"p{place:02}" for place in range(len(visits))]
    store(service, **dict(zip(names, visits, strict=True)))
    clock.at += days * DAY
    found = simulate(service, document)
    sweep(service, Sweep(until=clock.at))
    before = states(service, names)
    publish_ruleset(service, json.dumps(document), "second", COMMAND_LINE, "now")
    sweep(service, Sweep(until=clock.at))
    after = states(service, names)
    assert found["moved"]["profiles"] == sum(before[name] != after[name] for name in names)
    for key in ("regular", "stale", "greeted"):
        was, now = ({name for name in names if key in side[name][1]} for side in (before, after))
        entry = of(found, "tags", key)
        assert (entry["gained"], entry["lost"], entry["kept"]) == (len(now - was), len(was - now), len(was & now))
    service.store.close()


def test_posted_profiles_come_out_like_stored_ones(both, clock):
    """The same facts give the same moves, whether they lie in the store or in the request."""
    store(both, a=1, b=3, c=6)
    clock.at += 20 * DAY
    stored = simulate(both, EAGER)
    profiles = [
        {"id": name, "attributes": {"visits": count, "last_seen": "2026-01-01T00:00:00Z"}}
        for name, count in (("a", 1), ("b", 3), ("c", 6))
    ]
    for listed in (profiles, [{"id": one["id"]} for one in profiles]):
        posted = simulate_draft(both, KEY, as_read({"profiles": listed, "document": EAGER}), CALLER)
        shown = json.loads(json_text(posted))
        for name in ("moved", "tags", "tiers", "stages", "values", "undetermined", "missing"):
            assert shown[name] == stored[name], name
        assert [one["sentence"] for one in shown["examples"]] == [one["sentence"] for one in stored["examples"]]


def test_a_profile_that_can_not_be_decided_is_counted_apart(both):
    """Facts that don't fit are named with the reason, and the others are decided."""
    profiles = [{"id": "x", "attributes": {"visits": "many"}}, {"id": "y", "attributes": {"visits": 4}}]
    found = simulate_draft(both, KEY, as_read({"profiles": profiles, "document": EAGER}), CALLER)
    assert (found["simulated"], found["failed"]) == (1, 1)
    assert [(one["profile_id"], one["code"]) for one in found["failures"]] == [("x", "refused")]


def test_stored_profiles_are_simulated_by_a_job(both):
    """The reply names the job; its result is that of the version and the draft that were there."""
    store(both, a=1, b=3)
    found = by_job(both, document=EAGER)
    assert found["moved"]["profiles"] == 1
    assert found["active"]["version"] == 1
    assert found["draft"]["digest"] == read_ruleset(json.dumps(EAGER)).digest
    assert found["at"] == "2026-01-01T00:00:00Z"
    assert by_job(both, document=EAGER, at="2026-02-01T00:00:00Z")["at"] == "2026-02-01T00:00:00Z"


def test_a_sample_says_what_it_is(both):
    """So many profiles are drawn, the same with the same seed, and the share is given with its bounds."""
    store(both, **{f"p{number:03}": number % 6 for number in range(120)})
    one = simulate(both, EAGER, sample=Sample(40, 7))
    assert (one["of"], one["simulated"], one["sample"]) == (120, 40, {"size": 40, "seed": 7})
    assert one["moved"]["low"] < one["moved"]["share"] < one["moved"]["high"]
    assert simulate(both, EAGER, sample=Sample(40, 7)) == one
    assert simulate(both, EAGER, sample=Sample(40, 8)) != one
    whole = simulate(both, EAGER, sample=Sample(500, 7))
    assert (whole["simulated"], whole["sample"]) == (120, None)
    assert whole["moved"]["low"] == whole["moved"]["share"] == whole["moved"]["high"]


def test_a_sample_draws_everybody_equally_often(service):
    """Ids at places are the ids of the list, whatever the gaps."""
    names = sorted(f"p{number}" for number in range(30))
    store(service, **dict.fromkeys(names, 1))
    for places in ([0], [29], [3, 4, 17], list(range(30)), [28, 29, 30]):
        found = service.store.read(lambda reads, places=places: reads.population.ids_at(KEY, places))
        assert found == [names[place] for place in places if place < 30]


def test_the_bounds_of_a_sample_hold_the_truth():
    """Drawn again and again, at least nineteen of twenty samples have the true share between their bounds."""
    chance = Random(1)  # noqa: S311  # the same draws at every run
    for share, size, total in ((0.02, 200, 2_000), (0.3, 100, 1_000), (0.5, 400, 500), (0.001, 1_000, 5_000)):
        moving = round(share * total)
        hits = 0
        for _ in range(400):
            found = sum(place < moving for place in chance.sample(range(total), size))
            low, high = interval(found, size, total)
            hits += low - 1e-9 <= moving / total <= high + 1e-9
        assert hits >= 0.93 * 400, (share, hits)
    assert interval(0, 0, 0) == (0.0, 0.0)
    assert interval(0, 0, 5) == (0.0, 1.0)
    assert interval(5, 5, 5) == (1.0, 1.0)


def test_a_few_profiles_are_named_for_each_move(service):
    """However many move, the result stays small."""
    store(service, **{f"p{number:03}": 4 for number in range(50)})
    found = simulate(service, EAGER)
    assert found["moved"]["profiles"] == 50
    assert len(found["examples"]) == PER_MOVE


def test_several_processes_find_the_same(service, monkeypatch):
    """What helpers count is what one process counts, for profiles that different versions decided last."""
    monkeypatch.setattr("service.operations.authoring.simulate.FEW", 10)
    monkeypatch.setattr("service.operations.authoring.simulate.PAGE", 7)
    store(service, **{f"a{number:02}": number for number in range(20)})
    publish_ruleset(service, json.dumps(changed(title="Second")), "second", COMMAND_LINE)
    store(service, **{f"b{number:02}": number for number in range(20)})
    told = []
    alone = simulate(service, EAGER)
    together = simulate(service, EAGER, processes=2, progress=lambda *at: told.append(at))
    named = {one["profile_id"] for one in together.pop("examples")}
    assert named <= {f"{group}{number:02}" for group in "ab" for number in (3, 4)}
    alone.pop("examples")
    assert together == alone
    assert told[-1] == (40, 40)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_simulation_that_is_cancelled_leaves_no_process(service, monkeypatch):
    """Helpers end with the work, in the middle of whatever they have in hand."""
    monkeypatch.setattr("service.operations.authoring.simulate.FEW", 10)
    monkeypatch.setattr("service.operations.authoring.simulate.PAGE", 5)
    store(service, **{f"p{number:03}": 4 for number in range(60)})

    def cancel(done, total):
        raise Interrupted

    with pytest.raises(Interrupted):
        simulate(service, EAGER, processes=2, progress=cancel)
    assert active_children() == []


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ({}, NotFound, "draft"),
        ({"document": changed(tags=[{"key": "x", "when": "y"}])}, RulesetRejected, "errors"),
        ({"document": changed(key="other")}, InvalidRequest, "faults"),
        ({"document": RULESET, "profiles": []}, InvalidRequest, "faults"),
        ({"document": RULESET, "sample": {"size": 0}}, InvalidRequest, "faults"),
        ({"document": RULESET, "profiles": [{"id": "u"}], "sample": {"size": 5}}, InvalidRequest, "faults"),
        ({"document": RULESET, "at": "soon"}, InvalidRequest, "faults"),
    ],
)
def test_what_can_not_be_simulated_is_refused(service, body, error, words):
    """The caller is told before any job is queued."""
    with pytest.raises(error, match=words):
        simulate_draft(service, KEY, as_read(body), CALLER)
    assert service.store.read(lambda reads: reads.jobs.queued()) == (0, None)


def test_an_erased_profile_is_named_no_more(both):
    """Neither in results that are there, nor in those that are being made; the counts stay."""
    store(both, b=3, c=3)
    job = simulate_draft(both, KEY, as_read({"document": EAGER}), CALLER)
    Runner(both, "r1", KINDS, lambda *_: None).step()
    both.store.write(lambda unit: forget_profile(unit, "b"))
    found = json.loads(json_text(read_job(both, KINDS, job.id, "en")))["result"]
    assert [one["profile_id"] for one in found["examples"]] == ["c"]
    assert found["moved"]["profiles"] == 2
    settled = both.store.write(
        lambda unit: KINDS["simulate"].settle(unit, found | {"failures": [{"profile_id": "gone"}]})
    )
    assert (settled["failures"], len(settled["examples"])) == ([], 1)


def test_the_gate_asks_a_sample_or_a_simulation(both):
    """Without a simulation of all profiles some are decided at once; with one of exactly these two it answers."""
    store(both, **{f"p{number:03}": number % 6 for number in range(60)})
    draft = read_ruleset(json.dumps(EAGER | {"max_moved_share": 0.3})).program
    gate = impact_gate(both, KEY, draft)
    assert (gate.basis, gate.simulated, gate.of, float(gate.share), gate.is_above) == ("sample", 60, 60, 0.333333, True)
    by_job(both, document=EAGER | {"max_moved_share": 0.3}, sample={"size": 10})
    assert impact_gate(both, KEY, draft).basis == "sample"
    by_job(both, document=EAGER | {"max_moved_share": 0.3})
    gate = impact_gate(both, KEY, draft)
    assert (gate.basis, gate.simulated, float(gate.share), gate.is_above) == ("simulation", 60, 0.333333, True)
    assert gate.job_id is not None
    publish_ruleset(both, json.dumps(changed(title="Second")), "second", COMMAND_LINE)
    assert impact_gate(both, KEY, draft).basis == "sample"


def test_the_gate_counts_what_chance_may_have_hidden(service, monkeypatch):
    """A sample just below the limit is not below it for sure; a limit that is not there stops nobody."""
    monkeypatch.setattr("service.operations.authoring.gate.SIZE", 30)
    store(service, **{f"p{number:03}": number % 6 for number in range(60)})
    for limit, is_above in ((0.34, True), (0.9, False), (None, False)):
        document = EAGER if limit is None else EAGER | {"max_moved_share": limit}
        gate = impact_gate(service, KEY, read_ruleset(json.dumps(document)).program)
        assert (gate.simulated, gate.of, gate.is_above) == (30, 60, is_above)
        assert gate.share < gate.high


def test_a_new_ruleset_moves_nobody(service):
    """There is nobody to move, so nothing is asked."""
    draft = read_ruleset(json.dumps(changed(key="fresh") | {"max_moved_share": 0})).program
    gate = impact_gate(service, "fresh", draft)
    assert (gate.basis, gate.share, gate.of, gate.is_above) == ("nobody", None, 0, False)
    empty = impact_gate(service, KEY, read_ruleset(json.dumps(EAGER | {"max_moved_share": 0})).program)
    assert (empty.basis, empty.is_above) == ("nobody", False)
