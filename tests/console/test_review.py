"""The review of a draft at the console: what it says, whose turn it is, and what each step leads to."""

import json
import re
from html import unescape

import pytest

from service.bootstrap import COMMAND_LINE
from service.operations.authoring import simulate
from service.operations.authoring.drafts import read_draft, save_draft
from service.operations.authoring.jobs import Task
from service.operations.authoring.settings import change_settings
from service.operations.evaluate import evaluate_profile
from service.operations.ports import Caller
from service.operations.replies import json_text
from tests.console.visitor import Visitor, add_user
from tests.small import KEY, asking, changed, request

PAGE = f"/console/rulesets/{KEY}/review"
VERSIONS = f"/console/rulesets/{KEY}/versions"
TAGS = [{"key": "regular", "when": "visits >= 2"}, *changed()["tags"][1:]]
ADA = Caller("user:ada", frozenset({"editor"}), "request-1")


@pytest.fixture
def ada(service, app):
    """Who writes a draft."""
    add_user(service, "ada", "editor")
    return Visitor(app, "ada")


@pytest.fixture
def bob(service, app):
    """Who reviews it."""
    add_user(service, "bob", "publisher")
    return Visitor(app, "bob")


@pytest.fixture
def draft(service):
    """A draft by ada that makes a tag easier to get."""
    return save_draft(service, KEY, json.dumps(changed(tags=TAGS)), ADA)


def plain(text):
    """A page's text without its mark-up."""
    return unescape(re.sub("<[^>]+>", "", text))


def steps(visitor, do, **fields):
    """Send the page's form for one step, with the revision that the page shows; the text that follows."""
    stamp = re.search(r'name="stamp" value="([^"]+)"', visitor.see(PAGE))
    return visitor.send(PAGE, do=do, stamp=stamp[1] if stamp else "", **fields)


def acknowledged(visitor):
    """The codes of the warnings that the page asks to be answered for."""
    return re.findall(r'name="acknowledge" value="([^"]+)"', visitor.see(PAGE))


def publish(visitor, **fields):
    """Publish the draft, answering for every warning."""
    return steps(visitor, "publish", **{"comment": "easier", "acknowledge": acknowledged(visitor), **fields})


def test_without_a_draft_there_is_nothing_to_review(ada):
    """The page of a ruleset that nobody edits says so."""
    assert "No draft to review" in ada.see(PAGE)


def test_a_change_is_told_in_a_sentence(ada, draft):
    """What the draft changes stands there in words, and that it can change decisions."""
    text = plain(ada.see(PAGE))

    assert "tag regular now needs visits >= 2 instead of visits >= 3" in text
    assert "can change decisions" in text


def test_a_change_of_words_decides_nothing(service, ada):
    """A draft that only calls something otherwise is marked as harmless."""
    save_draft(service, KEY, json.dumps(changed(title={"en": "Tiny", "zh": "很小"})), ADA)

    text = ada.see(PAGE)

    assert "changes no decision" in text


def test_an_unfinished_draft_shows_its_errors_where_they_stand(service, ada):
    """Errors are listed with their place in words and what helps, and stand in the way of submitting."""
    save_draft(service, KEY, json.dumps(changed(tags=[{"key": "regular", "when": "visit >= 2"}])), ADA)

    text = plain(ada.see(PAGE))

    assert "the condition of tag regular" in text
    assert "The draft has errors. Correct them, then submit it." in text
    assert "The draft has errors" in steps(ada, "submit")


def test_two_people_publish(ada, bob, draft, service):
    """Who wrote it submits it, somebody else approves and publishes it, and it is in force."""
    assert "Submitted. Somebody who did not edit it can approve it now." in steps(ada, "submit")
    assert "Approved. It can be published now." in steps(bob, "approve")
    assert "Version 2 is in force" in publish(bob)

    assert service.programs.latest(KEY).version == 2
    assert "easier" in bob.see(VERSIONS)
    assert "approved by bob" in bob.see(VERSIONS)


@pytest.mark.parametrize(("language", "words"), [("en", "somebody else must approve it"), ("zh", "须由他人批准")])
def test_the_author_alone_is_refused_in_plain_words(service, app, draft, language, words):
    """Nobody approves what they edited; the page says why and who can help, in the visitor's language."""
    add_user(service, "ada", "editor", "publisher")
    ada = Visitor(app, "ada")
    ada.send("/console/preferences", language=language)
    steps(ada, "submit")

    assert words in ada.see(PAGE)
    assert words in steps(ada, "approve")
    assert read_draft(service, KEY).state == "submitted"


def test_one_person_may_do_everything_where_that_is_set(service, app, draft):
    """Where an admin has said that there is only one person, they approve their own edit, and are told that it is
    recorded.
    """
    add_user(service, "ada", "editor", "publisher")
    change_settings(service, {"single_person": True}, COMMAND_LINE)
    ada = Visitor(app, "ada")
    steps(ada, "submit")

    assert "set to one person" in ada.see(PAGE)
    assert "Approved." in steps(ada, "approve")


def test_a_draft_is_sent_back_with_a_reason(ada, bob, draft):
    """The editors read on the page what is to be changed; without a reason nothing is sent back."""
    steps(ada, "submit")

    assert "Say what is to be changed" in steps(bob, "reject", reason="  ")
    steps(bob, "reject", reason="two is too few")
    assert "two is too few" in ada.see(PAGE)
    assert "Submit for review" in ada.see(PAGE)


def test_nothing_is_approved_unseen(service, ada, bob, draft):
    """If the draft was changed after the page was opened, its approval is refused and the page shows the new one."""
    steps(ada, "submit")
    stamp = re.search(r'name="stamp" value="([^"]+)"', bob.see(PAGE))[1]
    save_draft(service, KEY, json.dumps(changed(tags=TAGS[:3])), ADA, "*")

    text = bob.send(PAGE, do="approve", stamp=stamp)

    assert "The draft was changed since you opened this page" in text
    assert bob.page.status_code == 409


@pytest.mark.parametrize(("role", "do"), [("editor", "approve"), ("editor", "publish"), ("publisher", "submit")])
def test_a_step_needs_its_role(service, app, draft, role, do):
    """Whoever lacks the role of a step can't take it, whatever form they send."""
    add_user(service, "eve", role)
    eve = Visitor(app, "eve")

    eve.send(PAGE, do=do, comment="x")

    assert eve.page.status_code == 403


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"comment": " "}, "Say why this is published"),
        ({"when": "later", "at": ""}, "Say the date and the time"),
        ({"when": "later", "at": "2001-01-01T00:00"}, "The time is over already"),
    ],
)
def test_what_a_publish_lacks_is_said(ada, bob, draft, fields, words):
    """A form that says too little is shown again with what is missing."""
    steps(ada, "submit")
    steps(bob, "approve")

    assert words in publish(bob, **fields)
    assert bob.page.status_code == 422


def test_a_version_can_come_into_force_later(ada, bob, draft, service):
    """A version for a time to come is shown as scheduled, and can be cancelled."""
    steps(ada, "submit")
    steps(bob, "approve")

    assert "comes into force at 2126-01-01 00:00 UTC" in publish(bob, when="later", at="2126-01-01T08:00")
    assert "scheduled" in bob.see(VERSIONS)
    assert service.programs.latest(KEY).version == 1
    assert "The schedule is cancelled" in bob.send(VERSIONS, do="cancel")
    assert "never came into force" in bob.see(VERSIONS)


def test_warnings_are_answered_for_one_by_one(service, ada, bob):
    """A warning that nobody ticked stops the publish, and the page names it with a box to tick."""
    unused = [*changed()["attributes"], {"key": "unused", "type": "integer"}]
    tags = [{"key": "regular", "when": "visits >= 2 or visits >= 3"}, *changed()["tags"][1:]]
    save_draft(service, KEY, json.dumps(changed(attributes=unused, tags=tags, max_moved_share=0)), ADA)
    evaluate_profile(service, KEY, request(asking("u-1", visits=2)))
    steps(ada, "submit")
    steps(bob, "approve")

    text = publish(bob, acknowledge=[])

    assert "There are warnings that nobody answered for yet" in text
    assert 'value="moved-share"' in text
    assert "Version 2 is in force" in steps(
        bob, "publish", comment="x", acknowledge=re.findall(r'name="acknowledge" value="([^"]+)"', text)
    )


def test_a_simulation_shows_who_would_move(service, ada, draft):
    """A simulation is asked for on the page, runs as a job with its progress, and then names who moves and why."""
    evaluate_profile(service, KEY, request(asking("u-1", visits=2)))
    evaluate_profile(service, KEY, request(asking("u-2", visits=9)))

    text = steps(ada, "simulate", of="all")

    assert "data-refresh" in text
    finish(service)
    text = plain(ada.see(PAGE))
    assert "1 of 2 profiles would change" in text
    assert "u-1 gains the tag regular" in text
    assert "Before" in text


def test_the_parts_that_scripts_ask_for_are_parts(ada, draft):
    """While a job runs a script fetches only the part that changes."""
    for part in ("impact", "proofs"):
        text = ada.see(f"{PAGE}?part={part}", **{"X-Fragment": "1"})
        assert "<html" not in text
        assert text.strip().startswith("<div")


def test_a_new_ruleset_is_reviewed_too(service, app, ada, bob):
    """A ruleset that was never published has a review page that says what is new, and can be published."""
    new = changed(key="new-one", title="New one")
    save_draft(service, "new-one", json.dumps(new), ADA)
    page = "/console/rulesets/new-one/review"

    text = plain(ada.see(page))

    assert "a new ruleset" in text
    assert "tag regular is new" in text
    stamp = re.search(r'name="stamp" value="([^"]+)"', ada.see(page))[1]
    ada.send(page, do="submit", stamp=stamp)
    bob.send(page, do="approve", stamp=stamp)
    codes = re.findall(r'name="acknowledge" value="([^"]+)"', bob.see(page))
    sent = bob.send(page, do="publish", stamp=stamp, comment="first", acknowledge=codes)
    assert "Version 1 is in force" in sent


def finish(service):
    """Do the job that waits, as a runner would."""
    row = service.store.read(lambda reads: reads.jobs.listed([simulate.KIND], KEY, "~", 1))[0]
    taken = service.store.write(lambda unit: unit.jobs.take([simulate.KIND], "here", service.clock()))
    assert taken.id == row.id
    found = simulate.run(Task(service=service, job=taken, payload=json.loads(taken.payload), progress=lambda *_: None))
    done = taken._replace(state="done", result=json_text(found).decode(), finished_at=service.clock())
    assert service.store.write(lambda unit: unit.jobs.finish(done))
