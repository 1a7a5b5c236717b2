"""An honest log, small and always the same, and the evidence packs that it gives; what forgeries are made from."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from service.audit.checkpoint import Checkpoint, sign_checkpoint
from service.audit.envelope import commitment
from service.audit.evidence import (
    CHECKPOINTS,
    ENTRIES,
    MANIFEST,
    VERSIONS,
    Entry,
    checkpoint_line,
    entry_line,
    manifest_bytes,
    range_scope,
    version_line,
)
from service.audit.merkle import leaf_hash
from service.audit.note import new_signer
from service.audit.tiles import Tree
from service.language.canonical import canonical_bytes, digest
from tests.audit.trees import tree_of

SIGNER = new_signer("log.example/honest", bytes(range(32)))
STRANGER = new_signer("log.example/stranger", bytes(32))
KEY = str(SIGNER.verifier)
DOCUMENT = '{"key":"small","tags":[]}'
RULESET = {"key": "small", "version": 1, "digest": digest(DOCUMENT.encode())}
SIZE = 25
STEPS = (6, 13, 20, SIZE)
"""The sizes that checkpoints were signed at."""
ERASED = 9


def salt_of(position: int) -> bytes:
    """The salt of an entry."""
    return bytes([position]) * 31 + b"\0"


def envelope_of(position: int, salt: bytes, content: str) -> bytes:
    """What is sealed of an entry."""
    told: dict[str, Any] = {"format": 1, "id": f"01K{position:023d}", "at": f"2026-11-22T05:00:{position:02d}.000Z"}
    if position % 5 == 4:
        told |= {"kind": "event", "actor": "key:1", "action": "key.created"}
    else:
        told |= {"kind": "evaluation", "ruleset": RULESET, "engine": "1", "trigger": "api", "actor": "key:1"}
        told["recorded_at"] = told["at"]
    return canonical_bytes(told | {"commitment": commitment(salt, content.encode())})


def content_of(position: int, **changes: Any) -> str:
    """What an entry says."""
    if position % 5 == 4:
        return canonical_bytes({"subject": str(position), "detail": "{}", "request_id": "r"} | changes).decode()
    told = json.loads(envelope_of(position, b"", "")) | {"facts": {"age": 20 + position}} | changes
    del told["commitment"], told["kind"]
    return canonical_bytes(told).decode()


def entry_of(position: int, **changes: Any) -> Entry:
    """One entry; `changes` of its content are sealed with it."""
    salt, content = salt_of(position), content_of(position, **changes)
    envelope = envelope_of(position, salt, content)
    entry = Entry(position, json.loads(envelope)["kind"], json.loads(envelope)["id"], envelope, content, salt)
    return entry._replace(content=None, salt=None, erased_by="01K9") if position == ERASED else entry


def log_tree(entries: list[Entry]) -> Tree:
    """The tree over some entries."""
    return tree_of([leaf_hash(entry.envelope) for entry in entries])


def signed(entries: list[Entry], signer=SIGNER) -> str:
    """The checkpoint over some entries, as a note."""
    return sign_checkpoint(Checkpoint(SIGNER.name, len(entries), log_tree(entries).root()), [signer])


@dataclass
class Contents:
    """A pack before it is written: everything a liar may change. Lines are JSON values.

    `says_files` are the hashes that the manifest will say, if not those of the files as they are.
    """

    scope: dict[str, Any]
    checkpoints: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    others: dict[str, bytes] = field(default_factory=dict)
    says_files: dict[str, str] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    """Checkpoints that the auditor was given earlier."""

    def files(self) -> dict[str, bytes]:
        """The files, with the manifest."""
        found = {
            CHECKPOINTS: lines(self.checkpoints),
            ENTRIES: lines(self.entries),
            VERSIONS: lines(self.versions),
            **self.others,
        }
        hashes = {name: digest(data).removeprefix("sha256:") for name, data in found.items()} | self.says_files
        return {**found, MANIFEST: manifest_bytes(self.scope, hashes, {"made_by": "test"})}

    def write(self, path: Path) -> Path:
        """The files in a folder, or in a .zip if the path ends so."""
        if path.suffix == ".zip":
            with ZipFile(path, "w") as archive:
                for name, data in self.files().items():
                    archive.writestr(name, data)
        else:
            path.mkdir()
            for name, data in self.files().items():
                (path / name).write_bytes(data)
        return path


def lines(values: list[Any]) -> bytes:
    """JSON values, one a line; bytes stand as they are."""
    return b"".join(one if isinstance(one, bytes) else canonical_bytes(one) + b"\n" for one in values)


def honest_entries() -> list[Entry]:
    """The entries of the honest log."""
    return [entry_of(position) for position in range(SIZE)]


def range_pack(entries: list[Entry] | None = None, first: int = STEPS[0]) -> Contents:
    """The entries from one checkpoint on."""
    entries = entries or honest_entries()
    steps = [step for step in STEPS if step >= first and step]
    peaks = log_tree(entries[:first]).peaks()
    return Contents(
        range_scope(first, peaks),
        [json.loads(checkpoint_line(signed(entries[:step]))) for step in steps],
        [json.loads(entry_line(entry)) for entry in entries[first:]],
        [json.loads(version_line(DOCUMENT))],
        held=[signed(honest_entries()[:13])],
    )


def selection_pack(entries: list[Entry] | None = None) -> Contents:
    """Every third entry, each with its proof, and two checkpoints."""
    entries = entries or honest_entries()
    tree = log_tree(entries)
    return Contents(
        {"kind": "selection"},
        [
            json.loads(checkpoint_line(signed(entries[:13]))),
            json.loads(checkpoint_line(signed(entries), tree.consistency(13))),
        ],
        [json.loads(entry_line(entry, tree.inclusion(entry.position))) for entry in entries[::3]],
        [json.loads(version_line(DOCUMENT))],
        held=[signed(honest_entries()[:13])],
    )
