"""What is kept, as rows: what operations hand to a store and get back.

Data only. The fields stand in the order of their table's columns. Instants are whole milliseconds since
1970-01-01T00:00:00Z; documents, states and records are canonical JSON text, kept exactly as it was written, so that a
digest over it holds for ever.
Source: docs/language.md, "Decisions".
"""

from typing import NamedTuple

PSEUDONYM = "erased:"
"""How the name begins that stands for somebody who was erased; the id of the entry that says so follows."""


class RulesetRow(NamedTuple):
    """One ruleset. `revision` rises with every change, so that a change is noticed by comparing one number.

    It is the number of the newest activation; `applied` that of the last one which came to every profile, as far as it
    was to.
    """

    key: str
    revision: int
    applied: int = 0


class VersionRow(NamedTuple):
    """One published version, which never changes. `document` is the canonical text that `digest` is the SHA-256 of.

    `apply` is `on_next_evaluation`, `now_quietly` or `now`: when profiles are decided by it, and whether changes that
    only the new rules bring fire their actions. `evidence` is a JSON object of what was known when it was published:
    the examples' result, the impact, which warnings were acknowledged. Without `approved_by` nobody was asked to review
    it.
    """

    ruleset: str
    version: int
    digest: str
    document: str
    comment: str
    author: str
    published_at: int
    apply: str = "on_next_evaluation"
    approved_by: str | None = None
    effective_at: int = 0
    base_version: int | None = None
    evidence: str = "{}"


class DraftRow(NamedTuple):
    """The draft of a ruleset, as it was saved last: any JSON object, finished or not.

    `state` is `editing`, `submitted`, `approved` or `rejected`; `editors` a JSON list of everybody who edited it since
    it was last approved; `base_version` the version that it began from, `reason` why it was rejected.
    """

    ruleset: str
    revision: int
    document: str
    digest: str
    base_version: int | None
    state: str
    author: str
    editors: str
    edited_at: int
    submitted_by: str | None = None
    submitted_at: int | None = None
    reviewed_by: str | None = None
    reviewed_at: int | None = None
    reason: str | None = None


class DraftRevisionRow(NamedTuple):
    """What was saved of a ruleset's draft under one number; numbers go on from one draft to the next."""

    ruleset: str
    revision: int
    document: str
    author: str
    at: int


class ActivationRow(NamedTuple):
    """From `effective_at` on, this version is in force, whatever was recorded before; rows are only ever added.

    `seq` counts a ruleset's activations from one. `kind` is `publish`, `rollback` or `retire` (from then on none is in
    force), `apply` as for a version.
    """

    seq: int
    ruleset: str
    version: int
    effective_at: int
    recorded_at: int
    actor: str
    kind: str
    reason: str
    apply: str = "on_next_evaluation"


class SettingRow(NamedTuple):
    """A setting of the whole service that was changed while it ran; `value` is JSON text."""

    name: str
    value: str
    changed_at: int
    changed_by: str


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

    `record` is empty when its content was erased or its time was over; `erased_by` is then the id of the audit event
    that says so. `commitment` is what the log's entry says of the content; the store makes it.
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
    commitment: str = ""
    erased_by: str | None = None


class ChangeRow(NamedTuple):
    """One decision that changed something; `position` counts from zero within its evaluation.

    `trigger`, `actor` and `request_id` are those of the evaluation.
    """

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
    trigger: str = "api"
    actor: str = ""
    request_id: str = ""


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
    """Who changed what: `action` such as `ruleset.published`, `subject` what it was done to, `detail` a JSON object.

    `profile_id` is whom it concerns, if it concerns a person. `salt` and `commitment` are what the log's entry says of
    the content by; the store makes them.
    """

    id: str
    at: int
    actor: str
    action: str
    subject: str
    detail: str
    request_id: str
    profile_id: str | None = None
    salt: bytes | None = None
    commitment: str = ""


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


class UserRow(NamedTuple):
    """One person who signs in to the console, by a `name` and a password (its Argon2id hash), or as a `subject` whom an
    identity provider knows. `roles` are separated by spaces.

    After too many `failures` in a row the user is locked until `locked_until`.
    """

    id: str
    name: str
    password_hash: str | None
    subject: str | None
    roles: str
    created_at: int
    created_by: str
    disabled_at: int | None
    failures: int
    locked_until: int | None


class SessionRow(NamedTuple):
    """One signed-in browser, of a user or of an API key; `id` is the SHA-256 of its token in hex."""

    id: str
    user_id: str | None
    key_id: str | None
    csrf: str
    created_at: int
    seen_at: int


class TallyRow(NamedTuple):
    """How many profiles of a ruleset hold one thing; named as in `HoldingRow`."""

    ruleset: str
    kind: str
    key: str
    value: str
    profiles: int


class DailyRow(NamedTuple):
    """How many changes of one sort were recorded on a day (days since 1970-01-01 in UTC); what is missing is empty."""

    ruleset: str
    day: int
    kind: str
    key: str
    source: str
    target: str
    cause: str
    movement: str
    changes: int


class MarkRow(NamedTuple):
    """How far something was counted in the log, when, and how many milliseconds it took."""

    name: str
    place: int
    at: int
    took: int


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
