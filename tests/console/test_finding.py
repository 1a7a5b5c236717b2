"""Profiles, decisions and records: how somebody finds what was decided about whom, and why."""

import csv
import json
import re
from io import StringIO

import pytest

from service.bootstrap import COMMAND_LINE
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.seal import seal
from service.operations.evaluate import evaluate_profile
from service.operations.ports import Caller
from service.operations.publish import publish_ruleset
from tests.console.visitor import Visitor, add_user
from tests.small import DAY, KEY, asking, changed, logged, request

PROFILES, DECISIONS = "/console/profiles", "/console/decisions"
ROOT = Caller("root", frozenset({"admin"}), "request-1")


@pytest.fixture
def people(service, clock):
    """Three profiles: a regular, one who only looked in, and one of whom much is known."""
    evaluate_profile(service, KEY, request(asking("u-1", visits=4)))
    evaluate_profile(service, KEY, request(asking("u-2", visits=0)))
    evaluate_profile(service, KEY, request(asking("a/b c", visits=7, plan="paid", vip=True, topics=["news", "art"])))
    clock.at += DAY


@pytest.fixture
def eve(service, app, people):
    """An auditor who is signed in."""
    add_user(service, "eve", "auditor")
    return Visitor(app, "eve")


@pytest.fixture
def root(service, app, people):
    """An admin who is signed in."""
    add_user(service, "root", "admin")
    return Visitor(app, "root")


def ids(text):
    """The profiles that a list shows, in its order."""
    return re.findall(r'<td><a href="/console/profiles/([^"]+)">', text)


def newest(service, profile):
    """The id of a profile's newest evaluation."""
    return logged(service, profile)[-1].id


def test_a_profile_is_found_by_its_id(eve):
    """The search field leads to the profile's page, whatever letters its id has."""
    text = eve.see(f"{PROFILES}?id=a%2Fb+c")

    assert eve.page.request.path == f"{PROFILES}/a/b c"
    assert "news, art" in text
    assert eve.http.get(f"{PROFILES}/nobody").status_code == 404


def test_a_segment_is_chosen_by_stage_tags_and_bands(eve):
    """Each choice narrows the list; the address has all of it, so it can be kept."""
    assert ids(eve.see(PROFILES)) == ["a%2Fb%20c", "u-1", "u-2"]
    assert ids(eve.see(f"{PROFILES}?ruleset={KEY}&stage=active")) == ["a%2Fb%20c", "u-1"]
    assert ids(eve.see(f"{PROFILES}?ruleset={KEY}&tier=band:high")) == ["a%2Fb%20c"]
    assert ids(eve.see(f"{PROFILES}?ruleset={KEY}&tag=regular&tier=band:low")) == ["u-1"]
    assert ids(eve.see(f"{PROFILES}?ruleset={KEY}&not_tag=regular")) == ["u-2"]
    assert "Nobody fits" in eve.see(f"{PROFILES}?ruleset={KEY}&tag=greeted")


def test_a_segment_that_the_ruleset_does_not_know_is_told(eve):
    """A tag of an old address that is no more is named, not passed over."""
    text = eve.see(f"{PROFILES}?ruleset={KEY}&tag=gone")

    assert eve.page.status_code == 422
    assert "no tag `gone`" in text
    assert eve.http.get(f"{PROFILES}?ruleset={KEY}&tag=gone&format=csv").status_code == 404


def test_a_long_segment_comes_page_by_page(service, eve):
    """A page has so many profiles and a way to the next; no profile is shown twice or left out."""
    for place in range(30):
        evaluate_profile(service, KEY, request(asking(f"v-{place:02}", visits=1)))

    first = eve.see(f"{PROFILES}?ruleset={KEY}&stage=active")
    link = re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")
    second = eve.see(PROFILES + link)

    assert len(ids(first)) == 25
    assert len({*ids(first), *ids(second)}) == 32
    assert 'rel="next"' not in second


def test_a_segment_leaves_as_a_file(eve):
    """The file has everybody who fits, with tiers and scores in columns."""
    reply = eve.http.get(f"{PROFILES}?ruleset={KEY}&stage=active&format=csv")
    rows = list(csv.DictReader(StringIO(reply.text)))

    assert reply.mimetype == "text/csv"
    assert [row["profile_id"] for row in rows] == ["a/b c", "u-1"]
    assert rows[0]["tier.band"] == "high"
    assert rows[0]["score.activity"] == "70"


def test_a_profile_shows_how_it_stands_and_what_it_went_through(service, eve):
    """Stage, tags, facts and every change with its sentence, cause, rule and record stand on one page."""
    text = eve.see(f"{PROFILES}/u-1")

    assert "The stage changed from" in text
    assert "`regular` was assigned because" in text
    assert "first seen" in text
    assert "where everybody begins" in text
    assert f"/console/evaluations/{newest(service, 'u-1')}" in text
    assert "by default" not in text.split("visits")[1][:40]


def test_why_not_is_answered_with_what_it_would_take(eve):
    """Asked why a tag is not held, the page says the reason and the nearest change; asked why one is, the reason."""
    missing = eve.see(f"{PROFILES}/u-2?why={KEY}/tag:regular")
    held = eve.see(f"{PROFILES}/u-1?why={KEY}/tag:regular")
    band = eve.see(f"{PROFILES}/u-1?why={KEY}/tier:band:high")
    stage = eve.see(f"{PROFILES}/u-2?why={KEY}/stage:active")

    assert "“regular” does not hold" in missing
    assert "were 3 instead of 0" in missing
    assert "“regular” holds" in held
    assert "`regular` was assigned because" in held.split("What it went through")[0]
    assert "“high” does not hold" in band
    assert "10 to go" in band
    assert "“active” does not hold" in stage
    assert "Choose a stage" in eve.see(f"{PROFILES}/u-2?why=other/tag:regular")
    assert "no tag `gone`" in eve.see(f"{PROFILES}/u-2?why={KEY}/tag:gone")


def test_a_profile_is_shown_as_it_was(service, eve):
    """At an instant in the past the page shows what stood then, and offers nothing that would change it."""
    evaluate_profile(service, KEY, request(asking("u-1", visits=0)))

    then = eve.see(f"{PROFILES}/u-1?as_of=2026-01-01T12:00")
    asked = eve.see(f"{PROFILES}/u-1?as_of=2026-01-01T12:00&why={KEY}/tag:regular")

    assert '<div class="figure">active</div>' in then
    assert '<div class="figure">new</div>' in eve.see(f"{PROFILES}/u-1")
    assert "“regular” holds" in asked
    assert "there was no profile" in eve.see(f"{PROFILES}/u-1?as_of=2025-01-01T12:00")
    assert "Expected a date and time" in eve.see(f"{PROFILES}/u-1?as_of=then")
    assert "an instant that has come" in eve.see(f"{PROFILES}/u-1?as_of=2099-01-01T12:00")


def test_a_tag_is_set_by_hand_with_a_reason(root):
    """A person's word is decided at once, shown with who and why, and can be taken back."""
    page = f"{PROFILES}/u-2"
    tag = {"do": "tag", "ruleset": KEY, "tag": "keen"}

    assert "Say why" in root.send(page, **tag, state="assigned", reason=" ")
    text = root.send(page, **tag, state="assigned", reason="asked us to", expires_at="2026-03-01T08:00")

    assert "It is decided and recorded." in text
    assert "“keen” was assigned by" in text
    assert "asked us to" in text
    assert "Ends at 2026-03-01 08:00" in text
    assert "by hand" in text
    assert "was assigned by" not in root.send(page, **tag, state="released", reason="over").split("What it went")[0]
    assert "expected an instant after" in root.send(
        page, **tag, state="assigned", reason="x", expires_at="2020-01-01T00:00"
    )


def test_an_auditor_changes_nothing(service, eve):
    """Who only reads is offered no form that changes a profile, and refused if one is sent all the same."""
    assert "A tag by hand" not in eve.see(f"{PROFILES}/u-1")
    eve.send(f"{PROFILES}/u-1", do="erase", confirm="u-1", ground="x")
    assert eve.page.status_code == 403


def test_an_evaluator_tags_and_does_not_erase(service, app, people):
    """A role that may set tags may neither hold nor erase."""
    add_user(service, "sam", "evaluator")
    sam = Visitor(app, "sam")

    for what in ("hold", "let-go", "erase"):
        sam.send(f"{PROFILES}/u-1", do=what, reason="x", confirm="u-1", ground="x")
        assert sam.page.status_code == 403
    assert "/console/evaluations/" not in sam.see(f"{PROFILES}/u-1")
    assert "It is decided" in sam.send(
        f"{PROFILES}/u-1", do="tag", ruleset=KEY, tag="keen", state="blocked", reason="why not"
    )


def test_a_hold_keeps_a_profile_from_being_erased(service, root):
    """While a profile is held erasing is refused with the reason; afterwards it needs the id typed, and is final."""
    page = f"{PROFILES}/u-1"

    assert "Say why" in root.send(page, do="hold", reason="")
    assert "must be kept: legal hold" in root.send(page, do="hold", reason="a case at court")
    assert "a case at court" in root.send(page, do="erase", confirm="u-1", ground="GDPR 17(1)(b)")
    assert root.page.status_code == 409
    assert "The hold has ended" in root.send(page, do="let-go")
    assert "Type the id" in root.send(page, do="erase", confirm="u-2", ground="GDPR 17(1)(b)")
    assert "Say why" in root.send(page, do="erase", confirm="u-1", ground="")
    assert "The person is erased" in root.send(page, do="erase", confirm="u-1", ground="GDPR 17(1)(b)")
    assert root.http.get(page).status_code == 404


def test_decisions_are_found_by_every_filter(eve):
    """The filters of the form narrow the list, and what was chosen stays chosen."""

    def count(query):
        return len(re.findall(r'href="/console/evaluations/', eve.see(f"{DECISIONS}?{query}")))

    everything = count("")
    assert everything > 6
    assert count("profile=u-2") < everything
    assert count("kind=stage&profile=u-1") == 2
    assert count("kind=tag&key=regular") == 2
    assert count("movement=promotion&from_value=new&to_value=active") == 2
    assert count("cause=manual") == 0
    assert count("from=2026-01-02T00:00") == 0
    assert count("to=2026-01-02T00:00") == everything
    assert count("version=2") == count("version=x") == 0
    assert count("profile=u-2&include=all") > count("profile=u-2")
    text = eve.see(f"{DECISIONS}?kind=tag&cause=first&actor=key1")
    assert '<option value="tag" selected>' in text
    assert 'value="key1"' in text


def test_a_time_that_is_none_is_told(eve):
    """A filter that can't be read is named, and nothing is shown instead of everything."""
    text = eve.see(f"{DECISIONS}?from=then")

    assert eve.page.status_code == 422
    assert "Expected a date and time" in text
    assert "/console/evaluations/" not in text


def test_decisions_come_page_by_page_and_as_a_file(service, eve):
    """The pages together have every decision once; the file has them too."""
    for place in range(20):
        evaluate_profile(service, KEY, request(asking(f"w-{place:02}", visits=3)))
    path, seen = DECISIONS, []
    while path:
        text = eve.see(path)
        seen += re.findall(r'<tr><td class="tight">[^<]+</td><td><a [^>]+>([^<]+)</a></td><td><strong>([^<]+)', text)
        link = re.search(r'href="([^"]+)" rel="next"', text)
        path = DECISIONS + link[1].replace("&amp;", "&") if link else None

    rows = list(csv.DictReader(StringIO(eve.http.get(f"{DECISIONS}?format=csv").text)))

    assert len(seen) == len(rows)
    assert len({(row["profile_id"], row["kind"], row["key"], row["to"]) for row in rows}) == len(rows)


def test_a_record_says_what_was_decided_and_why(service, eve):
    """The record of an evaluation has each decision with its reason, the facts, and the version with who approved it."""
    text = eve.see(f"/console/evaluations/{newest(service, 'u-1')}")

    assert "`regular` was assigned because" in text
    assert "What is not held" in text
    assert "Published by" in text
    assert "command-line" in text
    assert "a request" in text
    assert "<td>visits</td><td>4</td>" in text
    assert "It waits to be sealed" in text or "not sealed yet" in text


def test_a_record_says_what_it_would_have_taken(service, eve):
    """Asked about one tag, the record names the nearest change with which it would have been held."""
    text = eve.see(f"/console/evaluations/{newest(service, 'u-2')}?kind=tag&key=regular")

    assert "What would have made the difference" in text
    assert "were 3 instead of 0" in text


def test_a_record_is_decided_again(service, eve):
    """Deciding again gives the very same record, or says what differs; also by another version."""
    page = f"/console/evaluations/{newest(service, 'u-1')}"

    assert "equal to the byte" in eve.see(f"{page}?replay=")
    assert "has no version 9" in eve.see(f"{page}?replay=9")


def test_another_version_is_asked(service, eve):
    """What a newer version would have decided for the same record is shown beside what was."""
    tags = [{**one, "when": "visits >= 9"} if one["key"] == "regular" else one for one in changed()["tags"]]
    publish_ruleset(service, json.dumps(changed(tags=tags)), "stricter", COMMAND_LINE)

    text = eve.see(f"/console/evaluations/{newest(service, 'u-1')}?replay=2")

    assert "Version 2 would have decided differently" in text
    assert "regular: not held" in text


def test_a_sealed_record_has_a_proof_to_keep(service, eve):
    """Once it is sealed the page says where the record stands in the log; proof and record leave as files."""
    evaluation = newest(service, "u-1")
    seal(service)

    text = eve.see(f"/console/evaluations/{evaluation}")
    proof = eve.http.get(f"/console/evaluations/{evaluation}?file=proof")
    record = eve.http.get(f"/console/evaluations/{evaluation}?file=record")

    assert "which is signed" in text
    assert proof.text.startswith("c2sp.org/tlog-proof@v1")
    assert record.data.decode() == logged(service, "u-1")[-1].record


def test_an_erased_record_says_that_it_is_gone(service, eve):
    """After an erasure the page says so, with the entry by which it went and the changes that can still be counted."""
    evaluation = newest(service, "u-1")
    erase_profile(service, "u-1", {"ground": "GDPR 17(1)(b)"}, ROOT)

    text = eve.see(f"/console/evaluations/{evaluation}")

    assert eve.page.status_code == 200
    assert "The content was erased" in text
    assert "Erased by entry" in text
    assert "regular" in text
    assert "u-1" not in text


def test_pages_are_there_in_chinese(service, eve):
    """The same pages speak Chinese, sentences of decisions included."""
    eve.send("/console/preferences", language="zh")

    assert "变化历程" in eve.see(f"{PROFILES}/u-1")
    assert "决定与原因" in eve.see(f"/console/evaluations/{newest(service, 'u-1')}")
    assert "决定记录" in eve.see(DECISIONS)


def test_whoever_was_erased_has_no_page_any_more(service, eve):
    """In the list of decisions an erased person stands under a pseudonym that leads nowhere."""
    erase_profile(service, "u-1", {"ground": "GDPR 17(1)(b)"}, ROOT)

    text = eve.see(DECISIONS)

    assert '<span class="faint">erased:' in text
    assert "/console/profiles/u-1" not in text
