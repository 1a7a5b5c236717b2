"""What every store promises, whichever database it keeps everything in."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.audit.rows import (
    ActivationRow,
    AuditRow,
    ChangeRow,
    EvaluationRow,
    KeyRow,
    ProfileRow,
    ReplyRow,
    VersionRow,
)
from service.errors import NotFound, Unavailable
from service.store.store import Store

LAST = 1 << 62
EVER = (None, None)


@pytest.fixture
def store(database_url):
    """A store on each database in turn."""
    store = Store(database_url)
    yield store
    store.close()


def evaluation(number: int, **other: object) -> EvaluationRow:
    """The record of one evaluation."""
    row = EvaluationRow(
        f"e{number}", "r", 1, "sha256:0", "engine", "p", number, 1_767_225_600_000, "api", "key", "request", "{}"
    )
    return row._replace(**other)


def change(number: int, **other: object) -> ChangeRow:
    """A change of one evaluation."""
    row = ChangeRow(
        f"e{number}",
        0,
        "p",
        "r",
        1,
        "tag",
        "t",
        "assigned",
        None,
        "absent",
        "held",
        "tags/t",
        "data",
        number,
        1_767_225_600_000,
    )
    return row._replace(**other)


def profile(revision: int, **other: object) -> ProfileRow:
    """What is remembered of a profile."""
    return ProfileRow("r", "p", 1, revision, revision, None, None, "{}", "{}", f"e{revision}")._replace(**other)


def activation(seq: int) -> ActivationRow:
    """The activation of a version of the same number."""
    return ActivationRow(seq, "r", seq, 1, 1, "me", "publish", "")


def key(name: str) -> KeyRow:
    """A row that is easy to write."""
    return KeyRow(name, name, "0" * 64, "admin", 1, "test", None, None, None)


def record(number: int):
    """A job that records one evaluation of the profile, which brings it to a revision."""
    return lambda unit: unit.record([evaluation(number)], [change(number)], profile(number))


def names(store: Store) -> list[str]:
    """What was written."""
    return [row.id for row in store.read(lambda reads: reads.keys("", 100))]


def test_what_was_recorded_is_read_back_exactly(store):
    """Evaluation, change and memory come back as they were written, whatever the text and the numbers."""
    text = '{"name":"\\u007f 小 é 👍 \' \\" % ? \\\\"}'
    wanted = profile(1, facts=text, at=LAST, next_at=LAST, stage="new")
    store.write(lambda unit: unit.record([evaluation(1, record=text)], [change(1, movement="up")], wanted))
    assert store.read(lambda reads: reads.profile("r", "p")) == wanted
    assert store.read(lambda reads: reads.profiles("p")) == []
    found = store.read(lambda reads: reads.evaluation("e1"))
    assert found == evaluation(1, record=text, commitment=found.commitment)
    (found,) = store.read(lambda reads: reads.changes({"profile_id": "p"}, EVER, LAST, 10))
    assert found.row == change(1, movement="up")


def test_what_is_not_there_is_nothing(store):
    """Asking for what was never written is no mistake."""
    assert store.read(lambda reads: reads.profile("r", "p")) is None
    assert store.read(lambda reads: reads.evaluation("e1")) is None
    assert store.read(lambda reads: reads.version("r", LAST)) is None
    assert store.read(lambda reads: reads.key("k")) is None


def test_lists_are_newest_first_below_a_place(store):
    """Pages that go on below the last place show everything once, whatever is recorded meanwhile."""
    for number in range(1, 6):
        store.write(record(number))
    first = store.read(lambda reads: reads.evaluations({"profile_id": "p"}, EVER, LAST, 2))
    store.write(record(6))
    rest = store.read(lambda reads: reads.evaluations({"profile_id": "p"}, EVER, first[-1].seq, 10))
    assert [found.row.id for found in first + rest] == ["e5", "e4", "e3", "e2", "e1"]
    assert [found.row.at for found in store.read(lambda reads: reads.changes({}, (2, 4), LAST, 10))] == [3, 2]


def test_a_job_sees_what_it_staged(store):
    """Within one transaction the second decision of a profile follows on the first, and both count."""

    def job(unit):
        for number in (1, 2, 3):
            before = unit.profile("r", "p")
            assert (before.revision if before else 0) == number - 1
            record(number)(unit)

    store.write(job)
    store.write(record(4))
    assert store.read(lambda reads: reads.profile("r", "p")).revision == 4


def test_a_job_that_fails_leaves_nothing(store):
    """What a refused job had written is undone, staged rows and direct ones alike."""

    def spoil(unit):
        unit.add_key(key("half"))
        record(1)(unit)
        raise NotFound("too late")

    with pytest.raises(NotFound):
        store.write(spoil)
    assert names(store) == []
    assert store.read(lambda reads: reads.profile("r", "p")) is None
    assert store.is_healthy


def test_a_change_that_nobody_saw_is_never_overwritten(store):
    """A memory that was read at another revision than is stored is not written, and its evaluation neither."""
    store.write(record(1))
    for revision in (1, 3):
        late = evaluation(0, id=f"late-{revision}")
        with pytest.raises(Unavailable):
            store.write(lambda unit, late=late, revision=revision: unit.record([late], [], profile(revision)))
    assert store.read(lambda reads: reads.profile("r", "p")) == profile(1)
    assert len(store.read(lambda reads: reads.evaluations({}, EVER, LAST, 10))) == 1


def test_a_lost_race_is_run_again(store):
    """Whoever finds that the memory has moved on reads it again and decides on what is there now."""
    store.write(record(1))
    tried = []

    def job(unit):
        tried.append(unit.profile("r", "p"))
        record(tried[-1].revision + (2 if len(tried) == 1 else 1))(unit)

    store.write(job)
    assert tried == [profile(1), profile(1)]
    assert store.read(lambda reads: reads.profile("r", "p")) == profile(2)


@pytest.mark.parametrize("is_known", [True, False])
def test_threads_on_one_profile_lose_no_update(store, is_known):
    """However many decide one profile at once, known or new, each follows on the one before."""
    if is_known:
        store.write(record(1))

    def step(number):
        def job(unit):
            before = unit.profile("r", "p")
            revision = (before.revision if before else 0) + 1
            unit.record([evaluation(revision, request_id=str(number))], [], profile(revision))

        store.write(job)

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(step, range(100)))
    found = [one.row.at for one in store.read(lambda reads: reads.evaluations({}, EVER, LAST, 200))]
    assert found == list(range(100 + is_known, 0, -1))


def test_batches_in_any_order_never_block_each_other(store):
    """Transactions that touch the same profiles in opposite order all come through, and none is lost."""
    ids = [f"p{number:02}" for number in range(20)]

    def batch(turn):
        def job(unit):
            order = ids if turn % 2 else ids[::-1]
            unit.lock([("r", one) for one in order])
            for one in order:
                before = unit.profile("r", one)
                revision = (before.revision if before else 0) + 1
                unit.record([evaluation(0, id=f"{turn}-{one}", profile_id=one)], [], profile(revision, profile_id=one))

        store.write(job)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(batch, range(40)))
    assert {store.read(lambda reads, one=one: reads.profile("r", one)).revision for one in ids} == {40}


def test_who_wants_to_be_alone_waits_for_the_other(store):
    """Of two transactions under one name the second begins its work when the first has ended."""
    seen = []
    inside = threading.Event()

    def job(unit):
        unit.alone("name")
        kept = unit.reply("k", "i")
        seen.append(kept)
        if kept is None:
            inside.set()
            threading.Event().wait(0.1)
            unit.keep_reply(ReplyRow("k", "i", "f", "{}", 5), 0)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(store.write, job)
        inside.wait(5)
        threads.submit(store.write, job).result(5)
        first.result(5)
    assert seen == [None, ReplyRow("k", "i", "f", "{}", 5)]


def test_replies_are_kept_and_dropped_by_age(store):
    """A reply stays until a later one drops what is too old, and a new one under its name takes its place."""
    store.write(lambda unit: unit.keep_reply(ReplyRow("k", "old", "f", "{}", 5), 0))
    store.write(lambda unit: unit.keep_reply(ReplyRow("k", "new", "f", "1", 9), 6))
    store.write(lambda unit: unit.keep_reply(ReplyRow("k", "new", "f", "2", 10), 6))
    assert store.write(lambda unit: unit.reply("k", "old")) is None
    assert store.write(lambda unit: unit.reply("k", "new")).reply == "2"


def test_publishers_at_once_number_their_versions_one_by_one(store):
    """Two that publish at the same moment make two versions, never one number twice."""

    def publish(number):
        def job(unit):
            found = unit.versions("r", 100, 1)
            version = (found[0].version if found else 0) + 1
            threading.Event().wait(0.02)
            unit.governance.publish(VersionRow("r", version, "d", "{}", str(number), "me", 1), activation(version))

        store.write(job)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(publish, range(4)))
    assert [row.version for row in store.read(lambda reads: reads.versions("r", 100, 10))] == [4, 3, 2, 1]
    assert [row.revision for row in store.read(lambda reads: reads.rulesets())] == [4]


def test_keys_are_listed_by_id_and_end_once(store):
    """A key that was revoked stays revoked at the instant it was."""
    for name in ("b", "a-1", "a", "B"):
        store.write(lambda unit, name=name: unit.add_key(key(name)))
    assert names(store) == ["B", "a", "a-1", "b"]
    for at in (7, 8):
        store.write(lambda unit, at=at: unit.revoke_key("a", at))
    store.write(lambda unit: unit.use_key("a", 6))
    found = store.read(lambda reads: reads.key("a"))
    assert (found.revoked_at, found.last_used_at) == (7, 6)


def test_a_mistake_reaches_its_own_caller(store):
    """What a job does wrong is told as it is, and does not make the store ill."""

    def bug(unit):
        unit.add_key(key("twice"))
        unit.add_key(key("twice"))

    with pytest.raises(Exception, match=r"(?i)unique"):
        store.write(bug)
    assert names(store) == []
    assert store.is_healthy


def test_what_nobody_waits_for_is_written_all_the_same(store):
    """Work handed over for later is done by the time the store is closed, and its mistakes trouble nobody."""
    store.write_later(lambda unit: unit.add_key(key("a")))
    store.write_later(lambda unit: unit.audit(AuditRow("i", 1, "me", "did", "it", "{}", "request")))
    store.write_later(lambda unit: unit.add_key(key("a")))
    store.close()
    assert names(store) == ["a"]


def test_a_closed_store_opens_again(store):
    """Closing lets go of what is open; the next job opens what it needs."""
    store.write(lambda unit: unit.add_key(key("a")))
    store.close()
    store.write(lambda unit: unit.add_key(key("b")))
    assert names(store) == ["a", "b"]


def test_a_reader_sees_one_moment(store):
    """What is written while a job reads is not seen by it, so that what it reads fits together."""

    def job(reads):
        before = reads.keys("", 10)
        with ThreadPoolExecutor(1) as threads:
            threads.submit(store.write, lambda unit: unit.add_key(key("late"))).result(5)
        return before == reads.keys("", 10)

    assert store.read(job)
    assert names(store) == ["late"]


def test_the_probe_writes_without_changing_anything(store):
    """Whether writing works can be found out at any time."""
    store.write(lambda unit: unit.governance.publish(VersionRow("r", 1, "d", "{}", "", "me", 1), activation(1)))
    before = store.read(lambda reads: reads.rulesets())
    store.write(lambda unit: unit.probe())
    assert store.read(lambda reads: reads.rulesets()) == before
