"""Trying a profile: what the draft and the version in force decide, what time brings, and what becomes an example."""

import json
import re

import orjson
import pytest

from service.operations.authoring.drafts import read_draft, save_draft
from service.operations.authoring.stamps import ANY
from service.operations.evaluate import evaluate_profile
from service.operations.ports import Caller
from tests.console.visitor import Visitor, add_user
from tests.small import KEY, asking, changed, request

TRY = f"/console/rulesets/{KEY}/try"
EDITOR = Caller("ada", frozenset({"editor"}), "request-1")


@pytest.fixture
def ada(service, app):
    """An editor who is signed in."""
    add_user(service, "ada", "editor")
    return Visitor(app, "ada")


def draft(service, **members):
    """Save a draft of the small ruleset with other members."""
    save_draft(service, KEY, json.dumps(changed(**members)), EDITOR, ANY if has_draft(service) else None)


def has_draft(service):
    """Whether there is a draft."""
    return service.store.read(lambda reads: reads.governance.draft(KEY)) is not None


def stricter(service):
    """A draft in which a regular needs five visits instead of three."""
    tags = [{**one, "when": "visits >= 5"} if one["key"] == "regular" else one for one in changed()["tags"]]
    draft(service, tags=tags)


def test_a_form_asks_for_every_attribute_in_its_own_way(ada):
    """Each attribute has a field of its type with the choices and limits that the ruleset states."""
    text = ada.see(TRY)

    assert re.search(r'name="a.visits" type="number"[^>]* step="1" min="0"', text)
    assert re.search(r'name="a.last_seen" type="datetime-local"', text)
    assert '<option value="paid">paid</option>' in text
    assert '<option value="true">yes</option>' in text
    assert "Nobody tried yet" in text


def test_what_is_typed_is_decided_and_nothing_is_kept(service, ada):
    """The answer says stage, tags, scores with their parts, and actions; no profile is stored."""
    text = ada.send(TRY, **{"a.visits": "3", "a.plan": "paid", "id": "u-9"})

    assert "In force: version 1" in text
    assert "regular was assigned because" in text.replace("`", "")
    assert "thank" in text
    assert "could not be decided" in text
    assert "rate is missing" in text.replace("`", "")
    assert service.store.read(lambda reads: reads.profile(KEY, "u-9")) is None


def test_draft_and_version_in_force_stand_side_by_side(service, ada):
    """Where they differ the page says so, and where they do not it says that too."""
    stricter(service)

    differs = ada.send(TRY, **{"a.visits": "3"})
    same = ada.send(TRY, **{"a.visits": "7"})

    assert "decide differently" in differs
    assert "In force: version 1" in differs
    assert 'id="side-draft"' in differs
    assert "decide the same" in same


def test_a_broken_draft_leaves_the_version_in_force(service, ada):
    """With errors in the draft the version in force still answers, and the page says why it is alone."""
    draft(service, tags=[{"key": "regular", "when": "visits >="}])

    text = ada.send(TRY, **{"a.visits": "3"})

    assert "The draft has errors" in text
    assert 'id="side-draft"' not in text
    assert 'id="side-active"' in text


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("a.visits", "-1", "at least 0"),
        ("a.visits", "many", "a whole number"),
        ("a.rate", "1e", "a number"),
        ("a.plan", "gold", "one of"),
        ("a.last_seen", "yesterday", "RFC 3339"),
        ("at", "yesterday", "expected an instant"),
        ("id", "erased:x", "erased:"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(ada, field, typed, told):
    """A value that the ruleset does not take is refused in words, and what was typed stays."""
    text = ada.send(TRY, **{field: typed})

    assert ada.page.status_code == 422
    assert told in text
    assert 'aria-invalid="true"' in text
    assert f'value="{typed}"' in text or field == "a.plan"


def test_time_goes_by_change_after_change(ada):
    """The slider has a place for each instant at which something changes; the button shows what stands there."""
    typed = {"a.visits": "3", "a.last_seen": "2026-01-01T08:00", "at": "2026-01-01T08:00", "event": "hello"}
    text = ada.send(TRY, **typed)
    places = re.search(r'data-moments="([^"]+)"', text)[1].split("|")

    later = ada.send(TRY, **typed, do="step", step=str(len(places) - 1))

    assert places == ["2026-01-01 08:00", "2026-01-04 08:00", "2026-01-11 08:00"]
    assert f"Why: In force: version 1, {places[-1]}" in later
    assert f'value="{len(places) - 1}" data-slider' in later
    assert "stale was assigned" in later.replace("`", "")


def test_what_it_would_take_is_asked_of_one_rule(ada):
    """A button beside what is not held looks for the smallest change that brings it about."""
    text = ada.send(TRY, **{"a.visits": "1", "a.rate": "0.1", "focus": "tag:keen"})

    assert "What would have made the difference" in text
    assert "instead of 0.1" in text


def test_a_stored_profile_is_tried_with_all_that_is_remembered(service, app, ada):
    """Who may read profiles begins with a stored one; others are refused."""
    evaluate_profile(service, KEY, request(asking("u-1", visits=4)))
    add_user(service, "eve", "auditor")
    eve = Visitor(app, "eve")

    text = eve.see(f"{TRY}?profile=u-1")
    again = eve.send(TRY, id="u-1", history="stored", **{"a.visits": "0"})

    assert 'value="4"' in text
    assert "all that is remembered" in text
    assert "The stage changed from" in again
    assert ada.http.get(f"{TRY}?profile=u-1").status_code == 403
    assert eve.http.get(f"{TRY}?profile=nobody").status_code == 404


def test_an_example_is_played_and_its_last_step_is_typed(service, ada):
    """Loading an example decides its earlier steps first and fills the form with the last."""
    steps = [
        {"at": "2026-01-01T00:00:00Z", "attributes": {"visits": 3}},
        {"at": "2026-01-02T00:00:00Z", "attributes": {"visits": 0}},
    ]
    draft(service, examples=[{"title": {"en": "Comes and goes", "zh": "来了又走"}, "steps": steps}])

    text = ada.see(f"{TRY}?example=0")

    assert "Comes and goes" in text
    assert 'value="2026-01-02T08:00:00"' in text
    assert "The stage changed from" in text
    assert ada.see(f"{TRY}?example=99").count("Nobody tried yet") == 1


def test_a_trial_becomes_an_example_that_expects_what_was_decided(service, ada):
    """An editor keeps a trial: the draft has it as an example, with what was decided as expected, and it passes."""
    attributes = [*changed()["attributes"], {"key": "born", "type": "date", "personal": True}]
    draft(service, attributes=attributes)

    text = ada.send(
        TRY, do="save", title="Three visits", **{"a.visits": "3", "a.born": "1990-01-01", "at": "2026-01-01T08:00"}
    )
    (example,) = orjson.loads(read_draft(service, KEY).document)["examples"]

    assert "The example “Three visits” is in the draft." in text
    assert example["title"] == "Three visits"
    (step,) = example["steps"]
    assert step["attributes"] == {"visits": 3}
    assert step["at"] == "2026-01-01T00:00:00Z"
    assert step["expect"]["stage"] == "active"
    assert step["expect"]["tags"]["has"] == ["regular"]
    assert step["expect"]["actions"] == ["thank"]
    assert step["expect"]["tiers"] == {"band": "low"}


def test_a_trial_without_a_draft_begins_one(service, ada):
    """Keeping a trial where there is no draft begins a draft of the version in force."""
    ada.send(TRY, do="save", title="First", **{"a.visits": "1"})

    assert len(orjson.loads(read_draft(service, KEY).document)["examples"]) == 1


def test_only_an_editor_keeps_a_trial(service, app):
    """Who does not write drafts may try, and not keep."""
    add_user(service, "eve", "auditor")
    eve = Visitor(app, "eve")

    assert "Save as example" not in eve.send(TRY, **{"a.visits": "1"})
    eve.send(TRY, do="save", title="x", **{"a.visits": "1"})
    assert eve.page.status_code == 403
    assert not has_draft(service)


def test_a_script_gets_only_the_answer(ada):
    """What is typed is tried while it is typed: a script is sent the answer without the page around it."""
    token = re.search(r'name="csrf" content="([^"]+)"', ada.see(TRY))[1]

    reply = ada.http.post(TRY, data={"csrf": token, "a.visits": "3"}, headers={"X-Fragment": "1"})

    assert reply.status_code == 200
    assert "<html" not in reply.text
    assert "In force: version 1" in reply.text


def test_a_ruleset_without_working_rules_says_so(service, ada):
    """A new ruleset whose draft has errors can't be tried, and the page says what to do."""
    save_draft(service, "new", json.dumps({**changed(), "key": "new", "tags": [{"key": "x", "when": "y"}]}), EDITOR)

    text = ada.see("/console/rulesets/new/try")

    assert ada.page.status_code == 200
    assert "There are no working rules yet" in text
