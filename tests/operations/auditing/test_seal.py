"""What was recorded is sealed: each entry once, whatever dies or comes late, and never two trees that contradict."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random

import pytest

from service.audit.checkpoint import open_checkpoint
from service.audit.merkle import check_consistency
from service.audit.note import read_note
from service.audit.tiles import Tree
from service.bootstrap import wire
from service.config import Config
from service.errors import LogBroken
from service.operations.auditing.seal import begin_log, check_log, read_waiting, seal
from service.operations.auditing.sealer import Sealer
from service.operations.evaluate import evaluate_profile
from service.store import sealing
from service.store.notary import Notary
from tests.databases import rows, url_of
from tests.operations.auditing.logs import (
    all_ids,
    check_whole,
    checkpoints,
    event,
    leaves,
    members,
    note,
    rows_changed,
    seal_all,
)
from tests.small import KEY, asking, request

WRITERS = 8
EACH = 25


class Rollback(Exception):
    """Undoes a transaction."""


class Counted:
    """Counts what was sealed, and keeps what went wrong."""

    def __init__(self):
        self.entries, self.broken, self.errors = 0, 0, []

    def sealed(self, entries):
        """Count entries."""
        self.entries += entries

    def log_broken(self):
        """Count that the log contradicts itself."""
        self.broken += 1


@pytest.fixture
def shared(database_url):
    """A service with a real clock on each database in turn."""
    shared = wire(Config(database_url=database_url))
    yield shared
    shared.store.close()


@pytest.fixture
def on_postgres(shared, database_url):
    """Runs the test only where several write at once."""
    if database_url.startswith("sqlite"):
        pytest.skip("on SQLite one transaction writes at a time")
    return shared


def test_every_record_becomes_a_leaf(service):
    """Evaluations and events alike, in batches of any size, end up in the log once, and nothing waits any more."""
    begin_log(service)
    for number in range(7):
        evaluate_profile(service, KEY, request(asking(f"u{number}", visits=number)))
    assert seal(service, 3).entries == 3
    note(service)
    assert seal_all(service) == 9
    assert seal(service) is None
    assert {one.kind for one in members(service)} == {"evaluation", "event"}
    assert [size for size, _ in checkpoints(service)] == [0, 3, 9]
    check_whole(service)


def write_at_random(service, seed):
    """Add entries, some slowly, and undo some; the ids of those that were committed."""
    random, committed = Random(seed), []  # noqa: S311  # the same schedule every time
    for _ in range(EACH):
        row, fate = event(service), random.random()

        def job(unit, row=row, fate=fate):
            unit.audit(row)
            if fate < 0.2:
                threading.Event().wait(fate / 10)
            if fate > 0.8:
                raise Rollback

        with suppress(Rollback):
            service.store.write(job)
            committed.append(row.id)
    return committed


@pytest.mark.parametrize("seed", [1, 2])
def test_no_record_is_ever_skipped(shared, seed):
    """A1: eight write at once, some slowly, some undo all, while another seals: the leaves are exactly what was
    committed.
    """
    sealer = Sealer(shared, Counted(), pytest.fail)
    sealer.start(0.005)
    with ThreadPoolExecutor(WRITERS) as threads:
        done = list(threads.map(lambda number: write_at_random(shared, seed * 100 + number), range(WRITERS)))
    sealer.stop()
    seal_all(shared)
    committed = {one for some in done for one in some}
    assert {one.id for one in members(shared)} == committed == all_ids(shared)
    check_whole(shared)


def test_following_places_would_skip_what_comes_late(on_postgres):
    """A1, control: a sealer that takes what stands behind the last place loses an entry that is committed late; the
    queue does not.
    """
    service, begun, end = on_postgres, threading.Event(), threading.Event()
    late = event(service)

    def slow(unit):
        unit.audit(late)
        begun.set()
        end.wait(10)

    writer = threading.Thread(target=service.store.write, args=(slow,))
    writer.start()
    begun.wait(10)
    soon = note(service)
    last, followed = follow(service, 0)
    seal_all(service)
    end.set()
    writer.join()
    followed += follow(service, last)[1]
    seal_all(service)
    assert followed == [soon]
    assert {one.id for one in members(service)} == {soon, late.id}
    check_whole(service)


def follow(service, last):
    """What stands behind the last place, as a naive sealer sees it; and the last place then."""
    found = service.store.read(lambda reads: reads.sealing.entries("event", last, 1000))
    return max([last, *(seq for seq, _ in found)]), [entry for _, entry in found]


def test_a_long_transaction_elsewhere_delays_nothing(on_postgres, database_url):
    """D12: while another transaction is open, entries are sealed at once; a watermark of transaction ids would wait."""
    service, begun, end = on_postgres, threading.Event(), threading.Event()

    def idle(unit):
        unit.audit(event(service))
        begun.set()
        end.wait(10)

    holder = threading.Thread(target=service.store.write, args=(idle,))
    holder.start()
    begun.wait(10)
    soon = note(service)
    assert seal(service).entries == 1
    assert [one.id for one in members(service)] == [soon]
    newest = 'SELECT "xmin"::text::bigint FROM "audit_events" ORDER BY "seq" DESC LIMIT 1'
    horizon = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    assert rows(database_url, horizon) <= rows(database_url, newest)
    end.set()
    holder.join()


def test_four_sealers_at_once(shared, database_url):
    """D6: each entry is sealed by one of them, and the tree only grows."""
    services = [wire(Config(database_url=database_url)) for _ in range(4)]
    counted = Counted()
    sealers = [Sealer(one, counted, pytest.fail) for one in services]
    begin_log(shared)
    for one in sealers:
        one.start(0.002)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: [note(shared) for _ in range(EACH)], range(4)))
    for one in sealers:
        one.stop()
    seal_all(shared)
    for one in services:
        one.store.close()
    assert len(members(shared)) == 4 * EACH
    check_whole(shared)


@pytest.mark.parametrize("statement", range(12))
def test_a_sealer_may_die_at_any_statement(shared, monkeypatch, statement):
    """D5: whatever statement is the last one, the log is as before or as after, and the next sealer goes on."""
    for _ in range(3):
        note(shared)
    seal_all(shared)
    before = len(leaves(shared))
    note(shared)
    left = [statement]

    def dying(database, sql, values=(), run=sealing.run):
        left[0] -= 1
        if left[0] < 0:
            raise Rollback
        return run(database, sql, values)

    monkeypatch.setattr(sealing, "run", dying)
    with suppress(Rollback):
        seal(shared)
    monkeypatch.undo()
    assert len(leaves(shared)) in {before, before + 1}
    note(shared)
    assert seal_all(shared) == 5
    check_whole(shared)


def seal_and_die(url: str, when: str) -> None:
    """Seal in a process of its own, which is killed before it commits, or right after."""
    service = wire(Config(database_url=url))

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    if when == "before the commit":
        sealing.Sealing.add_checkpoint = die
    else:
        Notary.remember = die
    seal(service)


@pytest.mark.parametrize("when", ["before the commit", "after the commit"])
def test_a_sealer_may_be_killed(shared, database_url, when):
    """D5: a process that is killed while it seals leaves a log that the next one continues."""
    note(shared)
    seal_all(shared)
    note(shared)
    child = multiprocessing.get_context("spawn").Process(target=seal_and_die, args=(database_url, when))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert len(leaves(shared)) == (1 if when == "before the commit" else 2)
    note(shared)
    assert seal_all(shared) == 3
    check_whole(shared)


def test_a_clock_that_steps_back_changes_no_order(service, clock):
    """D10: two hours back in time, what is sealed stays where it is, and what comes is sealed behind it."""
    for _ in range(3):
        note(service)
    seal_all(service)
    before, (old, old_root) = members(service), checkpoints(service)[-1]
    clock.at -= 2 * 3_600_000
    late = note(service)
    assert read_waiting(service) == 0
    seal_all(service)
    new, new_root = checkpoints(service)[-1]
    assert members(service)[:old] == before
    assert members(service)[old].id == late
    proof = service.store.read(lambda reads: Tree(new, reads.sealing.tile).consistency(old))
    check_consistency(old, old_root, new, new_root, proof)


def test_how_long_entries_wait_is_known(service, clock):
    """An operator sees how far the sealer is behind."""
    seal_all(service)
    assert read_waiting(service) == 0
    note(service)
    clock.at += 1500
    assert read_waiting(service) == 1500


def test_a_log_begins_with_an_empty_tree(service, tmp_path):
    """Before anything is recorded there is a key, and a checkpoint of nothing; beginning twice changes nothing."""
    begin_log(service)
    begin_log(service)
    assert [size for size, _ in checkpoints(service)] == [0]
    assert service.store.read(lambda reads: check_log(reads.sealing, service.store.notary)).size == 0


def test_keys_change_while_the_log_goes_on(service):
    """Both keys sign for a while; then the old one stops, and what it signed still counts."""
    note(service)
    first = seal(service).checkpoint
    notary = service.store.notary
    old = notary.signers(first.origin)[0].verifier
    new = notary.add_key(first.origin)
    note(service)
    seal(service)
    both = service.store.read(lambda reads: reads.sealing.newest()).note.encode()
    assert open_checkpoint(both, [old]) == open_checkpoint(both, [new])
    assert notary.drop_keys(first.origin) == [old]
    note(service)
    seal(service)
    last = service.store.read(lambda reads: reads.sealing.newest()).note.encode()
    assert len(read_note(last).signatures) == 1
    assert open_checkpoint(last, [new])
    assert notary.verifiers(first.origin) == (old, new)
    check_whole(service)


def test_the_sealer_tells_what_it_did(service):
    """The background sealer counts what it sealed."""
    counted = Counted()
    sealer = Sealer(service, counted, counted.errors.append)
    note(service)
    assert (sealer.step(), sealer.step(), counted.entries, counted.errors) == (2, 0, 2, [])


def test_one_process_seals_and_the_others_look_on(service, clock):
    """While one process seals, another leaves it the work; when it does so no more, the other takes over."""
    one, other = (Sealer(service, Counted(), pytest.fail) for _ in range(2))
    other.start(60)
    note(service)
    assert (other.step(), one.step()) == (2, 0)
    note(service)
    assert one.step() == 1
    note(service)
    assert other.step() == 0
    clock.at += 120_000
    assert other.step() == 1
    other.stop()


def test_the_sealer_outlives_what_goes_wrong(service, database, clock):
    """A broken log is told and counted, and left alone for a while; the thread goes on."""
    note(service)
    seal_all(service)
    rows_changed(url_of(database), """UPDATE "tiles" SET "data" = substr("data", 1, 31)""")
    note(service)
    told, seen, counted = [], threading.Event(), Counted()
    clock.at += 1000
    sealer = Sealer(service, counted, lambda error: (told.append(error), seen.set()))
    sealer.start(0.001)
    assert seen.wait(5)
    sealer.stop()
    assert ([type(error) for error in told], counted.broken) == ([LogBroken], 1)


def test_what_is_left_out_of_the_log_is_noticed_within_a_day(service, database, clock):
    """A record that neither waits nor is in the log raises an alarm; it is looked for once a day, by one process."""
    sealer, other = (Sealer(service, Counted(), pytest.fail) for _ in range(2))
    sealer.check()
    lost = note(service)
    rows_changed(url_of(database), f"""DELETE FROM "unsealed" WHERE "id" = '{lost}'""")  # noqa: S608  # an id of our own
    other.check()
    clock.at += 86_400_000
    with pytest.raises(LogBroken, match="expected every record in the log, found 1 that are not"):
        other.check()
    sealer.check()
