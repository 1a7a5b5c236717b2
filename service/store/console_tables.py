"""The tables of people, their sessions and the counts that pages show, as peewee sees them. Data only; see `tables`."""

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, Model, TextField


class User(Model):
    """One person who signs in to the console."""

    id = CharField(32, primary_key=True)
    name = CharField(100, unique=True)
    password_hash = CharField(200, null=True)
    subject = CharField(255, null=True, unique=True)
    roles = TextField()
    created_at = BigIntegerField()
    created_by = CharField(200)
    disabled_at = BigIntegerField(null=True)
    failures = IntegerField()
    locked_until = BigIntegerField(null=True)

    class Meta:
        """Placed in the database by its name."""

        table_name = "users"


class Session(Model):
    """One signed-in browser."""

    id = CharField(64, primary_key=True)
    user_id = CharField(32, null=True)
    key_id = CharField(32, null=True)
    csrf = CharField(64)
    created_at = BigIntegerField()
    seen_at = BigIntegerField()

    class Meta:
        """Ended by user, and by age."""

        table_name = "sessions"
        indexes = ((("user_id",), False), (("seen_at",), False))


class Tally(Model):
    """How many profiles hold one thing."""

    ruleset = CharField(63)
    kind = CharField(10)
    key = CharField(63)
    value = CharField(63)
    profiles = BigIntegerField()

    class Meta:
        """One row per thing."""

        table_name = "tallies"
        primary_key = CompositeKey("ruleset", "kind", "key", "value")


class Daily(Model):
    """How many changes of one sort a day had."""

    ruleset = CharField(63)
    day = IntegerField()
    kind = CharField(10)
    key = CharField(63)
    source = CharField(63)
    target = CharField(63)
    cause = CharField(10)
    movement = CharField(10)
    changes = BigIntegerField()

    class Meta:
        """One row per day and sort."""

        table_name = "daily"
        primary_key = CompositeKey("ruleset", "day", "kind", "key", "source", "target", "cause", "movement")


class TallyMark(Model):
    """How far something was counted."""

    name = CharField(80, primary_key=True)
    place = BigIntegerField()
    at = BigIntegerField()
    took = BigIntegerField()

    class Meta:
        """Placed in the database by its name."""

        table_name = "tally_marks"


CONSOLE_TABLES: tuple[type[Model], ...] = (User, Session, Tally, Daily, TallyMark)
"""Every table of the console."""
