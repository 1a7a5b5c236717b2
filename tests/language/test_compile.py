"""From checked rules to one program: what is looked up once, what is generated, and that nothing an author writes becomes code."""

import pytest

from service.language.instants import DAY
from service.language.plans import is_plain
from tests.engine.programs import Profile, attributes, bands, moment, move, program_of, stages, tag

OWN_NAMES = (
    "run",
    "facts",
    "at",
    "found",
    "ready",
    "fired",
    "held",
    "calm",
    "day",
    "profile",
    "w",
    "u",
    "x1",
    "q0",
    "k1",
    "f_plus",
    "local_date",
    "midnight",
)


@pytest.mark.parametrize("name", OWN_NAMES)
def test_no_key_collides_with_a_generated_name(name):
    """An author may choose any key, also one that the generated code uses itself."""
    program = program_of(
        attributes=attributes(**{name: "number"}),
        events=[{"key": name}],
        values=[{"key": f"{name}_", "output": True, "expression": f"{name} + 1"}],
        scores=[{"key": name, "components": [{"key": name, "weight": 1, "value": f"{name}_ + 1"}]}],
        tiers=[{"key": name, "input": f"score.{name}", "bands": bands("low", high=5)}],
        tags=[
            tag(name, f"tier.{name} == 'high' and not ({name} / 0 > 1 and {name} > 100)"),
            tag(f"{name}_2", f"tag.{name}", on=[name], expires_after="P1D"),
        ],
        lifecycle=stages("one", name, moves=[move(name, "one", name, f"tag.{name}")]),
        actions=[{"key": name, "on": [{"tag": name}], "when": f"{name}_ > 1"}],
    )

    outcome = Profile(program).at("01-01", {name: 4}, event=name)

    assert outcome.values == {f"{name}_": 5}
    assert (outcome.tags, outcome.tiers, outcome.stage) == ([name, f"{name}_2"], {name: "high"}, name)
    assert [one.key for one in outcome.actions] == [name]


def test_hostile_texts_stay_texts():
    """What looks like code in a ruleset is compared as text."""
    hostile = '\'); __import__("os").system("false") #\n{x} %s \\u0000 """'
    program = program_of(
        attributes=attributes(s="string"),
        tags=[tag("same", 's == "' + hostile.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"')],
    )

    assert Profile(program).at("01-01", {"s": hostile}).tags == ["same"]


def test_generated_code_reaches_no_builtins():
    """The generated functions see only what they were given."""
    program = program_of(attributes=attributes(n="number"), tags=[tag("big", "n > 5")])

    for function in (program.run, program.watch, program.clocks, program.next_clocks, program.ticks, program.act):
        assert function.__globals__["__builtins__"] == {}


def test_equal_constants_are_kept_once():
    """A list that many rules name is one object, and numbers that are written differently are not mixed up."""
    rules = [tag(f"t{index}", "s in ['a', 'b'] and n > 2.50 and n > 2.5") for index in range(5)]
    names = program_of(attributes=attributes(s="string", n="number"), tags=rules).run.__globals__

    constants = [repr(one) for name, one in names.items() if name.startswith("K") and "Plan" not in repr(one)]
    assert len(constants) == len(set(constants)) == 3


def test_conditions_that_time_can_not_change_are_not_watched():
    """Only what reads the clock is looked at again; of a tier's input only between which thresholds it lies."""
    program = program_of(
        attributes=attributes(n="number", t="datetime"),
        events=[{"key": "ping"}],
        values=[{"key": "idle", "expression": "days_since(t)"}],
        scores=[{"key": "age", "components": [{"key": "days", "weight": 1, "value": "idle"}]}],
        tiers=[
            {"key": "band", "input": "idle", "margin": 2, "bands": bands("low", mid=5, high=9)},
            {"key": "size", "input": "n", "bands": bands("low", high=5)},
        ],
        tags=[
            tag("big", "n > 5"),
            tag("old", "idle >= 3"),
            tag("older", "score.age >= 3 and tag.old"),
            tag("pinged", "idle >= 3", on=["ping"], until="idle >= 30"),
        ],
        lifecycle=stages(
            "new",
            "late",
            moves=[
                move("ages", "new", "late", "idle > 2 and tag.big"),
                move("pings", "new", "late", "idle > 2", on=["ping"]),
            ],
        ),
    )
    profile = Profile(program)
    run = profile.at("01-01", {"n": 6, "t": "2026-01-01T00:00:00Z"}).run

    views = [program.watch(run, run.facts, moment("01-01") + days * DAY) for days in (0, 3, 6, 9, 30)]

    assert views == [
        (False, False, False, False, 0),
        (True, False, False, True, 1),
        (True, False, False, True, 2),
        (True, False, False, True, 4),
        (True, False, True, True, 4),
    ]


def test_counts_of_one_counter_are_asked_for_together():
    """Many thresholds over one counter are one clock, and constant dates are found when the version is made."""
    days = [tag(f"d{count}", f"days_since(t) >= {count}") for count in (9, 3, 6)]
    dates = [tag("from", "$now >= d'2026-02-01'"), tag("to", "$today < d'2026-03-01'")]
    program = program_of(attributes=attributes(t="datetime"), tags=[*days, *dates])
    run = Profile(program).at("01-01", {"t": "2026-01-01T00:00:00Z"}).run

    found = []
    program.clocks(run, run.facts, run.at, found)

    expected = ["01-04", "01-07", "01-10", "02-01", "02-01T00:00:00.001", "03-01", "03-02"]
    assert sorted(found) == [moment(one) for one in expected]
    assert not program.has_next
    assert not program.has_ticks


@pytest.mark.parametrize(
    ("members", "plain"),
    [
        ({"when": "b"}, True),
        ({"when": "b", "group": "open"}, True),
        ({"when": "b", "group": "one"}, False),
        ({"when": "b", "sticky": True}, False),
        ({"when": "b", "sticky": True, "until": "b"}, False),
        ({"when": "b", "held_for": "P1D"}, False),
        ({"when": "b", "expires_after": "P1D"}, False),
        ({"when": "b", "valid_until": "2026-01-01T00:00:00Z"}, False),
        ({"on": ["ping"], "expires_after": "P1D"}, False),
        ({"manual": "only"}, True),
    ],
)
def test_a_tag_is_plain_if_it_has_no_memory(members, plain):
    """A plain tag is held exactly while its rule is true, so that a glance decides it."""
    groups = [{"key": "open"}, {"key": "one", "exclusive": True}]
    program = program_of(
        attributes=attributes(b="boolean"), events=[{"key": "ping"}], tag_groups=groups, tags=[tag("x", **members)]
    )

    assert is_plain(program.tags["x"]) is plain


def test_a_program_knows_its_ways_and_merged_keys():
    """Which transitions leave a stage, what fires an action, which keys were merged, what must be held and what ends."""
    program = program_of(
        attributes=attributes(b="boolean"),
        tiers=[
            {"key": "band", "input": "1 + 1", "bands": [{"key": "low"}, {"key": "high", "from": 5, "aliases": ["top"]}]}
        ],
        tags=[tag("x", "b", aliases=["y", "z"], held_for="P1D", valid_until="2026-01-05T00:00:00Z")],
        lifecycle=stages(
            {"key": "new", "aliases": ["start"]},
            "old",
            moves=[move("any", "*", "old", "b"), move("back", "old", "new", "not b", held_for="P2D")],
        ),
        actions=[{"key": "do", "on": [{"stage": "old"}, {"tag": "x"}, {"tier": "band", "band": "high"}]}],
    )

    assert {stage: [one.transition.key for one in ways] for stage, ways in program.lifecycle.leaving.items()} == {
        "new": ["any"],
        "old": ["back"],
    }
    assert program.actions[0].triggers == (
        ("stage", "lifecycle", "old"),
        ("tag", "x", "held"),
        ("tier", "band", "high"),
    )
    assert program.aliases == {"tag/y": "x", "tag/z": "x", "stage/start": "new", "tier/band/top": "high"}
    assert {rule: period.text for rule, period in program.held.items()} == {
        "tags/x": "P1D",
        "lifecycle/transitions/back": "P2D",
    }
    assert program.ending == {"x": moment("01-05")}
    assert program.key == "test"


def test_a_list_beside_what_is_remembered_is_looked_at_item_by_item():
    """What the facts alone decide is computed beforehand, but for a list whose items may be unknown one by one."""
    program = program_of(
        attributes=attributes(s="string", t="datetime"),
        tags=[tag("one_of", "stage in [s, 'new']"), tag("same_day", "since.stage in [t, d'2026-02-01']")],
        lifecycle=stages("new"),
    )

    assert Profile(program).at("01-01", {}).tags == ["one_of"]
    assert Profile(program).at("01-01", {"t": "2026-01-01T00:00:00Z"}).tags == ["one_of", "same_day"]


def test_a_ruleset_of_attributes_alone_is_a_program():
    """A ruleset without any rule decides nothing, and does so without a fault."""
    outcome = Profile(program_of(attributes=attributes(n="number"))).at("01-01", {"n": 1})

    assert (outcome.tags, outcome.tiers, outcome.stage, outcome.decisions, outcome.next_change) == (
        [],
        {},
        None,
        [],
        None,
    )
