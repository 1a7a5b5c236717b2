"""What somebody who lost a race is shown: what the others changed, what they changed themselves, and where both did.

Source: docs/api.md, "Drafts".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.audit.record import write_instant
from service.audit.rows import DraftRevisionRow
from service.language.diff import merge_three
from service.language.document import read_document
from service.operations.authoring.stamps import stamp
from service.operations.ports import Reads
from service.operations.publish import read_standing

MOST_SAVES = 1_000


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to compare with: the document at the revision that was held, if it is kept, and the present one.

    `saves` are the revisions between, the oldest first; `stamp` names the present one.
    """

    held: Mapping[str, Any] | None
    present: Mapping[str, Any]
    saves: list[DraftRevisionRow]
    stamp: str | None

    def beside(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """The picture with what was posted, as JSON values."""
        saves = [{"revision": row.revision, "author": row.author, "at": write_instant(row.at)} for row in self.saves]
        if self.held is None:
            return {"stamp": self.stamp, "theirs": {"saves": saves}}
        theirs, yours, conflicts = merge_three(self.held, self.present, posted)
        return {
            "stamp": self.stamp,
            "theirs": {"saves": saves, "changes": [one.to_json() for one in theirs]},
            "yours": {"changes": [one.to_json() for one in yours]},
            "conflicts": [one.to_json() for one in conflicts],
        }


def picture(reads: Reads, key: str, held: str, now: int) -> Picture:
    """What became of a draft since the revision with the stamp `held`; what is in force, if it is there no more."""
    base = _revision(reads, key, held)
    draft = reads.governance.draft(key)
    rows = reads.governance.revisions(key, 1 << 31, MOST_SAVES) if base else []
    saves = [row for row in reversed(rows) if base and row.revision > base.revision]
    present = draft.document if draft else _active(reads, key, now)
    return Picture(_read(base.document) if base else None, _read(present), saves, stamp(draft) if draft else None)


def _revision(reads: Reads, key: str, held: str) -> DraftRevisionRow | None:
    number = re.match(r"[0-9]{1,9}(?=-)", held)
    row = reads.governance.revision(key, int(number[0])) if number else None
    return row if row is not None and stamp(row) == held else None


def _active(reads: Reads, key: str, now: int) -> str:
    version = read_standing(reads, key, now).version
    row = reads.version(key, version) if version else None
    return row.document if row else "{}"


def _read(text: str) -> Mapping[str, Any]:
    document, _ = read_document(text)
    return document if isinstance(document, dict) else {}
