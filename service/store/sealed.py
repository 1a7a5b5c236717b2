"""Rows as operations know them -> rows as they lie in the database, and back.

Content is sealed under its profile's data key, and bound to its table, column and row. An entry's commitment, and the
hash by which it waits for the log, are made here, from the very text that is kept.
Source: docs/log-format.md.
"""

import os
from collections.abc import Sequence
from typing import Any

from service.audit.envelope import commitment, evaluation_envelope, event_content
from service.audit.merkle import leaf_hash
from service.audit.rows import AuditRow, EvaluationRow, ProfileRow, ReplyRow
from service.audit.sealing_rows import SealedProfileRow, UnsealedRow
from service.store.vault import DataKey, Vault, is_sealed, opened, place

SALT_BYTES = 32
RECORD = EvaluationRow._fields.index("record")
BETWEEN = "\n"
"""What stands between the parts of a profile's content: canonical JSON never has it."""


def seal_profile(key: DataKey, row: ProfileRow) -> SealedProfileRow:
    """A profile as it is kept."""
    content = BETWEEN.join((row.state, row.facts, row.scores)).encode()
    return SealedProfileRow(
        row.ruleset,
        row.profile_id,
        row.version,
        row.revision,
        row.at,
        row.next_at,
        row.stage,
        row.evaluation_id,
        key.seal(content, place("profiles", "content", row.ruleset, row.profile_id)),
        key.wrapped,
    )


def open_profile(vault: Vault, values: Sequence[Any]) -> tuple[ProfileRow, DataKey | None]:
    """A profile of its columns' values, and its data key; none if it was kept before anything was sealed."""
    ruleset, profile_id, version, revision, at, next_at, stage, evaluation_id, content, wrapped = values
    key = None if wrapped is None else vault.data_key(wrapped, ruleset, profile_id)
    state, facts, scores = opened(content, key, place("profiles", "content", ruleset, profile_id)).split(BETWEEN)
    row = ProfileRow(ruleset, profile_id, version, revision, at, next_at, stage, state, facts, evaluation_id, scores)
    return row, key


def seal_evaluation(key: DataKey, row: EvaluationRow) -> tuple[tuple[object, ...], UnsealedRow]:
    """The values of an evaluation's columns, and what waits for the log."""
    content = row.record.encode()
    committed = row._replace(commitment=commitment(key.salt(row.id), content))
    sealed = key.seal(content, place("evaluations", "record", row.id))
    waiting = UnsealedRow(row.id, "evaluation", leaf_hash(evaluation_envelope(committed)))
    return (*committed[:RECORD], sealed, *committed[RECORD + 1 :]), waiting


def open_evaluation(vault: Vault, values: Sequence[Any]) -> EvaluationRow:
    """An evaluation's row of its columns' values with its profile's wrapped key behind them, as `select` reads them."""
    *columns, wrapped = values
    row = EvaluationRow._make(columns)
    return row._replace(record=opened(row.record, _key_of(vault, row, wrapped), place("evaluations", "record", row.id)))


def salt_of(vault: Vault, values: Sequence[Any]) -> bytes | None:
    """The salt of an evaluation's commitment, of the same values; `None` if the content is gone."""
    *columns, wrapped = values
    row = EvaluationRow._make(columns)
    key = _key_of(vault, row, wrapped)
    if not opened(row.record, key, place("evaluations", "record", row.id)):
        return None
    return key.salt(row.id) if key is not None and is_sealed(row.record) else b""


def seal_event(row: AuditRow) -> AuditRow:
    """An audit event with its salt and its commitment."""
    salt = os.urandom(SALT_BYTES)
    return row._replace(salt=salt, commitment=commitment(salt, event_content(row)))


def seal_reply(vault: Vault, row: ReplyRow) -> tuple[object, ...]:
    """The values of a reply's columns."""
    where = place("replies", "reply", row.key_id, row.idempotency_key)
    return row._replace(reply=vault.shared.seal(row.reply.encode(), where))  # type: ignore[arg-type]  # as it is kept


def open_reply(vault: Vault, values: Sequence[Any]) -> ReplyRow:
    """A reply's row of its columns' values."""
    row = ReplyRow._make(values)
    return row._replace(
        reply=opened(row.reply, vault.shared, place("replies", "reply", row.key_id, row.idempotency_key))
    )


def _key_of(vault: Vault, row: EvaluationRow, wrapped: Any) -> DataKey | None:
    return None if wrapped is None else vault.data_key(wrapped, row.ruleset, row.profile_id)
