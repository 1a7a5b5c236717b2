"""What an auditor finds in the console: whether the log is whole, who did what, and evidence to take away."""

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from service.bootstrap import COMMAND_LINE
from service.console.texts import speaker
from service.console.trail_pages import ACTIONS, tell
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.runner import Runner
from service.operations.evaluate import evaluate_profile
from service.operations.people import change_user
from service.operations.sessions import MINUTE
from tests.console.visitor import Visitor, add_user
from tests.databases import url_of
from tests.operations.auditing.logs import seal_all
from tests.operations.auditing.test_verify import damage
from tests.small import DAY, KEY, asking, request

ACTION = re.compile(r'"((?:ruleset|profile|retention|user|key|session|access|setting|subscription|log)\.[a-z_]+)"')


@pytest.fixture
def eve(service, app, clock):
    """An auditor, and a log with two people in it, sealed once a day."""
    add_user(service, "eve", "auditor")
    for visits in (1, 5):
        clock.at += DAY
        for person in ("ann", "ben"):
            evaluate_profile(service, KEY, request(asking(person, visits=visits)))
        seal_all(service)
    return Visitor(app, "eve")


def work(service):
    """Do the job that waits."""
    assert Runner(service, "r1", KINDS, lambda *problem: pytest.fail(str(problem))).step()


def sizes(service):
    """The sizes of all checkpoints, the smallest first."""
    return [row.size for row in service.store.read(lambda reads: reads.sealing.checkpoints(0, 100))]


def test_the_newest_checkpoint_is_shown_word_for_word(service, eve):
    """How much is sealed, the signed note and the key stand on the first page; the note can be taken away."""
    seal_all(service)
    newest = service.store.read(lambda reads: reads.sealing.newest())
    text = eve.see("/console/audit")

    assert newest.note.splitlines()[2] in text
    assert "whole and up to date" in text
    note = eve.http.get(f"/console/audit/checkpoints/{newest.size}")
    assert note.text == newest.note
    assert "attachment" in note.headers["Content-Disposition"]
    assert eve.http.get("/console/audit/checkpoints/999999").status_code == 404
    assert eve.http.get("/console/audit/checkpoints/x").status_code == 404


def test_a_log_that_waits_too_long_is_told(service, eve, clock):
    """Where entries wait for their seal for minutes, the page says that sealing is late."""
    clock.at += DAY
    visitor = Visitor(eve.http.application, "eve")
    clock.at += 5 * MINUTE

    assert "sealing is late" in visitor.see("/console/audit")


def test_verifying_is_a_job_that_ends_in_plain_words(service, eve):
    """Who verifies sees how far it is, then that the log is whole, and what was looked at; the log notes it."""
    text = eve.send("/console/audit", full="yes")
    address = eve.page.request.path
    assert 'data-refresh="' + address in text

    work(service)
    text = eve.see(address)

    assert "The log is whole" in text
    assert "decided again" in text
    assert "verified the log" in eve.see("/console/audit/looking")
    assert address in eve.see("/console/audit")
    job = address.rpartition("/")[2]
    assert address in eve.see(f"/console/jobs/{job}")


def test_what_was_altered_is_named(service, eve, database):
    """A record that was changed in the database is found, with its place and what is wrong with it."""
    damage(url_of(database), """UPDATE "evaluations" SET "trigger" = 'bulk' WHERE "profile_id" = 'ann'""")
    eve.send("/console/audit")
    address = eve.page.request.path
    work(service)

    text = eve.see(address)

    assert "does not fit what was signed" in text
    assert "the record is not the one that was sealed" in text
    assert "entry-altered" in text


def test_a_verification_can_be_cancelled(service, eve):
    """Whoever asked may have it ended."""
    eve.send("/console/audit")
    address = eve.page.request.path

    assert "cancelled" in eve.send(address)


def test_growth_is_shown_between_two_checkpoints(service, eve):
    """That a later log begins with an earlier one is proved and said; a size that was never signed is told kindly."""
    old, new = sizes(service)[-2:]

    grown = eve.see(f"/console/audit/checkpoints?from={old}&to={new}")
    assert f"begins with exactly the {old} entries" in grown
    assert f"{new - old} were added" in grown
    assert "no checkpoint has" in eve.see(f"/console/audit/checkpoints?from={old}&to={new + 5000}")
    assert f"expected at least {new}, found {old}" in eve.see(f"/console/audit/checkpoints?from={new}&to={old}")
    assert "such as 1200" in eve.see("/console/audit/checkpoints?from=x&to=y")


def test_checkpoints_are_listed_page_by_page(service, eve):
    """All checkpoints can be reached, the newest first."""
    listed = re.findall(r"/console/audit/checkpoints/(\d+)", eve.see("/console/audit/checkpoints"))
    below = re.findall(r"/console/audit/checkpoints/(\d+)", eve.see(f"/console/audit/checkpoints?below={listed[0]}"))

    assert [int(one) for one in listed] == sorted(sizes(service), reverse=True)
    assert below == listed[1:]


def test_the_trail_is_filtered_by_the_address(service, eve):
    """By who acted, what was done, on what and when; what does not fit is left out."""
    change_user(service, "eve", {"roles": ["auditor", "editor"]}, COMMAND_LINE)
    visitor = Visitor(eve.http.application, "eve")

    assert "changed a user" in rows_of(visitor.see("/console/audit/events?subject=eve"))
    assert "changed a user" not in rows_of(visitor.see("/console/audit/events?action=user.created"))
    assert "changed a user" not in rows_of(visitor.see("/console/audit/events?actor=user:eve"))
    assert "Nothing fits" in visitor.see("/console/audit/events?from=2030-01-01")
    assert "changed a user" in rows_of(visitor.see("/console/audit/events?from=2026-01-03&to=2026-01-03"))
    assert "Nothing fits" in visitor.see("/console/audit/events?to=2025-12-31")


def test_before_and_after_are_told_in_words(service, eve):
    """Of a change both are shown, by the names people use; what stayed the same is not."""
    change_user(service, "eve", {"roles": ["auditor", "editor"]}, COMMAND_LINE)
    text = Visitor(eve.http.application, "eve").see("/console/audit/events?action=user.changed")

    assert "<del>auditor</del>" in text
    assert "<ins>editor, auditor</ins>" in text


def rows_of(text):
    """What stands in the table of a page."""
    return text.partition("<tbody>")[2]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=soon", "expected a day"),
        ("from=2026-02-02&to=2026-02-01", "not before the first"),
        ("cursor=x", "Nothing"),
    ],
)
def test_a_wrong_filter_is_told(eve, query, said):
    """A day that is none, days the wrong way round, and a made-up page are told on the page."""
    assert said in eve.see(f"/console/audit/events?{query}")
    assert eve.page.status_code == 422


def test_details_of_every_shape_are_told():
    """Truth values, numbers, lists, instants and things of things all read as words."""
    detail = {
        "before": {"roles": ["auditor"], "disabled": False, "same": 1},
        "after": {"roles": ["admin"], "disabled": True, "same": 1},
        "asked": {"from": None, "as_of_size": 1200},
        "expires_at": 1_767_225_600_000,
        "events": [],
    }

    lines = tell(detail, speaker("en"))

    assert [tuple(one) for one in lines] == [
        ("roles", "auditor", "admin"),
        ("disabled", "no", "yes"),
        ("log of so many entries", None, "1,200"),
        ("expires", None, "2026-01-01 00:00"),
    ]
    assert tell({"before": 5, "after": None}, speaker("zh")) == [("值", "5", "—")]
    assert tell({"before": {"state": "open"}, "after": None}, speaker("en")) == [("state", "open", "—")]
    assert tell({"after": {"apply": {"a": 1}}}, speaker("en")) == [("applied", "—", "a: 1")]


def test_everything_that_can_be_done_has_a_name():
    """Each action that the service writes into the log is said in words."""
    written = set()
    for source in Path("service/operations").rglob("*.py"):
        written |= set(ACTION.findall(source.read_text("utf-8")))

    assert written - set(ACTIONS) == set()


def test_evidence_of_a_person_is_made_checked_and_had(service, eve):
    """A pack about somebody is asked for in a form, made by a job, checked, downloaded, and its download is noted."""
    assert "reader-3" in eve.see("/console/audit/evidence")
    eve.send("/console/audit/evidence", about="profile", profile="ann")
    address = eve.page.request.path
    work(service)

    text = eve.see(address)
    assert "The pack is made, and checked" in text
    pack = eve.http.get(f"{address}/pack")
    assert pack.mimetype == "application/zip"
    with zipfile.ZipFile(BytesIO(pack.data)) as archive:
        assert "verifier.py" in archive.namelist()
        assert json.loads(archive.read("manifest.json"))
    assert "took an evidence pack away" in rows_of(eve.see("/console/audit/looking"))
    assert "ann" in rows_of(eve.see("/console/audit/evidence"))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"about": "profile", "profile": ""}, "expected the id of a person"),
        ({"about": "profile", "profile": "nobody"}, "nobody of this id"),
        ({"about": "all", "from": "2026-02-02", "to": "2026-02-01"}, "not before the first"),
    ],
)
def test_evidence_that_can_not_be_made_is_refused_at_once(eve, form, said):
    """A form with a fault comes back with it, and no job is queued."""
    assert said in eve.send("/console/audit/evidence", **form)
    assert eve.page.status_code == 422
    assert "No pack was made yet" in eve.see("/console/audit/evidence")


def test_evidence_of_a_ruleset_and_a_period(service, eve):
    """A pack may be about a ruleset, and about some days only; the page says so, and it can be cancelled."""
    form = {"about": "ruleset", "ruleset": KEY, "from": "2026-01-02", "to": "2026-01-02"}
    text = eve.send("/console/audit/evidence", **form)

    assert KEY in text
    assert "2026-01-02 00:00 — 2026-01-03 00:00" in text
    assert "cancelled" in eve.send(eve.page.request.path)


def test_everything_is_in_chinese_too(service, eve):
    """An auditor who reads Chinese finds the same pages in it."""
    eve.send("/console/preferences", language="zh")

    assert "日志是否正常" in eve.see("/console/audit")
    assert "添加用户" in eve.see("/console/audit/events")
    assert "制作证据包" in eve.see("/console/audit/evidence")


def test_a_log_that_has_not_begun_is_told(app, service):
    """Before anything was sealed the pages say that, and make no trouble."""
    add_user(service, "eve", "auditor")
    visitor = Visitor(app, "eve")

    assert "The log has not begun" in visitor.see("/console/audit")
    assert "The log has not begun" in visitor.see("/console/audit/checkpoints")
