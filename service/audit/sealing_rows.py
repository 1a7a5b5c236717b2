"""What is kept for sealing the log and for letting content go, as rows.

Data only; the fields stand in the order of their table's columns. Instants are whole milliseconds.
Source: docs/log-format.md.
"""

from typing import NamedTuple


class MasterKeyRow(NamedTuple):
    """By which master key a database's data keys are wrapped."""

    fingerprint: str
    noted_at: int


class SealedProfileRow(NamedTuple):
    """A profile as it lies in the database: `content` is state, facts and scores, sealed together under its data `key`,
    which is wrapped by the master key.
    """

    ruleset: str
    profile_id: str
    version: int
    revision: int
    at: int
    next_at: int | None
    stage: str | None
    evaluation_id: str
    content: bytes
    key: bytes | None


class UnsealedRow(NamedTuple):
    """An entry that waits for the Merkle log: `kind` is `evaluation` or `event`, `leaf` the hash of its envelope."""

    id: str
    kind: str
    leaf: bytes


class TileRow(NamedTuple):
    """A tile of the Merkle tree: `data` are its hashes, one behind the other."""

    level: int
    idx: int
    data: bytes


class BatchRow(NamedTuple):
    """Entries that were sealed together: so many `entries` from position `first` on; `ids` are theirs, packed."""

    first: int
    entries: int
    first_id: str
    last_id: str
    ids: bytes


class CheckpointRow(NamedTuple):
    """A signed checkpoint: how many entries there were, the tree's root over them, and the signed note."""

    size: int
    root: bytes
    note: str
    signed_at: int


class PushRow(NamedTuple):
    """Up to which checkpoint one place outside was told, and how the last try went."""

    target: str
    size: int
    pushed_at: int | None
    tried_at: int | None
    tries: int
    error: str | None


class ErasureRow(NamedTuple):
    """An erasure that goes on: what there is of a profile under one ruleset, up to these places of the log.

    Its key is gone already; `entry` is the audit event that says so.
    """

    entry: str
    ruleset: str
    profile_id: str
    evaluations_upto: int
    changes_upto: int


class ReplyPersonRow(NamedTuple):
    """Whom a kept reply is about: one row for each profile."""

    profile_id: str
    key_id: str
    idempotency_key: str
    kept_at: int


class HoldRow(NamedTuple):
    """A profile that must be kept: neither erasure nor retention touches it."""

    profile_id: str
    reason: str
    placed_by: str
    placed_at: int


class RetentionRow(NamedTuple):
    """How many days a `kind` of content is kept."""

    kind: str
    days: int
