"""Would a draft move more profiles than its ruleset lets a publish move unasked?

The newest simulation of exactly this draft beside exactly the version in force answers, if it was of all profiles; else
a sample is decided at once, and its upper bound counts, so that chance lets nothing through.
Source: docs/api.md, "Publish"; docs/language.md, "max_moved_share".
"""

from dataclasses import dataclass
from decimal import Decimal

import orjson

from service.errors import ServiceError
from service.language.program import Program
from service.operations.authoring.impact import DIGITS, interval
from service.operations.authoring.simulate import KIND, Sample, Simulation, simulate_stored
from service.operations.programs import Published
from service.operations.service import Service

SIZE = 1_000
"""How many profiles are decided at once where no simulation answers."""
LOOKED_AT = 10
"""How many finished simulations are looked through for one of all profiles."""
PLACES = Decimal(1).scaleb(-DIGITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """The share of profiles that the draft moves (0-1; `None` without profiles), and up to which it may lie (`high`).

    `limit` is the ruleset's own; `None` for none. `simulated` of `of` profiles were decided. `basis` is `simulation`
    (of all profiles, `job_id` says which), `sample`, or `nobody` where there is nobody to move.
    """

    share: Decimal | None
    high: Decimal | None
    limit: Decimal | None
    simulated: int
    of: int
    basis: str
    job_id: str | None = None

    @property
    def is_above(self) -> bool:
        """Whether a publish moves more than the limit, or may: it is to be acknowledged as `moved-share`."""
        return self.limit is not None and self.high is not None and self.high > self.limit


def impact_gate(service: Service, key: str, draft: Program) -> GateResult:
    """What publishing a draft now would move, by what is known or by a sample that is decided at once."""
    try:
        active = service.programs.latest(key)
    except ServiceError:  # the ruleset is new
        return _result(draft, 0, 0, 0, "nobody")
    known = _known(service, active, draft)
    if known is not None:
        return known
    # The text is for other processes only, which so few profiles don't need.
    simulation = Simulation(active=active, draft=draft, text="", at=service.clock())
    found = simulate_stored(service, simulation, Sample(SIZE))
    if not found["of"]:
        return _result(draft, 0, 0, 0, "nobody")
    return _result(draft, found["moved"]["profiles"], found["simulated"], found["of"], "sample")


def _known(service: Service, active: Published, draft: Program) -> GateResult | None:
    """What the newest simulation of all profiles found."""
    jobs = service.store.read(lambda reads: reads.jobs.newest_done(KIND, draft.digest, active.digest, LOOKED_AT))
    for job in jobs:
        found = orjson.loads(job.result or "null")
        if found and found["sample"] is None and found["simulated"]:
            moved, simulated = found["moved"]["profiles"], found["simulated"]
            return _result(draft, moved, simulated, found["of"], "simulation", job.id)
    return None


def _result(draft: Program, moved: int, simulated: int, of: int, basis: str, job_id: str | None = None) -> GateResult:
    limit = draft.ruleset.max_moved_share
    share = (Decimal(moved) / Decimal(simulated)).quantize(PLACES) if simulated else None
    high = Decimal(str(round(interval(moved, simulated, of)[1], DIGITS))) if of else None
    return GateResult(
        share=share,
        high=high,
        limit=None if limit is None else Decimal(str(limit)),
        simulated=simulated,
        of=of,
        basis=basis,
        job_id=job_id,
    )
