"""Drafts: whatever is typed is kept, and nobody writes over what they have not seen."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.authoring.drafts import (
    check_draft,
    discard_draft,
    list_draft_revisions,
    list_drafts,
    read_draft,
    read_draft_revision,
    save_draft,
)
from service.operations.authoring.stamps import stamp
from tests.conftest import wire_on
from tests.governing import ANN, BOB, EVE, draft, events, held_by, released, save
from tests.small import KEY, RULESET


@pytest.fixture
def both(database_url, clock):
    """A service on each database in turn, without rulesets."""
    service = wire_on(database_url, clock)
    yield service
    service.store.close()


@pytest.mark.parametrize("text", ['{"key": "new"}', ' {"key":"new", "tags": "no", "x": 1.50}\n', '\ufeff{"key":"new"}'])
def test_a_draft_may_be_unfinished(service, text):
    """Saving never loses work: any object that says whose it is, also of a ruleset that is new."""
    saved = save_draft(service, "new", text, ANN)
    assert read_draft(service, "new") == saved
    assert saved.document == text.removeprefix("\ufeff")
    assert (saved.base_version, saved.revision, saved.state) == (None, 1, "editing")
    assert not json.loads(check_draft(service, "new", "en"))["valid"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"key": "other"}', "wrong-value"),
        ("{}", "wrong-value"),
        ("[]", "wrong-type"),
        ('{"key": "small"', "not-json"),
        ('{"key": "small", "key": "small"}', "duplicate-key"),
        ('{"key": "small", "x": "' + "x" * (1 << 20) + '"}', "limit-exceeded"),
    ],
)
def test_what_is_no_document_of_the_ruleset_is_refused(service, text, code):
    """A text that could not be read again, or that is another ruleset's, is told at once."""
    with pytest.raises(InvalidRequest) as refused:
        save_draft(service, KEY, text, ANN)
    assert [one.code for one in refused.value.errors] == [code]
    assert draft(service) is None


def test_a_key_that_can_not_be_one_has_no_draft(service):
    """Nobody writes for long at a ruleset that could never be published."""
    with pytest.raises(NotFound, match="can't be the key of a ruleset"):
        save_draft(service, "Not a key", '{"key": "Not a key"}', ANN)


def test_saving_the_same_again_changes_nothing(service):
    """An autosave that is sent twice is one revision and one event, also if the second names the old one."""
    first = save(service, title="A")
    assert save(service, BOB, held="9-00000000", title="A") == first
    assert [action for _, action, _ in events(service)].count("ruleset.draft_saved") == 1


def test_a_draft_is_not_saved_over_unseen(service):
    """Without naming what they hold, the second of two editors is asked to."""
    first = save(service, title="A")
    with pytest.raises(Conflict) as refused:
        save(service, BOB, held=None, title="B")
    assert (refused.value.code, refused.value.more) == ("precondition-required", {"stamp": stamp(first)})


def test_who_lost_a_race_is_shown_what_both_changed(service):
    """The picture has the others' changes and saves, one's own, and what both changed, in both languages."""
    held = stamp(save(service, ANN, timezone="UTC"))
    save(service, BOB, title="Theirs", timezone="UTC")
    theirs = save(service, EVE, title="Theirs", timezone="UTC", events=[])
    with pytest.raises(Conflict) as lost:
        save(service, ANN, held=held, title="Mine", timezone="Asia/Tokyo")
    seen = lost.value.more
    assert (lost.value.code, seen["stamp"]) == ("draft-changed", stamp(theirs))
    assert [(one["author"], one["revision"]) for one in seen["theirs"]["saves"]] == [("bob", 2), ("eve", 3)]
    assert {one["member"] or one["key"] for one in seen["theirs"]["changes"]} == {"title", "hello"}
    assert {one["member"] for one in seen["yours"]["changes"]} == {"title", "timezone"}
    (conflict,) = [one for one in seen["conflicts"] if one["construct"] == "ruleset"]
    assert {*conflict["sentence"]} == {"en", "zh"}
    assert draft(service) == theirs


@pytest.mark.parametrize("held", ["7-00000000", "1-00000000", "nonsense", "99999999999999999999-1"])
def test_who_holds_what_never_was_is_told_the_present_one(service, held):
    """Without the revision that was held there are no changes to show, but the way on."""
    there = save(service, title="A")
    with pytest.raises(Conflict) as lost:
        save(service, BOB, held=held, title="B")
    assert lost.value.more == {"stamp": stamp(there), "theirs": {"saves": []}}


def test_who_holds_a_draft_that_was_published_meanwhile_is_shown_the_version(service):
    """The others' changes are then what the published version says."""
    held = stamp(save(service, ANN, title="A"))
    released(service, title="B")
    with pytest.raises(Conflict, match="published or discarded") as lost:
        save(service, ANN, held=held, title="C")
    assert lost.value.more["stamp"] is None
    assert [one["after"] for one in lost.value.more["theirs"]["changes"]] == ["B"]


def test_who_holds_a_draft_of_a_ruleset_that_never_was_is_shown_nothing(service):
    """Also where nothing was ever published the answer is whole."""
    held = stamp(save_draft(service, "new", '{"key": "new"}', ANN))
    discard_draft(service, "new", ANN, held)
    with pytest.raises(Conflict) as lost:
        save_draft(service, "new", '{"key": "new", "title": "A"}', ANN, held)
    assert (lost.value.more["stamp"], lost.value.more["theirs"]["saves"]) == (None, [])


def test_of_editors_who_save_at_once_exactly_one_wins(both):
    """Whichever database keeps it: one is saved, the others lose and are shown why, and nothing is half there."""
    held = stamp(save(both, title="first"))

    def attempt(number):
        try:
            return save(both, ANN, held=held, title=f"t{number}")
        except Conflict as lost:
            return lost.code, lost.more["yours"]["changes"][0]["after"] == f"t{number}"

    with ThreadPoolExecutor(6) as threads:
        ends = list(threads.map(attempt, range(6)))
    assert ends.count(("draft-changed", True)) == 5
    assert [one for one in ends if one[0] != "draft-changed"] == [draft(both)]
    assert draft(both).revision == 2
    items, following = list_draft_revisions(both, KEY, 1 << 31, 10)
    assert ([one["revision"] for one in items], following) == ([2, 1], None)


def test_of_first_savers_one_wins(both):
    """Two who begin a draft at once do not write over one another either."""

    def attempt(number):
        try:
            return save_draft(both, KEY, json.dumps({**RULESET, "title": f"t{number}"}), ANN)
        except Conflict as lost:
            return lost.code

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(attempt, range(4))).count("precondition-required") == 3


def test_what_was_saved_can_be_read_again(service):
    """Every revision is kept for undoing, page by page, also of a draft that is gone; numbers go on."""
    for title in "ABC":
        save(service, title=title)
    first, following = list_draft_revisions(service, KEY, 1 << 31, 2)
    second, end = list_draft_revisions(service, KEY, following, 2)
    assert ([one["revision"] for one in first + second], end) == ([3, 2, 1], None)
    assert json.loads(read_draft_revision(service, KEY, 2).document)["title"] == "B"
    discard_draft(service, KEY, ANN, held_by(service))
    assert json.loads(read_draft_revision(service, KEY, 3).document)["title"] == "C"
    assert save(service, title="D").revision == 4
    with pytest.raises(NotFound):
        read_draft_revision(service, KEY, 9)


def test_a_discarded_draft_is_gone(service):
    """Who discards holds what they discard; then there is none."""
    save(service, title="A")
    with pytest.raises(Conflict):
        discard_draft(service, KEY, ANN, None)
    with pytest.raises(Conflict):
        discard_draft(service, KEY, ANN, "9-00000000")
    assert [one["key"] for one in list_drafts(service)] == [KEY]
    discard_draft(service, KEY, ANN, held_by(service))
    for look in (read_draft, lambda *_: discard_draft(service, KEY, ANN, None)):
        with pytest.raises(NotFound):
            look(service, KEY)
    assert list_drafts(service) == []


def test_each_save_is_an_event_with_before_and_after(service):
    """Who changed what can be followed save by save, without the documents themselves."""
    first, second = save(service, ANN, title="A"), save(service, BOB, title="B")
    (_, begun), (actor, changed) = [
        (actor, detail) for actor, action, detail in events(service) if action == "ruleset.draft_saved"
    ]
    assert begun["before"] is None
    assert (actor, changed["before"]["digest"], changed["after"]["digest"]) == ("bob", first.digest, second.digest)
    assert "document" not in json.dumps([begun, changed])
