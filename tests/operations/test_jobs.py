"""Jobs: each is done once, by whoever is alive, and ends when it is not wanted any more."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import Conflict, Forbidden, NotFound
from service.operations.authoring.jobs import Kind, Wish, add_job, cancel_job, list_jobs, read_job
from service.operations.authoring.runner import DAY, LOST_MILLISECONDS, MOST_TRIES, Runner, recover_jobs
from service.operations.ports import Caller
from service.operations.replies import json_text
from tests.conftest import wire_on
from tests.small import CALLER

STRANGER = Caller("key2", frozenset({"editor"}), "request-2")
PATIENCE_S = 20


def adds(task):
    """A kind that adds numbers, one by one."""
    total = 0
    for done, number in enumerate(task.payload["numbers"], 1):
        total += number
        task.progress(done, len(task.payload["numbers"]))
    return {"sum": total, "by": task.job.runner}


def waits(task):
    """A kind that goes on until it is told to end."""
    for done in range(100 * PATIENCE_S):
        task.progress(done, None)
        time.sleep(0.01)


def sleeps(task):
    """A kind that hears nothing for a while."""
    task.progress(0, None)
    time.sleep(2.5)


KINDS = {
    "adds": Kind(adds, frozenset({"editor"})),
    "waits": Kind(waits, frozenset({"editor"})),
    "sleeps": Kind(sleeps, frozenset({"editor"})),
    "fails": Kind(lambda task: 1 // 0, frozenset({"editor"})),
    "refuses": Kind(lambda task: task.service.programs.active("unknown"), frozenset({"auditor"})),
    "settles": Kind(lambda task: [1, 2], frozenset(), lambda unit, result: [*result, len(unit.rulesets())]),
}


@pytest.fixture
def both(database_url, clock):
    """A service on each database in turn."""
    service = wire_on(database_url, clock)
    yield service
    service.store.close()


def runner(service, name="r1", **more):
    """A runner of these kinds, and the mistakes it was told of."""
    told = []
    made = Runner(service, name, KINDS, lambda job, error: told.append((job, type(error).__name__)), **more)
    return made, told


def queue(service, kind="adds", caller=CALLER, **payload):
    """The id of a new job."""
    return add_job(service, Wish(kind=kind, payload=payload or {"numbers": [1, 2, 3]}), caller).id


def read(service, job_id):
    """A job as a caller sees it."""
    return json.loads(json_text(read_job(service, KINDS, job_id, "en")))


def wait_for(service, job_id, state):
    """Return when a job is in a state."""
    until = time.monotonic() + PATIENCE_S
    while read(service, job_id)["state"] != state:
        assert time.monotonic() < until, read(service, job_id)
        time.sleep(0.02)


def test_a_job_is_done_and_its_result_is_kept(both):
    """What was queued is done by the next runner, with how far it got and what came out."""
    job_id = queue(both)
    assert read(both, job_id)["state"] == "queued"
    assert runner(both)[0].step() is True
    found = read(both, job_id)
    assert (found["state"], found["result"], found["done"], found["total"]) == ("done", {"sum": 6, "by": "r1"}, 3, 3)
    assert found["error"] is None
    assert found["finished_at"] == "2026-01-01T00:00:00Z"
    assert runner(both)[0].step() is False


def test_jobs_are_done_in_the_order_they_came(both, clock):
    """Nobody waits behind those that asked later."""
    ids = []
    for number in range(5):
        clock.at += 1
        ids.append(queue(both, numbers=[number]))
    one, _ = runner(both)
    states = []
    while one.step():
        states.append([read(both, job_id)["state"] for job_id in ids].count("done"))
        assert [read(both, job_id)["state"] for job_id in ids[: states[-1]]] == ["done"] * states[-1]
    assert states == [1, 2, 3, 4, 5]


def test_the_same_wish_is_one_job_while_it_waits(both):
    """Whoever asks again before the answer is there gets the job that is there; another caller, or later, a new one."""
    first = queue(both)
    assert queue(both) == first
    assert queue(both, caller=STRANGER) != first
    runner(both)[0].step()
    assert queue(both) != first


def test_many_runners_do_each_job_once(both):
    """Any number of runners share the jobs, and none is done twice or left."""
    ids = [queue(both, numbers=[number]) for number in range(24)]
    runners = [runner(both, f"r{number}") for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda one: one[0].run(idle_seconds=0), runners))
    assert sum(counts) == len(ids)
    found = [read(both, job_id) for job_id in ids]
    assert [one["result"]["sum"] for one in found] == list(range(24))
    assert not [told for _, told in runners if told]


def test_a_mistake_fails_the_job_and_nothing_else(both):
    """A job that goes wrong says so, in both languages, and the runner goes on."""
    wrong, refused, right = queue(both, "fails"), queue(both, "refuses"), queue(both)
    one, told = runner(both)
    assert one.run(idle_seconds=0) == 3
    assert told == [(wrong, "ZeroDivisionError")]
    assert read(both, wrong)["state"] == "failed"
    assert wrong in read(both, wrong)["error"]["message"]
    assert wrong in read_job(both, KINDS, wrong, "zh")["error"]["message"]
    assert read(both, refused)["error"] == {"code": "refused", "message": "there is no ruleset `unknown`"}
    assert read(both, right)["state"] == "done"


def test_a_queued_job_can_be_cancelled(both):
    """It ends at once, and no runner takes it."""
    job_id = queue(both)
    cancel_job(both, KINDS, job_id, CALLER)
    assert read(both, job_id)["state"] == "cancelled"
    assert runner(both)[0].step() is False
    cancel_job(both, KINDS, job_id, CALLER)


def test_a_running_job_is_cancelled_within_a_second(both):
    """Its runner notices soon, and goes on with the next one."""
    job_id = queue(both, "waits", at=1)
    one, told = runner(both)
    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(one.run, 0)
        wait_for(both, job_id, "running")
        began = time.monotonic()
        cancel_job(both, KINDS, job_id, CALLER)
        wait_for(both, job_id, "cancelled")
        assert time.monotonic() - began < 1.5
        assert done.result(PATIENCE_S) == 1
    assert read(both, job_id)["result"] is None
    assert told == []


def test_a_runner_that_is_stopped_puts_its_job_back(both):
    """Stopping a service costs a job nothing: it is begun anew by the next runner, as often as that may happen."""
    job_id = queue(both, "waits", at=1)
    for _ in range(MOST_TRIES + 1):
        one, _ = runner(both)
        with ThreadPoolExecutor(1) as threads:
            done = threads.submit(one.run)
            wait_for(both, job_id, "running")
            one.stopping.set()
            done.result(PATIENCE_S)
        assert read(both, job_id)["state"] == "queued"


def test_a_job_that_hears_nothing_ends_with_its_process(both):
    """It is cancelled all the same, and the runner is told to end, since nothing else can stop it."""
    job_id = queue(both, "sleeps", at=1)
    ended = threading.Event()
    one, _ = runner(both, on_stuck=ended.set)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(one.step)
        wait_for(both, job_id, "running")
        cancel_job(both, KINDS, job_id, CALLER)
        wait_for(both, job_id, "cancelled")
        assert ended.wait(PATIENCE_S)


def take(service, name):
    """Have a runner take a job and die."""
    return service.store.write(lambda unit: unit.jobs.take(sorted(KINDS), name, service.clock()))


def test_a_dead_runners_job_is_begun_once_more_and_then_fails(both, clock):
    """Nothing is lost with a process, and nothing kills processes for ever; the job says what happened."""
    job_id = queue(both)
    for turn in range(MOST_TRIES):
        taken = take(both, f"dead-{turn}")
        assert (taken.id, taken.tries) == (job_id, turn + 1)
        clock.at += LOST_MILLISECONDS
        recover_jobs(both)
        assert read(both, job_id)["state"] == "running"
        clock.at += 1
        recover_jobs(both)
    found = read(both, job_id)
    assert (found["state"], found["error"]["code"]) == ("failed", "runner-died")
    assert take(both, "r1") is None


def test_a_runner_takes_over_from_one_that_died(both, clock):
    """Without any foreman a runner that looks for work finds what was left behind."""
    job_id = queue(both)
    take(both, "dead")
    assert runner(both)[0].step() is False
    clock.at += LOST_MILLISECONDS + 1
    assert runner(both)[0].step() is True
    assert read(both, job_id)["result"] == {"sum": 6, "by": "r1"}


def test_what_a_dead_runner_says_counts_no_more(both):
    """A runner that was only slow can't end, or go on with, a job that another has by now."""
    job_id = queue(both)
    slow = take(both, "slow")
    recover_jobs(both, dead="slow")
    take(both, "r1")

    def late(unit):
        unit.jobs.beat(slow, 9, 9, 1)
        unit.jobs.release(slow)
        assert unit.jobs.word(slow) == "lost"
        return unit.jobs.finish(slow._replace(state="done", result="{}", finished_at=1))

    assert both.store.write(late) is False
    assert (read(both, job_id)["state"], read(both, job_id)["done"]) == ("running", 0)


def test_a_cancelled_job_stays_cancelled_when_its_runner_dies(both):
    """Who did not want it any more does not get it from another runner."""
    job_id = queue(both)
    take(both, "dead")
    cancel_job(both, KINDS, job_id, CALLER)
    recover_jobs(both, dead="dead")
    assert read(both, job_id)["state"] == "cancelled"


def test_jobs_are_for_those_who_may_read_their_kind(both, clock):
    """Others don't learn that there is one; cancelling is for whoever asked for it, and for admins."""
    sums = queue(both)
    clock.at += 1
    refused = queue(both, "refuses", at=1)
    assert [one["id"] for one in list_jobs(both, KINDS, None, "~", 10, "en")[0]] == [refused, sums]
    assert [one["id"] for one in list_jobs(both, ["adds"], None, "~", 10, "en")[0]] == [sums]
    assert list_jobs(both, [], None, "~", 10, "en") == ([], None)
    assert list_jobs(both, KINDS, "other", "~", 10, "en") == ([], None)
    page, following = list_jobs(both, KINDS, None, "~", 1, "en")
    assert ([one["id"] for one in page], following) == ([refused], refused)
    with pytest.raises(NotFound):
        read_job(both, ["adds"], refused, "en")
    with pytest.raises(Forbidden):
        cancel_job(both, KINDS, sums, STRANGER)
    cancel_job(both, KINDS, sums, Caller("key3", frozenset({"admin"}), "request-3"))


def test_too_many_jobs_are_refused(service, monkeypatch):
    """A queue that nobody works off does not grow for ever."""
    monkeypatch.setattr("service.operations.authoring.jobs.MOST_QUEUED", 2)
    queue(service, numbers=[1])
    queue(service, numbers=[2])
    with pytest.raises(Conflict, match="2 jobs wait already"):
        queue(service, numbers=[3])


def test_a_kind_may_settle_its_result_when_it_is_kept(both):
    """What became untrue while the job ran can be left out in the very transaction that keeps the result."""
    job_id = queue(both, "settles", at=1)
    runner(both)[0].step()
    assert read(both, job_id)["result"] == [1, 2, 0]


def test_old_results_are_forgotten(both, clock):
    """What ended long ago is dropped; what waits or runs never is."""
    old, waiting = queue(both), queue(both, "waits", at=1)
    cancel_job(both, KINDS, old, CALLER)
    clock.at += 30 * DAY + 1
    both.store.write(lambda unit: unit.jobs.prune(clock.at - 30 * DAY))
    with pytest.raises(NotFound):
        read_job(both, KINDS, old, "en")
    assert read(both, waiting)["state"] == "queued"


def test_the_newest_result_about_a_draft_is_found(both, clock):
    """A result counts for exactly the two versions that it compared."""
    ids = []
    for against in ("old", "old", "other", None):
        clock.at += 1
        wish = Wish(kind="adds", digest="new", against=against, payload={"numbers": [clock.at]})
        ids.append(add_job(both, wish, CALLER).id)
    assert both.store.read(lambda reads: reads.jobs.newest_done("adds", "new", "old")) == []
    runner(both)[0].run(idle_seconds=0)
    for against, wanted in (("old", ids[1]), ("other", ids[2]), (None, ids[3])):
        (found,) = both.store.read(lambda reads, against=against: reads.jobs.newest_done("adds", "new", against))
        assert found.id == wanted
    assert both.store.read(lambda reads: reads.jobs.newest_done("adds", "newer", "old")) == []
