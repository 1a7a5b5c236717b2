"""What replies about people look like, as JSON Schema. Data only; see `schemas`."""

from collections.abc import Mapping

from service.api.schemas import INSTANT, MAYBE_INSTANT, MAYBE_TEXT, TEXT, members, page
from service.operations.keys import ROLES
from service.operations.shapes import Shape

PEOPLE_SCHEMAS: Mapping[str, Shape] = {
    "User": members(
        {
            "name": TEXT,
            "roles": {"type": "array", "items": {"enum": list(ROLES)}},
            "has_password": {"type": "boolean"},
            "subject": {**MAYBE_TEXT, "description": "Who it is at the identity provider."},
            "created_at": INSTANT,
            "created_by": TEXT,
            "disabled_at": MAYBE_INSTANT,
            "locked_until": {**MAYBE_INSTANT, "description": "After too many wrong passwords."},
        }
    ),
    "UserPage": page("User"),
}
"""Every named shape of a reply about people."""
