"""Why each decision came out as it did: its rule's expressions, the value of every part, as JSON shows them."""

from decimal import Decimal

import pytest

from service.engine.explain import MOST_TEXT, explain
from tests.engine.programs import Profile, attributes, bands, move, program_of, stages, tag

MEMBERS = {
    "attributes": attributes(n="number", m="number", t="datetime", s="string", xs="strings"),
    "events": [{"key": "ping"}],
    "tiers": [{"key": "band", "input": "n * 2", "bands": bands("low", high=10)}],
    "tags": [
        tag("big", "n > 5 and (m ?? 0) < 3", sticky=True, until="m > 100"),
        tag("pinged", on=["ping"], until="m > 100"),
        tag("asked", "event.text == s", on=["ping"], expires_after="P1D"),
        tag("late", "t < d'2026-01-02' and days_since(t) >= 3"),
        tag("listed", "any_of(xs, ['a', s])"),
        tag("vip", manual="only"),
        tag("dated", "calendar_days_since(t) >= 1 and since.stage <= $now"),
        tag("either", "t in [t, d'2026-01-03']"),
    ],
    "lifecycle": stages(
        "new", "grown", moves=[move("grows", "new", "grown", "n > 5"), move("pings", "new", "grown", on=["ping"])]
    ),
}
FACTS = {"n": 6, "t": "2026-01-01T00:00:00Z", "s": "hello"}


@pytest.fixture(name="profile")
def started():
    """A profile on its first day."""
    return Profile(program_of(**MEMBERS))


def explained(profile, key, **options):
    """The entry of one tag, tier or the lifecycle in the explanation of the last outcome."""
    (entry,) = [one for one in explain(profile.program, profile.outcomes[-1], **options) if one["key"] == key]
    return entry


def test_a_condition_is_shown_part_by_part(profile):
    """Each part is the text as written with its value; unknown is null, and constants are left out."""
    profile.at("01-01", FACTS)

    entry = explained(profile, "big")

    assert {name: entry[name] for name in ("kind", "outcome", "rule")} == {
        "kind": "tag",
        "outcome": "assigned",
        "rule": "tags/big",
    }
    assert entry["conditions"] == [
        {
            "member": "when",
            "expression": "n > 5 and (m ?? 0) < 3",
            "text": "n > 5 and (m ?? 0) < 3",
            "value": True,
            "parts": [
                {"text": "n > 5", "value": True, "parts": [{"text": "n", "value": Decimal(6)}]},
                {
                    "text": "(m ?? 0) < 3",
                    "value": True,
                    "parts": [{"text": "m ?? 0", "value": Decimal(0), "parts": [{"text": "m", "value": None}]}],
                },
            ],
        },
        {
            "member": "until",
            "expression": "m > 100",
            "text": "m > 100",
            "value": None,
            "parts": [{"text": "m", "value": None}],
        },
    ]


def test_instants_lists_and_texts_are_written_out(profile):
    """Instants read as RFC 3339, lists as lists, and long texts are cut."""
    profile.at("01-02", {**FACTS, "xs": ["x", "a"], "s": "y" * 1000})

    late = explained(profile, "late", everything=True)["conditions"][0]
    listed = explained(profile, "listed")["conditions"][0]
    either = explained(profile, "either")["conditions"][0]
    dated = explained(profile, "dated")["conditions"][0]

    assert late["parts"][0]["parts"] == [{"text": "t", "value": "2026-01-01T00:00:00Z"}]
    assert late["parts"][1]["parts"] == [
        {"text": "days_since(t)", "value": Decimal(1), "parts": [{"text": "t", "value": "2026-01-01T00:00:00Z"}]}
    ]
    assert listed["parts"][0] == {"text": "xs", "value": ["x", "a"]}
    assert listed["parts"][1]["value"] == ["a", "y" * MOST_TEXT]
    assert [one["value"] for one in dated["parts"]] == [True, True]
    assert dated["parts"][1]["parts"] == [
        {"text": name, "value": "2026-01-02T00:00:00Z"} for name in ("since.stage", "$now")
    ]
    assert either["parts"][1]["value"] == ["2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"]


def test_a_tier_shows_its_input_and_a_transition_its_condition(profile):
    """Tiers and transitions are explained by the expression that moved them."""
    profile.at("01-01", FACTS)

    tier = explained(profile, "band")
    entered, moved = [one for one in explain(profile.program, profile.outcomes[-1]) if one["kind"] == "stage"]

    assert [(one["member"], one["value"]) for one in tier["conditions"]] == [("input", Decimal(12))]
    assert entered["conditions"] == []
    assert [(one["member"], one["expression"], one["value"]) for one in moved["conditions"]] == [
        ("when", "n > 5", True)
    ]


def test_events_are_shown_and_absent_members_are_not(profile):
    """A rule without `when` shows only its `until`; a transition on an event alone shows nothing."""
    profile.at("01-01", {"s": "hello", "m": 1}, event="ping", text="hello")

    assert [one["member"] for one in explained(profile, "pinged")["conditions"]] == ["until"]
    assert explained(profile, "asked")["conditions"][0]["parts"][0] == {"text": "event.text", "value": "hello"}
    stages_ = [one for one in explain(profile.program, profile.outcomes[-1]) if one["kind"] == "stage"]
    assert [(one["rule"], one["conditions"]) for one in stages_] == [
        ("lifecycle/initial", []),
        ("lifecycle/transitions/pings", []),
    ]


def test_an_event_is_unknown_where_there_is_none(profile):
    """Asked later, the part that reads the event is unknown."""
    profile.at("01-01", FACTS)

    part = explained(profile, "asked", everything=True)["conditions"][0]["parts"][0]

    assert part == {"text": "event.text", "value": None}


def test_everything_adds_what_is_kept_and_absent(profile):
    """By default only changes and what stands out are explained; `everything` names all, each once."""
    profile.at("01-01", FACTS)
    profile.at("01-01T12:00:00", FACTS)
    outcome = profile.outcomes[-1]

    told = [one["key"] for one in explain(profile.program, outcome)]
    everything = [one["key"] for one in explain(profile.program, outcome, everything=True)]

    assert told == ["big", "listed"]
    assert sorted(everything) == sorted([*(one["key"] for one in MEMBERS["tags"]), "band", "lifecycle"])


def test_what_has_no_rule_any_more_has_no_conditions(profile):
    """A tag that a new version took away, and a conflict, are told without expressions."""
    profile.at("01-01", FACTS)
    moves = [move("out", "grown", "new", "n > 5"), move("back", "new", "grown", "n > 5")]
    other = {**MEMBERS, "tags": MEMBERS["tags"][1:], "lifecycle": stages("new", "grown", moves=moves)}

    profile.under(program_of(**other)).at("01-01T12:00:00")

    assert explained(profile, "big")["conditions"] == []
    assert (explained(profile, "lifecycle")["rule"], explained(profile, "lifecycle")["conditions"]) == (None, [])
