"""One request, sent twice, is done once: the reply that was kept under its idempotency key is given again.

The reply is kept in the transaction that keeps the record, so there is never one without the other.
Source: docs/api.md, "Repeats".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from service.audit.rows import ReplyRow
from service.errors import Conflict
from service.operations.ports import Unit

DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a request names itself: its API key, its idempotency key, and the fingerprint of route and body."""

    key_id: str
    idempotency_key: str
    fingerprint: str
    days: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The JSON text of a reply, how many evaluations were recorded for it, and whether it was given before."""

    text: bytes
    recorded: int = 0
    is_repeated: bool = False


def once(unit: Unit, repeat: Repeat | None, now: int, work: Callable[[], Reply], people: Iterable[str] = ()) -> Reply:
    """The reply of `work`, or the one kept for the same request; `Conflict` if the key stands for another.

    `people` are the profiles that the request is about.
    """
    if repeat is None:
        return work()
    kept = unit.reply(repeat.key_id, repeat.idempotency_key)
    oldest = now - repeat.days * DAY
    if kept is not None and kept.kept_at >= oldest:
        if kept.fingerprint != repeat.fingerprint:
            detail = f"the idempotency key `{repeat.idempotency_key}` was used with another request"
            raise Conflict(detail, "idempotency-mismatch")
        return Reply(kept.reply.encode(), is_repeated=True)
    reply = work()
    row = ReplyRow(repeat.key_id, repeat.idempotency_key, repeat.fingerprint, reply.text.decode(), now)
    unit.keep_reply(row, oldest, people)
    return reply
