"""The tables of sealing, erasure and retention, as peewee sees them; see `tables`."""

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, IntegerField, Model, TextField


class MasterKey(Model):
    """By which master key the data keys are wrapped."""

    fingerprint = CharField(32, primary_key=True)
    noted_at = BigIntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "master_keys"


class Unsealed(Model):
    """An entry that waits for the Merkle log."""

    id = CharField(26, primary_key=True)
    kind = CharField(10)
    leaf = BlobField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "unsealed"


class Tile(Model):
    """A tile of the Merkle tree."""

    level = IntegerField()
    idx = BigIntegerField()
    data = BlobField()

    class Meta:
        """One row per level and place."""

        table_name = "tiles"
        primary_key = CompositeKey("level", "idx")


class Batch(Model):
    """Entries that were sealed together."""

    first = BigIntegerField(primary_key=True)
    entries = IntegerField()
    first_id = CharField(26)
    last_id = CharField(26)
    ids = BlobField()

    class Meta:
        """Found by position, and by the ids in it."""

        table_name = "batches"
        indexes = ((("first_id",), False),)


class Checkpoint(Model):
    """A signed checkpoint."""

    size = BigIntegerField(primary_key=True)
    root = BlobField()
    note = TextField()
    signed_at = BigIntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "checkpoints"


class Push(Model):
    """Up to which checkpoint one place outside was told."""

    target = CharField(200, primary_key=True)
    size = BigIntegerField()
    pushed_at = BigIntegerField(null=True)
    tried_at = BigIntegerField(null=True)
    tries = IntegerField()
    error = CharField(200, null=True)

    class Meta:
        """Placed in the database by its name."""

        table_name = "pushes"


class Erasure(Model):
    """An erasure that goes on."""

    entry = CharField(26)
    ruleset = CharField(63)
    profile_id = CharField(200)
    evaluations_upto = BigIntegerField()
    changes_upto = BigIntegerField()

    class Meta:
        """One row per erasure and ruleset."""

        table_name = "erasures"
        primary_key = CompositeKey("entry", "ruleset")


class ReplyPerson(Model):
    """Whom a kept reply is about."""

    profile_id = CharField(200)
    key_id = CharField(32)
    idempotency_key = CharField(255)
    kept_at = BigIntegerField()

    class Meta:
        """Found by whom it is about; dropped by age."""

        table_name = "reply_people"
        primary_key = CompositeKey("profile_id", "key_id", "idempotency_key")
        indexes = ((("kept_at",), False),)


class Hold(Model):
    """A profile that must be kept."""

    profile_id = CharField(200, primary_key=True)
    reason = TextField()
    placed_by = CharField(200)
    placed_at = BigIntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "holds"


class Retention(Model):
    """How long a kind of content is kept."""

    kind = CharField(20, primary_key=True)
    days = IntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "retention"


SEALING_TABLES: tuple[type[Model], ...] = (
    MasterKey,
    Unsealed,
    Tile,
    Batch,
    Checkpoint,
    Push,
    Erasure,
    ReplyPerson,
    Hold,
    Retention,
)
"""All of them."""
