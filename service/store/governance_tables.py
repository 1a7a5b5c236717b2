"""The tables of drafts, activations and settings, as peewee sees them. Data only; see `tables`."""

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, Model, TextField


class Draft(Model):
    """The draft of one ruleset, which may be new."""

    ruleset = CharField(63, primary_key=True)
    revision = IntegerField()
    document = TextField()
    digest = CharField(71)
    base_version = IntegerField(null=True)
    state = CharField(10)
    author = CharField(200)
    editors = TextField()
    edited_at = BigIntegerField()
    submitted_by = CharField(200, null=True)
    submitted_at = BigIntegerField(null=True)
    reviewed_by = CharField(200, null=True)
    reviewed_at = BigIntegerField(null=True)
    reason = TextField(null=True)

    class Meta:
        """Placed in the database by its name."""

        table_name = "drafts"


class DraftRevision(Model):
    """What was saved of a draft; dropped when there are many newer ones."""

    ruleset = CharField(63)
    revision = IntegerField()
    document = TextField()
    author = CharField(200)
    at = BigIntegerField()

    class Meta:
        """One row per ruleset and number."""

        table_name = "draft_revisions"
        primary_key = CompositeKey("ruleset", "revision")


class Activation(Model):
    """From when on which version of a ruleset is in force; rows are only ever added."""

    seq = IntegerField()
    ruleset = CharField(63)
    version = IntegerField()
    effective_at = BigIntegerField()
    recorded_at = BigIntegerField()
    actor = CharField(200)
    kind = CharField(10)
    reason = TextField()
    apply = CharField(20)

    class Meta:
        """One row per ruleset and number."""

        table_name = "activations"
        primary_key = CompositeKey("ruleset", "seq")


class ServiceSetting(Model):
    """A setting of the whole service that was changed while it ran."""

    name = CharField(63, primary_key=True)
    value = TextField()
    changed_at = BigIntegerField()
    changed_by = CharField(200)

    class Meta:
        """Placed in the database by its name."""

        table_name = "settings"


GOVERNANCE_TABLES: tuple[type[Model], ...] = (Draft, DraftRevision, Activation, ServiceSetting)
"""All of them."""
