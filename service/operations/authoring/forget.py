"""An erased profile is named no more by what was found out about drafts: results of simulations, samples of shadows.

Counts stay: they name nobody. What is being found out at the moment looks for itself when it is kept.
"""

import orjson

from service.operations.authoring.simulate import KIND, keep_named
from service.operations.ports import Unit
from service.operations.replies import json_text


def forget_profile(unit: Unit, profile_id: str) -> None:
    """Take a profile out of whatever names it, in the transaction that erases it."""
    unit.shadows.forget(profile_id)
    for job in unit.jobs.results(KIND):
        result = orjson.loads(job.result or "null")
        kept = keep_named(result, profile_id.__ne__)
        if kept != result:
            unit.jobs.change_result(job.id, json_text(kept).decode())
