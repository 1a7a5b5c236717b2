"""How well examples hold the rules: which small edits none of them notices."""

import json
from decimal import Decimal

import pytest

from service.engine.edits import edited, edits
from service.engine.mutants import draw, try_mutants
from service.engine.proposing import propose
from service.language.canonical import canonical_bytes
from service.language.pipeline import read_ruleset
from tests.engine.programs import attributes, bands, move, program_of, stages, tag

AT = "2026-01-01T00:00:00Z"
TYPES = attributes(n="integer", m="number", d="datetime", b="boolean")


def example(facts, **expect):
    """An example of one step."""
    return {"steps": [{"at": AT, "attributes": facts, "expect": expect}]}


def edits_of(**members):
    """Every edit of a ruleset that still makes one, as what changed: {pointer: [values]}."""
    program = program_of(attributes=TYPES, **members)
    found = {}
    for edit in edits(program):
        document = edited(program, edit)
        if read_ruleset(canonical_bytes(document)).program is not None:
            place = document
            for part in edit.pointer.split("/")[1:]:
                place = (
                    place[int(part)]
                    if isinstance(place, list) and int(part) < len(place)
                    else place.get(part)
                    if isinstance(place, dict)
                    else None
                )
            found.setdefault(edit.pointer, []).append(json.loads(canonical_bytes(place)))
    return found


EXPRESSIONS = [
    ("n >= 3", ["n > 3", "n >= 2", "n >= 4", "not (n >= 3)"]),
    ("m < 0.5", ["m <= 0.5", "m < 0.4", "m < 0.6", "not (m < 0.5)"]),
    ("n == 1", ["n != 1", "n == 0", "n == 2", "not (n == 1)"]),
    ("n == null", ["n != null", "not (n == null)"]),
    ("n > 0 and b", ["n >= 0 and b", "n > 1 and b", "n > 0 or b", "not (n > 0 and b)"]),
    (
        "not b or (n ?? 0) > 5",
        [
            "not b and (n ?? 0) > 5",
            "(b) or (n ?? 0) > 5",
            "not b or (n ?? 0) >= 5",
            "not b or (n ?? 1) > 5",
            "not b or (n ?? 0) > 4",
            "not b or (n ?? 0) > 6",
            "not (not b or (n ?? 0) > 5)",
        ],
    ),
    ("within(d, 'P7D')", ["within(d, 'P6D')", "within(d, 'P8D')", "not (within(d, 'P7D'))"]),
    ("d + t'P1D' > $now", ["d + t'P1D' >= $now", "d + t'P2D' > $now", "not (d + t'P1D' > $now)"]),
    ("n in [1, 2]", ["not (n in [1, 2])"]),
]


@pytest.mark.parametrize(("when", "others"), EXPRESSIONS, ids=[one[0] for one in EXPRESSIONS])
def test_each_part_of_a_condition_is_edited(when, others):
    """A constant or a duration one step off, another comparison, the other word, the condition turned round."""
    assert sorted(edits_of(tags=[tag("t", when)])["/tags/0/when"]) == sorted(others)


WHOLE = {
    "values": [
        {
            "key": "v",
            "output": True,
            "cases": [{"when": "n > 1", "then": 1}, {"when": "b", "then": 2}],
            "otherwise": 3,
        }
    ],
    "scores": [
        {
            "key": "s",
            "components": [
                {"key": "a", "weight": 2, "input": "n", "points": [{"points": 0}, {"from": 5, "points": 99}]},
                {"key": "c", "weight": 1.5, "value": "m"},
            ],
        }
    ],
    "tiers": [{"key": "band", "input": "score.s", "margin": 2, "fall_after": "P1DT2H", "bands": bands("low", high=50)}],
    "tag_groups": [{"key": "g", "exclusive": True}],
    "tags": [
        tag("t", "n >= 3", group="g", held_for="P1D"),
        tag("u", "b", group="g"),
        tag("free", on=["ping"], expires_after="P2D"),
        tag("hand", manual="only"),
    ],
    "events": [{"key": "ping"}],
    "lifecycle": stages(
        "new",
        "grown",
        "gone",
        moves=[
            move("x", "new", "grown", "n > 1", after_stay="P3D"),
            move("y", "new", "gone", "b"),
            move("z", "grown", "gone", "b"),
            move("w", "*", "new", "m > 9"),
        ],
    ),
    "actions": [
        {"key": "a", "on": [{"tag": "t"}, {"tag": "u"}], "cooldown": "P7D"},
        {"key": "b", "on": [{"tag": "t"}]},
    ],
}


@pytest.fixture(name="found", scope="module")
def edited_whole():
    """Every edit of a ruleset with one of each construct."""
    return edits_of(**WHOLE)


def test_each_number_is_edited(found):
    """Weights, points, bands, margins and waits of tiers."""
    assert found["/scores/0/components/0/weight"] == [4]
    assert found["/scores/0/components/1/weight"] == [3]
    assert found["/scores/0/components/0/points/1/from"] == [4, 6]
    assert found["/scores/0/components/0/points/1/points"] == [98, 100]
    assert found["/scores/0/components/0/points/0/points"] == [1]
    assert found["/tiers/0/bands/1/from"] == [49, 51]
    assert found["/tiers/0/margin"] == [1, 3]
    assert found["/tiers/0/fall_after"] == ["P1DT1H", "P1DT3H", None]


def test_each_rule_is_edited(found):
    """Waits, cooldowns, order, and rules left out; what people give by hand has no rule."""
    assert found["/tags/0/held_for"] == ["P2D", None]
    assert found["/tags/0"][0]["manual"] == "only"
    assert found["/tags/1"][1]["key"] == "t"
    assert found["/tags/2/expires_after"] == ["P1D", "P3D", None]
    assert "/tags/3" not in found
    assert found["/lifecycle/transitions/0/after_stay"] == ["P2D", "P4D", None]
    assert [one["key"] for one in found["/lifecycle/transitions/1"]] == ["z", "x"]
    assert [one["key"] for one in found["/lifecycle/transitions/3"] if one] == ["z"]
    assert found["/actions/0/cooldown"] == ["P6D", "P8D", None]
    assert [one and one["tag"] for one in found["/actions/0/on/0"]] == ["u"]
    assert len(found["/actions/1"]) == 1
    assert [one and one["then"] for one in found["/values/0/cases/0"]] == [2]
    assert [one and one["then"] for one in found["/values/0/cases/1"]] == [None, 1]


def test_a_ruleset_of_one_part_keeps_it():
    """What has to be there is not left out."""
    found = edits_of(
        values=[{"key": "v", "output": True, "cases": [{"when": "n > 1", "then": 1}], "otherwise": 3}],
        scores=[{"key": "s", "components": [{"key": "a", "weight": 2, "value": "n"}]}],
    )
    assert set(found) == {"/values/0/cases/0/when", "/scores/0/components/0/weight"}


def test_what_no_example_notices_is_told_in_words():
    """An edit at a boundary that no example stands on survives, in both languages."""
    program = program_of(
        attributes=[{"key": "n", "type": "integer", "title": {"en": "Visits", "zh": "来访次数"}}],
        tags=[tag("t", "n >= 3", title={"en": "Regular", "zh": "常客"})],
        examples=[example({"n": 9}, tags={"has": ["t"]}), example({"n": 0}, tags={"lacks": ["t"]})],
    )
    report = try_mutants(program)
    assert (report.of, report.tried, report.noticed, report.score) == (5, 5, 2, Decimal(40))
    assert {one.pointer for one in report.survivors} == {"/tags/0/when"}
    assert {
        "en": "no example notices this change: tag `Regular` now needs `Visits` of at least 4 instead of 3",
        "zh": "没有示例能发现此改动：标签 `常客` 现在要求 `来访次数` 至少 4（原为 3）",
    } in [dict(one.sentence) for one in report.survivors]
    assert report.to_json()["score"] == 40


def test_accepted_proposals_notice_more():
    """Examples at the boundaries are what small edits can't pass."""
    program = program_of(
        attributes=TYPES,
        tags=[tag("t", "n >= 3 and m < 0.5")],
        examples=[example({"n": 9, "m": 0}, tags={"has": ["t"]})],
    )
    added = [one.example for one in propose(program).examples]
    richer = read_ruleset(
        canonical_bytes({**program.ruleset.document, "examples": [*program.ruleset.document["examples"], *added]})
    ).program
    assert try_mutants(program).score < 60
    assert try_mutants(richer).score == 100


def test_edits_that_decide_nothing_do_not_count():
    """Another spelling of the same rule, and what is no ruleset, are neither noticed nor missed."""
    program = program_of(
        attributes=TYPES,
        tags=[tag("t", "n >= 3 and n != null")],
        tiers=[{"key": "band", "input": "n", "bands": bands("low", mid=1, high=2)}],
        examples=[
            example(
                {"n": n},
                tags={"has" if n >= 3 else "lacks": ["t"]},
                tiers={"band": "low" if n < 1 else "mid" if n < 2 else "high"},
            )
            for n in (0, 1, 2, 3)
        ],
    )
    report = try_mutants(program)
    assert report.tried < report.of


def test_nothing_is_tried_while_an_example_fails():
    """First the examples have to pass; a ruleset without rules has nothing to try."""
    program = program_of(attributes=TYPES, tags=[tag("t", "n >= 3")], examples=[example({"n": 1}, tags={"has": ["t"]})])
    report = try_mutants(program)
    assert (report.passes, report.tried) == (False, 0)
    assert try_mutants(program_of(attributes=TYPES)).score == 100


def test_the_seed_says_which_edits_are_drawn():
    """The same seed draws the same, another one others; progress is told."""
    program = program_of(attributes=TYPES, tags=[tag(f"t{n}", f"n >= {n}") for n in range(3, 9)])
    every = list(edits(program))
    assert draw(every, 10, 1) == draw(every, 10, 1) != draw(every, 10, 2)
    assert len({id(one) for one in draw(every, 10, 1)}) == 10
    told = []
    report = try_mutants(program, 4, 7, lambda done, of: told.append((done, of)))
    assert (report.tried, report.seed, told) == (4, 7, [(0, 4), (1, 4), (2, 4), (3, 4)])
