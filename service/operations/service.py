"""What every operation is given: the store, the clock, fresh ids, and what is kept in memory of programs and keys.

Data only; `bootstrap` makes the one of a process.
"""

from dataclasses import dataclass, field

from service.operations.keyring import KeyRing
from service.operations.ports import Clock, Ids, Store
from service.operations.programs import Programs
from service.operations.targets import Network
from service.operations.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """Which networks may be reached besides public ones, and after how many tries, or days of trying, an event is a
    dead letter.
    """

    allowed: tuple[Network, ...] = ()
    tries: int = 20
    days: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One wired service. `idempotency_days` is how long replies are kept for repeats."""

    store: Store
    clock: Clock
    ids: Ids
    programs: Programs
    keyring: KeyRing
    idempotency_days: int
    delivery: DeliveryRules = DeliveryRules()
    watch: Watch = field(default_factory=Watch)
