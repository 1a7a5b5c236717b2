"""What replies about letting content go look like, as JSON Schema. Data only; see `schemas`."""

from collections.abc import Mapping

from service.api.schemas import INSTANT, TEXT, TEXTS, members, page
from service.operations.auditing.retention import KINDS
from service.operations.shapes import Shape

COUNT: Shape = {"type": "integer"}

ERASURE_SCHEMAS: Mapping[str, Shape] = {
    "Erased": members(
        {
            "entry": {**TEXT, "description": "The entry of the log that says so."},
            "pseudonym": {**TEXT, "description": "What stands in the place of the profile's id from now on."},
            "rulesets": TEXTS,
            "evaluations": COUNT,
            "changes": COUNT,
            "events": {**COUNT, "description": "Audit events that concerned the person."},
        }
    ),
    "Hold": members({"profile_id": TEXT, "reason": TEXT, "placed_by": TEXT, "placed_at": INSTANT}),
    "HoldPage": page("Hold"),
    "Retention": members({f"{kind}_days": {"type": ["integer", "null"]} for kind in KINDS}),
}
"""Every named shape of such a reply."""
