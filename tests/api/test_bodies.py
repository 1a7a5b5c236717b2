"""Bodies: whatever is posted gets the right answer and loses nothing."""

import json
from io import BytesIO

import pytest

from service.operations.evaluate import evaluate_profile
from tests.api.test_errors import EVALUATE, is_problem
from tests.small import KEY, asking, logged, request

LIMIT = 4 * 1024 * 1024


def post(http, headers, body):
    """Post raw bytes."""
    return http.post(EVALUATE, data=body, content_type="application/json", headers=headers)


def attribute(value: str) -> bytes:
    """A body with one attribute, as text."""
    return b'{"profile": {"id": "u", "attributes": {"rate": %s}}}' % value.encode()


UNREADABLE = {
    "nothing": b"",
    "words": b"hello",
    "half": b'{"profile": {"id": "u"}',
    "two": b"{} {}",
    "not UTF-8": b'{"profile": {"id": "\xff"}}',
    "UTF-16": '{"profile": {"id": "u"}}'.encode("utf-16"),
    "NaN": attribute("NaN"),
    "infinity": attribute("-Infinity"),
    "too many digits": attribute("1" * 5_000),
    "too large a number": attribute("1e99999"),
    "very deep": b'{"profile":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep": b'{"profile":' + b"[" * 65 + b"]" * 65 + b"}",
}
"""Bodies that are no JSON that can be used."""

REFUSED = {
    "a list": (b"[]", ["/"]),
    "null": (b"null", ["/"]),
    "no profile": (b"{}", ["/profile"]),
    "duplicate keys": (b'{"profile": {"id": "u", "id": "v"}}', ["/profile/id"]),
    "NUL in an id": (b'{"profile": {"id": "a\\u0000b"}}', ["/profile/id"]),
    "half a surrogate": (b'{"profile": {"id": "\\ud800"}}', ["/profile/id"]),
    "NUL in a name": (b'{"profile": {"id": "u", "attributes": {"a\\u0000": 1}}}', ["/profile/attributes"]),
    "a control character in an id": (b'{"profile": {"id": "a\\tb"}}', ["/profile/id"]),
    "a long id": (json.dumps(asking("u" * 201)).encode(), ["/profile/id"]),
    "an id that is a number": (b'{"profile": {"id": 7}}', ["/profile/id"]),
    "attributes that are a list": (b'{"profile": {"id": "u", "attributes": []}}', ["/profile/attributes"]),
    "a number with too many digits": (attribute("0." + "1" * 29), ["/profile/attributes/rate"]),
    "a huge number": (attribute("1e400"), ["/profile/attributes/rate"]),
    "a number as text": (attribute('"0.5"'), ["/profile/attributes/rate"]),
    "a truth for a number": (attribute("true"), ["/profile/attributes/rate"]),
    "a nested attribute": (attribute("[" * 50 + "]" * 50), ["/profile/attributes/rate"]),
    "a typing error": (b'{"profil": {"id": "u"}}', ["/profile", "/profil"]),
}
"""Bodies that are JSON and can't be used, and the places that are wrong."""


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_json_is_told(http, evaluator, service, body):
    """A body that can't be read is refused with the reason, and nothing is recorded."""
    found = is_problem(post(http, evaluator, body), 400, "malformed-body")
    assert found["errors"][0]["message"]
    assert logged(service, "u") == []


@pytest.mark.parametrize(("body", "pointers"), REFUSED.values(), ids=REFUSED.keys())
def test_what_can_not_be_used_is_told_with_its_place(http, evaluator, service, body, pointers):
    """A body with faults is refused with the place of each, and nothing is recorded."""
    found = is_problem(post(http, evaluator, body), 422, "invalid-request")
    assert [one["pointer"] or "/" for one in found["errors"]] == pointers
    assert logged(service, "u") == []


def test_what_is_odd_but_right_is_taken(http, evaluator, service):
    """Numbers keep every digit, and text is kept as it is, in whatever script."""
    attributes = '{"rate": 0.1234567890123456789012345678, "topics": ["a\\nb", ""]}'
    body = f'{{"profile": {{"id": "客户/😀 \\u00e9", "attributes": {attributes}}}}}'
    assert post(http, evaluator, body.encode()).status_code == 200
    (row,) = logged(service, "客户/😀 é")
    assert '"rate":0.1234567890123456789012345678' in row.record
    assert json.loads(row.record)["facts"]["topics"] == ["a\nb", ""]
    found = http.get("/v1/profiles/客户%2F😀 é", headers=evaluator)
    assert b"0.1234567890123456789012345678" in found.data


def test_a_body_at_the_limit_is_read_and_one_above_is_not(http, evaluator):
    """The limit is exact, and a longer body is refused for its length before anything is read of it."""
    padded = b" " * (LIMIT - 24) + b'{"profile": {"id": "u"}}'
    assert len(padded) == LIMIT
    assert post(http, evaluator, padded).status_code == 200
    is_problem(post(http, evaluator, padded + b" "), 413, "too-large")


def test_ten_megabytes_are_refused_without_being_read(http, evaluator):
    """A body far above the limit costs nothing: its length alone is enough."""
    stream = BytesIO(b"{}")
    reply = http.post(
        EVALUATE,
        input_stream=stream,
        headers=evaluator,
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(10 * 1024 * 1024)},
    )
    assert stream.tell() == 0
    is_problem(reply, 413, "too-large")


@pytest.mark.parametrize(("size", "status"), [(1_000, 200), (LIMIT, 200), (LIMIT + 1, 413)])
def test_a_body_without_a_length_has_the_same_limit(http, evaluator, size, status):
    """A body that comes in chunks is read up to the limit and never cut."""
    body = b" " * (size - 24) + b'{"profile": {"id": "u"}}'
    reply = http.post(
        EVALUATE,
        input_stream=BytesIO(body),
        headers=evaluator,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert reply.status_code == status


def test_a_body_that_ends_too_early_is_not_taken_for_a_whole_one(http, evaluator, service):
    """If the connection ends before the body does, nothing is decided."""
    body = b'{"profile": {"id": "u"}}'
    reply = http.post(
        EVALUATE,
        data=body,
        headers=evaluator,
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(len(body) + 1)},
    )
    is_problem(reply, 400, "bad-request")
    assert logged(service, "u") == []


def test_a_batch_above_its_limit_is_refused(http, evaluator):
    """A batch of more than a thousand is refused as a whole; one of a thousand is taken."""
    items = [{"profile": {"id": f"u{number}"}} for number in range(1001)]
    path = f"{EVALUATE}-batch"
    is_problem(http.post(path, json={"items": items}, headers=evaluator), 413, "too-large")
    reply = http.post(path, json={"items": items[:1000]}, headers=evaluator)
    assert len(reply.get_json()["results"]) == 1000


def test_a_bad_item_has_a_problem_of_its_own(http, evaluator):
    """In a batch each bad item is told as it would be alone, with its place in the whole body."""
    items = [asking("u", visits=1), asking("v", visits="x"), {"profile": {"id": "w"}, "at": "now"}]
    found = http.post(f"{EVALUATE}-batch", json={"items": items}, headers=evaluator).get_json()["results"]
    assert [one.get("stage") for one in found] == ["active", None, None]
    assert found[1]["error"]["errors"][0]["pointer"] == "/items/1/profile/attributes/visits"
    assert found[2]["error"]["errors"][0]["pointer"] == "/items/2/at"
    assert found[1]["error"]["request_id"]


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("kin=tag", ["/kin"]),
        ("kind=tags&limit=0&version=x", ["/kind", "/limit", "/version"]),
        ("limit=1001", ["/limit"]),
        ("limit=1&limit=2", ["/limit"]),
        ("from=monday&to=2026-01-01", ["/from", "/to"]),
        ("cursor=nonsense", ["/cursor"]),
        ("profile=", ["/profile"]),
    ],
)
def test_a_query_is_checked_like_a_body(http, auditor, query, pointers):
    """A mistyped filter never matches everything or nothing in silence."""
    found = is_problem(http.get(f"/v1/decisions?{query}", headers=auditor), 422, "invalid-request")
    assert [one["pointer"] for one in found["errors"]] == pointers


def test_odd_paths_harm_nobody(http, evaluator, service):
    """Whatever stands in a path is looked for as it is."""
    evaluate_profile(service, KEY, request(asking("a/b/", visits=1)))
    assert http.get("/v1/profiles/a/b/", headers=evaluator).status_code == 200
    for odd in ("%00", "..%2F..", "a%2Fb", "'; DROP TABLE profiles; --", "%ff", "a" * 5_000):
        is_problem(http.get(f"/v1/profiles/{odd}", headers=evaluator), 404, "not-found")
