"""What editors can rely on in the JSON Schema of a ruleset."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.language.document import read_document
from service.language.schema import ruleset_schema
from service.language.shape import shape_ruleset

ROOT = Path(__file__).parents[2]
WHOLE = json.loads((ROOT / "tests/cases/shapes/whole.json").read_text("utf-8"))
SCHEMA = ruleset_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def objects_in(schema):
    """Every schema of an object with known members."""
    return [one for one in (schema, *schema["$defs"].values()) if "properties" in one]


def test_it_is_a_schema():
    """The schema is valid by JSON Schema's own, and can be written as JSON."""
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("file", sorted((ROOT / "rulesets").glob("*.json")), ids=lambda file: file.stem)
def test_the_shipped_rulesets_fit(file):
    """Each ruleset that is shipped is valid by the schema."""
    assert not list(VALIDATOR.iter_errors(json.loads(file.read_text("utf-8"))))


def test_every_member_fits():
    """A document with every member, nulls among them, is valid by the schema."""
    assert not list(VALIDATOR.iter_errors(WHOLE))


def test_every_member_is_explained():
    """Each construct and each member has a description, so that an editor can show one."""
    for one in objects_in(SCHEMA):
        assert one["description"].endswith(".")
        assert all(member["description"] for member in one["properties"].values())


def test_members_that_are_not_known_are_refused():
    """No construct takes a member that the language does not have."""
    assert all(one["additionalProperties"] is False for one in objects_in(SCHEMA))


def test_every_reference_leads_to_a_definition():
    """The schema stands for itself: it refers to nothing outside, and defines nothing that is unused."""
    text = json.dumps(SCHEMA)
    assert text.count('"$ref": "#/$defs/') == text.count('"$ref"')
    assert all(f'"#/$defs/{name}"' in text for name in SCHEMA["$defs"])


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/tags/0/when", 5),
        ("/tags/0/wen", "vip"),
        ("/tags/0/manual", "maybe"),
        ("/tags/0/key", "while"),
        ("/tags/0/aliases", ["a", "a"]),
        ("/tags/0/expires_after", "1 week"),
        ("/tags/0/title", {"EN": "x"}),
        ("/tags/0/title", {}),
        ("/tags/3/valid_until", "2026-07-01"),
        ("/attributes/0/type", "text"),
        ("/attributes/0/key", "days_since"),
        ("/attributes/0/key", None),
        ("/scores/0/components", []),
        ("/scores/0/components/0/weight", 0),
        ("/scores/0/decimals", 2.5),
        ("/scores/0/minimum_coverage", 1.5),
        ("/max_moved_share", -0.1),
        ("/lifecycle/transitions/0/from", ["**"]),
        ("/actions/0/parameters", []),
        ("/examples/0/steps/2/expect/scores", {"activity": "1"}),
        ("/examples/0/steps/2/expect/tags", None),
        ("/timezone", "Asia/Shangai"),
        ("/format", 2),
        ("/key", "Caps"),
    ],
)
def test_a_spoilt_document_is_refused(pointer, value):
    """One wrong value is refused at its place, as the check refuses it."""
    document = json.loads(json.dumps(WHOLE))
    *holders, name = pointer.split("/")[1:]
    place = document
    for part in holders:
        place = place[int(part) if isinstance(place, list) else part]
    place[name] = value
    assert list(VALIDATOR.iter_errors(document))
    assert shape_ruleset(read_document(json.dumps(document))[0])[1]
