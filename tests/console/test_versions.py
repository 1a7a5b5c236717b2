"""Versions at the console: what each changed, rolling back, retiring; a draft that watches; settings; the overview."""

import json
import re
from html import unescape

import pytest

from service.audit.job_rows import ShadowCountRow, ShadowSampleRow
from service.bootstrap import COMMAND_LINE
from service.errors import Conflict
from service.operations.auditing.retention import read_retention
from service.operations.authoring.drafts import save_draft
from service.operations.authoring.settings import read_settings
from service.operations.authoring.shadow import read_shadow
from service.operations.evaluate import evaluate_profile
from service.operations.ports import Caller
from service.operations.publish import publish_ruleset
from tests.console.visitor import Visitor, add_user
from tests.small import KEY, asking, changed, request

PAGE = f"/console/rulesets/{KEY}/versions"
WATCH = f"/console/rulesets/{KEY}/watch"
SETTINGS = "/console/settings"
TAGS = [{"key": "regular", "when": "visits >= 2"}, *changed()["tags"][1:]]
ADA = Caller("user:ada", frozenset({"editor"}), "request-1")


def plain(text):
    """A page's text without its mark-up, each space once."""
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text)))


@pytest.fixture
def bob(service, app):
    """Who publishes."""
    add_user(service, "bob", "publisher")
    return Visitor(app, "bob")


@pytest.fixture
def second(service):
    """A second version of the small ruleset, in force."""
    publish_ruleset(service, json.dumps(changed(tags=TAGS)), "easier to get", COMMAND_LINE)


@pytest.fixture
def root(service, app):
    """Who runs the service."""
    add_user(service, "root", "admin")
    return Visitor(app, "root")


def test_each_version_says_what_it_changed(bob, second):
    """Versions stand there newest first, with their comment, their state, and the sentences of what they changed."""
    text = plain(bob.see(PAGE))

    assert text.index("easier to get") < text.index("The first version")
    assert "tag regular now needs visits >= 2 instead of visits >= 3" in text
    assert "in force from" in text


def test_any_two_versions_are_compared(bob, second):
    """Two versions are compared in the order in which they are named; one that is not there is not found."""
    assert "now needs visits >= 3 instead of visits >= 2" in plain(bob.see(f"{PAGE}?from=2&to=1"))
    assert "Nothing differs" in plain(bob.see(f"{PAGE}?from=1&to=1"))
    bob.see(f"{PAGE}?from=1&to=77")
    assert bob.page.status_code == 404


def test_an_older_version_comes_back(service, bob, second):
    """A rollback needs a reason, and has the older version in force at once."""
    assert "Say why" in bob.send(PAGE, do="roll-back", version="1", reason=" ")
    assert "Version 1 is in force again" in bob.send(PAGE, do="roll-back", version="1", reason="too easy")
    assert service.programs.latest(KEY).version == 1
    assert "This version is in force already" in bob.send(PAGE, do="roll-back", version="1", reason="again")


def test_a_ruleset_is_retired_and_comes_back(service, bob, second):
    """A retired ruleset decides nothing any more and says so; a rollback brings it back."""
    assert "The ruleset is retired" in bob.send(PAGE, do="retire", reason="campaign over")
    with pytest.raises(Conflict):
        service.programs.active(KEY)
    assert "retired already" in bob.send(PAGE, do="retire", reason="campaign over")
    bob.send(PAGE, do="roll-back", version="2", reason="it goes on")
    assert service.programs.active(KEY).version == 2


def test_only_publishers_change_what_is_in_force(service, app, second):
    """Who may not publish sees the versions, and no way to change them."""
    add_user(service, "eve", "evaluator")
    eve = Visitor(app, "eve")

    assert "Roll back" not in eve.see(PAGE)
    eve.send(PAGE, do="retire", reason="x")
    assert eve.page.status_code == 403


def test_cancelling_nothing_is_no_mistake(bob, second):
    """Whoever cancels what somebody else cancelled already is told so."""
    assert "Nothing was scheduled any more" in bob.send(PAGE, do="cancel")


def test_a_draft_watches_live_traffic(service, bob):
    """A draft is started to watch and ended on its page, which shows since when and for whom."""
    assert "there is none" in plain(bob.see(WATCH))
    save_draft(service, KEY, json.dumps(changed(tags=TAGS)), ADA)

    assert "The draft watches from now on" in bob.send(WATCH, do="start", share="0.1", days="3")
    assert read_shadow(service, KEY)["share"] == 0.1
    text = plain(bob.see(WATCH))
    assert "Started by bob" in text
    assert "for 10 % of the profiles" in text
    assert "The watch is over" in bob.send(WATCH, do="end")


def test_a_watch_tells_what_would_be_different(service, bob):
    """Differences stand there in the words of the ruleset with how often they were seen, and some profiles by name."""
    save_draft(service, KEY, json.dumps(changed(tags=TAGS)), ADA)
    bob.send(WATCH, do="start", share="1", days="3")
    counts = [
        ShadowCountRow(KEY, "tag", "regular", "absent", "held", 4),
        ShadowCountRow(KEY, "tier", "band", "", "low", 1),
    ]
    sides = [
        json.dumps({"stage": "new", "tags": tags, "tiers": {"band": "low"}, "values": {}}) for tags in ([], ["regular"])
    ]
    sample = ShadowSampleRow(KEY, "u-7", service.clock(), *sides)

    def found(unit):
        unit.shadows.count(unit.shadows.shadow(KEY)._replace(compared=20, moved=5), counts)
        unit.shadows.sample([sample])

    service.store.write(found)
    text = plain(bob.see(WATCH))

    assert "would have come out otherwise (25 %)" in text
    assert "regular not held held 4" in text
    assert "band none low 1" in text
    assert re.search(r"u-7 \S+ \S+ new, low new, low, regular", text)


@pytest.mark.parametrize(("share", "days"), [("1", "0"), ("1", "91"), ("0.5", "7"), ("1", "x")])
def test_a_watch_needs_a_share_and_days(service, bob, share, days):
    """What can't be meant is refused with what is expected."""
    save_draft(service, KEY, json.dumps(changed(tags=TAGS)), ADA)

    assert "from 1 to 90" in bob.send(WATCH, do="start", share=share, days=days)


def test_a_draft_with_errors_watches_nothing(service, bob):
    """A draft that can't decide can't watch either, and the page says why."""
    save_draft(service, KEY, json.dumps(changed(tags=[{"key": "regular", "when": "visit >= 2"}])), ADA)

    assert "The draft has errors" in bob.send(WATCH, do="start", share="1", days="7")


def test_an_admin_allows_one_person(service, root):
    """The single-person mode is turned on and off, and the page says who did."""
    assert "Saved." in root.send(SETTINGS, do="people", single_person="on")
    assert read_settings(service)["single_person"]["value"] is True
    assert "Last changed by root" in root.see(SETTINGS)
    root.send(SETTINGS, do="people")
    assert read_settings(service)["single_person"]["value"] is False


def test_content_is_kept_for_as_long_as_is_said(service, root):
    """Days are saved for each kind; empty means without end, and what is no number of days is refused."""
    root.send(SETTINGS, do="retention", evaluations_days="365", jobs_days="")
    assert read_retention(service)["evaluations_days"] == 365
    assert read_retention(service)["jobs_days"] is None
    assert "whole number of days" in root.send(SETTINGS, do="retention", evaluations_days="a year")
    root.send(SETTINGS, do="retention", evaluations_days="")
    assert read_retention(service)["evaluations_days"] is None


def test_a_new_installation_is_shown_what_to_do_first(root):
    """Before the first profile the overview says what to do next; an admin also who is missing."""
    text = root.see("/console/")

    assert "What to do next" in text
    assert f"/console/rulesets/{KEY}" in text


def test_the_overview_shows_how_profiles_stand(service, app, bob):
    """With profiles there, the overview shows where they stand, and what waits for whom with a link to it."""
    evaluate_profile(service, KEY, request(asking("u-1", visits=5)))
    save_draft(service, KEY, json.dumps(changed(tags=TAGS)), ADA)
    add_user(service, "ada", "editor")
    Visitor(app, "ada").send(f"/console/rulesets/{KEY}/review", do="submit")

    text = bob.see("/console/")

    assert "What to do next" not in text
    assert "The draft of Small by ada waits for approval" in text
    assert f"/console/rulesets/{KEY}/review" in text
    assert "<svg" in text
