"""The part of verifying the log that applies the rules again: what was decided follows from what was recorded.

Decisions come out the same; the rows of changes are those of the record; what is remembered of each profile is what its
last record left.
"""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from service.audit.batch import Member
from service.audit.find_rows import EVER
from service.audit.rows import ChangeRow, EvaluationRow, ProfileRow
from service.errors import LogBroken
from service.language.canonical import canonical_bytes
from service.operations.auditing.replay import replay_evaluation
from service.operations.auditing.verification import Verification
from service.operations.ports import Reads
from service.operations.service import Service

LAST = 1 << 62
CHUNK = 500
MOST_CHANGES = 10_000
NO_VERSION = 0
"""A version that no profile was ever decided by."""
DECIDED = ("kind", "key", "outcome", "movement", "from", "to", "rule", "cause")


def verify_decisions(service: Service, members: Iterable[Member], found: Verification) -> None:
    """Each evaluation, decided again, comes out as it was recorded, and its changes stand in their rows."""
    for member in members:
        if member.kind != "evaluation":
            continue
        try:
            row, changes = service.store.read(partial(_recorded, evaluation_id=member.id))
            if row is None:
                continue
            told = replay_evaluation(service, member.id, {})
        except LogBroken:  # the walk has told of it
            continue
        if told["result"] == "different":
            names = ", ".join(f"{one['kind']} {one['key']}".strip() for one in told["differences"])
            found.add("decides-otherwise", f"evaluation {member.id}", names)
        found.count("not_decided" if told["result"] == "not_replayable" else "decided")
        if row.record and not _is_same(row, changes):
            found.add("changes-differ", f"evaluation {member.id}")


def verify_profiles(service: Service, found: Verification) -> None:
    """What is remembered of each profile is what its last record left."""
    for ruleset in service.store.read(lambda reads: reads.rulesets()):
        try:
            _verify_profiles(service, ruleset.key, found)
        except LogBroken as broken:
            found.add("log-broken", f"profiles of {ruleset.key}", broken.detail)


def _verify_profiles(service: Service, ruleset: str, found: Verification) -> None:
    after = ""
    while rows := service.store.read(partial(_profiles, ruleset=ruleset, after=after)):
        for row, last in rows:
            found.count("profiles")
            if last is None or (last.record and not _is_left(row, last)):
                found.add("profile-differs", f"profile {row.profile_id} ruleset {row.ruleset}")
        after = rows[-1][0].profile_id


def _recorded(reads: Reads, evaluation_id: str) -> tuple[EvaluationRow | None, list[ChangeRow]]:
    row = reads.evaluation(evaluation_id)
    if row is None:
        return None, []
    equal = {"profile_id": row.profile_id, "evaluation_id": row.id}
    changes = [one.row for one in reads.changes(equal, EVER, LAST, MOST_CHANGES)]
    return row, sorted(changes, key=lambda one: one.position)


def _is_same(row: EvaluationRow, changes: list[ChangeRow]) -> bool:
    said = [tuple(one.get(name) for name in DECIDED) for one in _record(row)["outcome"]["decisions"]]
    there = [
        (one.kind, one.key, one.outcome, one.movement, one.source, one.target, one.rule, one.cause) for one in changes
    ]
    return said == there and all(one.version == row.version and one.at == row.at for one in changes)


def _profiles(reads: Reads, ruleset: str, after: str) -> list[tuple[ProfileRow, EvaluationRow | None]]:
    rows = reads.older(ruleset, NO_VERSION, after, CHUNK)
    return [(row, reads.evaluation(row.evaluation_id)) for row in rows]


def _is_left(row: ProfileRow, last: EvaluationRow) -> bool:
    record = _record(last)
    return row.at == last.at and row.state.encode() == canonical_bytes(record["state"])


def _record(row: EvaluationRow) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(row.record, parse_float=Decimal)
    return found
