"""Tags that could be one, and making them one: what is found, what the draft says then, and what holders get."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.authoring import tags
from service.operations.authoring.tags import merge_draft_tags, read_overlap
from service.operations.evaluate import evaluate_batch
from service.operations.manual import set_tag
from service.operations.publish import publish_ruleset
from service.operations.sweep import Sweep, sweep
from tests.conftest import wire_on
from tests.governing import ANN, draft, events, held_by, save
from tests.small import KEY, as_read, asking, changed, logged, remembered, request

TAGS = [
    {"key": "often", "purpose": "x", "when": "visits >= 3"},
    {"key": "regular", "purpose": "x", "when": "visits >= 4"},
    {"key": "keen", "purpose": "x", "when": "rate > 0.5"},
    {"key": "never", "purpose": "x", "when": "visits > 1000"},
    {"key": "alone", "purpose": "x", "when": "visits > 2000"},
    {"key": "after", "purpose": "x", "when": "tag.never and tag.regular"},
]


@pytest.fixture
def both(database_url, clock):
    """A service on each database in turn, with a ruleset of which some tags are nearly the same."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(changed(tags=TAGS)), "first", COMMAND_LINE)
    yield service
    service.store.close()


def post(service, items):
    """Evaluate many."""
    reply = evaluate_batch(service, KEY, request({"items": items}), lambda error: {"detail": error.detail})
    assert reply.recorded == len(items), reply.text


def people(service, count=10):
    """Profiles with 0, 1, 2, ... visits, every second one keen."""
    post(service, [asking(f"p{visits}", visits=visits, rate=visits % 2) for visits in range(count)])


def test_tags_with_nearly_the_same_members_are_found(both):
    """Pairs are told with how many hold each, both and either; from the share that was asked for on, most first."""
    people(both)

    found = read_overlap(both, KEY, 80, 100)

    assert (found["of"], found["looked_at"]) == (10, 10)
    (pair,) = found["pairs"]
    assert pair["tags"] == ["often", "regular"]
    assert pair["members"] == {"often": 7, "regular": 6}
    assert (pair["both"], pair["either"], str(pair["share"])) == (6, 7, "0.8571")
    assert [one["tags"] for one in read_overlap(both, KEY, 40, 100)["pairs"]] == [
        ["often", "regular"],
        ["keen", "often"],
    ]
    assert [one["tags"] for one in read_overlap(both, KEY, 1, 1)["pairs"]] == [["often", "regular"]]


def test_tags_that_nobody_holds_are_found(both):
    """A tag without any member is told, and whether anything still refers to it."""
    people(both, 3)
    found = {one["tag"]: one["is_referred_to"] for one in read_overlap(both, KEY, 80, 100)["without_members"]}
    assert found == {"often": False, "regular": True, "never": True, "alone": False, "after": False}


def test_of_very_many_some_are_looked_at(both, monkeypatch):
    """Where there are too many profiles, the same ones are drawn by chance each time, and the reply says so."""
    people(both)
    monkeypatch.setattr(tags, "MOST", 4)
    found = read_overlap(both, KEY, 1, 100)
    assert (found["of"], found["looked_at"]) == (10, 4)
    assert found == read_overlap(both, KEY, 1, 100)


def test_a_ruleset_that_is_not_there_has_no_tags(service):
    """Whoever asks for the tags of nothing is told."""
    with pytest.raises(NotFound):
        read_overlap(service, "nothing", 80, 100)
    with pytest.raises(NotFound):
        merge_draft_tags(service, "nothing", {"keep": "a", "drop": "b"}, ANN)


def test_members_under_a_former_key_count(both):
    """Who was not decided since two tags were merged still counts as a holder of the one that stayed."""
    people(both)
    merged = [{**TAGS[0], "aliases": ["regular"]}, *TAGS[2:5]]
    publish_ruleset(both, json.dumps(changed(tags=merged, values=[], actions=[])), "second", COMMAND_LINE)
    found = read_overlap(both, KEY, 1, 100)
    assert [one["members"] for one in found["pairs"]] == [{"keen": 5, "often": 7}]
    assert [one["tag"] for one in found["without_members"]] == ["never", "alone"]


def test_merging_edits_a_draft(service):
    """Without a draft one begins from the version in force; the changes are told, and who did it is recorded."""
    saved, changes = merge_draft_tags(service, KEY, {"keep": "regular", "drop": "keen"}, ANN)

    assert saved == draft(service)
    document = as_read(json.loads(saved.document))
    assert [one["key"] for one in document["tags"]] == ["regular", "stale", "greeted"]
    assert [one.sentence["en"] for one in changes] == ["tag `keen` is now part of `regular`"]
    assert [(actor, action) for actor, action, _ in events(service)][-1] == ("ann", "ruleset.draft_saved")


def test_merging_goes_on_with_the_draft_that_is_there(service):
    """A draft is edited where it stands, by one who has seen it; by any other it is refused, and stays as it was."""
    save(service, ANN, title="Other")
    before = draft(service)
    with pytest.raises(Conflict) as refused:
        merge_draft_tags(service, KEY, {"keep": "regular", "drop": "keen"}, ANN)
    assert refused.value.code == "precondition-required"
    with pytest.raises(Conflict):
        merge_draft_tags(service, KEY, {"keep": "regular", "drop": "keen"}, ANN, "9-00000000")
    assert draft(service) == before
    saved, _ = merge_draft_tags(service, KEY, {"keep": "regular", "drop": "keen"}, ANN, held_by(service))
    assert json.loads(saved.document)["title"] == "Other"
    again, _ = merge_draft_tags(service, KEY, {"keep": "regular", "drop": "stale", "when": "either"}, ANN, "*")
    assert json.loads(again.document)["tags"][0]["when"] == "(visits >= 3) or (days_since(last_seen) >= 10)"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "wrong-type"),
        ({"keep": "regular"}, "missing-member"),
        ({"keep": "regular", "drop": "keen", "when": "both"}, "wrong-value"),
        ({"keep": "regular", "drop": "regular"}, "same-tag"),
        ({"keep": "regular", "drop": "gone"}, "unknown-tag"),
    ],
)
def test_what_cannot_be_merged_leaves_no_draft(service, body, code):
    """A request with a fault says which, and saves nothing."""
    with pytest.raises(InvalidRequest) as refused:
        merge_draft_tags(service, KEY, body, ANN)
    assert [one.code for one in refused.value.errors] == [code]
    assert draft(service) is None


def test_holders_follow_when_the_merged_version_comes(both, clock):
    """Once the draft is published and applied, everybody who held the tag that is gone holds the other, by rule or by
    hand, and no change is told of anybody whose tags stayed the same.
    """
    people(both)
    word = {"ruleset": KEY, "state": "assigned", "reason": "asked for it"}
    set_tag(both, "p0", "regular", request(word))
    saved, _ = merge_draft_tags(both, KEY, {"keep": "often", "drop": "regular"}, ANN)
    document = json.loads(saved.document)
    assert document["tags"][-1]["when"] == "tag.never and tag.often"

    publish_ruleset(both, saved.document, "merged", COMMAND_LINE, "now")
    clock.at += 3_000
    sweep(both, Sweep(until=clock.at))

    held = {f"p{visits}": json.loads(remembered(both, f"p{visits}").state)["tags"] for visits in range(10)}
    assert all("regular" not in one for one in held.values())
    assert [name for name, one in held.items() if "often" in one] == ["p0", *(f"p{visits}" for visits in range(3, 10))]
    assert json.loads(logged(both, "p5")[-1].record)["outcome"]["decisions"] == []
