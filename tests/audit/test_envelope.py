"""The envelope of an entry: what is sealed, and what it gives away."""

import json

from hypothesis import given
from hypothesis import strategies as st

from service.audit.envelope import commitment, evaluation_envelope, event_content, event_envelope
from service.audit.rows import AuditRow, EvaluationRow

EVALUATION = EvaluationRow(
    "01E",
    "small",
    2,
    "sha256:0",
    "engine",
    "anna",
    1_767_225_600_000,
    1_767_225_600_001,
    "api",
    "key",
    "req",
    "{}",
    "c0",
)
EVENT = AuditRow("01A", 1_767_225_600_000, "key", "tag.assigned", "anna", '{"tag":"vip"}', "req", "anna", b"salt", "c1")


def test_an_envelope_says_what_was_decided_by_not_about_whom():
    """Of an evaluation it holds the version, the engine, the instants, who acted, and a commitment; no person."""
    assert json.loads(evaluation_envelope(EVALUATION)) == {
        "format": 1,
        "kind": "evaluation",
        "id": "01E",
        "ruleset": {"key": "small", "version": 2, "digest": "sha256:0"},
        "engine": "engine",
        "at": "2026-01-01T00:00:00Z",
        "recorded_at": "2026-01-01T00:00:00.001Z",
        "trigger": "api",
        "actor": "key",
        "commitment": "c0",
    }
    assert b"anna" not in evaluation_envelope(EVALUATION)
    assert b"anna" not in event_envelope(EVENT)


def test_an_envelope_outlives_its_content():
    """Erasing changes no byte of it, so the hash and every proof over it stay."""
    emptied = EVALUATION._replace(record="", profile_id="erased:01Z", request_id="", erased_by="01Z")
    assert evaluation_envelope(emptied) == evaluation_envelope(EVALUATION)
    silent = EVENT._replace(subject="erased:01Z", detail="{}", request_id="", salt=None, profile_id="erased:01Z")
    assert event_envelope(silent) == event_envelope(EVENT)


def test_an_envelope_is_canonical():
    """Members stand in one order without white space, so anybody can make the same bytes."""
    for envelope in (evaluation_envelope(EVALUATION), event_envelope(EVENT)):
        found = json.loads(envelope)
        assert envelope == json.dumps(found, sort_keys=True, separators=(",", ":")).encode()


def test_an_event_is_committed_to_whole():
    """Subject, detail and request are all part of what can't be changed unseen."""
    known = commitment(b"s", event_content(EVENT))
    for other in (EVENT._replace(subject="b"), EVENT._replace(detail="{}"), EVENT._replace(request_id="r")):
        assert commitment(b"s", event_content(other)) != known


@given(st.binary(min_size=1, max_size=40), st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_a_commitment_fits_one_content_only(salt, content, place, flip):
    """With the salt anybody can tell the content from any other."""
    known = commitment(salt, content)
    assert len(known) == 64
    assert commitment(salt, content) == known
    if content:
        place %= len(content)
        other = content[:place] + bytes([content[place] ^ flip]) + content[place + 1 :]
        assert commitment(salt, other) != known
