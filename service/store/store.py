"""The store: jobs that read, jobs that write, and what operators ask of a database.

The only thing outsiders use of this folder. Errors of the driver leave it as `Unavailable`.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

from peewee import PeeweeException

from service.config import default_keys
from service.store.database import as_unavailable, connected, open_database
from service.store.keyfolder import KeyFolder
from service.store.migrate import pending, upgrade
from service.store.notary import Notary
from service.store.postgres import FULL, Pool, is_lost
from service.store.reads import Reads
from service.store.scrub import scrub
from service.store.transactions import Transactions
from service.store.unit import Unit
from service.store.unlock import adopt_vault, open_vault
from service.store.vault import Vault
from service.store.writer import Writer

T = TypeVar("T")


class Writing(Protocol):
    """How a database is written: shared commits on SQLite, a transaction for each job on PostgreSQL."""

    is_healthy: bool

    def write(self, job: Callable[[Unit], T]) -> T: ...  # noqa: D102
    def write_later(self, job: Callable[[Unit], object]) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Store:
    """Everything that is kept, at one database URL. Nothing is opened before the first job.

    `connections` is how many threads may use a PostgreSQL database at a time. `keys` is the key folder; without one it
    is where `default_keys` says. `log_name` names the log, when its first key is made; without one it is made up.
    """

    def __init__(self, url: str, connections: int = 20, keys: Path | None = None, log_name: str | None = None) -> None:
        self._database = open_database(url, connections)
        self._keys = KeyFolder(keys or default_keys(url))
        self.notary = Notary(self._keys, log_name)
        self._vault: Vault | None = None
        self._writer: Writing
        if isinstance(self._database, Pool):
            self._writer = Transactions(self._database, self._unlocked)
            self._one_moment = "REPEATABLE READ READ ONLY"
        else:
            self._writer = Writer(self._database, self._unlocked)
            self._one_moment = "DEFERRED"

    def read(self, job: Callable[[Reads], T]) -> T:
        """The result of a job that only reads, and may be run twice; it runs in the calling thread and sees one moment
        of the database.
        """
        with as_unavailable():
            try:
                return self._read(job)
            except PeeweeException as error:
                if not isinstance(self._database, Pool) or self._database.in_transaction() or not is_lost(error):
                    raise
                self._database.close_idle()
            return self._read(job)

    def write(self, job: Callable[[Unit], T]) -> T:
        """The result of a job that writes, once it is on disk. `Unavailable` means that it left no trace."""
        return self._writer.write(job)

    def write_later(self, job: Callable[[Unit], object]) -> None:
        """Have a job done soon, whatever becomes of it; what it raises is lost."""
        self._writer.write_later(job)

    def upgrade(self) -> list[str]:
        """Bring the schema up to date, and make the master key of a database that has none yet; the names of the
        migrations that were applied. `ConfigError` if the key folder holds another master key than the database's.
        """
        with as_unavailable(), connected(self._database):
            applied = upgrade(self._database)
            self._vault = adopt_vault(self._database, self._keys)
            return applied

    def scrub(self) -> None:
        """Overwrite what was deleted where the database does not do so by itself, as far as that works now."""
        with suppress(PeeweeException, FULL), connected(self._database):
            scrub(self._database)

    def pending(self) -> list[str]:
        """The names of the migrations that the schema lacks."""
        with as_unavailable(), connected(self._database):
            return pending(self._database)

    @property
    def is_healthy(self) -> bool:
        """Whether the last commit of this process reached the disk."""
        return self._writer.is_healthy

    def close(self) -> None:
        """Finish queued jobs and close the connections that are not in use; a later job opens what it needs."""
        self._writer.close()

    def _read(self, job: Callable[[Reads], T]) -> T:
        with connected(self._database), self._database.atomic(self._one_moment):
            return job(Reads(self._database, self._unlocked()))

    def _unlocked(self) -> Vault:
        """What opens content; looked for once, when it is first needed."""
        if self._vault is None:
            with connected(self._database):
                self._vault = open_vault(self._database, self._keys)
        return self._vault
