"""Repeats: a request that is sent again is done once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.test_errors import EVALUATE, is_problem
from tests.small import DAY, KEY, asking, logged

BODY = asking("u", visits=4)


def post(http, headers, key, body=BODY, path=EVALUATE):
    """Send a request under an idempotency key."""
    return http.post(path, json=body, headers=headers | {"Idempotency-Key": key})


@pytest.mark.parametrize(
    ("path", "body"),
    [(EVALUATE, BODY), (f"{EVALUATE}-batch", {"items": [BODY]}), ("/v1/evaluate", BODY | {"rulesets": [KEY]})],
)
def test_the_same_request_gets_the_same_reply(http, evaluator, service, path, body):
    """Sent twice, it is recorded once, and the reply is the first one to the byte."""
    first, second = (post(http, evaluator, "k1", body, path) for _ in range(2))
    assert (first.status_code, first.data) == (second.status_code, second.data) == (200, first.data)
    assert ("Idempotency-Replayed" in first.headers, "Idempotency-Replayed" in second.headers) == (False, True)
    assert len(logged(service, "u")) == 1


def test_another_request_under_the_same_key_is_refused(http, evaluator, service):
    """A key that is used for something else is a mistake of the caller's, and nothing is done."""
    post(http, evaluator, "k1")
    is_problem(post(http, evaluator, "k1", asking("u", visits=5)), 409, "idempotency-mismatch")
    is_problem(post(http, evaluator, "k1", {"items": [BODY]}, f"{EVALUATE}-batch"), 409, "idempotency-mismatch")
    assert len(logged(service, "u")) == 1


def test_keys_belong_to_who_sent_them(http, key_for, service):
    """Another API key's idempotency keys are its own."""
    for headers in (key_for("evaluator"), key_for("evaluator")):
        assert "Idempotency-Replayed" not in post(http, headers, "k1").headers
    assert len(logged(service, "u")) == 2


def test_a_refused_request_does_not_use_its_key_up(http, evaluator, service):
    """After a mistake the same key can carry the right request."""
    assert post(http, evaluator, "k1", asking("u", visits="x")).status_code == 422
    assert post(http, evaluator, "k1", BODY | {"at": "2026-02-01T00:00:00Z"}).status_code == 200
    assert post(http, evaluator, "k2", BODY | {"at": "2026-01-01T00:00:00Z"}).status_code == 409
    assert post(http, evaluator, "k2", BODY | {"at": "2026-03-01T00:00:00Z"}).status_code == 200
    assert len(logged(service, "u")) == 2


def test_twenty_at_once_are_one(app, evaluator, service):
    """However many copies of a request arrive together, one is done and all get its reply."""
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda _: post(app.test_client(), evaluator, "k1"), range(20)))
    assert {(reply.status_code, reply.data) for reply in replies} == {(200, replies[0].data)}
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1
    assert len(logged(service, "u")) == 1


def test_replies_are_kept_for_a_week(http, evaluator, service, clock):
    """After a week a key can be used anew, and what was kept for it is gone."""
    post(http, evaluator, "old")
    clock.at += 7 * DAY
    assert "Idempotency-Replayed" in post(http, evaluator, "old").headers
    clock.at += 1
    assert "Idempotency-Replayed" not in post(http, evaluator, "old").headers
    clock.at += 8 * DAY
    post(http, evaluator, "new")
    key_id = evaluator["Authorization"].split("_")[1]
    assert service.store.write(lambda unit: [unit.reply(key_id, key) is None for key in ("old", "new")]) == [
        True,
        False,
    ]


def test_a_dry_run_keeps_no_reply(http, evaluator):
    """What records nothing has nothing to repeat."""
    for _ in range(2):
        assert "Idempotency-Replayed" not in post(http, evaluator, "k1", BODY | {"dry_run": True}).headers


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, "ä"])
def test_a_key_that_can_not_be_kept_is_refused(http, evaluator, key):
    """A malformed idempotency key is told, not ignored."""
    found = is_problem(post(http, evaluator, key), 422, "invalid-request")
    assert found["errors"][0]["pointer"] == "/Idempotency-Key"
