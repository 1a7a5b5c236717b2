"""What names one revision of a draft: its number and the beginning of its digest, as in `7-1a2b3c4d`.

Source: docs/api.md, "Drafts".
"""

from service.audit.rows import DraftRevisionRow, DraftRow
from service.errors import Conflict
from service.language.canonical import digest

ANY = "*"
"""Stands for the stamp of any draft that is there."""
CHANGED = "draft-changed"
"""The code of a conflict: the draft is not at the revision that the caller holds."""


def stamp(draft: DraftRow | DraftRevisionRow) -> str:
    """What names a draft as it is, or as it was saved."""
    told = draft.digest if isinstance(draft, DraftRow) else digest(draft.document.encode())
    return f"{draft.revision}-{told.removeprefix('sha256:')[:8]}"


def require(draft: DraftRow | None, held: str | None, key: str, *, is_optional: bool = False) -> None:
    """`Conflict` unless the caller holds the draft that is there, if any; who need not say so may hold none."""
    if held is None:
        if draft is not None and not is_optional:
            detail = f"the draft of `{key}` is at `{stamp(draft)}`: name the revision that you hold in `If-Match`"
            raise Conflict(detail, "precondition-required", {"stamp": stamp(draft)})
    elif draft is None:
        raise Conflict(f"expected a draft of `{key}` at `{held}`, found none: it was published or discarded", CHANGED)
    elif held not in {ANY, stamp(draft)}:
        detail = f"expected the draft of `{key}` at `{held}`, found it at `{stamp(draft)}`: read it and try again"
        raise Conflict(detail, CHANGED, {"stamp": stamp(draft)})
