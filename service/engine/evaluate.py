"""A profile brought up to an instant: first every change that time brought on the old facts, then what is new.

Pure. So a late sweep, or none, never changes what comes out. Source: docs/language.md, "Decisions", catching up.
"""

from collections.abc import Iterator

from service.engine.decide import Remembered, decide
from service.engine.decision import Event, ManualChange, Outcome
from service.engine.facts import Facts, recall_facts
from service.errors import Conflict, TooLarge
from service.language.instants import write_instant
from service.language.program import Program

MOST_MISSED = 5_000
"""The most missed changes that one call catches up with."""


def evaluate(  # noqa: PLR0913  # each is an input of the decision, and named where it is called
    program: Program,
    profile: str,
    facts: Facts | None,
    before: Remembered | None,
    *,
    at: int,
    event: Event | None = None,
    manual: ManualChange | None = None,
    quiet: bool = False,
    rules_fire: bool = False,
    ahead: bool = True,
) -> list[Outcome]:
    """Decides a profile at `at`; the last outcome is the one asked for, those before it caught up with missed changes.

    `quiet` fires no action at `at`; what time brought before fires its own. With `rules_fire`, changes that only a new
    version brought fire theirs too. Without `facts` the remembered ones serve. Without `ahead` the last outcome names
    no next change.
    `Conflict` for an `at` before the last decision, and for a manual change of a tag that refuses them;
    `TooLarge` where more changes were missed than one call catches up with.
    """
    if before is not None and at < before.at:
        raise Conflict(
            f"the profile was already decided at {write_instant(before.at)}; send a later `at`, or a dry run",
            "stale-instant",
        )
    if manual is not None and program.tags[manual.tag].tag.manual == "no":
        raise Conflict(f"the ruleset lets nobody assign, block or release `{manual.tag}` by hand", "manual-refused")
    outcomes: list[Outcome] = []
    for outcome, after in missed(program, profile, before, at, rules_fire=rules_fire):
        if len(outcomes) == MOST_MISSED:
            raise TooLarge(
                f"more than {MOST_MISSED} changes were missed; send an `at` nearer to {write_instant(outcome.at)}"
            )
        outcomes.append(outcome)
        before = after
    if facts is None:
        assert before is not None
        facts = remembered_facts(program, before)
    outcomes.append(
        decide(
            program, profile, facts, before, event, at, manual=manual, quiet=quiet, rules_fire=rules_fire, ahead=ahead
        )
    )
    return outcomes


def missed(
    program: Program, profile: str, before: Remembered | None, until: int, *, rules_fire: bool = False
) -> Iterator[tuple[Outcome, Remembered]]:
    """The decisions at every instant up to and including `until` that time alone brings; each with what is remembered
    after it.
    """
    while before is not None and before.next_at is not None and before.next_at <= until:
        old = remembered_facts(program, before)
        outcome = decide(program, profile, old, before, None, before.next_at, rules_fire=rules_fire)
        before = remember(program, old, outcome)
        yield outcome, before


def remembered_facts(program: Program, before: Remembered) -> Facts:
    """The remembered facts, as the program reads them."""
    if before.program is program or before.program.digest == program.digest:
        return before.facts
    return recall_facts(program, before.facts.document)


def remember(program: Program, facts: Facts, outcome: Outcome) -> Remembered:
    """What is to be remembered after an outcome."""
    next_at = outcome.next_change.at if outcome.next_change else None
    return Remembered(outcome.state, facts, outcome.at, next_at, program)
