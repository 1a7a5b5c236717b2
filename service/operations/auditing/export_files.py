"""What was asked for -> the files of an evidence pack, in their order, each made while it is read.

Nothing depends on the day, on what came later, or on the machine; so the same question about the same tree gives the
same bytes, unless something was erased meanwhile.
Source: docs/log-format.md, "Evidence packs"; `service/audit/verifier.py` is the other side.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from service.audit import verifier
from service.audit.evidence import (
    AUTHORITY,
    CHECKPOINTS,
    ENTRIES,
    MANIFEST,
    VERSIONS,
    checkpoint_line,
    entry_line,
    manifest_bytes,
    range_scope,
    version_line,
)
from service.audit.record import write_instant
from service.audit.rows import VersionRow
from service.audit.sealing_rows import CheckpointRow
from service.audit.tiles import Tree
from service.errors import LogBroken
from service.language.diff import compare
from service.language.document import read_document
from service.operations.auditing.export_decisions import PACKED, plain_decisions, reasoned_decisions
from service.operations.auditing.export_page import PAGE, Page
from service.operations.auditing.export_readme import README, readme
from service.operations.auditing.export_scope import (
    Asked,
    Extent,
    Loaded,
    Progress,
    checkpoint_of,
    is_erased_event,
    load_events,
    ruleset_events,
    walk_entries,
)
from service.operations.auditing.export_text import line, rows
from service.operations.auditing.export_zip import File, zip_files
from service.operations.ports import Reads
from service.operations.service import Service

DECISIONS, TABLE, HISTORY, VERIFIER = "decisions.ndjson", "decisions.csv", "history.ndjson", "verifier.py"
SELECTION = {"kind": "selection"}
PARTS = 32
"""Into how many parts, at most, checkpoints divide a range."""


@dataclass(slots=True)
class Totals:
    """How much of what was asked for there is: entries, of these evaluations, audit events, and ones whose content was
    erased; and decisions that changed something.
    """

    entries: int = 0
    evaluations: int = 0
    events: int = 0
    erased: int = 0
    decisions: int = 0

    def take(self, one: Loaded) -> None:
        """Count an entry."""
        if not one.is_asked:
            return
        self.entries += 1
        self.evaluations += one.evaluation is not None
        self.events += one.event is not None
        is_erased = (
            not one.evaluation.record if one.evaluation else one.event is not None and is_erased_event(one.event)
        )
        self.erased += is_erased


@dataclass(slots=True)
class Pack:
    """One evidence pack. Its parts can be had once; then `totals` and `hashes` (SHA-256 by file) are whole."""

    service: Service
    asked: Asked
    extent: Extent
    progress: Progress = lambda _: None
    totals: Totals = field(default_factory=Totals)
    hashes: dict[str, str] = field(default_factory=dict)
    versions: dict[tuple[str, int], str] = field(default_factory=dict)
    """The versions that any entry names, and whose digest."""
    asked_versions: set[tuple[str, int]] = field(default_factory=set)
    page: Page = field(default_factory=Page)

    def parts(self) -> Iterator[bytes]:
        """The pack as a .zip."""
        return zip_files(self._files(), self.hashes)

    def _files(self) -> Iterator[File]:
        yield File(README, [readme(self.asked, self.service.store.read(self._origin))])
        yield File(VERIFIER, [Path(verifier.__file__).read_bytes()])
        yield File(CHECKPOINTS, self._checkpoints())
        yield File(ENTRIES, self._entries())
        yield File(VERSIONS, self._versions())
        yield File(HISTORY, self._history())
        yield File(AUTHORITY, self._authority())
        yield File(DECISIONS, self._decisions())
        yield File(TABLE, self._table())
        yield File(PAGE, self.page.parts(self.asked, asdict(self.totals)))
        yield File(MANIFEST, self._manifest())

    # The log

    def _checkpoints(self) -> Iterator[bytes]:
        """Where the pack begins and ends; of a range also some between, which say where a change was made."""
        first, end = self.extent.first, self.extent.end

        def job(reads: Reads) -> list[CheckpointRow]:
            sealing = reads.sealing
            last = checkpoint_of(sealing, end)
            if not self.extent.is_range:
                return [last]
            marks = [first + (end - first) * one // PARTS for one in range(PARTS)]
            found = {row.size: row for mark in marks for row in sealing.checkpoints(max(mark, 1), 1) if row.size < end}
            return [*found.values(), last]

        rows = self.service.store.read(job)
        self.page.checkpoint = rows[-1].note
        yield from (checkpoint_line(row.note) for row in rows)

    def _entries(self) -> Iterator[bytes]:
        for loaded in walk_entries(self.service, self.asked, self.extent, self.progress):
            for one in loaded:
                self._note(one)
            yield from [entry_line(one.entry()) for one in loaded] if self.extent.is_range else self._proven(loaded)

    def _note(self, one: Loaded) -> None:
        self.totals.take(one)
        if one.evaluation is not None:
            version = (one.evaluation.ruleset, one.evaluation.version)
            self.versions[version] = one.evaluation.digest
            if one.is_asked:
                self.asked_versions.add(version)

    def _proven(self, loaded: list[Loaded]) -> list[bytes]:
        """Entries, each with its proof under the last checkpoint."""

        def job(reads: Reads) -> list[bytes]:
            tree = Tree(self.extent.end, reads.sealing.tile)  # Why a fresh one: it remembers each tile it has read
            return [entry_line(one.entry(), tree.inclusion(one.position)) for one in loaded]

        return self.service.store.read(job)

    # The rules

    def _versions(self) -> Iterator[bytes]:
        told = set()
        for ruleset, version in sorted(self.versions):
            row = self._version(ruleset, version)
            if row.digest not in told:
                told.add(row.digest)
                yield version_line(row.document)

    def _history(self) -> Iterator[bytes]:
        for ruleset, version in sorted(self.asked_versions):
            told = self._told(self._version(ruleset, version))
            self.page.versions.append(told)
            yield line(told)

    def _told(self, row: VersionRow) -> dict[str, Any]:
        """Who answers for a version, what was known when it was published, and what it changed, in sentences."""
        base = row.base_version or row.version - 1
        before = None if base == 0 else self.service.store.read(lambda reads: reads.version(row.ruleset, base))
        changes = [] if before is None else compare(*(read_document(one.document)[0] for one in (before, row)))
        return {
            "ruleset": row.ruleset,
            "version": row.version,
            "digest": row.digest,
            "author": row.author,
            "approved_by": row.approved_by,
            "comment": row.comment,
            "published_at": write_instant(row.published_at),
            "effective_at": write_instant(row.effective_at),
            "apply": row.apply,
            "evidence": orjson.loads(row.evidence),
            "changed_from": None if before is None else before.version,
            "changes": [one.to_json() for one in changes],
        }

    def _authority(self) -> Iterator[bytes]:
        for ruleset in sorted({ruleset for ruleset, _ in self.asked_versions}):
            places = ruleset_events(self.service, ruleset, self.extent.end)
            loaded = load_events(self.service, places)
            self.page.take_events(loaded)
            yield from self._proven(loaded)

    def _version(self, ruleset: str, version: int) -> VersionRow:
        found = self.service.store.read(lambda reads: reads.version(ruleset, version))
        if found is None:
            raise LogBroken(f"expected version {version} of ruleset `{ruleset}`, by which was decided, found none")
        return found

    # The decisions, for people

    def _decisions(self) -> Iterator[bytes]:
        for loaded in self._again():
            for one in reasoned_decisions(self.service, loaded):
                self.totals.decisions += 1
                self.page.take_decision(one)
                yield line(one)

    def _table(self) -> Iterator[bytes]:
        yield rows(PACKED, [dict(zip(PACKED, PACKED, strict=True))])
        for loaded in self._again():
            yield rows(PACKED, plain_decisions(self.service, loaded))

    def _again(self) -> Iterator[list[Loaded]]:
        yield from walk_entries(self.service, self.asked, self.extent, self.progress)

    # The pack itself

    def _manifest(self) -> Iterator[bytes]:
        scope = self.service.store.read(self._scope)
        told = {"asked": asked_json(self.asked), "totals": asdict(self.totals)}
        data = manifest_bytes(scope, self.hashes, told)
        yield data

    def _scope(self, reads: Reads) -> dict[str, Any]:
        first = self.extent.first
        if not self.extent.is_range:
            return SELECTION
        return range_scope(first, Tree(first, reads.sealing.tile).peaks())

    def _origin(self, reads: Reads) -> str:
        return checkpoint_of(reads.sealing, self.extent.end).note.partition("\n")[0]


def asked_json(asked: Asked) -> dict[str, Any]:
    """What was asked for, as JSON values."""
    found = asdict(asked)
    begin, end = found.pop("begin"), found.pop("end")
    return {
        "profile": found["profile"],
        "ruleset": found["ruleset"],
        "from": None if begin is None else write_instant(begin),
        "to": None if end is None else write_instant(end),
        "as_of_size": found["size"],
    }
