"""Read published rulesets and their versions.

Documents leave as the very text that their digest was taken of.
Source: docs/api.md, "Rulesets".
"""

from typing import Any

import orjson

from service.audit.rows import VersionRow
from service.errors import NotFound
from service.language.instants import write_instant
from service.operations.ports import Reads
from service.operations.service import Service

LAST = 1 << 31


def list_rulesets(service: Service, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """The active version of each ruleset, by key after one, without documents; and where the next page begins."""

    def job(reads: Reads) -> list[VersionRow]:
        active = [(row.key, row.active_version) for row in reads.rulesets() if row.key > after]
        found = [reads.version(key, version) for key, version in active[: limit + 1]]
        return [row for row in found if row is not None]

    rows = service.store.read(job)
    items = [_summary(service, row) for row in rows[:limit]]
    return items, rows[limit - 1].ruleset if len(rows) > limit else None


def read_ruleset(service: Service, key: str) -> dict[str, Any]:
    """A ruleset's active version, with its document; `NotFound` if there is none."""

    def job(reads: Reads) -> VersionRow:
        for row in reads.rulesets():
            if row.key == key and (version := reads.version(key, row.active_version)):
                return version
        raise NotFound(f"there is no ruleset `{key}`")

    row = service.store.read(job)
    return {**_summary(service, row), "document": orjson.Fragment(row.document)}


def list_versions(service: Service, key: str, below: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Published versions below a number, newest first, without documents; and where the next page begins."""

    def job(reads: Reads) -> list[VersionRow]:
        rows = reads.versions(key, below, limit + 1)
        if not rows and not reads.versions(key, LAST, 1):
            raise NotFound(f"there is no ruleset `{key}`")
        return rows

    rows = service.store.read(job)
    return [_version(row) for row in rows[:limit]], rows[limit - 1].version if len(rows) > limit else None


def read_version(service: Service, key: str, version: int) -> dict[str, Any]:
    """One published version, with its document; `NotFound` if there is none."""
    row = service.store.read(lambda reads: reads.version(key, version))
    if row is None:
        raise NotFound(f"ruleset `{key}` has no version {version}")
    return {**_version(row), "document": orjson.Fragment(row.document)}


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
        "published_at": write_instant(row.published_at),
    }
