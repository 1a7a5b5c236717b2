"""What every operation is given: the store, the clock, fresh ids, and what is kept in memory of programs and keys.

Data only; `bootstrap` makes the one of a process.
"""

from dataclasses import dataclass

from service.operations.keyring import KeyRing
from service.operations.ports import Clock, Ids, Store
from service.operations.programs import Programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One wired service. `idempotency_days` is how long replies are kept for repeats."""

    store: Store
    clock: Clock
    ids: Ids
    programs: Programs
    keyring: KeyRing
    idempotency_days: int
