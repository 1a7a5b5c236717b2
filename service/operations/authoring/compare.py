"""Two versions of a ruleset, its draft among them -> what differs, by meaning, in both languages.

Source: docs/api.md, "Differences".
"""

from typing import Any

from service.errors import Fault, InvalidRequest, NotFound
from service.language.diff import can_change_decisions, compare
from service.language.document import read_document
from service.operations.authoring.drafts import existing
from service.operations.ports import Reads
from service.operations.publish import read_standing
from service.operations.service import Service

DRAFT, ACTIVE = "draft", "active"


def compare_versions(service: Service, key: str, old: str, new: str) -> dict[str, Any]:
    """What changed from one to the other; each is a version's number, `draft` or `active`. `NotFound` without it."""
    ends = {"from": old, "to": new}
    found = [Fault(f"/{name}", "wrong-value", _expected(one)) for name, one in ends.items() if _odd(one)]
    if found:
        raise InvalidRequest("the query has faults", found)
    now = service.clock()
    before, after = service.store.read(lambda reads: [read_text(reads, key, one, now) for one in (old, new)])
    changes = compare(read_document(before)[0], read_document(after)[0])
    return {
        "key": key,
        "from": old,
        "to": new,
        "can_change_decisions": can_change_decisions(changes),
        "changes": [one.to_json() for one in changes],
    }


def read_text(reads: Reads, key: str, which: str, now: int) -> str:
    """The document of a version by its number, of the `active` one, or of the `draft`; `NotFound` without it."""
    if which == DRAFT:
        return existing(reads, key).document
    version = read_standing(reads, key, now).version if which == ACTIVE else int(which)
    row = reads.version(key, version) if version else None
    if row is None:
        raise NotFound(f"ruleset `{key}` has no version {'in force' if which == ACTIVE else which}")
    return row.document


def _odd(one: str) -> bool:
    return one not in {DRAFT, ACTIVE} and not (one.isascii() and one.isdecimal() and len(one) < 10)  # noqa: PLR2004


def _expected(found: str) -> str:
    return f"expected a version's number, `{DRAFT}` or `{ACTIVE}`, found `{found}`"
