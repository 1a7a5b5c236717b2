"""Parts of the log -> the lines of an evidence pack: what an auditor takes away and checks without us.

A pack is files of JSON objects, one a line, and a manifest. One of a *range* has every entry from one checkpoint to
another; one of a *selection* has some entries, each with its own proof under the last checkpoint.
Source: docs/log-format.md, "Evidence packs"; `verifier` is the other side.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from service.audit.note import write_base64
from service.language.canonical import canonical_bytes, digest

FORMAT = 1
MANIFEST, CHECKPOINTS, ENTRIES, VERSIONS, AUTHORITY = (
    "manifest.json",
    "checkpoints.ndjson",
    "entries.ndjson",
    "versions.ndjson",
    "authority.ndjson",
)
"""In a pack of any scope, `AUTHORITY` has entries with proofs: who answers for the rulesets."""


class Entry(NamedTuple):
    """One entry of the log. `content` and `salt` are absent when they were erased, by the entry `erased_by`, or are
    left out.
    """

    position: int
    kind: str
    id: str
    envelope: bytes
    content: str | None = None
    salt: bytes | None = None
    erased_by: str | None = None


def entry_line(entry: Entry, proof: Sequence[bytes] | None = None) -> bytes:
    """An entry; with a proof in a selection."""
    line: dict[str, Any] = {
        "position": entry.position,
        "kind": entry.kind,
        "id": entry.id,
        "envelope": entry.envelope.decode(),
        "record": entry.content,
        "salt": None if entry.salt is None else entry.salt.hex(),
    }
    if entry.erased_by is not None:
        line["erased_by"] = entry.erased_by
    if proof is not None:
        line["proof"] = [*map(write_base64, proof)]
    return canonical_bytes(line) + b"\n"


def checkpoint_line(note: str, consistency: Sequence[bytes] | None = None) -> bytes:
    """A checkpoint; with a proof that it continues the one before, which a range can do without."""
    line: dict[str, Any] = {"note": note}
    if consistency is not None:
        line["consistency"] = [*map(write_base64, consistency)]
    return canonical_bytes(line) + b"\n"


def version_line(document: str) -> bytes:
    """A ruleset, as the text that its digest is over."""
    return canonical_bytes({"digest": digest(document.encode()), "document": document}) + b"\n"


def range_scope(first: int, peaks: Sequence[bytes]) -> dict[str, Any]:
    """The scope of a range: it begins behind the checkpoint of size `first`, whose tree has these peaks."""
    return {"kind": "range", "first": first, "peaks": [*map(write_base64, peaks)]}


def manifest_bytes(scope: Mapping[str, Any], hashes: Mapping[str, str], told: Mapping[str, Any]) -> bytes:
    """The manifest: the scope, the SHA-256 of each file in hex, and what else is to be told, such as the filter."""
    files = {name: {"sha256": sha256} for name, sha256 in hashes.items()}
    return canonical_bytes({**told, "format": FORMAT, "scope": scope, "files": files}) + b"\n"
