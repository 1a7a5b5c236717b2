"""A verifier as one is soon written: hashes of files, signatures, contents, and no tree. It shows what the tree is for."""

import json
from pathlib import Path

from service.audit import verifier
from service.audit.evidence import CHECKPOINTS, ENTRIES


def seems_whole(pack: Path, key: str) -> bool:
    """Whether each file has its hash, each checkpoint is signed, and each content belongs to its envelope."""
    report = verifier.Report()
    opened = verifier.Pack(pack)
    verifier.check_files(opened, verifier.read_manifest(opened), report)
    try:
        for line in (pack / CHECKPOINTS).read_bytes().splitlines():
            verifier.open_checkpoint(json.loads(line)["note"], [verifier.read_key(key)])
        for line in (pack / ENTRIES).read_bytes().splitlines():
            check_line(json.loads(line))
    except (verifier.Bad, ValueError, TypeError):
        return False
    return not report.findings


def check_line(line) -> None:
    """The content is the one that the envelope speaks of."""
    if line["record"] is not None:
        verifier.check_commitment(json.loads(line["envelope"])["commitment"], line["record"], line["salt"])
