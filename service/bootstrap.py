"""A `Config` -> a wired `Service`: real store, real clock, real ids.

The only place that opens the store. It also brings a new database to life: schema, first rulesets, first key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import time_ns

from service.config import Config
from service.operations.auditing.seal import begin_log
from service.operations.keyring import KeyRing
from service.operations.keys import first_key
from service.operations.ports import Caller
from service.operations.programs import Programs
from service.operations.publish import Publication, publish_ruleset
from service.operations.service import DeliveryRules, Service
from service.store.store import Store
from service.store.ulids import Ulids

SPARE_CONNECTIONS = 4
"""For the work of a process that no request asks for."""
COMMAND_LINE = Caller("command-line", frozenset(), "command-line")
"""Who acts when no API key does."""


@dataclass(frozen=True, slots=True)
class Beginnings:
    """What was made in a database that was empty: migrations applied, rulesets published, the first key if one was
    made.
    """

    migrations: list[str]
    published: list[Publication]
    key: str | None


def wire(config: Config) -> Service:
    """The service of a configuration. Nothing is opened before it is used."""
    store = Store(config.database_url, config.threads + SPARE_CONNECTIONS, config.keys, config.log_name)
    return Service(
        store=store,
        clock=now,
        ids=Ulids(),
        programs=Programs(store, now),
        keyring=KeyRing(store, now),
        idempotency_days=config.idempotency_days,
        delivery=DeliveryRules(allowed=config.delivery_allow, tries=config.delivery_tries, days=config.delivery_days),
    )


def now() -> int:
    """The present instant, in whole milliseconds since 1970-01-01T00:00:00Z."""
    return time_ns() // 1_000_000


def begin(service: Service, config: Config) -> Beginnings:
    """Bring the schema up to date, publish the configured rulesets if there are none, and make the first key if there
    is none.
    """
    migrations = service.store.upgrade()
    begin_log(service)
    published = []
    if not service.store.read(lambda reads: reads.rulesets()):
        published = [
            publish_ruleset(service, path.read_bytes(), f"first start, from {path.name}", COMMAND_LINE)
            for path in ruleset_files(config.rulesets)
        ]
    return Beginnings(migrations, published, first_key(service, config.admin_key, COMMAND_LINE))


def ruleset_files(folder: Path) -> Iterator[Path]:
    """The rulesets of a folder, by name."""
    yield from sorted(folder.glob("*.json"))
