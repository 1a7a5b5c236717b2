"""What is said of the differences between two rulesets, and what of them can change a decision."""

import copy
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.language.constructs import RulesetShape
from service.language.diff import can_change_decisions, compare, merge_three
from service.language.diff.align import moved
from service.language.document import read_document
from service.language.fields import ListOf, Object
from service.language.phrases.changes import AMOUNTS, CHANGES, LABELS, MEASURES, NOUNS
from service.language.pipeline import read_ruleset
from tests.engine.strategies import rulesets, timelines
from tests.engine.test_laws import compiled, live

CASES = Path(__file__).parents[1] / "cases" / "changes"
RULESETS = sorted((Path(__file__).parents[2] / "rulesets").glob("*.json"))
BASE = json.loads((CASES / "base.json").read_text("utf-8"))
ROWS = json.loads((CASES / "changes.json").read_text("utf-8"))


def as_read(document):
    """A document as the reader gives it."""
    return read_document(json.dumps(document))[0]


def edited(document, edits):
    """A copy of a document with edits: a value put at a pointer or dropped there, an entry added, two entries swapped."""
    document = copy.deepcopy(document)
    for edit in edits:
        *holders, name = edit["at"].split("/")[1:]
        place = document
        for part in holders:
            place = place[int(part) if isinstance(place, list) else part]
        key = int(name) if isinstance(place, list) else name
        if "put" in edit:
            place[key] = edit["put"]
        elif "drop" in edit:
            del place[key]
        elif "append" in edit:
            place[key].append(edit["append"])
        elif "insert" in edit:
            place[key].insert(0, edit["insert"])
        else:
            one, other = edit["swap"]
            place[key][one], place[key][other] = place[key][other], place[key][one]
    return document


def said(changes):
    """What is said of some changes."""
    return [
        {
            "is": f"{one.kind} {one.construct} {one.key} {one.pointer}",
            "decides": one.decides,
            "en": one.sentence["en"],
            "zh": one.sentence["zh"],
        }
        for one in changes
    ]


@pytest.mark.parametrize("row", ROWS, ids=[one["case"] for one in ROWS])
def test_a_business_user_reads_what_changed(row):
    """An edit is told construct by construct, in words, in both languages, and whether it can change a decision."""
    assert said(compare(as_read(BASE), as_read(edited(BASE, row["edits"])))) == row["changes"]


@pytest.mark.parametrize("file", RULESETS, ids=lambda file: file.stem)
def test_a_ruleset_does_not_differ_from_itself(file):
    """No change is found between a ruleset and itself, and from nothing to it every construct is new."""
    document = read_document(file.read_bytes())[0]
    ruleset = read_ruleset(file.read_bytes()).ruleset

    assert compare(document, ruleset) == ()
    assert {one.kind for one in compare(None, ruleset)} == {"added", "changed"}
    assert {one.kind for one in compare(ruleset, None) if one.construct != "ruleset"} == {"removed"}


def members(construct):
    """Every construct below one, with its members."""
    yield construct
    for member in construct.members.values():
        inner = member.inner if isinstance(member, ListOf) else member
        if isinstance(inner, Object) and inner.construct.name not in ("Trigger", "Step"):
            yield from members(inner.construct)


def test_every_construct_and_member_has_a_word():
    """No construct and no member of the language goes without a name in sentences."""
    for construct in members(RulesetShape()):
        assert "".join(f"_{one.lower()}" if one.isupper() else one for one in construct.name)[1:] in NOUNS
        for name, member in construct.members.items():
            is_collection = isinstance(member, ListOf) and isinstance(member.inner, Object)
            assert is_collection or name in LABELS, name


def test_every_word_is_there_in_both_languages():
    """What is said of changes is said in English and in Chinese, with the same blanks."""
    for words in (*NOUNS.values(), *LABELS.values(), *CHANGES.values(), *AMOUNTS.values(), *MEASURES.values()):
        assert set(words) == {"en", "zh"}
        assert len({frozenset(re.findall(r"{\w+}", text)) for text in words.values()}) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "P1D", "tag.a and", "n > 3", "silent"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "title", "when", "aliases", "from", "on", "cases"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@st.composite
def spoilt(draw):
    """The document with anything at all put in several places."""
    document = copy.deepcopy(BASE)
    for _ in range(draw(st.integers(1, 4))):
        holder, name = document, None
        for _ in range(draw(st.integers(1, 4))):
            if not isinstance(holder, (dict, list)) or not holder:
                break
            place = (holder, draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder)))))
            holder, name = place[0][place[1]], place
        name[0][name[1]] = draw(JSON)
    return document


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt(), spoilt())
def test_whatever_stands_there_is_compared(one, other):
    """Unfinished and broken documents are compared too: equal ones are equal, and others differ somehow."""
    first, second = as_read(one), as_read(other)

    assert compare(first, copy.deepcopy(first)) == ()
    for change in compare(first, second):
        assert change.sentence["en"]
        assert change.sentence["zh"]
    merge_three(as_read(BASE), first, second)


@pytest.mark.parametrize(
    "one", [None, [], 5, "text", {}, {"key": ["a"]}, {"tags": [[], {"key": {}}]}, {"key": "\ud800"}]
)
def test_what_is_no_ruleset_is_compared(one):
    """A document that is nothing like a ruleset breaks nothing."""
    assert isinstance(compare(one, BASE), tuple)
    assert isinstance(compare(BASE, one), tuple)


SILENT = ("title", "description", "purpose", "owner", "goal", "dimension", "prefix")


@st.composite
def edits(draw, document):
    """A ruleset with a few edits, of which some may matter."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["word", "order", "spelling", "number", "folder", "share"]))
        if kind == "word":
            holder = draw(st.sampled_from([found, *found["tags"], *found["attributes"]]))
            names = SILENT[:4] if holder in found["tags"] else SILENT[:2]
            holder[draw(st.sampled_from(names))] = "words"
        elif kind == "order":
            holder = found[draw(st.sampled_from(["tags", "attributes", "values"]))]
            draw(st.randoms()).shuffle(holder)
        elif kind == "folder":
            found.setdefault("tag_groups", []).append({"key": f"folder{draw(st.integers(0, 99))}"})
        elif kind == "share":
            found["max_moved_share"] = 1
        else:
            one = draw(st.sampled_from([tag for tag in found["tags"] if "when" in tag] or [{"when": ""}]))
            text = one["when"]
            one["when"] = f"( {text} )" if kind == "spelling" else text.replace("3", "4")
    return found


def told(outcome):
    """What an outcome says, apart from the order in which it is said."""
    decisions = sorted(repr(one) for one in outcome.decisions)
    fired = sorted(one.key for one in outcome.actions)
    return outcome.stage, sorted(outcome.tags), outcome.tiers, outcome.scores, outcome.values, decisions, fired


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), rulesets(), timelines())
def test_what_cannot_change_a_decision_does_not(data, document, steps):
    """Where no change is marked as deciding, both versions decide alike whatever happens."""
    other = data.draw(edits(document))
    reading = read_ruleset(json.dumps(other))
    if reading.program is None or can_change_decisions(compare(as_read(document), as_read(other))):
        return
    program = compiled(document)
    outcomes = ([told(outcome) for _, outcome in live(one, steps)] for one in (program, reading.program))
    assert next(outcomes) == next(outcomes)


def test_the_fewest_are_said_to_have_moved():
    """Of a list in another order, all but a longest run that kept its order have moved."""
    assert moved({}) == set()
    assert moved({0: 0, 1: 1, 2: 2}) == set()
    assert moved({0: 3, 1: 0, 2: 1, 3: 2}) == {0}
    assert len(moved({0: 2, 1: 1, 2: 0})) == 2


def test_a_large_ruleset_is_compared_at_once():
    """A ruleset of the greatest size turned upside down is compared in a moment."""
    tags = [{"key": f"t{index}", "when": f"n > {index}"} for index in range(600)]
    changes = compare({"tags": tags}, {"tags": [{**one, "when": "n > 7 or n < 3"} for one in tags[::-1]]})
    assert len(changes) == 1199


def test_a_list_too_long_for_any_ruleset_is_told_as_a_whole():
    """What could never be published is not compared entry by entry."""
    changes = compare({"tags": []}, {"tags": [{"key": f"t{index}"} for index in range(6000)]})
    assert [(one.construct, one.kind, one.member) for one in changes] == [("ruleset", "changed", "tags")]


# three documents


def conflicts(theirs, yours):
    """The conflicts of two people's edits."""
    documents = (as_read(edited(BASE, one)) for one in ([], theirs, yours))
    return merge_three(*documents)[2]


def put(pointer, value):
    """An edit."""
    return {"at": pointer, "put": value}


@pytest.mark.parametrize(
    ("theirs", "yours", "expected"),
    [
        ([put("/tags/0/when", "vip")], [put("/tags/1/when", "vip")], []),
        ([put("/tags/0/when", "vip")], [put("/tags/0/when", "vip")], []),
        ([put("/tags/0/when", "vip")], [put("/tags/0/when", "not vip")], ["tag hot"]),
        ([put("/tags/0/when", "vip")], [put("/tags/0/title", "Hot")], ["tag hot"]),
        ([{"at": "/tags/0", "drop": True}], [put("/tags/0/title", "Hot")], ["tag hot"]),
        ([put("/title", "One")], [put("/timezone", "UTC")], []),
        ([put("/title", "One")], [put("/title", "Two")], ["ruleset "]),
        ([put("/lifecycle/initial", "gone")], [put("/lifecycle/initial", "active")], ["lifecycle "]),
        (
            [put("/tags/3/key", "calm"), put("/tags/3/aliases", ["silent"])],
            [put("/tags/3/owner", "me")],
            ["tag silent"],
        ),
        ([put("/tiers/0/bands/1/from", 40)], [put("/tiers/0/bands/2/from", 70)], []),
        ([put("/tiers/0/bands/1/from", 40)], [put("/tiers/0/bands/1/from", 45)], ["band band/mid"]),
        (
            [put("/tiers/0/bands/1", {"key": "middle", "from": 50, "aliases": ["mid"]})],
            [put("/tiers/0/bands/1/from", 45)],
            ["band band/mid"],
        ),
        ([put("/values/2/cases/0/then", 4)], [put("/values/2/cases/1/then", 5)], ["case cap/2"]),
        ([{"at": "/scores/0", "drop": True}], [put("/scores/0/components/0/weight", 1)], ["score activity"]),
        (
            [put("/scores/0/components/1/points/1/points", 50)],
            [put("/scores/0/components/1/weight", 9)],
            ["component activity/recency"],
        ),
        ([{"at": "/tags", "swap": [3, 4]}], [put("/tags/4/title", "Lost")], []),
        ([{"at": "/tags", "swap": [0, 1]}], [{"at": "/tags", "swap": [1, 2]}], []),
    ],
)
def test_two_people_are_told_where_they_met(theirs, yours, expected):
    """A conflict is a construct that both changed in different ways; what only one did, or both alike, is none."""
    found = conflicts(theirs, yours)
    assert [f"{one.construct} {one.key}" for one in found] == expected
    for one in found:
        assert one.theirs
        assert one.yours
        assert one.sentence["en"].startswith("both changed")
        assert json.dumps(one.to_json()["theirs"], default=str)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            "days_since(seen) >= 15",
            "days_since(seen) >= 10",
            "value `Quiet` now needs at least 10 instead of 15 days since `Seen`",
        ),
        (
            "days_since(seen) >= 15",
            "not vip",
            "value `Quiet` now needs `not vip` instead of at least 15 days since `Seen`",
        ),
        (
            "days_since(seen)",
            "days_since(seen) * 2",
            "value `Quiet`: the expression is now `days_since(seen) * 2` instead of `days_since(seen)`",
        ),
    ],
)
def test_a_value_that_is_a_condition_is_told_as_one(was, now, said):
    """A condition with a name is told like any other condition; a figure is quoted as it is written."""
    attributes = [{"key": "seen", "title": "Seen", "type": "datetime"}, {"key": "vip", "type": "boolean"}]
    one, other = (
        {"attributes": attributes, "values": [{"key": "quiet", "title": "Quiet", "expression": text}]}
        for text in (was, now)
    )

    assert [change.sentence["en"] for change in compare(one, other)] == [said]


def test_nothing_in_a_list_is_compared_with_something():
    """A list of an unfinished draft may hold nothing where an entry is expected."""
    assert [one.kind for one in compare({"examples": [None]}, {"examples": [{"steps": []}]})]
