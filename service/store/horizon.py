"""Up to which place the log is complete, so that whoever reads it in order never skips a change committed late.

On SQLite one transaction writes at a time, so places are committed in order. On PostgreSQL a place is taken before its
transaction commits. So a transaction that is about to take places first takes a shared advisory lock whose number is
the last place taken by then; all of its own are above it. A reader looks first at the last place taken, then at the
locks: below the lowest lock, and up to that place, everything is committed or gone for ever.

Why not transaction ids: they don't survive a dump, and any long transaction of the database, ours or not, would hold
back the readers.
"""

from peewee import Database, PostgresqlDatabase

from service.store.statements import run

LOCK_CLASS = 0x7A67
"""The first number of our advisory locks of this kind; the second is a place, in 31 bits."""
BITS = 31
EVERYTHING = 1 << 62
LAST_TAKEN = "SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence('changes', 'seq')::regclass), 0)"
HOLD = f"SELECT pg_advisory_xact_lock_shared({LOCK_CLASS}, mod(({LAST_TAKEN}), {1 << BITS})::int)"
HELD = """
SELECT "objid" FROM "pg_locks" WHERE "locktype" = 'advisory' AND "classid" = ? AND "objsubid" = 2
AND "database" = (SELECT "oid" FROM "pg_database" WHERE "datname" = current_database())
"""


def hold_places(database: Database) -> None:
    """Say that this transaction is about to take places in the log; until it ends, readers stop before them."""
    if isinstance(database, PostgresqlDatabase):
        run(database, HOLD)


def horizon(database: Database) -> int:
    """The place up to which every change is committed that ever will be. What it says is true of later reads only."""
    if not isinstance(database, PostgresqlDatabase):
        return EVERYTHING
    last = int(run(database, LAST_TAKEN).fetchone()[0])
    return min([last, *(_before(last, int(number)) for (number,) in run(database, HELD, (LOCK_CLASS,)))])


def _before(last: int, number: int) -> int:
    """The place that a lock's number stands for: `last` or near before it; a later one takes nothing away."""
    behind = (last - number) % (1 << BITS)
    return last - behind if behind < 1 << (BITS - 1) else last
