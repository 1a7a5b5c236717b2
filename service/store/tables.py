"""The tables, as peewee sees them: what the newest migration must have built.

Data only; models never leave this folder. What is written on every evaluation goes through `statements` instead, where
no object is built for a row; a test holds these models, the statements and the migrations to one schema.
"""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BlobField,
    CharField,
    CompositeKey,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from service.store.console_tables import CONSOLE_TABLES
from service.store.governance_tables import GOVERNANCE_TABLES
from service.store.job_tables import JOB_TABLES
from service.store.sealing_tables import SEALING_TABLES


class Ruleset(Model):
    """One ruleset, and how far its activations went."""

    key = CharField(63, primary_key=True)
    revision = IntegerField()
    applied = IntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "rulesets"


class Version(Model):
    """One published version; rows are only ever added."""

    ruleset = ForeignKeyField(Ruleset, column_name="ruleset")
    version = IntegerField()
    digest = CharField(71)
    document = TextField()
    comment = TextField()
    author = CharField(200)
    published_at = BigIntegerField()
    apply = CharField(20)
    approved_by = CharField(200, null=True)
    effective_at = BigIntegerField()
    base_version = IntegerField(null=True)
    evidence = TextField()

    class Meta:
        """One row per ruleset and number."""

        table_name = "versions"
        primary_key = CompositeKey("ruleset", "version")


class Profile(Model):
    """What is remembered of one profile under one ruleset."""

    ruleset = CharField(63)
    profile_id = CharField(200)
    version = IntegerField()
    revision = IntegerField()
    at = BigIntegerField()
    next_at = BigIntegerField(null=True)
    stage = CharField(63, null=True)
    evaluation_id = CharField(26)
    content = BlobField()
    key = BlobField(null=True)

    class Meta:
        """One row per ruleset and profile; found by both, and by what is due."""

        table_name = "profiles"
        primary_key = CompositeKey("ruleset", "profile_id")
        indexes = ((("next_at",), False),)


class Holding(Model):
    """One tag that a profile holds, one band or the stage that it is in."""

    ruleset = CharField(63)
    kind = CharField(10)
    key = CharField(63)
    value = CharField(63)
    profile_id = CharField(200)

    class Meta:
        """Read by what is held, in the order of profiles."""

        table_name = "holdings"
        primary_key = CompositeKey("ruleset", "kind", "key", "value", "profile_id")


class Evaluation(Model):
    """One evaluation and its whole record; rows are only ever added."""

    seq = BigAutoField()
    id = CharField(26, unique=True)
    ruleset = CharField(63)
    version = IntegerField()
    digest = CharField(71)
    engine = TextField()
    profile_id = CharField(200)
    at = BigIntegerField()
    recorded_at = BigIntegerField()
    trigger = CharField(10)
    actor = CharField(200)
    request_id = CharField(128)
    record = BlobField(null=True)
    commitment = CharField(64)
    erased_by = CharField(26, null=True)

    class Meta:
        """Read by profile and by request, newest first."""

        table_name = "evaluations"
        indexes = ((("profile_id", "seq"), False), (("request_id", "seq"), False))


class Change(Model):
    """One decision that changed something; rows are only ever added."""

    seq = BigAutoField()
    evaluation_id = CharField(26)
    position = IntegerField()
    profile_id = CharField(200)
    ruleset = CharField(63)
    version = IntegerField()
    kind = CharField(10)
    key = CharField(63)
    outcome = CharField(20)
    movement = CharField(10, null=True)
    source = CharField(63, null=True)
    target = CharField(63, null=True)
    rule = CharField(200, null=True)
    cause = CharField(10, null=True)
    at = BigIntegerField()
    recorded_at = BigIntegerField()
    trigger = CharField(10)
    actor = CharField(200)
    request_id = CharField(128)

    class Meta:
        """Read by profile, by what changed, by who asked and by time, newest first."""

        table_name = "changes"
        indexes = (
            (("profile_id", "at", "seq"), False),
            (("ruleset", "kind", "key", "at", "seq"), False),
            (("ruleset", "version", "at", "seq"), False),
            (("actor", "at", "seq"), False),
            (("request_id", "at", "seq"), False),
            (("at", "seq"), False),
            (("recorded_at", "seq"), False),
        )


for _name, _field, _where in (
    ("change_of_stage", Change.rule, SQL("\"kind\" = 'stage'")),
    ("change_movement", Change.movement, SQL('"movement" IS NOT NULL')),
    ("change_cause", Change.cause, SQL("\"cause\" IN ('manual', 'rules', 'expiry', 'event')")),
    ("change_trigger", Change.trigger, SQL("\"trigger\" IN ('manual', 'bulk', 'publish')")),
):
    Change.add_index(Change.index(_field, Change.at, Change.seq, name=_name, where=_where))


class Reply(Model):
    """A reply kept for repeats of its request."""

    key_id = CharField(32)
    idempotency_key = CharField(255)
    fingerprint = CharField(64)
    reply = BlobField()
    kept_at = BigIntegerField()

    class Meta:
        """One row per API key and idempotency key; dropped by age."""

        table_name = "replies"
        primary_key = CompositeKey("key_id", "idempotency_key")
        indexes = ((("kept_at",), False),)


class ApiKey(Model):
    """One API key, without its secret."""

    id = CharField(32, primary_key=True)
    name = CharField(200)
    secret_hash = CharField(64)
    roles = TextField()
    created_at = BigIntegerField()
    created_by = CharField(200)
    expires_at = BigIntegerField(null=True)
    revoked_at = BigIntegerField(null=True)
    last_used_at = BigIntegerField(null=True)

    class Meta:
        """Placed in the database by its name."""

        table_name = "api_keys"


class AuditEvent(Model):
    """Who changed what; rows are only ever added."""

    seq = BigAutoField()
    id = CharField(26, unique=True)
    at = BigIntegerField()
    actor = CharField(200)
    action = CharField(63)
    subject = CharField(255)
    detail = TextField()
    request_id = CharField(128)
    profile_id = CharField(200, null=True)
    salt = BlobField(null=True)
    commitment = CharField(64)

    class Meta:
        """Read by whom they concern, by who acted, how, and on what."""

        table_name = "audit_events"
        indexes = (
            (("profile_id",), False),
            (("actor", "seq"), False),
            (("action", "seq"), False),
            (("subject", "seq"), False),
        )


class Subscription(Model):
    """Someone who is sent changes, and how far in the log the changes were queued."""

    id = CharField(32, primary_key=True)
    url = TextField()
    description = CharField(200)
    filters = TextField()
    secret = CharField(63)
    previous_secret = CharField(63, null=True)
    previous_until = BigIntegerField(null=True)
    state = CharField(10)
    reason = CharField(200, null=True)
    position = BigIntegerField()
    created_at = BigIntegerField()
    created_by = CharField(200)

    class Meta:
        """Placed in the database by its name."""

        table_name = "subscriptions"


class Delivery(Model):
    """One change on its way to one subscription."""

    subscription = CharField(32)
    place = BigIntegerField()
    event_id = CharField(40)
    profile_id = CharField(200)
    state = CharField(10)
    tries = IntegerField()
    next_at = BigIntegerField()
    first_at = BigIntegerField(null=True)
    last_at = BigIntegerField(null=True)
    status = IntegerField(null=True)
    error = CharField(200, null=True)

    class Meta:
        """One row per subscription and change; what waits is found in the log's order, also of one profile."""

        table_name = "deliveries"
        primary_key = CompositeKey("subscription", "place")
        indexes = (
            (("subscription", "state", "place"), False),
            (("subscription", "state", "profile_id", "place"), False),
        )


class Lease(Model):
    """Which process does a work that only one may do at a time, and until when it may."""

    name = CharField(63, primary_key=True)
    holder = CharField(63)
    until = BigIntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "leases"


TABLES: tuple[type[Model], ...] = (
    Ruleset,
    Version,
    Profile,
    Holding,
    Evaluation,
    Change,
    Reply,
    ApiKey,
    AuditEvent,
    Subscription,
    Delivery,
    Lease,
    *GOVERNANCE_TABLES,
    *JOB_TABLES,
    *SEALING_TABLES,
    *CONSOLE_TABLES,
)
"""Every table, in an order in which they can be built."""


def columns(table: type[Model]) -> list[str]:
    """The names of a table's columns, in order."""
    fields: list[Field] = table._meta.sorted_fields  # noqa: SLF001  # peewee's documented way to a model's fields
    return [field.column_name for field in fields]
