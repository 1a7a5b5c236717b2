"""Who may go on with a draft, and in whose hands it is otherwise: each step is offered, or refused in plain words.

The operations decide; what stands here only says beforehand what they would say.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from service.audit.rows import DraftRow
from service.operations.authoring.drafts import editors_of

EDITORS = frozenset({"editor"})
PUBLISHERS = frozenset({"publisher"})
STEPS = ("editing", "submitted", "approved", "published")
"""The way of a draft; one that was rejected is at its beginning again."""


@dataclass(frozen=True, slots=True)
class Steps:
    """For each step why it can't be taken: the name of a sentence in `words`, or nothing where it can."""

    submit: str
    approve: str
    reject: str
    publish: str
    at: int
    """How far the draft is: its place in `STEPS`."""
    is_own: bool
    """Whether the visitor edited it, and may approve it all the same."""


def steps_of(
    draft: DraftRow, actor: str | None, roles: AbstractSet[str], *, has_errors: bool, is_base: bool, is_single: bool
) -> Steps:
    """What somebody may do with a draft.

    `is_base` says that the version in force is still the one that the draft was submitted as a change of.
    """
    is_edited = actor in editors_of(draft)
    at = STEPS.index(draft.state) if draft.state in STEPS else 0
    no_publisher = "" if roles & PUBLISHERS else "review.no.publisher"
    submit = "" if roles & EDITORS else "review.no.editor"
    if has_errors:
        submit = submit or "review.no.errors"
    elif draft.state in {"submitted", "approved"} and is_base:
        submit = submit or f"review.no.{draft.state}"
    own = "review.no.own" if is_edited and not is_single else ""
    approve = no_publisher or ("" if draft.state == "submitted" else "review.no.not_submitted") or own
    reject = no_publisher or ("" if draft.state in {"submitted", "approved"} else "review.no.not_submitted")
    publish = no_publisher or ("" if draft.state == "approved" else "review.no.not_approved")
    publish = publish or ("" if is_base else "review.no.base")
    return Steps(submit, approve, reject, publish, at, is_edited and is_single)
