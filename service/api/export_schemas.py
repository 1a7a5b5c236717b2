"""What replies about evidence packs look like, as JSON Schema. Data only; see `schemas`."""

from service.api.schemas import TEXT, members
from service.operations.shapes import Shape

COUNT: Shape = {"type": "integer"}
SAMPLE: Shape = members(
    {
        "checkpoint": {**TEXT, "description": "The signed checkpoint whose root is the seed."},
        "seed": TEXT,
        "of": {**COUNT, "description": "How many evaluations there were to be drawn from."},
        "items": {
            "type": "array",
            "items": members({"evaluation_id": TEXT, "position": COUNT, "proof": TEXT, "replay": TEXT}),
        },
    }
)
