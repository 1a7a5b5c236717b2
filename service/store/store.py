"""The store: jobs that read, jobs that write, and what operators ask of a database.

The only thing outsiders use of this folder. Errors of the driver leave it as `Unavailable`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from service.store.database import as_unavailable, open_database
from service.store.migrate import pending, upgrade
from service.store.reads import Reads
from service.store.unit import Unit
from service.store.writer import Writer

T = TypeVar("T")


class Store:
    """Everything that is kept, at one database URL. Nothing is opened before the first job."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url)
        self._writer = Writer(self._database)

    def read(self, job: Callable[[Reads], T]) -> T:
        """The result of a job that only reads; it runs in the calling thread and sees one moment of the database."""
        with as_unavailable(), self._connection(), self._database.atomic("DEFERRED"):
            return job(Reads(self._database))

    def write(self, job: Callable[[Unit], T]) -> T:
        """The result of a job that writes, once it is on disk. `Unavailable` means that it left no trace."""
        return self._writer.submit(job).wait()

    def write_later(self, job: Callable[[Unit], object]) -> None:
        """Have a job done soon, and don't wait for it; what it raises is lost."""
        self._writer.submit(job)

    def upgrade(self) -> list[str]:
        """Bring the schema up to date; the names of the migrations that were applied."""
        with as_unavailable(), self._connection():
            return upgrade(self._database)

    def pending(self) -> list[str]:
        """The names of the migrations that the schema lacks."""
        with as_unavailable(), self._connection():
            return pending(self._database)

    @property
    def is_healthy(self) -> bool:
        """Whether the last commit of this process reached the disk."""
        return self._writer.is_healthy

    def close(self) -> None:
        """Finish queued jobs and close the writer's connection."""
        self._writer.close()

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """This thread's connection, closed again by whoever opened it."""
        is_first = self._database.connect(reuse_if_open=True)
        try:
            yield
        finally:
            if is_first:
                self._database.close()
