"""A kept row -> its envelope: the few bytes of a log entry that are sealed, and that never change again.

An envelope has no content and names no person. It has a commitment to the content instead: an HMAC-SHA-256 under a salt
that is kept apart. Whoever has content and salt can check that they belong to the entry; when the salt is gone, nobody
can guess the content, and the envelope, its hash and every proof over it stay as they were.
Source: docs/log-format.md.
"""

import hmac
from typing import Any

from service.audit.record import write_instant
from service.audit.rows import AuditRow, EvaluationRow
from service.language.canonical import canonical_bytes

FORMAT = 1
"""The number of this format; an entry that was sealed keeps the one it was sealed in."""


def evaluation_envelope(row: EvaluationRow) -> bytes:
    """The envelope of an evaluation; made of columns that neither erasure nor retention touches."""
    return canonical_bytes(
        {
            "format": FORMAT,
            "kind": "evaluation",
            "id": row.id,
            "ruleset": {"key": row.ruleset, "version": row.version, "digest": row.digest},
            "engine": row.engine,
            "at": write_instant(row.at),
            "recorded_at": write_instant(row.recorded_at),
            "trigger": row.trigger,
            "actor": row.actor,
            "commitment": row.commitment,
        }
    )


def event_envelope(row: AuditRow) -> bytes:
    """The envelope of an audit event."""
    return canonical_bytes(
        {
            "format": FORMAT,
            "kind": "event",
            "id": row.id,
            "at": write_instant(row.at),
            "actor": row.actor,
            "action": row.action,
            "commitment": row.commitment,
        }
    )


def event_content(row: AuditRow) -> bytes:
    """What the commitment of an audit event is over; `detail` as the text that was kept."""
    content: dict[str, Any] = {"subject": row.subject, "detail": row.detail, "request_id": row.request_id}
    return canonical_bytes(content)


def commitment(salt: bytes, content: bytes) -> str:
    """What an envelope says of a content, without giving it away: 64 hexadecimal digits."""
    return hmac.digest(salt, content, "sha256").hex()
