"""What rows of the table of routes have in common: who may call, paging and filters."""

from service.operations.keys import ROLES
from service.operations.shapes import Shape

EVALUATORS = frozenset({"evaluator"})
STATE_READERS = frozenset({"evaluator", "auditor"})
TAGGERS = frozenset({"evaluator", "admin"})
LOG_READERS = frozenset({"auditor"})
CHECKERS = frozenset({"editor", "publisher", "auditor", "admin"})
EDITORS = frozenset({"editor"})
PUBLISHERS = frozenset({"publisher"})
AUTHORS = EDITORS | PUBLISHERS
KEY_READERS = frozenset({"auditor", "admin"})
ADMINS = frozenset({"admin"})
ANY_KEY = frozenset(ROLES)

CURSOR: Shape = {"type": "string", "maxLength": 300, "description": "The `next` of the page before."}
NUMBER_CURSOR: Shape = {**CURSOR, "type": "integer", "minimum": 0, "maximum": 1 << 31}
LIMIT: Shape = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "Entries on a page."}
TERM: Shape = {"type": "string", "minLength": 1, "maxLength": 200}
