"""The tables of jobs and shadows, as peewee sees them. Data only; see `tables`."""

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, DoubleField, IntegerField, Model, TextField


class Job(Model):
    """Work that takes longer than a request."""

    id = CharField(26, primary_key=True)
    kind = CharField(32)
    ruleset = CharField(63, null=True)
    digest = CharField(71, null=True)
    against = CharField(71, null=True)
    payload = TextField()
    state = CharField(10)
    done = BigIntegerField()
    total = BigIntegerField(null=True)
    result = BlobField(null=True)
    error = TextField(null=True)
    tries = IntegerField()
    runner = CharField(63, null=True)
    created_by = CharField(200)
    created_at = BigIntegerField()
    started_at = BigIntegerField(null=True)
    heartbeat_at = BigIntegerField(null=True)
    finished_at = BigIntegerField(null=True)
    cancel_requested_at = BigIntegerField(null=True)

    class Meta:
        """What is queued is found in the order it came, what is done by what it was about."""

        table_name = "jobs"
        indexes = ((("state", "id"), False), (("digest", "kind", "id"), False))


class Shadow(Model):
    """A draft that is decided beside the active version."""

    ruleset = CharField(63, primary_key=True)
    digest = CharField(71)
    version = IntegerField()
    share = DoubleField()
    started_by = CharField(200)
    started_at = BigIntegerField()
    ends_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)
    reason = CharField(20, null=True)
    compared = BigIntegerField()
    moved = BigIntegerField()
    failed = BigIntegerField()
    dropped = BigIntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "shadows"


class ShadowCount(Model):
    """How often a draft differs, and in what."""

    ruleset = CharField(63)
    kind = CharField(10)
    key = CharField(63)
    source = CharField(63)
    target = CharField(63)
    times = BigIntegerField()

    class Meta:
        """One row for each difference there was."""

        table_name = "shadow_counts"
        primary_key = CompositeKey("ruleset", "kind", "key", "source", "target")


class ShadowSample(Model):
    """One profile for which a draft differs."""

    ruleset = CharField(63)
    profile_id = CharField(200)
    at = BigIntegerField()
    live = BlobField()
    draft = BlobField()

    class Meta:
        """One row per ruleset and profile; found by profile too, to be erased."""

        table_name = "shadow_samples"
        primary_key = CompositeKey("ruleset", "profile_id")
        indexes = ((("profile_id",), False),)


JOB_TABLES: tuple[type[Model], ...] = (Job, Shadow, ShadowCount, ShadowSample)
"""These tables, in an order in which they can be built."""
