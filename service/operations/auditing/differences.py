"""Two outcomes -> what differs between them: decision by decision, then scores, outputs, actions and the next change.

Data in, data out.
"""

from collections.abc import Mapping
from typing import Any

from service.audit.record import all_decisions
from service.language.canonical import canonical_bytes


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, causes: bool) -> list[dict[str, Any]]:
    """What differs, each as kind, key, `before` and `after`; `causes` and what follows from them may be left out."""
    was, now = _by_thing(before, causes=causes), _by_thing(after, causes=causes)
    found = [
        {"kind": thing[0], "key": thing[1], "before": was.get(thing), "after": now.get(thing)}
        for thing in sorted(was.keys() | now.keys())
        if not is_equal(was.get(thing), now.get(thing))
    ]
    for name in ("scores", "values"):
        for key in sorted(before[name].keys() | after[name].keys()):
            if not is_equal(before[name].get(key), after[name].get(key)):
                one = {"kind": name[:-1], "key": key, "before": before[name].get(key), "after": after[name].get(key)}
                found.append(one)
    # Why only then: where a decision differs, what is held differs with it.
    rest = (
        *(() if found else ("stage", "tags", "tiers")),
        *(("actions", "next_change", "undetermined") if causes else ()),
    )
    found += [
        {"kind": name, "key": "", "before": before[name], "after": after[name]}
        for name in rest
        if not is_equal(before[name], after[name])
    ]
    return found


def _by_thing(outcome: Mapping[str, Any], *, causes: bool) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Decisions by what they are about; a stage may move several times at once."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in all_decisions(outcome):
        shown = {name: value for name, value in one.items() if causes or name != "cause"}
        found.setdefault((one["kind"], one["key"]), []).append(shown)
    return found


def is_equal(one: object, other: object) -> bool:
    """Whether two JSON values are the same text."""
    return canonical_bytes(one) == canonical_bytes(other)
