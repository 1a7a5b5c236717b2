"""Read published rulesets and their versions: what they say, who answers for them, and when they are in force.

Documents leave as the very text that their digest was taken of.
Source: docs/api.md, "Rulesets".
"""

from typing import Any

import orjson

from service.audit.record import write_instant
from service.audit.rows import ActivationRow, VersionRow
from service.errors import NotFound
from service.operations.activations import scheduled, spans
from service.operations.ports import Reads
from service.operations.publish import Standing, read_standing
from service.operations.service import Service

LAST = 1 << 31


def list_rulesets(service: Service, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Each ruleset by key after one, without documents; and where the next page begins."""

    def job(reads: Reads) -> list[tuple[VersionRow, dict[str, Any]]]:
        keys = [row.key for row in reads.rulesets() if row.key > after]
        return [_shown(reads, key, service.clock()) for key in keys[: limit + 1]]

    found = service.store.read(job)
    items = [{**_summary(service, row), **standing} for row, standing in found[:limit]]
    return items, found[limit - 1][0].ruleset if len(found) > limit else None


def read_ruleset(service: Service, key: str) -> dict[str, Any]:
    """A ruleset by the version in force, with its document, what is scheduled and the state of its draft; `NotFound` if
    nothing of it was ever published.
    """
    row, standing = service.store.read(lambda reads: _shown(reads, key, service.clock()))
    return {**_summary(service, row), **standing, "document": orjson.Fragment(row.document)}


def list_versions(service: Service, key: str, below: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Published versions below a number, newest first, without documents; and where the next page begins."""

    def job(reads: Reads) -> tuple[list[VersionRow], Standing]:
        rows, standing = reads.versions(key, below, limit + 1), read_standing(reads, key, service.clock())
        if not standing.newest:
            raise NotFound(f"there is no ruleset `{key}`")
        return rows, standing

    rows, standing = service.store.read(job)
    items = [{**_version(row), **_force(row.version, standing)} for row in rows[:limit]]
    return items, rows[limit - 1].version if len(rows) > limit else None


def read_version(service: Service, key: str, version: int) -> dict[str, Any]:
    """One published version, with its document and what was known when it was published; `NotFound` without it."""

    def job(reads: Reads) -> tuple[VersionRow | None, Standing]:
        return reads.version(key, version), read_standing(reads, key, service.clock())

    row, standing = service.store.read(job)
    if row is None:
        raise NotFound(f"ruleset `{key}` has no version {version}")
    texts = {"evidence": orjson.Fragment(row.evidence), "document": orjson.Fragment(row.document)}
    return {**_version(row), **_force(version, standing), **texts}


def list_activations(service: Service, key: str) -> list[dict[str, Any]]:
    """Everything that was ever said about what is in force when, newest first; `NotFound` if nothing was."""
    rows = service.store.read(lambda reads: reads.governance.activations(key))
    if not rows:
        raise NotFound(f"there is no ruleset `{key}`")
    return [_activation(row) for row in reversed(rows)]


def _shown(reads: Reads, key: str, now: int) -> tuple[VersionRow, dict[str, Any]]:
    """The version that a ruleset is shown by: the one in force, or that was last, or else the first that will be."""
    standing = read_standing(reads, key, now)
    shown = standing.active or (standing.activations[0] if standing.activations else None)
    row = reads.version(key, shown.version) if shown else None
    if row is None:
        raise NotFound(f"there is no ruleset `{key}`")
    draft = reads.governance.draft(key)
    is_retired = standing.active is not None and standing.version is None
    return row, {
        "active_version": standing.version,
        "retired_at": write_instant(standing.active.effective_at) if standing.active and is_retired else None,
        "scheduled": [
            {"version": one.version, "effective_at": write_instant(one.effective_at)}
            for one in scheduled(standing.activations, standing.now)
        ],
        "draft": draft
        and {
            "revision": draft.revision,
            "state": draft.state,
            "author": draft.author,
            "edited_at": write_instant(draft.edited_at),
        },
    }


def _summary(service: Service, row: VersionRow) -> dict[str, Any]:
    ruleset = service.programs.published(row.ruleset, row.version).program.ruleset
    return {**_version(row), "title": ruleset.title, "description": ruleset.description, "timezone": ruleset.timezone}


def _version(row: VersionRow) -> dict[str, Any]:
    return {
        "key": row.ruleset,
        "version": row.version,
        "digest": row.digest,
        "comment": row.comment,
        "author": row.author,
        "approved_by": row.approved_by,
        "published_at": write_instant(row.published_at),
        "base_version": row.base_version,
        "apply": row.apply,
    }


def _force(version: int, standing: Standing) -> dict[str, Any]:
    """When a version was, is and will be in force, and in a word where it stands."""
    found = [(one, end) for one, end in spans(standing.activations) if one.version == version and one.kind != "retire"]
    periods = [{"from": write_instant(one.effective_at), "to": end and write_instant(end)} for one, end in found]
    return {"status": _status(version, standing, [one for one, _ in found]), "in_force": periods}


def _status(version: int, standing: Standing, periods: list[ActivationRow]) -> str:
    if standing.version == version:
        return "active"
    if any(one.effective_at > standing.now for one in periods):
        return "scheduled"
    if standing.active is not None and standing.active.kind == "retire" and standing.active.version == version:
        return "retired"
    began_at_once = any(one.version == version and one.effective_at <= one.recorded_at for one in standing.activations)
    return "past" if periods or began_at_once else "cancelled"


def _activation(row: ActivationRow) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "version": row.version,
        "kind": row.kind,
        "effective_at": write_instant(row.effective_at),
        "recorded_at": write_instant(row.recorded_at),
        "actor": row.actor,
        "reason": row.reason,
        "apply": row.apply,
    }
