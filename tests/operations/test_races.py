"""Many at once, on both databases: threads and processes that decide one profile, and requests that come twice."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.errors import Conflict
from service.operations.evaluate import evaluate_batch, evaluate_profile, evaluate_rulesets
from service.operations.keys import first_key, list_keys
from service.operations.publish import publish_ruleset
from service.operations.repeats import Repeat
from tests.databases import evaluations
from tests.small import KEY, RULESET, asking, changed, logged, remembered, request


@pytest.fixture
def shared(database_url):
    """A service with a real clock on each database in turn, with the small ruleset and another published."""
    shared = wire(Config(database_url=database_url))
    publish_ruleset(shared, json.dumps(RULESET), "first", COMMAND_LINE)
    publish_ruleset(shared, json.dumps(changed(key="other")), "first", COMMAND_LINE)
    yield shared
    shared.store.close()


def follows(url: str) -> int:
    """How many evaluations the profile has; each must have begun from what the one before it left."""
    before = None
    records = [json.loads(row.record) for row in evaluations(url) if row.profile_id == "u"]
    for record in records:
        assert (record["previous"] or {}).get("evaluation_id") == (before and before["id"])
        assert (record["previous"] or {}).get("state") == (before and before["state"])
        before = record
    return len(records)


def post(service, visits: int, repeat: Repeat | None = None):
    """Decide the profile once."""
    return evaluate_profile(service, KEY, request(asking("u", visits=visits % 5), repeat=repeat))


def post_in_process(url: str, times: int) -> None:
    """Decide the profile several times, in a process of its own."""
    service = wire(Config(database_url=url))
    for visits in range(times):
        post(service, visits)
    service.store.close()


def test_threads_decide_one_profile_one_after_the_other(shared, database_url):
    """Twenty at once, the first of them all new: each follows on the one before, and the clock never stands wrong."""
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda visits: post(shared, visits), range(100)))
    assert follows(database_url) == 100
    assert remembered(shared, "u").revision == 100


def test_processes_decide_one_profile_one_after_the_other(shared, database_url):
    """What holds for threads holds for processes, as for machines."""
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as processes:
        for done in [processes.submit(post_in_process, database_url, 25) for _ in range(3)]:
            done.result(60)
    assert follows(database_url) == 75
    assert remembered(shared, "u").revision == 75


@pytest.mark.parametrize("body", ["same", "different"])
def test_a_request_that_comes_twenty_times_is_done_once(shared, database_url, body):
    """However many come under one name at the same moment, one is decided; the others get its reply, or are told that
    the name stands for another.
    """

    def come(number):
        fingerprint = "f" if body == "same" else f"f{number}"
        try:
            return post(shared, 1, Repeat("key1", "once", fingerprint, 7))
        except Conflict as refused:
            return refused.code

    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(come, range(20)))
    done = [reply for reply in replies if reply != "idempotency-mismatch"]
    assert len(done) == (20 if body == "same" else 1)
    assert sum(not reply.is_repeated for reply in done) == 1
    assert len({reply.text for reply in done}) == 1
    assert follows(database_url) == 1


def test_one_name_of_two_callers_is_two_requests(shared, database_url):
    """What another key's owner calls a request means nothing to mine."""
    for key in ("key1", "key2"):
        assert not post(shared, 1, Repeat(key, "once", "f", 7)).is_repeated
    assert follows(database_url) == 2


def test_batches_in_opposite_order_lose_nothing(shared):
    """Batches that share their profiles, in any order and partly new, are all decided."""
    ids = [f"p{number}" for number in range(30)]

    def batch(number):
        order = ids if number % 2 else ids[::-1]
        items = [asking(one, visits=number % 5) for one in order]
        reply = evaluate_batch(shared, KEY, request({"items": items}), lambda error: {"detail": error.detail})
        return json.loads(reply.text)["results"]

    with ThreadPoolExecutor(8) as threads:
        results = [result for found in threads.map(batch, range(16)) for result in found]
    assert not [result for result in results if "error" in result]
    assert {remembered(shared, one).revision for one in ids} == {16}


def test_several_rulesets_and_batches_never_block_each_other(shared):
    """One profile under several rulesets, named in any order, is decided beside everything else."""

    def several(number):
        keys = [KEY, "other"] if number % 2 else ["other", KEY]
        evaluate_rulesets(shared, request({"rulesets": keys, **asking("u", visits=number % 5)}))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(several, range(40)))
    assert remembered(shared, "u").revision == 40
    assert len(logged(shared, "u")) == 80


def test_a_clock_a_little_behind_is_forgiven(shared, database_url):
    """Of two machines whose clocks differ by less than a second none is refused; a wrong clock is."""
    post(shared, 1)
    at = remembered(shared, "u").at
    for behind, is_right in ((900, True), (5_000, False)):
        machine = wire(Config(database_url=database_url))
        object.__setattr__(machine, "clock", lambda behind=behind: at - behind)
        if is_right:
            post(machine, 2)
        else:
            with pytest.raises(Conflict):
                post(machine, 3)
        machine.store.close()
    assert remembered(shared, "u").at == at
    assert follows(database_url) == 2


def test_processes_that_start_together_make_one_first_key(shared):
    """Whoever starts first on a new database makes the first key; the others find it."""
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: first_key(shared, None, COMMAND_LINE), range(6)))
    assert len([key for key in made if key]) == 1
    assert len(list_keys(shared, "", 10)[0]) == 1
    assert first_key(shared, "chosen", COMMAND_LINE) is None


def test_the_same_ruleset_published_at_once_is_one_version(shared):
    """Machines that bring the same new version at the same moment make one of it."""
    text = json.dumps(changed(timezone="Asia/Shanghai"))
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: publish_ruleset(shared, text, "again", COMMAND_LINE), range(6)))
    assert {one.version for one in made} == {2}
    assert [one.is_new for one in made].count(True) == 1
