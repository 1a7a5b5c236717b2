"""The log: every decision can be found, and pages neither repeat nor skip."""

import json

import pytest

from service.errors import InvalidRequest, NotFound
from service.operations.auditing import find as finder
from service.operations.auditing.find import Filter, list_decisions, read_evaluation
from service.operations.evaluate import evaluate_profile
from service.operations.profiles import read_profile
from tests.small import DAY, KEY, START, asking, logged, request


def decide(service, body):
    """Record one evaluation."""
    return json.loads(evaluate_profile(service, KEY, request(body)).text)


def find(service, *, everything=False, between=(None, None), limit=100, cursor=None, **equal):
    """Decisions that fit."""
    return list_decisions(service, Filter(equal, between, everything), cursor, limit)


def all_pages(service, limit, **more):
    """Every decision that fits, page by page."""
    found, cursor = [], None
    while True:
        items, cursor = find(service, limit=limit, cursor=cursor, **more)
        found += items
        if cursor is None:
            return found


@pytest.fixture
def history(service, clock):
    """Some evaluations of two profiles over three days."""
    for visits in (4, 0, 5):
        for profile in ("u", "v"):
            decide(service, asking(profile, visits=visits))
        clock.at += DAY
    return service


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_pages_neither_repeat_nor_skip(history, everything, limit):
    """Whatever the size of a page, all pages together are the whole log, newest first."""
    whole = all_pages(history, 1000, everything=everything)
    assert all_pages(history, limit, everything=everything) == whole
    assert len({one["id"] for one in whole}) == len(whole)
    assert [one["evaluation_id"] for one in whole] == sorted((one["evaluation_id"] for one in whole), reverse=True)


def test_what_comes_meanwhile_does_not_move_a_page(history):
    """An evaluation between two pages is on neither of them."""
    whole = all_pages(history, 1000)
    first, cursor = find(history, limit=3)
    decide(history, asking("w", visits=9))
    second, _ = find(history, limit=1000, cursor=cursor)
    assert first + second == whole


@pytest.mark.parametrize(
    ("equal", "expected"),
    [
        ({"profile_id": "u"}, {("u", "stage"), ("u", "tag"), ("u", "tier")}),
        ({"profile_id": "u", "kind": "tag", "key": "regular", "outcome": "removed"}, {("u", "tag")}),
        ({"kind": "stage"}, {("u", "stage"), ("v", "stage")}),
        ({"cause": "data", "kind": "stage"}, {("u", "stage"), ("v", "stage")}),
        ({"rule": "lifecycle/transitions/sleeps"}, {("u", "stage"), ("v", "stage")}),
        ({"ruleset": "other"}, set()),
        ({"version": 2}, set()),
    ],
)
@pytest.mark.parametrize("everything", [False, True])
def test_a_filter_finds_what_fits(history, equal, expected, everything):
    """Each filter leaves exactly the decisions that fit."""
    found = all_pages(history, 5, everything=everything, **equal)
    assert {(one["profile_id"], one["kind"]) for one in found} == expected
    for one in found:
        assert all(one[name] == value for name, value in equal.items())


def test_a_range_of_time_is_half_open(history):
    """`from` belongs to the range, `to` does not."""
    found = all_pages(history, 5, between=(START + DAY, START + 2 * DAY))
    assert {one["at"] for one in found} == {"2026-01-02T00:00:00Z"}


def test_everything_includes_what_did_not_change(history):
    """Every tag, tier and stage of an evaluation can be found with its outcome."""
    (first, *_) = logged(history, "u")
    found = [one for one in all_pages(history, 50, everything=True) if one["evaluation_id"] == first.id]
    assert {(one["key"], one["outcome"]) for one in found} == {
        ("regular", "assigned"),
        ("lifecycle", "entered"),
        ("lifecycle", "moved"),
        ("band", "entered"),
        ("stale", "undetermined"),
        ("keen", "undetermined"),
        ("greeted", "absent"),
    }
    changes = [one for one in all_pages(history, 50) if one["evaluation_id"] == first.id]
    assert {one["id"] for one in changes} < {one["id"] for one in found}
    assert all(one in found for one in changes)


def test_a_page_does_not_look_for_ever(history, monkeypatch):
    """A rare decision in a long log is found over several pages, each after a bounded search."""
    monkeypatch.setattr(finder, "MOST_LOOKED_AT", 2)
    monkeypatch.setattr(finder, "CHUNK", 1)
    items, cursor = find(history, everything=True, outcome="entered", limit=10)
    assert (items, cursor is None) == ([], False)
    assert len(all_pages(history, 10, everything=True, outcome="entered", kind="stage")) == 2


def test_a_cursor_belongs_to_its_filter(history):
    """A cursor is of no use for another query, and neither is one that was made up."""
    _, cursor = find(history, limit=1)
    for wrong, more in ((cursor, {"kind": "tag"}), ("nonsense", {}), ("ä", {}), ("e30", {}), ("W10", {}), ("", {})):
        with pytest.raises(InvalidRequest) as refused:
            find(history, cursor=wrong, **more)
        assert refused.value.errors[0].pointer == "/cursor"


def test_a_record_is_read_as_it_was_written(history):
    """The record that is shown is the text that was recorded, to the byte."""
    row = logged(history, "u")[0]
    assert read_evaluation(history, row.id) == row.record.encode()
    with pytest.raises(NotFound):
        read_evaluation(history, "nothing")


def test_a_profile_is_shown_as_it_was_last_decided(history):
    """The state of a profile is what its last record says, with since when."""
    (found,) = read_profile(history, "u", None)["rulesets"]
    assert (found["stage"], found["tags"], found["tiers"], found["revision"]) == (
        "active",
        ["regular"],
        {"band": "high"},
        3,
    )
    assert found["since"]["tags"] == {"regular": "2026-01-03T00:00:00Z"}
    assert found["evaluation_id"] == logged(history, "u")[-1].id
    with pytest.raises(NotFound):
        read_profile(history, "u", "other")
    with pytest.raises(NotFound):
        read_profile(history, "nobody", None)
