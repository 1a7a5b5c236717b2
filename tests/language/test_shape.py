"""What the shape promises of any document, and of every member in turn."""

import copy
import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from service.language.document import read_document
from service.language.functions import FUNCTIONS
from service.language.instants import read_instant, zone
from service.language.model import Duration, Ruleset, Step, Trigger
from service.language.phrases.documents import DOCUMENTS
from service.language.shape import shape_ruleset

CASES = Path(__file__).parents[1] / "cases"
RULESETS = Path(__file__).parents[2] / "rulesets"
WHOLE = read_document((CASES / "shapes" / "whole.json").read_bytes())[0]
FAULTS = read_document((CASES / "shapes" / "faults.json").read_bytes())[0]
CODES = (
    "not-json|unknown-member|missing-member|wrong-shape|duplicate-key|reserved-word|limit-exceeded|bands-out-of-order"
)
MISTAKES = [
    one for one in sorted((CASES / "rulesets").iterdir()) if re.match(CODES, one.name) and "expression" not in one.name
]
LEAST = {"format": 1, "key": "least", "attributes": []}


def spoilt(pointer, value=None, *, drop=False):
    """The whole document with one value put at a pointer, or what stands there dropped."""
    if not pointer:
        return value
    document = copy.deepcopy(WHOLE)
    *holders, name = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    place = document
    for part in holders:
        place = place[int(part) if isinstance(place, list) else part]
    if drop:
        del place[name]
    else:
        place[int(name) if isinstance(place, list) else name] = value
    return document


def findings(document):
    """What the shape says about a document, one line for each finding."""
    ruleset, found = shape_ruleset(document)
    assert (ruleset is None) == bool(found)
    return [f"{one.code} {one.pointer} {one.message['en']}" for one in found]


def name_of(fault):
    """What is spoilt, and how."""
    return f"{fault['at']} {json.dumps(fault['put'], default=str) if 'put' in fault else 'dropped'}"[:70]


def keyed(count, **members):
    """That many constructs that differ in their keys only."""
    return [{"key": f"k{index}", **members} for index in range(count)]


def pointers_in(value, pointer=""):
    """The pointer of everything in a document."""
    yield pointer
    for name, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from pointers_in(one, f"{pointer}/{name}")


def names_in(model, found):
    """Every member of every construct in a model that is set to something else than it is by default."""
    if isinstance(model, tuple):
        for one in model:
            names_in(one, found)
    elif is_dataclass(model):
        for field in fields(model):
            value = getattr(model, field.name)
            if value != field.default:
                found.add((type(model).__name__, field.name))
            names_in(value, found)
    return found


def test_a_right_document_becomes_the_model():
    """Every member that is written down arrives in the model, in the document's order."""
    ruleset, found = shape_ruleset(WHOLE)
    assert not found
    assert [one.key for one in ruleset.attributes] == [one["key"] for one in WHOLE["attributes"]]
    assert ruleset.tiers[0].fall_after == Duration("P7D", 0, 7 * 86_400_000)
    assert ruleset.tiers[0].bands[2].start == WHOLE["tiers"][0]["bands"][2]["from"]
    assert ruleset.values[2].cases[0].then == ("a",)
    assert ruleset.lifecycle.transitions[1].sources == ("*",)
    assert ruleset.actions[0].on == (Trigger(stage="gone"), Trigger(tag="loyal"), Trigger(tier="band", band="seed"))
    assert ruleset.attributes[3].enum == ("web", "ad")


def test_every_member_of_the_model_can_be_written():
    """The whole document states every member that the model has, so that none is lost on the way."""
    ruleset, _ = shape_ruleset(WHOLE)
    stated = names_in(ruleset, set())
    kinds = {type(one) for one in (ruleset, ruleset.lifecycle, *ruleset.tags, *ruleset.scores, *ruleset.examples)}
    kinds |= {
        type(one) for one in (*ruleset.tiers, *ruleset.tag_groups, *ruleset.actions, ruleset.examples[0].steps[0])
    }
    missing = {(kind.__name__, field.name) for kind in kinds for field in fields(kind)} - stated
    assert {name for _, name in missing} <= {"title", "description"}


def test_what_may_be_left_out_can_be_left_out():
    """Format, key and attributes are enough; the timezone is UTC then."""
    ruleset, found = shape_ruleset(LEAST)
    assert not found
    assert ruleset == Ruleset(key="least", timezone="UTC", attributes=())


def test_null_equals_absent():
    """Each optional member may be null, everywhere, and means what leaving it out means."""
    nulls = {**LEAST, **dict.fromkeys(["title", "timezone", "events", "tags", "lifecycle", "actions", "examples"])}
    assert shape_ruleset(nulls) == shape_ruleset(LEAST)
    assert shape_ruleset(nulls)[0].document == LEAST


def test_the_document_keeps_what_is_the_authors_own():
    """In the ruleset's document nulls are gone from constructs, and stay in parameters, attributes and expectations."""
    document = shape_ruleset(WHOLE)[0].document
    assert "description" not in document
    assert "until" not in document["tags"][0]
    assert document["actions"][0]["on"][1] == {"tag": "loyal"}
    assert document["actions"][0]["parameters"] == {"channel": None, "deep": [{"x": None}]}
    steps = document["examples"][0]["steps"]
    assert steps[0]["attributes"] == {"joined_at": None}
    assert steps[0]["expect"] == {"stage": None}
    assert "actor" not in steps[1]["manual"]
    assert steps[2]["expect"] == WHOLE["examples"][0]["steps"][2]["expect"]


def test_the_document_shapes_to_the_same_ruleset():
    """What is stored of a version is the version: its document gives the same ruleset and the same document."""
    ruleset, _ = shape_ruleset(WHOLE)
    again, _ = shape_ruleset(ruleset.document)
    assert (again, again.document) == (ruleset, ruleset.document)


def test_the_authors_document_is_left_alone():
    """Shaping changes nothing in what it was given."""
    document = copy.deepcopy(WHOLE)
    shape_ruleset(document)
    assert document == WHOLE


def test_instants_without_offset_are_meant_in_the_timezone():
    """An instant without offset is read on the wall clock of the ruleset's timezone, one with offset is not."""
    ruleset, _ = shape_ruleset(WHOLE)
    shanghai = zone("Asia/Shanghai")
    assert ruleset.tags[2].valid_until == read_instant("2026-06-30T16:00:00Z", shanghai)
    assert ruleset.tags[3].valid_until == read_instant("2026-07-01T00:00:00Z", shanghai)
    assert ruleset.examples[0].steps[0].at == read_instant("2025-12-31T16:00:00Z", shanghai)


def test_a_step_stays_as_it_was_written():
    """What a step posts and expects is handed on as JSON."""
    step = shape_ruleset(WHOLE)[0].examples[0].steps[1]
    manual = {"tag": "friend", "state": "assigned", "reason": "Met.", "expires_at": "2026-02-01T00:00:00Z"}
    assert step == Step(at=step.at, manual=manual)


@pytest.mark.parametrize("fault", FAULTS, ids=name_of)
def test_each_fault_is_found_alone(fault):
    """One wrong value gives the findings that name it, with what was expected and what was found, and no others."""
    assert findings(spoilt(fault["at"], fault.get("put"), drop=fault.get("drop", False))) == fault["finds"]


def test_all_faults_are_found_at_once_and_in_order():
    """Faults anywhere are all reported together, in the order of the document."""
    document = spoilt("/tags/0/when", 5)
    document["examples"][0]["steps"][0]["at"] = "soon"
    document["tiers"][0]["bands"][0]["from"] = 1
    document["tiers"][0]["colour"] = "red"
    document["attributes"][0] = {"type": "text", "key": "left"}
    del document["tags"][2]["key"]
    assert [one.split()[:2] for one in findings(document)] == [
        ["wrong-shape", "/attributes/0/type"],
        ["bands-out-of-order", "/tiers/0/bands/0/from"],
        ["unknown-member", "/tiers/0/colour"],
        ["wrong-shape", "/tags/0/when"],
        ["missing-member", "/tags/2"],
        ["wrong-shape", "/examples/0/steps/0/at"],
    ]


def test_the_nearest_name_is_suggested():
    """An unknown member, word or timezone that resembles a known one is met with it, another with what there is."""
    for pointer, value, advice in [
        ("/tag", [], "did you mean `tags`?"),
        ("/tags/0/wen", "vip", "did you mean `when`?"),
        ("/timezone", "Asia/Shangai", "did you mean `Asia/Shanghai`?"),
        ("/tag_groups/0/dimension", "behavior", "did you mean `behaviour`?"),
        ("/values/1/cases/0/zzz", 1, "known here: `when`, `then`"),
        ("/timezone", "Asia/Beijing", DOCUMENTS["wrong-shape/timezone"].help["en"]),
    ]:
        _, (found,) = shape_ruleset(spoilt(pointer, value))
        assert found.help["en"] == advice


@pytest.mark.parametrize(
    ("pointer", "entries", "most"),
    [
        ("/attributes", keyed(501, type="string"), 500),
        ("/tags", keyed(601, when="vip"), 600),
        ("/scores", keyed(51, components=[{"key": "c", "weight": 1, "value": "reads"}]), 50),
        ("/tiers", keyed(51, input="reads", bands=[{"key": "b"}]), 50),
        ("/lifecycle/stages", keyed(51), 50),
        (
            "/lifecycle/transitions",
            keyed(201, **{"from": ["new"], "to": "gone", "movement": "churn", "when": "vip"}),
            200,
        ),
    ],
)
def test_collections_have_limits(pointer, entries, most):
    """One entry above the limit is refused, at the limit none."""
    more = f"limit-exceeded {pointer} expected at most {most} entries, found {most + 1}"
    assert more in findings(spoilt(pointer, entries))
    assert not [one for one in findings(spoilt(pointer, entries[:-1])) if one.startswith("limit-exceeded")]


def test_expressions_have_a_limit():
    """An expression of 1,000 characters is read, a longer one refused."""
    assert not findings(spoilt("/tags/0/when", "v" * 1000))
    assert findings(spoilt("/tags/0/when", "v" * 1001)) == [
        "limit-exceeded /tags/0/when expected at most 1000 characters, found 1001"
    ]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_attribute_hides_a_function(name):
    """Each function's name is refused as the key of an attribute."""
    assert [one.split()[0] for one in findings(spoilt("/attributes/0/key", name))] == ["reserved-word"]


@pytest.mark.parametrize("value", [None, True, 10**20, "", [None], {"": None}], ids=json.dumps)
def test_no_value_anywhere_makes_it_fail(value):
    """Whatever stands in place of a value, there is an answer."""
    for pointer in pointers_in(WHOLE):
        findings(spoilt(pointer, value))


@pytest.mark.parametrize("folder", MISTAKES, ids=lambda one: one.name)
def test_each_mistake_is_told_in_full(folder):
    """A ruleset with a mistake gets exactly the findings that stand beside it, each with its advice."""
    document, found = read_document((folder / "ruleset.json").read_bytes())
    _, shaped = ((), ()) if found else shape_ruleset(document)
    assert [one.to_json() for one in found + shaped] == json.loads((folder / "diagnostics.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_sentence_is_said_in_two_languages(name):
    """Each sentence stands in English and Chinese with the same blanks, and ends without a full stop."""
    for words in (DOCUMENTS[name].message, DOCUMENTS[name].help):
        if words is not None:
            assert set(words) == {"en", "zh"}
            assert any("\u4e00" <= one <= "\u9fff" for one in words["zh"])
            assert not words["en"].endswith(".")
            assert not words["zh"].endswith("。")


@pytest.mark.parametrize("file", sorted(RULESETS.glob("*.json")), ids=lambda file: file.stem)
def test_the_shipped_rulesets_have_the_right_shape(file):
    """Each ruleset that is shipped is read and shaped without a word."""
    document, unread = read_document(file.read_bytes())
    ruleset, found = shape_ruleset(document)
    assert (unread, found) == ((), ())
    assert ruleset.key == file.stem
