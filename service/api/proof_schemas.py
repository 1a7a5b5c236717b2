"""What replies about proofs look like, as JSON Schema. Data only; see `schemas`."""

from service.api.schemas import TEXT, members
from service.operations.shapes import Shape

REASONS: Shape = {
    "type": "array",
    "items": members({"code": TEXT, "message": {"type": "object"}}),
    "description": "Why it stays open, in each language.",
}
WITNESS: Shape = {
    "type": ["object", "null"],
    "description": "A profile that shows it: the last step, the `steps` before it, and a given `state`, if any.",
}
DIFFERENCE_PROOF: Shape = members(
    {
        "result": {"enum": ["different", "equal", "undecided"]},
        "witness": WITNESS,
        "from": {"type": ["object", "null"], "description": "What the first version says where they differ."},
        "to": {"type": ["object", "null"], "description": "What the second says."},
        "reasons": REASONS,
    }
)
