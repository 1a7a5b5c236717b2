"""What leaves the service, in the database: subscriptions, what waits for them, and the log in the order it is told.

The log itself is the outbox: a change is there as soon as its evaluation is, and is told in the order of its place.
Where several processes write at once, places are given before they are committed, so a reader stops at `horizon`.
"""

from collections.abc import Sequence

from peewee import Database

from service.audit.rows import ChangeRow, DeliveryRow, EvaluationRow, NumberedChange, SubscriptionRow
from service.store.horizon import horizon
from service.store.sealed import open_evaluation
from service.store.statements import insert, run, run_all, select, upsert
from service.store.vault import Vault

CHANGES = select(ChangeRow, 'WHERE "seq" > ? AND "seq" <= ? ORDER BY "seq" LIMIT ?').replace(
    "SELECT", 'SELECT "seq",', 1
)
NEXT_RECORDED = 'SELECT "seq", "recorded_at" FROM "changes" WHERE "seq" > ? ORDER BY "seq" LIMIT 1'
FIRST_SINCE = 'SELECT "seq" FROM "changes" WHERE "seq" > ? AND "recorded_at" >= ? ORDER BY "seq" LIMIT 1'
LAST_PLACE = 'SELECT MAX("seq") FROM "changes"'
PLACE_OF = 'SELECT "seq" FROM "changes" WHERE "profile_id" = ? AND "evaluation_id" = ? AND "position" = ?'
SUBSCRIPTIONS = select(SubscriptionRow, 'ORDER BY "id"')
SUBSCRIPTION = select(SubscriptionRow, 'WHERE "id" = ?')
DELIVERIES = select(DeliveryRow, 'WHERE "subscription" = ? AND "place" < ? ORDER BY "place" DESC LIMIT ?')
DELIVERIES_IN = select(
    DeliveryRow, 'WHERE "subscription" = ? AND "state" = ? AND "place" < ? ORDER BY "place" DESC LIMIT ?'
)
DUE = select(
    DeliveryRow,
    """
    AS "due" WHERE "subscription" = ? AND "state" = 'pending' AND "next_at" <= ? AND NOT EXISTS (
        SELECT 1 FROM "deliveries" AS "earlier"
        WHERE "earlier"."subscription" = "due"."subscription" AND "earlier"."state" = 'pending'
        AND "earlier"."profile_id" = "due"."profile_id" AND "earlier"."place" < "due"."place")
    ORDER BY "place" LIMIT ?
    """,
)
WAITING = """SELECT COUNT(*), MIN("place") FROM "deliveries" WHERE "subscription" = ? AND "state" = 'pending'"""
ADD_SUBSCRIPTION = insert(SubscriptionRow)
CHANGE_SUBSCRIPTION = (
    'UPDATE "subscriptions" SET "url" = ?, "description" = ?, "filters" = ?, "secret" = ?, "previous_secret" = ?, '
    '"previous_until" = ?, "state" = ?, "reason" = ? WHERE "id" = ?'
)
LOCK_SUBSCRIPTION = 'UPDATE "subscriptions" SET "state" = "state" WHERE "id" = ?'
DROP_SUBSCRIPTION = 'DELETE FROM "subscriptions" WHERE "id" = ?'
DROP_DELIVERIES = 'DELETE FROM "deliveries" WHERE "subscription" = ? AND "place" > ?'
RESTART = 'UPDATE "subscriptions" SET "position" = ? WHERE "id" = ?'
MOVE = 'UPDATE "subscriptions" SET "position" = ? WHERE "id" = ? AND "position" = ?'
SETTLE = (
    'UPDATE "deliveries" SET "state" = ?, "tries" = ?, "next_at" = ?, "first_at" = ?, "last_at" = ?, "status" = ?, '
    """"error" = ? WHERE "subscription" = ? AND "place" = ? AND "state" = 'pending' AND "tries" < ?"""
)
REVIVE = """
UPDATE "deliveries" SET "state" = 'pending', "tries" = 0, "next_at" = ?, "first_at" = NULL
WHERE "subscription" = ? AND "state" = 'dead'
"""
PRUNE = """
DELETE FROM "deliveries" WHERE "subscription" = ? AND "last_at" < ? AND "place" IN (
    SELECT "place" FROM "deliveries" WHERE "subscription" = ? AND "state" = ? ORDER BY "place" LIMIT ?)
"""


class OutboxReads:
    """What can be read of it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def horizon(self) -> int:
        """The place up to which the log is complete. Ask in a job of its own, before the one that reads so far."""
        return horizon(self._database)

    def changes(self, after: int, upto: int, limit: int) -> list[NumberedChange]:
        """Changes by place, after one and up to another."""
        return [
            NumberedChange(seq, ChangeRow._make(row))
            for seq, *row in run(self._database, CHANGES, (after, upto, limit))
        ]

    def changes_at(self, places: Sequence[int]) -> dict[int, ChangeRow]:
        """The changes at some places; a place whose change is no longer kept is left out."""
        return {found.seq: found.row for place in places for found in self.changes(place - 1, place, 1)}

    def evaluations(self, ids: Sequence[str]) -> dict[str, EvaluationRow]:
        """Evaluations by their ids."""
        if not ids:
            return {}
        marks = ", ".join("?" * len(ids))
        rows = run(self._database, select(EvaluationRow, f'WHERE "id" IN ({marks})'), ids)
        return {row.id: row for row in (open_evaluation(self._vault, row) for row in rows)}

    def place_since(self, instant: int, margin: int) -> int:
        """The place before the first change recorded at an instant or later.

        Found by halving, since times of recording rise with places, but for processes whose clocks differ by less than
        `margin`.
        """
        low, high = 0, run(self._database, LAST_PLACE).fetchone()[0] or 0
        while low < high:
            middle = (low + high) // 2
            found = run(self._database, NEXT_RECORDED, (middle,)).fetchone()
            if found is None or found[1] >= instant - margin:
                high = middle
            else:
                low = found[0]
        first = run(self._database, FIRST_SINCE, (low, instant)).fetchone()
        return int(first[0]) - 1 if first else int(run(self._database, LAST_PLACE).fetchone()[0] or 0)

    def last_place(self) -> int:
        """The place up to which everything has been told already to those who read at once."""
        found = run(self._database, LAST_PLACE).fetchone()[0] or 0
        return min(int(found), self.horizon())

    def place_of(self, profile_id: str, evaluation_id: str, position: int) -> int | None:
        """The place of one change."""
        found = run(self._database, PLACE_OF, (profile_id, evaluation_id, position)).fetchone()
        return found and int(found[0])

    def subscriptions(self) -> list[SubscriptionRow]:
        """Every subscription, by id."""
        return [SubscriptionRow._make(row) for row in run(self._database, SUBSCRIPTIONS)]

    def subscription(self, subscription: str) -> SubscriptionRow | None:
        """One subscription."""
        row = run(self._database, SUBSCRIPTION, (subscription,)).fetchone()
        return SubscriptionRow._make(row) if row else None

    def deliveries(self, subscription: str, state: str | None, below: int, limit: int) -> list[DeliveryRow]:
        """A subscription's deliveries, in one state or all, newest first below a place."""
        if state is None:
            rows = run(self._database, DELIVERIES, (subscription, below, limit))
        else:
            rows = run(self._database, DELIVERIES_IN, (subscription, state, below, limit))
        return [DeliveryRow._make(row) for row in rows]

    def due(self, subscription: str, now: int, limit: int) -> list[DeliveryRow]:
        """What is to be sent now, in the order of places: of each profile at most its earliest that waits."""
        return [DeliveryRow._make(row) for row in run(self._database, DUE, (subscription, now, limit))]

    def waiting(self, subscription: str) -> tuple[int, int | None]:
        """How many deliveries wait, and the place of the earliest."""
        count, place = run(self._database, WAITING, (subscription,)).fetchone()
        return int(count), place


class Outbox(OutboxReads):
    """What can be done with it in a write transaction."""

    def add_subscription(self, subscription: SubscriptionRow) -> None:
        """Add a subscription."""
        run(self._database, ADD_SUBSCRIPTION, subscription)

    def locked_subscription(self, subscription: str) -> SubscriptionRow | None:
        """One subscription, which nobody else changes before this transaction ends."""
        run(self._database, LOCK_SUBSCRIPTION, (subscription,))
        return self.subscription(subscription)

    def change_subscription(self, row: SubscriptionRow) -> None:
        """Make a subscription what `row` says, but for its position."""
        values = (row.url, row.description, row.filters, row.secret, row.previous_secret, row.previous_until)
        run(self._database, CHANGE_SUBSCRIPTION, (*values, row.state, row.reason, row.id))

    def drop_subscription(self, subscription: str) -> None:
        """Forget a subscription and everything that waits for it."""
        run(self._database, DROP_SUBSCRIPTION, (subscription,))
        run(self._database, DROP_DELIVERIES, (subscription, -1))

    def restart(self, subscription: str, position: int) -> None:
        """Queue everything after a place anew, whatever became of it before."""
        run(self._database, RESTART, (position, subscription))
        run(self._database, DROP_DELIVERIES, (subscription, position))

    def queue(self, subscription: SubscriptionRow, rows: Sequence[DeliveryRow], position: int) -> bool:
        """Add deliveries and move on to `position`; false, with nothing added, if it has moved on already."""
        if not run(self._database, MOVE, (position, subscription.id, subscription.position)).rowcount:
            return False
        run_all(self._database, _add_deliveries, rows)
        return True

    def settle(self, rows: Sequence[DeliveryRow]) -> None:
        """Keep how deliveries went; one that was settled meanwhile stays as it is."""
        for row in rows:
            outcome = (row.state, row.tries, row.next_at, row.first_at, row.last_at, row.status, row.error)
            run(self._database, SETTLE, (*outcome, row.subscription, row.place, row.tries))

    def revive(self, subscription: str, events: Sequence[str], now: int) -> int:
        """Have dead deliveries sent again, of some events or of all; how many there were."""
        among = f' AND "event_id" IN ({", ".join("?" * len(events))})' if events else ""
        return int(run(self._database, f"{REVIVE}{among}", (now, subscription, *events)).rowcount)

    def prune(self, subscription: str, state: str, before: int, limit: int) -> None:
        """Forget some of the deliveries in a state that were last tried before an instant."""
        run(self._database, PRUNE, (subscription, before, subscription, state, limit))


def _add_deliveries(rows: int) -> str:
    return upsert(DeliveryRow, ("subscription", "place"), rows)
