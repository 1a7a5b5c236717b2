"""Evidence packs: whole, verifiable by strangers, the same to the byte, and safe to open."""

import json
import re
import tracemalloc

import pytest

from service.audit.find_rows import Sought
from service.errors import Conflict, InvalidRequest, LogBroken, NotFound
from service.language.instants import write_instant
from service.operations.auditing import export_page, export_scope
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.export import HAD, MADE, export_log, make_pack, read_asked, read_export, run
from service.operations.auditing.export_text import rows
from service.operations.auditing.find import Filter, count_decisions
from service.operations.authoring.jobs import Task
from service.operations.evaluate import evaluate_profile
from service.operations.ports import Caller
from tests.databases import everything
from tests.governing import released
from tests.operations.auditing.exporting import export, fill, lines, look_into, table, verified
from tests.operations.auditing.logs import members, note, seal_all
from tests.small import DAY, KEY, START, asking, request

AUDITOR = Caller("auditor1", frozenset({"auditor"}), "request-9")
DAYS = 5


def day(number: int) -> str:
    """The instant at which a day of the test begins."""
    return write_instant(START + number * DAY)


def done(service, **asked):
    """A job that made a pack."""
    job = export_log(service, asked, AUDITOR)
    taken = service.store.write(lambda unit: unit.jobs.take(["export"], "runner", service.clock()))
    result = run(Task(service=service, job=taken, payload=json.loads(taken.payload), progress=lambda *_: None))
    ended = taken._replace(state="done", result=json.dumps(result), finished_at=service.clock())
    service.store.write(lambda unit: unit.jobs.finish(ended))
    return job.id, result


def test_a_pack_of_everything_holds(service, clock, tmp_path):
    """All of the log in one pack: the verifier finds every entry, every content, and every ruleset."""
    size = fill(service, clock)
    pack, made = export(service)
    report = verified(service, pack, tmp_path / "pack.zip")
    assert report.findings == []
    assert report.counts["entries"] == made["totals"]["entries"] == size
    assert report.counts["rulesets"] == 1


def test_a_pack_tells_who_answers_for_the_rules(service, clock, tmp_path):
    """Each version comes with author, approver, examples, acknowledged warnings and its changes in both languages, and
    with the proven entries that say so.
    """
    fill(service, clock, 8)
    released(service, tags=[{"key": "regular", "when": "visits >= 2"}], values=[], actions=[])
    fill(service, clock, 8)
    pack, _ = export(service)
    files = look_into(pack)
    first, second = lines(files, "history.ndjson")
    assert (first["version"], first["changed_from"], first["changes"]) == (1, None, [])
    assert (second["author"], second["approved_by"], second["changed_from"]) == ("ann", "bob", 1)
    assert second["evidence"]["acknowledged"] == ["tag-without-purpose", "untested-rule", "unused-attribute"]
    assert all(one["sentence"].keys() == {"en", "zh"} for one in second["changes"])
    actions = [json.loads(one["envelope"])["action"] for one in lines(files, "authority.ndjson")]
    assert actions[-3:] == ["ruleset.draft_submitted", "ruleset.draft_approved", "ruleset.published"]
    assert verified(service, pack, tmp_path / "pack.zip").counts["authority"] == len(actions)


def test_a_pack_says_why(service, clock):
    """Each change comes with a sentence in both languages, and its conditions with the values they had."""
    fill(service, clock, 8)
    files = look_into(export(service)[0])
    told = next(one for one in lines(files, "decisions.ndjson") if one["key"] == "regular")
    assert told["reason"]["sentence"].keys() == {"en", "zh"}
    (condition,) = told["reason"]["conditions"]
    assert (condition["expression"] if "expression" in condition else condition["text"]) == "visits >= 3"
    assert [part["value"] for part in condition["parts"]] == [3]
    assert [leaf["held"] for leaf in told["reason"]["leaves"]] == [True]


def test_the_same_question_gives_the_same_bytes(service, clock):
    """The same filter and tree size is the same file before and after new decisions, and on another day."""
    size = fill(service, clock)
    asked = ({}, {"profile": "u3"}, {"ruleset": KEY, "from": day(1), "to": day(3)})
    before = [export(service, **one, as_of_size=size) for one in asked]
    clock.at += 30 * DAY
    released(service, tags=[{"key": "regular", "when": "visits >= 2"}], values=[], actions=[])
    assert fill(service, clock) > size
    after = [export(service, **one, as_of_size=size) for one in asked]
    assert [made["sha256"] for _, made in before] == [made["sha256"] for _, made in after]
    assert before == after
    assert export(service)[1]["sha256"] != before[0][1]["sha256"]


def test_days_add_up(service, clock, tmp_path):
    """Packs of single days have together what a pack of all days has, what counting finds, and what the log has."""
    size = fill(service, clock)
    asked = {"from": day(0), "to": day(DAYS + 1)}
    whole = export(service, **asked)[1]["totals"]
    parts = [export(service, **{"from": day(one), "to": day(one + 1)}) for one in range(DAYS + 1)]
    for name, total in whole.items():
        assert sum(made["totals"][name] for _, made in parts) == total
    counted = count_decisions(service, Filter({}, (None, None), everything=False))
    assert whole["decisions"] == counted["count"] == sum(len(table(look_into(pack))) for pack, _ in parts)
    assert whole["entries"] == size == len(members(service))
    for pack, _ in parts:
        assert verified(service, pack, tmp_path / "pack.zip").findings == []


def test_a_pack_of_a_period_has_its_edges(service, clock, tmp_path):
    """A period's pack begins before and ends behind it, without content there, so that nothing can be missing."""
    fill(service, clock)
    for begin, end in ((2, 3), (0, 1), (4, 90), (90, 91)):
        pack, made = export(service, **{"from": day(begin), "to": day(end)})
        files = look_into(pack)
        entries = lines(files, "entries.ndjson")
        told = [json.loads(one["envelope"]) for one in entries]
        inside = [day(begin) <= one.get("recorded_at", one["at"]) < day(end) for one in told]
        assert inside == [one["record"] is not None for one in entries]
        assert sum(inside) == made["totals"]["entries"]
        assert begin == 0 or not inside[0]
        assert end == 90 or begin == 90 or not inside[-1]
        assert verified(service, pack, tmp_path / "pack.zip").findings == []


def test_a_pack_of_one_person_names_nobody_else(service, clock, tmp_path):
    """It has this person's entries with their proofs, and no other person's id anywhere."""
    fill(service, clock)
    pack, made = export(service, profile="u3")
    files = look_into(pack)
    assert made["totals"]["evaluations"] == 8
    assert {one["profile_id"] for one in lines(files, "decisions.ndjson")} == {"u3"}
    text = b"\n".join(files.values()).decode()
    assert not re.search(r"\bu[0124]\b", text.replace(files["verifier.py"].decode(), ""))
    report = verified(service, pack, tmp_path / "pack.zip")
    assert report.findings == []
    assert ("selection", ()) in report.unchecked


def test_a_ruleset_may_be_all_that_is_asked_for(service, clock, tmp_path):
    """What concerns no ruleset is in its pack as envelopes only."""
    fill(service, clock, 8)
    note(service)
    seal_all(service)
    pack, made = export(service, ruleset=KEY)
    assert made["totals"]["evaluations"] == 8
    report = verified(service, pack, tmp_path / "pack.zip")
    assert (report.findings, report.counts["withheld"]) == ([], 1)


def test_erased_people_are_said_to_be_erased(service, clock, tmp_path):
    """After an erasure the pack has the same entries and proofs, says by which entry content went, and still holds."""
    size = fill(service, clock)
    erased = erase_profile(service, "u3", {"ground": "asked for"}, AUDITOR)
    seal_all(service)
    for asked in ({}, {"profile": erased.pseudonym}):
        pack, made = export(service, **asked, as_of_size=size)
        assert made["totals"]["erased"] == 8
        files = look_into(pack)
        gone = [one for one in lines(files, "entries.ndjson") if one.get("erased_by")]
        assert {one["erased_by"] for one in gone} == {erased.entry}
        assert {one["record"] for one in gone} == {None}
        told = [one for one in lines(files, "decisions.ndjson") if one["erased"]]
        assert told
        assert {one["profile_id"] for one in told} == {erased.pseudonym}
        assert verified(service, pack, tmp_path / "pack.zip").findings == []
    with pytest.raises(NotFound):
        export(service, profile="u3")


def test_an_erased_person_is_forgotten_by_what_was_exported(service, clock, database):
    """No id of theirs stays in jobs or in the log of exports, and the export can still be had, under the pseudonym."""
    evaluate_profile(service, KEY, request(asking("somebody", visits=4)))
    seal_all(service)
    job, _ = done(service, profile="somebody")
    b"".join(read_export(service, job, AUDITOR))
    assert "somebody" in everything(database)
    pseudonym = erase_profile(service, "somebody", {"ground": "asked for"}, AUDITOR).pseudonym
    assert "somebody" not in everything(database)
    files = look_into(b"".join(read_export(service, job, AUDITOR)))
    assert json.loads(files["manifest.json"])["asked"]["profile"] == pseudonym


def test_a_job_makes_it_and_anyone_may_have_it_again(service, clock):
    """The job says the hash and what the verifier found; what is had later is that file."""
    size = fill(service, clock)
    job, result = done(service, ruleset=KEY)
    assert (result["holds"], result["findings"]) == (True, [])
    fill(service, clock)
    again = b"".join(read_export(service, job, AUDITOR))
    assert len(again) == result["bytes"]
    assert export(service, ruleset=KEY, as_of_size=size) == (
        again,
        {name: result[name] for name in result if name not in {"holds", "findings"}},
    )


def test_each_export_is_an_entry_of_the_log(service, clock):
    """Who exported what is in the log, and who had it again, always, with the hash and never with a person's content."""
    fill(service, clock, 10)
    job, result = done(service, profile="u3")
    b"".join(read_export(service, job, AUDITOR))
    rows = {
        action: service.store.read(
            lambda reads, action=action: reads.finding.events(Sought({"action": action}), None, 10)
        )[0]
        for action in (MADE, HAD)
    }
    (made,), (had,) = rows[MADE], rows[HAD]
    assert (made.actor, made.request_id, made.subject) == (AUDITOR.actor, job, "u3")
    assert json.loads(made.detail)["sha256"] == result["sha256"]
    assert (had.actor, had.request_id, json.loads(had.detail)["export"]) == (AUDITOR.actor, "request-9", job)


def test_what_can_not_be_had(service, clock):
    """A wrong question is refused with every fault; a size nobody signed, a strange person or job is not found."""
    with pytest.raises(InvalidRequest) as refused:
        export(service, **{"from": "soon", "to": 3, "ruleset": "", "other": 1})
    assert {fault.pointer for fault in refused.value.errors} == {"/from", "/to", "/ruleset", "/other"}
    with pytest.raises(InvalidRequest):
        export(service, **{"from": day(2), "to": day(1)})
    with pytest.raises(NotFound, match="no checkpoint yet"):
        export(service)
    size = fill(service, clock, 8)
    for asked in ({"as_of_size": size - 1}, {"profile": "nobody"}, {"ruleset": "none"}):
        with pytest.raises(NotFound):
            export(service, **asked)
    with pytest.raises(NotFound):
        read_export(service, "nothing", AUDITOR)
    job = export_log(service, {}, AUDITOR)
    with pytest.raises(Conflict, match="queued"):
        read_export(service, job.id, AUDITOR)


def test_an_empty_log_has_a_pack(service, clock, tmp_path):
    """As of its first checkpoint the log is empty, and a pack says just that."""
    fill(service, clock, 8)
    pack, made = export(service, as_of_size=0)
    assert made["totals"]["entries"] == 0
    assert verified(service, pack, tmp_path / "pack.zip").findings == []


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", "\ttab"])
def test_cells_are_never_run(name):
    """Whatever a person is called, a spreadsheet shows it as text."""
    assert rows(["a"], [{"a": name}]).decode().startswith(("'", "\"'"))


def test_lines_stay_lines(service, clock):
    """Line breaks and terminal codes in what callers send make no new line, hide nothing, and run nothing."""
    evil = "a\n2026,forged\r\x1b[2J\x9b31m\u202e<script>alert(1)</script>"
    evaluate_profile(service, KEY, request(asking("u", visits=4)))
    attributes = {"visits": 4, "plan": "free", "topics": [evil]}
    evaluate_profile(service, KEY, request({"profile": {"id": "=u2,\u202e", "attributes": attributes}}))
    seal_all(service)
    files = look_into(export(service)[0])
    for name in ("entries.ndjson", "decisions.ndjson", "history.ndjson"):
        assert all(json.loads(line) for line in files[name].decode().splitlines())
    for name in ("decisions.csv", "decisions.ndjson", "history.ndjson", "report.html"):
        text = files[name].decode()
        assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", text)
        assert "<script" not in text
    assert "'=u2,\\u202e" in {one["profile_id"] for one in table(files)}
    assert len(table(files)) == len(lines(files, "decisions.ndjson"))


def test_the_page_is_bounded_and_needs_nothing(service, clock, monkeypatch):
    """The page has both languages, no script and nothing from elsewhere, and says when it leaves something out."""
    monkeypatch.setattr(export_page, "MOST_DECISIONS", 3)
    fill(service, clock, 8)
    text = look_into(export(service)[0])["report.html"].decode()
    assert "The first 3 of" in text
    assert "仅列前 3 项" in text
    assert not re.search(r"<script|src=|href=|https?://", text)


def test_a_log_that_lost_an_entry_gives_no_pack(service, clock):
    """Where a sealed entry, or the version that decided, is gone, there is no pack, and it says what is missing."""
    fill(service, clock, 8)
    with pytest.raises(LogBroken, match="expected the sealed entry"):
        export_scope._loaded(0, members(service)[0], {}, {}, None)  # noqa: SLF001


def test_a_pack_needs_no_more_memory_for_a_longer_log(service, clock, monkeypatch):
    """A log five times as long is exported with the same memory, part by part."""
    monkeypatch.setattr(export_page, "MOST_DECISIONS", 5)
    monkeypatch.setattr(export_scope, "CHUNK", 10)
    peaks = []
    for evaluations in (50, 200):
        fill(service, clock, evaluations, step=DAY // 100)
        pack = make_pack(service, read_asked(service, {}))
        tracemalloc.start()
        longest = max(len(part) for part in pack.parts())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert longest < 1 << 18
    assert peaks[1] < 1.5 * peaks[0]
