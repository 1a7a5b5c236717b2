"""Forms of every construct: what nobody touched stays as it was, and what was filled in is what is saved."""

from pathlib import Path

import pytest

from service.console.editing.builder import Builder
from service.console.editing.forms import Book, Posted, fields_of, read_fields, rearranged
from service.console.editing.leaves import ABSENT, READ, SHOW, number_of, period_of, period_texts
from service.console.editing.names import names_of
from service.console.editing.places import SINGLE, construct_of, entries_of, sections
from service.console.texts import speaker
from service.language.document import read_document
from tests.console.test_conditions import fields_of as rows_of
from tests.small import as_read, changed

ROOT = Path(__file__).parents[2]
T = speaker("en")


def sent_by(fields):
    """What a browser sends of a form, as names and values."""
    for one in fields:
        yield "field", one.path
        if one.kind in ("list", "group"):
            for row in one.rows or (one.fields,):
                yield from sent_by(row)
        elif one.tree is not None:
            yield f"{one.path}:view", "rows"
            for name, value in rows_of(one.tree, one.path).items():
                yield from ((name, each) for each in (value if isinstance(value, list) else [value]))
        elif one.kind == "pairs":
            rows = [*one.texts["rows"], ["", "text", ""]]
            yield f"{one.path}#", str(len(rows))
            for index, row in enumerate(rows):
                yield from zip((f"{one.path}/{index}:{part}" for part in ("name", "kind", "text")), row, strict=True)
        elif one.kind != "odd":
            for suffix, value in one.texts.items():
                for each in value if isinstance(value, list) else [value]:
                    if each or one.kind != "flag":
                        yield f"{one.path}:{suffix}" if suffix else one.path, each.replace("\n", "\r\n")


def sent_back(document, section, entry, **more):
    """An entry after its form was sent, some of its fields changed."""
    construct, builder = construct_of(section), Builder(names_of(document, None, T))
    sent = [*sent_by(fields_of(construct, entry, Book(document=document, builder=builder, t=T, trees={})))]
    sent = [(name, value) for name, value in sent if name not in more] + [
        (name, each) for name, value in more.items() for each in (value if isinstance(value, list) else [value])
    ]
    first = dict(reversed(sent))
    return read_fields(
        construct, entry, Posted(first, lambda name: [value for one, value in sent if one == name], builder)
    )


@pytest.mark.parametrize("file", sorted((ROOT / "rulesets").glob("*.json")), ids=lambda file: file.stem)
def test_a_form_that_nobody_touched_changes_nothing(file):
    """Every construct of every shipped ruleset comes back from its form to the letter."""
    document, _ = read_document(file.read_bytes())
    for section in sections():
        for entry in entries_of(document, section):
            assert sent_back(document, section, entry) == entry, (section, entry)
    for section in SINGLE:
        held = document if section == "ruleset" else document.get("lifecycle", {})
        assert sent_back(document, section, held) == held


def test_what_does_not_fit_a_form_stays_as_it_was():
    """A draft may be wrong anywhere: what has no field is shown, and kept."""
    odd = {"key": 3, "title": 7, "when": ["x"], "on": "hello", "sticky": "yes", "held_for": 5, "surprise": {"a": 1}}
    document = changed(tags=[odd])

    assert sent_back(document, "tags", odd) == odd


def test_what_is_filled_in_is_saved():
    """Each kind of field gives the value that its member holds."""
    document = as_read(changed())
    tag = {"key": "regular", "when": "visits >= 3"}

    saved = sent_back(
        document,
        "tags",
        tag,
        **{"title:en": " Regular ", "title:zh": "常客", "held_for": "2", "held_for:unit": "TH", "sticky": "yes"},
        on=["hello"],
        aliases="old_one, older",
        group="",
        manual="no",
    )

    assert saved == tag | {
        "title": {"en": "Regular", "zh": "常客"},
        "held_for": "PT2H",
        "sticky": True,
        "on": ["hello"],
        "aliases": ["old_one", "older"],
        "manual": "no",
    }


def test_what_is_emptied_is_gone():
    """An empty field leaves its member out, as if it had never been there."""
    document = as_read(changed())
    tag = {"key": "greeted", "title": {"en": "Greeted"}, "on": ["hello"], "expires_after": "P3D", "sticky": True}

    saved = sent_back(document, "tags", tag, **{"title:en": "", "expires_after": ""}, on=[], sticky=[])

    assert saved == {"key": "greeted"}


@pytest.mark.parametrize(
    ("kind", "texts", "value"),
    [
        ("number", {"": "1,000.50"}, number_of("1000.50")),
        ("number", {"": "many"}, "many"),
        ("number", {"": " "}, ABSENT),
        ("constant", {"kind": "yesno", "": "true"}, True),
        ("constant", {"kind": "list", "": "a, b"}, ["a", "b"]),
        ("constant", {"kind": "json", "": '{"a": 1}'}, {"a": 1}),
        ("constant", {"kind": "json", "": "{"}, "{"),
        ("constant", {"kind": "text", "": ""}, ABSENT),
        ("words", {"*": "all", "en": "", "zh": ""}, "all"),
        ("pairs", {"rows": [["a", "null", ""], ["", "text", "x"]]}, {"a": None}),
        ("lines", {"": "a\nb\n"}, ["a", "b"]),
    ],
)
def test_texts_are_read_as_people_write_them(kind, texts, value):
    """Figures, lists and durations are taken as they are written; what is none of them is kept for the check to see."""
    assert READ[kind](texts) == value or (value is ABSENT and READ[kind](texts) is ABSENT)


@pytest.mark.parametrize("text", ["P15D", "PT48H", "P1M", "P1DT2H", "rubbish"])
def test_a_duration_survives_its_fields(text):
    """A duration shown as number and unit is the same duration."""
    assert period_of(*period_texts(text)) == text
    assert SHOW["period"](None) == {"": "", "unit": "D"}


def test_rows_of_a_list_are_added_moved_and_removed():
    """Buttons of a list change the list, nested ones too, and nothing beside it."""
    entry = {"key": "a", "components": [{"key": "x", "points": [{"points": 1}, {"points": 2}]}]}

    assert rearranged(entry, "add", "components")["components"][1] == {}
    assert rearranged(entry, "add", "components/0/points")["components"][0]["points"][2] == {}
    assert rearranged(entry, "up", "components/0/points/1")["components"][0]["points"] == [{"points": 2}, {"points": 1}]
    assert rearranged(entry, "remove", "components/0")["components"] == []
    assert rearranged({"key": "v"}, "add", "cases") == {"key": "v", "cases": [{}]}
    assert entry["components"][0]["points"] == [{"points": 1}, {"points": 2}]
