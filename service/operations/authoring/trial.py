"""A profile, decided by the version in force and by a draft from the same beginning, as a publish with `apply` `now`
would: missed changes first, then with nothing new, or with posted attributes.

It keeps nothing and reads no store, so that any process can do a part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.audit.rows import ProfileRow
from service.engine.decide import Remembered
from service.engine.decision import Outcome
from service.engine.evaluate import evaluate
from service.engine.facts import read_facts
from service.errors import ServiceError
from service.language.program import Program
from service.operations.authoring.impact import Impact
from service.operations.decide import remembered_by

_MISTAKES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What can go wrong with one profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The version in force and the draft, and the instant that both decide for. `rules_fire` as for a version."""

    active: Program
    draft: Program
    at: int
    rules_fire: bool = False


def try_rows(impact: Impact, pair: Pair, program_of: Callable[[int], Program], rows: Sequence[ProfileRow]) -> None:
    """Decide stored profiles by both; `program_of` gives the program of a version that decided one last."""
    for row in rows:
        try:
            before = remembered_by(program_of(row.version), row)
        except _MISTAKES as error:
            impact.fail(row.profile_id, "unreadable", type(error).__name__)
        else:
            try_profile(impact, pair, row.profile_id, before)


def try_profile(
    impact: Impact,
    pair: Pair,
    profile_id: str,
    before: Remembered | None,
    posted: Mapping[str, object] | None = None,
    pointer: str = "",
) -> None:
    """Decide a profile by both and compare; with `posted` attributes (at `pointer` of a request) instead of the
    remembered ones. What can't be decided is counted as such.
    """

    def outcomes(program: Program, *, rules_fire: bool) -> list[Outcome]:
        facts = None if posted is None and before is not None else read_facts(program, posted or {}, pointer)
        at = pair.at if before is None else max(pair.at, before.at)
        return evaluate(program, profile_id, facts, before, at=at, rules_fire=rules_fire, ahead=False)

    try:
        active = outcomes(pair.active, rules_fire=pair.rules_fire)
        draft = outcomes(pair.draft, rules_fire=True)
    except ServiceError as refused:
        impact.fail(profile_id, "refused", refused.detail)
    except _MISTAKES as error:
        impact.fail(profile_id, "mistake", type(error).__name__)
    else:
        impact.add(profile_id, active, draft)
