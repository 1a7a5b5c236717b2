"""The tables, as peewee sees them: what the newest migration must have built.

Data only; models never leave this folder. What is written on every evaluation goes through `statements` instead, where
no object is built for a row; a test holds these models, the statements and the migrations to one schema.
"""

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    CompositeKey,
    Field,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Ruleset(Model):
    """One ruleset, and which of its versions is active."""

    key = CharField(63, primary_key=True)
    active_version = IntegerField()
    revision = IntegerField()

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
    state = TextField()
    facts = TextField()
    evaluation_id = CharField(26)

    class Meta:
        """One row per ruleset and profile; found by the profile, and by what is due."""

        table_name = "profiles"
        primary_key = CompositeKey("profile_id", "ruleset")
        indexes = ((("next_at",), False),)


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
    record = TextField()

    class Meta:
        """Read by profile, newest first."""

        table_name = "evaluations"
        indexes = ((("profile_id", "seq"), False),)


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

    class Meta:
        """Read by profile, by what changed, and by time, newest first."""

        table_name = "changes"
        indexes = (
            (("profile_id", "seq"), False),
            (("ruleset", "kind", "key", "seq"), False),
            (("at", "seq"), False),
        )


class Reply(Model):
    """A reply kept for repeats of its request."""

    key_id = CharField(32)
    idempotency_key = CharField(255)
    fingerprint = CharField(64)
    reply = TextField()
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

    class Meta:
        """Placed in the database by its name."""

        table_name = "audit_events"


TABLES: tuple[type[Model], ...] = (Ruleset, Version, Profile, Evaluation, Change, Reply, ApiKey, AuditEvent)
"""Every table, in an order in which they can be built."""


def columns(table: type[Model]) -> list[str]:
    """The names of a table's columns, in order."""
    fields: list[Field] = table._meta.sorted_fields  # noqa: SLF001  # peewee's documented way to a model's fields
    return [field.column_name for field in fields]
