"""The review: what may be done in which state, and that nobody approves their own edit unseen."""

import json

import pytest

from service.errors import Conflict, InvalidRequest, NotFound, RulesetRejected
from service.operations.authoring.activation import rollback_ruleset
from service.operations.authoring.drafts import editors_of, save_draft
from service.operations.authoring.review import approve_draft, reject_draft, submit_draft
from service.operations.authoring.settings import change_settings, read_settings
from service.operations.publish import publish_ruleset
from tests.governing import ANN, BOB, EVE, approved, draft, events, publish, released, save
from tests.small import KEY, changed

REASON = {"reason": "the threshold is too low"}
STEPS = {
    "save": lambda service, caller: save(service, caller, title=f"by {caller.actor}, again"),
    "submit": lambda service, caller: submit_draft(service, KEY, caller),
    "approve": lambda service, caller: approve_draft(service, KEY, caller),
    "reject": lambda service, caller: reject_draft(service, KEY, REASON, caller),
    "publish": lambda service, caller: publish(service, caller=caller, comment="why"),
}
IN_STATE = {
    "editing": [],
    "submitted": [("submit", ANN)],
    "approved": [("submit", ANN), ("approve", BOB)],
    "rejected": [("submit", ANN), ("reject", BOB)],
}
"""How a draft that Ann saved comes into a state."""
OUTCOMES = {
    ("editing", "submit", ANN): "submitted",
    ("editing", "approve", BOB): "not-submitted",
    ("editing", "reject", BOB): "not-submitted",
    ("editing", "publish", BOB): "not-approved",
    ("submitted", "save", ANN): "editing",
    ("submitted", "save", EVE): "editing",
    ("submitted", "submit", ANN): "already-submitted",
    ("submitted", "approve", ANN): "own-edit",
    ("submitted", "approve", BOB): "approved",
    ("submitted", "reject", ANN): "rejected",
    ("submitted", "reject", BOB): "rejected",
    ("submitted", "publish", BOB): "not-approved",
    ("approved", "save", ANN): "editing",
    ("approved", "submit", ANN): "already-submitted",
    ("approved", "approve", BOB): "not-submitted",
    ("approved", "reject", EVE): "rejected",
    ("approved", "publish", ANN): "published",
    ("approved", "publish", EVE): "published",
    ("rejected", "save", ANN): "editing",
    ("rejected", "submit", ANN): "submitted",
    ("rejected", "approve", BOB): "not-submitted",
    ("rejected", "reject", BOB): "not-submitted",
    ("rejected", "publish", BOB): "not-approved",
}
"""What comes of a step by somebody in a state: the state then, or the code of the refusal."""


def words(case):
    """A case as a test's name."""
    return " ".join(getattr(one, "actor", one) for one in case)


@pytest.mark.parametrize("case", OUTCOMES, ids=words)
def test_each_step_is_taken_or_refused(service, case):
    """The table says what everybody may do in every state; a refused step changes nothing."""
    state, name, caller = case
    save(service, ANN, title="by ann")
    for step, who in IN_STATE[state]:
        STEPS[step](service, who)
    before = draft(service)
    assert before.state == state
    if "-" in OUTCOMES[case]:
        with pytest.raises(Conflict) as refused:
            STEPS[name](service, caller)
        assert (refused.value.code, draft(service)) == (OUTCOMES[case], before)
    else:
        STEPS[name](service, caller)
        after = draft(service)
        assert (after.state if after else "published") == OUTCOMES[case]


def test_the_table_is_whole():
    """No state and no step was forgotten, but for saving at first."""
    assert {case[:2] for case in OUTCOMES} == {(state, step) for state in IN_STATE for step in STEPS} - {
        ("editing", "save")
    }


def test_everybody_who_edited_since_the_approval_is_kept_from_approving(service):
    """It is not the last editor alone: whoever had a hand in it does not review it."""
    save(service, ANN, title="A")
    save(service, BOB, title="B")
    submit_draft(service, KEY, EVE)
    for editor in (ANN, BOB):
        with pytest.raises(Conflict, match="somebody else must approve"):
            approve_draft(service, KEY, editor)
    assert approve_draft(service, KEY, EVE).reviewed_by == "eve"


def test_what_was_approved_before_needs_no_second_look_by_the_same(service):
    """After an approval the count of editors begins anew: the first author may review the second's edit."""
    approved(service, title="A")
    save(service, BOB, title="B")
    assert editors_of(draft(service)) == ["bob"]
    submit_draft(service, KEY, BOB)
    assert approve_draft(service, KEY, ANN).state == "approved"


def test_a_draft_with_errors_is_not_submitted(service):
    """A reviewer's time is not spent on what can't be published: errors and failing examples come back at once."""
    for document in (
        {"key": KEY},
        changed(examples=[{"steps": [{"at": "2026-01-01T00:00:00Z", "expect": {"stage": "active"}}]}]),
    ):
        save_draft(service, KEY, json.dumps(document), ANN, "*" if draft(service) else None)
        with pytest.raises(RulesetRejected) as refused:
            submit_draft(service, KEY, ANN)
        assert refused.value.diagnostics


def test_a_rejection_says_why(service):
    """The editors read the reason; without one nothing is sent back."""
    save(service, title="A")
    submit_draft(service, KEY, ANN)
    for body in ({}, {"reason": ""}, []):
        with pytest.raises(InvalidRequest):
            reject_draft(service, KEY, body, BOB)
    assert reject_draft(service, KEY, REASON, BOB).reason == REASON["reason"]
    assert [detail["reason"] for _, action, detail in events(service) if action == "ruleset.draft_rejected"] == [
        REASON["reason"]
    ]


def test_a_review_is_of_exactly_one_revision(service):
    """Who names the revision that they looked at approves no other."""
    save(service, title="A")
    submit_draft(service, KEY, ANN)
    for step in (approve_draft, lambda *given: reject_draft(*given[:2], REASON, *given[2:]), submit_draft):
        with pytest.raises(Conflict) as lost:
            step(service, KEY, BOB, "9-00000000")
        assert lost.value.code == "draft-changed"


def test_without_a_draft_there_is_nothing_to_review(service):
    """A step on nothing is told as that."""
    for step in (submit_draft, approve_draft):
        with pytest.raises(NotFound):
            step(service, KEY, ANN)


def test_what_is_in_force_changed_since_the_review(service):
    """A draft is reviewed as a change of the version in force; when that is another one, it is submitted again."""
    approved(service, title="A")
    publish_ruleset(service, json.dumps(changed(title="Other")), "by the side", ANN)
    with pytest.raises(Conflict, match="submit it again") as refused:
        publish(service)
    assert refused.value.code == "base-changed"
    assert submit_draft(service, KEY, ANN).base_version == 2
    approve_draft(service, KEY, BOB)
    assert publish(service).row.base_version == 2


def test_alone_one_may_approve_ones_own_edit_if_that_is_set(service):
    """A shop of one person can work, and the version says that it was approved by its author."""
    save(service, ANN, title="A")
    submit_draft(service, KEY, ANN)
    change_settings(service, {"single_person": True}, EVE)
    approve_draft(service, KEY, ANN)
    row = publish(service, caller=ANN).row
    assert (row.author, row.approved_by, json.loads(row.evidence)["single_person"]) == ("ann", "ann", True)
    assert not json.loads(released(service, title="B").row.evidence)["single_person"]


def test_an_own_approval_ends_with_the_setting(service):
    """What was approved alone is not published once there are two again."""
    change_settings(service, {"single_person": True}, EVE)
    save(service, ANN, title="A")
    submit_draft(service, KEY, ANN)
    approve_draft(service, KEY, ANN)
    change_settings(service, {"single_person": False}, EVE)
    with pytest.raises(Conflict) as refused:
        publish(service)
    assert refused.value.code == "own-edit"


def test_a_setting_that_changes_is_an_event(service):
    """When reviews were needed can be told later: the change has its before and after, and saying the same has none."""
    assert read_settings(service)["single_person"] == {"value": False, "changed_at": None, "changed_by": None}
    for value in (False, True, True):
        shown = change_settings(service, {"single_person": value}, EVE)
    assert shown == read_settings(service)
    assert (shown["single_person"]["value"], shown["single_person"]["changed_by"]) == (True, "eve")
    assert [detail for _, action, detail in events(service) if action == "setting.changed"] == [
        {"before": False, "after": True}
    ]
    for body in ({"single_person": "yes"}, {"unknown": True}, []):
        with pytest.raises(InvalidRequest):
            change_settings(service, body, EVE)


def test_every_step_is_an_event(service):
    """The whole way of a version can be read from the audit events, with before and after of each step."""
    released(service, title="A")
    rollback_ruleset(service, KEY, {"version": 1, "reason": "too many moved"}, EVE)
    steps = [(actor, action) for actor, action, _ in events(service)][1:]
    assert steps == [
        ("ann", "ruleset.draft_saved"),
        ("ann", "ruleset.draft_submitted"),
        ("bob", "ruleset.draft_approved"),
        ("bob", "ruleset.published"),
        ("eve", "ruleset.rolled_back"),
    ]
    *_, approval, publication, rollback = [detail for _, _, detail in events(service)]
    assert (approval["before"]["state"], approval["after"]["state"]) == ("submitted", "approved")
    assert (publication["was"], publication["version"], publication["after"]) == (1, 2, None)
    assert (rollback["before"], rollback["after"], rollback["reason"]) == (2, 1, "too many moved")
