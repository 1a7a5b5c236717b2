"""What is kept, as rows: what operations hand to a store and get back.

Data only. The fields stand in the order of their table's columns. Instants are whole milliseconds since
1970-01-01T00:00:00Z; documents, states and records are canonical JSON text, kept exactly as it was written, so that a
digest over it holds for ever.
Source: docs/language.md, "Decisions".
"""

from typing import NamedTuple


class RulesetRow(NamedTuple):
    """One ruleset. `revision` rises with every change, so that a change is noticed by comparing one number.

    `applying` is the version that is on its way to every profile, while it is.
    """

    key: str
    active_version: int
    revision: int
    applying: int | None = None


class VersionRow(NamedTuple):
    """One published version, which never changes. `document` is the canonical text that `digest` is the SHA-256 of.

    `apply` is `on_next_evaluation`, `now_quietly` or `now`: when profiles are decided by it, and whether changes that
    only the new rules bring fire their actions.
    """

    ruleset: str
    version: int
    digest: str
    document: str
    comment: str
    author: str
    published_at: int
    apply: str = "on_next_evaluation"


class ProfileRow(NamedTuple):
    """What is remembered of one profile under one ruleset, and which `version` and `evaluation_id` decided it last.

    `at` is the instant last decided, `next_at` the next one at which something changes if no data comes. `scores` is a
    JSON object of the last decision's scores.
    """

    ruleset: str
    profile_id: str
    version: int
    revision: int
    at: int
    next_at: int | None
    stage: str | None
    state: str
    facts: str
    evaluation_id: str
    scores: str = "{}"


class HoldingRow(NamedTuple):
    """One thing a profile holds, in a decision's words: a tag that is `held`, a tier's band, the lifecycle's stage."""

    ruleset: str
    kind: str
    key: str
    value: str
    profile_id: str


class Held(NamedTuple):
    """Something that may be held: any one of some keys and values of a kind."""

    kind: str
    pairs: tuple[tuple[str, str], ...]


class Segment(NamedTuple):
    """Profiles of a ruleset that hold all of `held` and none of `not_held`; `scores` are (key, lowest, highest)."""

    ruleset: str
    held: tuple[Held, ...] = ()
    not_held: tuple[Held, ...] = ()
    scores: tuple[tuple[str, float, float], ...] = ()


class EvaluationRow(NamedTuple):
    """One evaluation; `record` is its whole record. `trigger` is `api`, `batch`, `bulk`, `sweep`, `manual` or
    `publish`.
    """

    id: str
    ruleset: str
    version: int
    digest: str
    engine: str
    profile_id: str
    at: int
    recorded_at: int
    trigger: str
    actor: str
    request_id: str
    record: str


class ChangeRow(NamedTuple):
    """One decision that changed something; `position` counts from zero within its evaluation."""

    evaluation_id: str
    position: int
    profile_id: str
    ruleset: str
    version: int
    kind: str
    key: str
    outcome: str
    movement: str | None
    source: str | None
    target: str | None
    rule: str | None
    cause: str | None
    at: int
    recorded_at: int


class ReplyRow(NamedTuple):
    """A reply kept for repeats of its request, scoped to the API key; `fingerprint` is what the request must equal."""

    key_id: str
    idempotency_key: str
    fingerprint: str
    reply: str
    kept_at: int


class KeyRow(NamedTuple):
    """One API key. `secret_hash` is the SHA-256 of its secret in hex; `roles` are separated by spaces."""

    id: str
    name: str
    secret_hash: str
    roles: str
    created_at: int
    created_by: str
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None


class AuditRow(NamedTuple):
    """Who changed what: `action` such as `ruleset.published`, `subject` what it was done to, `detail` a JSON object."""

    id: str
    at: int
    actor: str
    action: str
    subject: str
    detail: str
    request_id: str


class SubscriptionRow(NamedTuple):
    """Someone who is sent changes: where to, which (`filters` is a JSON object), and signed by which secrets.

    Changes up to the place `position` of the log were queued for it. `state` is `active` or `paused`, with a `reason`
    if the service paused it. The previous secret signs too until `previous_until`.
    """

    id: str
    url: str
    description: str
    filters: str
    secret: str
    previous_secret: str | None
    previous_until: int | None
    state: str
    reason: str | None
    position: int
    created_at: int
    created_by: str


class DeliveryRow(NamedTuple):
    """One change, by its `place` in the log, on its way to one subscription.

    `state` is `pending`, `delivered` or `dead`; `tries` were made from `first_at` to `last_at`, the next one is due at
    `next_at`. `status` is the last reply's, `error` why there was none that is good.
    """

    subscription: str
    place: int
    event_id: str
    profile_id: str
    state: str
    tries: int
    next_at: int
    first_at: int | None
    last_at: int | None
    status: int | None
    error: str | None


class LeaseRow(NamedTuple):
    """Which process (`holder`) does a work that only one may do at a time, and until when it may."""

    name: str
    holder: str
    until: int


class Numbered(NamedTuple):
    """An evaluation with its place in the log."""

    seq: int
    row: EvaluationRow


class NumberedChange(NamedTuple):
    """A change with its place in the log."""

    seq: int
    row: ChangeRow
