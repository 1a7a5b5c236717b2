"""Writing on PostgreSQL: each job in a short transaction of its own, in the thread that calls.

A job is run again, a few times, when others were in its way or the connection was lost before the commit: then its
transaction surely left nothing. The server lets transactions share its commits by itself.
Source: docs/architecture.md, "Writing".
"""

from collections.abc import Callable
from contextlib import suppress
from random import uniform
from time import sleep
from typing import TypeVar

from peewee import PeeweeException

from service.errors import Unavailable
from service.store.database import LostRace, as_unavailable, connected
from service.store.months import add_months
from service.store.postgres import FULL, Pool, is_lost, is_raced, is_refused, lacks_month
from service.store.unit import Unit
from service.store.vault import Vault

PAUSES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.2)
"""The most seconds before each further try; a random part of them is waited."""

T = TypeVar("T")


class Transactions:
    """The writing of one process."""

    def __init__(self, database: Pool, unlocked: Callable[[], Vault]) -> None:
        self._database = database
        self._unlocked = unlocked
        self.is_healthy = True
        """Whether the last commit reached the disk."""

    def write(self, job: Callable[[Unit], T]) -> T:
        """The result of a job, which may be run more than once, when it is on disk."""
        try:
            with as_unavailable():
                result = self._tried(job)
        except Unavailable:
            self.is_healthy = False
            raise
        self.is_healthy = True
        return result

    def write_later(self, job: Callable[[Unit], object]) -> None:
        """Have a job done; what it raises is lost."""
        with suppress(Exception):
            self.write(job)

    def close(self) -> None:
        """Close the connections that are not in use; new ones are opened when they are needed."""
        self._database.close_idle()

    def _tried(self, job: Callable[[Unit], T]) -> T:
        vault = self._unlocked()
        for pause in PAUSES:
            unit = Unit(self._database, vault)
            try:
                return self._commit(unit, job)
            except (PeeweeException, FULL) as error:
                if not self._helps(error, unit):
                    raise
            sleep(uniform(0, pause))  # noqa: S311  # no secret
        return self._commit(Unit(self._database, vault), job)

    def _commit(self, unit: Unit, job: Callable[[Unit], T]) -> T:
        is_committing = False
        try:
            with connected(self._database), self._database.atomic():
                result = job(unit)
                unit.end_job()
                unit.flush()
                is_committing = True
        except PeeweeException as error:
            if is_committing and not is_refused(error):
                detail = "the database was lost while it recorded this; send it again with the same `Idempotency-Key`"
                raise Unavailable(detail) from error
            raise
        return result

    def _helps(self, error: Exception, unit: Unit) -> bool:
        """Whether another try may work, once what it lacked is there."""
        if lacks_month(error):
            with connected(self._database):
                add_months(self._database, unit.months())
            return True
        if is_lost(error):
            self._database.close_idle()
        return isinstance(error, LostRace) or is_raced(error) or is_lost(error)
