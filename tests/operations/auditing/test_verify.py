"""Whatever is changed in the database, also by those who may change anything there, is found and named."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.config import default_keys
from service.operations.auditing.verification import MOST_FINDINGS, PHRASES
from service.operations.auditing.verify import count_left_out, verify_and_record, verify_log
from service.operations.evaluate import evaluate_profile
from service.store.database import connected, open_database
from tests.databases import rows, url_of
from tests.operations.auditing.logs import event, members, note, seal_all
from tests.small import KEY, asking, request

ENTRIES = 12
SCRATCH = ("evaluations", "changes", "audit_events", "versions", "activations")


@pytest.fixture
def database_url(database):
    """The URL of the test's database."""
    return url_of(database)


@pytest.fixture
def sealed(service):
    """A service with a dozen entries sealed in three batches, and one that waits."""
    for number in range(ENTRIES - 1):
        evaluate_profile(service, KEY, request(asking(f"u{number % 4}", visits=number)))
        if number % 4 == 3:
            seal_all(service)
    seal_all(service)
    evaluate_profile(service, KEY, request(asking("u9", visits=3)))
    return service


def damage(url: str, *statements: str) -> None:
    """Run statements as somebody who may do anything: without the triggers that keep the log append-only."""
    database = open_database(url)
    is_file = url.startswith("sqlite")
    with connected(database):
        if is_file:
            for (name,) in database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute_sql(f'DROP TRIGGER "{name}"')
        with database.atomic():
            if not is_file:
                database.execute_sql("SET LOCAL session_replication_role = replica")
            for statement in statements:
                database.execute_sql(statement)
    if not is_file:
        database.close_idle()


def codes(service, **how):
    """The codes and places of what is found."""
    return [(code, place) for code, place, _ in verify_log(service, **how).findings]


def test_an_honest_log_holds(sealed):
    """Control: nothing is found where nothing was done, and what was not looked at is said."""
    seen = []
    found = verify_log(sealed, progress=lambda done, of: seen.append((done, of)))
    assert found.holds
    assert found.counts == {"checkpoints": 4, "entries": ENTRIES, "contents": ENTRIES, "waiting": 1}
    assert found.unchecked == ["decisions", "witness"]
    assert seen[-1] == (ENTRIES, ENTRIES)
    full = verify_log(sealed, full=True)
    assert full.holds
    assert (full.counts["decided"], full.counts["profiles"]) == (ENTRIES - 1, 5)


def test_a_log_that_has_not_begun_holds(service):
    """Before anything is sealed, nothing is wrong; that no checkpoint is remembered is said."""
    found = verify_log(service)
    assert (found.holds, found.unchecked) == (True, ["memory", "decisions", "witness"])


def entry(service, position):
    """The id of the entry at a position, and its place as findings say it."""
    member = members(service)[position]
    return member.id, f"position {position} {member.kind} {member.id}"


ALTERED = {"actor": "key2", "trigger": "bulk", "engine": "engine 0", "ruleset": "other", "digest": "sha256:0"}


@pytest.mark.parametrize(("column", "value"), ALTERED.items())
def test_any_changed_column_of_a_record_is_named(sealed, database_url, column, value):
    """A2: another value in one column of one record, and the first thing that is said is which."""
    wanted, place = entry(sealed, 5)
    damage(database_url, f"""UPDATE "evaluations" SET "{column}" = '{value}' WHERE "id" = '{wanted}'""")  # noqa: S608
    assert codes(sealed)[0] == ("entry-altered", place)


@pytest.mark.parametrize("column", ["version", "at", "recorded_at"])
def test_any_changed_number_of_a_record_is_named(sealed, database_url, column):
    """A2: likewise an instant or a version."""
    wanted, place = entry(sealed, 5)
    damage(database_url, f"""UPDATE "evaluations" SET "{column}" = "{column}" + 1 WHERE "id" = '{wanted}'""")  # noqa: S608
    assert codes(sealed)[0] == ("entry-altered", place)


def test_swapped_records_are_named(sealed, database_url):
    """A2: two records that change their ids are both named."""
    (one, first), (two, second) = entry(sealed, 5), entry(sealed, 6)
    damage(
        database_url,
        f"""UPDATE "evaluations" SET "id" = 'x' WHERE "id" = '{one}'""",  # noqa: S608
        f"""UPDATE "evaluations" SET "id" = '{one}' WHERE "id" = '{two}'""",  # noqa: S608
        f"""UPDATE "evaluations" SET "id" = '{two}' WHERE "id" = 'x'""",  # noqa: S608
    )
    assert {("entry-altered", first), ("entry-altered", second)} <= set(codes(sealed))


def test_a_deleted_record_is_named(sealed, database_url):
    """A2: a record that is gone is missed at its position, and in the count."""
    wanted, place = entry(sealed, 5)
    damage(database_url, f"""DELETE FROM "evaluations" WHERE "id" = '{wanted}'""")  # noqa: S608
    assert codes(sealed) == [("entry-missing", place), ("count-differs", "records")]
    assert count_left_out(sealed) == -1


def test_an_inserted_record_is_named(sealed, database_url):
    """A2: a record that was never sealed is named, whoever put it there; so is one that was kept from the log."""
    fresh = note(sealed)
    damage(database_url, f"""DELETE FROM "unsealed" WHERE "id" = '{fresh}'""")  # noqa: S608
    assert codes(sealed) == [("count-differs", "records"), ("entry-left-out", f"event {fresh}")]
    assert count_left_out(sealed) == 1


def test_a_changed_event_is_named(sealed, database_url):
    """A2: who changed what can't be told otherwise."""
    position = next(at for at, one in enumerate(members(sealed)) if one.kind == "event")
    wanted, place = entry(sealed, position)
    damage(database_url, f"""UPDATE "audit_events" SET "actor" = 'nobody' WHERE "id" = '{wanted}'""")  # noqa: S608
    assert codes(sealed)[0] == ("entry-altered", place)
    damage(
        database_url,
        f"""UPDATE "audit_events" SET "actor" = 'command-line', "detail" = '{{}}' WHERE "id" = '{wanted}'""",  # noqa: S608
    )
    assert codes(sealed)[0] == ("content-altered", place)


def test_a_changed_content_is_named(sealed, database_url):
    """A2: content that was put there in plain text is not what was committed to; content that is gone is missed."""
    (one, first), (two, second) = entry(sealed, 5), entry(sealed, 6)
    is_file = database_url.startswith("sqlite")
    forged = "X'7B7D'" if is_file else "'\\x7b7d'::bytea"
    damage(
        database_url,
        f"""UPDATE "evaluations" SET "record" = {forged} WHERE "id" = '{one}'""",  # noqa: S608
        f"""UPDATE "evaluations" SET "record" = NULL WHERE "id" = '{two}'""",  # noqa: S608
    )
    assert codes(sealed) == [("content-altered", first), ("content-lost", second)]


def bytes_at(database_url, offset):
    """SQL that replaces one byte of a tile."""
    if database_url.startswith("sqlite"):
        return f'CAST(substr("data", 1, {offset}) || X\'00\' || substr("data", {offset + 2}) AS BLOB)'
    return f'set_byte("data", {offset}, 0)'


def test_an_edited_leaf_is_named(sealed, database_url):
    """A2: a tile that was edited fits neither its record nor the signed root."""
    _, place = entry(sealed, 5)
    damage(database_url, f'UPDATE "tiles" SET "data" = {bytes_at(database_url, 5 * 32 + 3)} WHERE "level" = 0')  # noqa: S608
    found = codes(sealed)
    assert ("entry-altered", place) in found
    assert any(code == "tree-altered" for code, _ in found)
    assert found[0] == ("log-broken", "log")


def test_a_shortened_tile_is_named(sealed, database_url):
    """A2: leaves that are gone are missed."""
    damage(database_url, """UPDATE "tiles" SET "data" = substr("data", 1, 160) WHERE "level" = 0""")
    found = codes(sealed)
    assert ("entry-altered", entry(sealed, 5)[1]) in found


def test_an_edited_tile_above_the_leaves_is_named(service, database_url):
    """A2: tiles above the leaves follow from those below."""
    service.store.write(lambda unit: [unit.audit(one) for one in events(service, 600)])
    seal_all(service)
    assert verify_log(service).holds
    damage(database_url, f'UPDATE "tiles" SET "data" = {bytes_at(database_url, 33)} WHERE "level" = 1')  # noqa: S608
    found = codes(service)
    assert [one for one in found if one[0] != "log-broken"] == [("tile-altered", "tile 1/0 hash 1")]


def events(service, count):
    """Audit events with fresh ids."""
    return [event(service) for _ in range(count)]


def test_an_edited_checkpoint_is_named(sealed, database_url):
    """A2: a checkpoint with another root, another text, or another size is named."""
    size = rows(database_url, 'SELECT "size" FROM "checkpoints" ORDER BY "size"')[1][0]
    root = """(SELECT "root" FROM "checkpoints" WHERE "size" = 0)"""
    damage(database_url, f'UPDATE "checkpoints" SET "root" = {root} WHERE "size" = {size}')  # noqa: S608
    found = codes(sealed)
    assert ("checkpoint-altered", f"checkpoint {size}") in found
    assert ("tree-altered", f"checkpoint {size}") in found
    damage(
        database_url,
        f"""UPDATE "checkpoints" SET "note" = replace("note", 'tagwright', 'tagwrong') WHERE "size" = {size}""",  # noqa: S608
    )
    assert ("unsigned", f"checkpoint {size}") in codes(sealed)


def test_edited_batches_are_named(sealed, database_url):
    """A2: where the list of which entry stands where is cut or moved, the walk says where it could not go on."""
    damage(database_url, """UPDATE "batches" SET "first" = "first" + 1 WHERE "first" > 5""")
    assert codes(sealed)[0][0] == "gap"


def test_a_log_cut_at_its_end_is_noticed(sealed, database_url):
    """A2: the last batch, its checkpoint and its leaves taken away together contradict what is remembered outside."""
    size = rows(database_url, 'SELECT "size" FROM "checkpoints" ORDER BY "size"')[-2][0]
    damage(
        database_url,
        f'DELETE FROM "checkpoints" WHERE "size" > {size}',  # noqa: S608
        f'DELETE FROM "batches" WHERE "first" >= {size}',  # noqa: S608
        f'UPDATE "tiles" SET "data" = substr("data", 1, {size * 32})',  # noqa: S608
    )
    found = codes(sealed)
    assert found[0] == ("log-broken", "log")
    assert {place.split()[0] for code, place in found if code == "entry-left-out"} == {"evaluation"}


def test_edited_changes_and_profiles_are_named(sealed, database_url):
    """A full verification finds rows that contradict the records they were made from."""
    wanted = rows(database_url, """SELECT "evaluation_id" FROM "changes" WHERE "kind" = 'stage' ORDER BY "seq" """)[0][
        0
    ]
    last = rows(database_url, """SELECT "evaluation_id" FROM "profiles" WHERE "profile_id" = 'u1'""")[0][0]
    damage(
        database_url,
        f"""UPDATE "changes" SET "rule" = 'tags/other' WHERE "evaluation_id" = '{wanted}'""",  # noqa: S608
        f"""UPDATE "profiles" SET "at" = "at" + 1 WHERE "evaluation_id" = '{last}'""",  # noqa: S608
    )
    assert verify_log(sealed).holds
    assert codes(sealed, full=True) == [
        ("changes-differ", f"evaluation {wanted}"),
        ("profile-differs", f"profile u1 ruleset {KEY}"),
    ]


def test_findings_are_told_in_two_languages(sealed, database_url):
    """What is found is a sentence in English and in Chinese; a flood of findings is counted."""
    damage(database_url, """UPDATE "evaluations" SET "actor" = 'nobody'""")
    told = verify_log(sealed).to_json()
    assert told["holds"] is False
    assert told["findings"][0]["message"] == PHRASES["entry-altered"]
    found = verify_log(sealed)
    for number in range(2 * MOST_FINDINGS):
        found.add("gap", number, 1, 2)
    assert found.to_json()["more_findings"] == len(verify_log(sealed).findings) + MOST_FINDINGS


def test_a_verification_is_an_entry_of_the_log(sealed):
    """A15: who verified, and what came out, is recorded like all else."""
    verify_and_record(sealed, COMMAND_LINE, full=True)
    seal_all(sealed)
    (event,) = sealed.store.read(lambda reads: reads.sealing.events([members(sealed)[-1].id]))
    assert (event.action, event.actor, json.loads(event.detail)["holds"]) == ("log.verified", "command-line", True)


def test_without_memory_that_is_said(sealed, database_url):
    """Where no checkpoint is remembered outside the database, nobody takes that for checked."""
    log = rows(database_url, 'SELECT "note" FROM "checkpoints"')[0][0].split("\n")[0].replace("/", "_")
    (default_keys(database_url) / f"{log}.checkpoint").unlink()
    assert verify_log(sealed).unchecked == ["memory", "decisions", "witness"]
