"""A program run once over a profile; nothing but the run, which cause, horizon and decision all share."""

from collections.abc import Mapping
from typing import Any

from service.engine.decision import Decision, Event, ManualChange
from service.engine.run import Run
from service.engine.state import Override, State
from service.engine.tags import reserve_places
from service.language.program import Program


def execute(  # noqa: PLR0917  # Why: called several times a decision; naming arguments costs as much as a step
    program: Program,
    profile: str,
    facts: Mapping[str, Any],
    state: State,
    event: Event | None,
    at: int,
    manual: ManualChange | None = None,
    adopted: tuple[Decision, ...] = (),
) -> Run:
    """Runs every step; `adopted` are changes that a new version brought before any rule was asked."""
    run = Run(program, profile, facts, state, event, at)
    run.changes.extend(adopted)
    if manual is not None:
        apply_manual(run, manual)
    if run.overrides:
        reserve_places(run)
    run.known = program.know(run, facts)
    program.run(run, facts, event, at)
    return run


def execute_again(run: Run, state: State, at: int) -> Run:
    """Runs every step again over the same facts, without an event; what the facts alone decide is taken over."""
    again = Run(run.program, run.profile, run.facts, state, None, at)
    if again.overrides:
        reserve_places(again)
    again.known = run.known
    again.program.run(again, again.facts, None, at)
    return again


def apply_manual(run: Run, manual: ManualChange) -> None:
    """Puts a person's word in place of the rule's, or takes it back.

    Of two manual assignments in an exclusive group the last stands.
    """
    overrides = dict(run.overrides)
    plan = run.program.tags[manual.tag]
    if manual.state == "released":
        if overrides.pop(manual.tag, None) is not None:
            run.released |= {manual.tag}
    else:
        if manual.state == "assigned" and plan.group is not None:
            for key in [key for key, one in overrides.items() if one.state == "assigned" and key != manual.tag]:
                if run.program.tags[key].group == plan.group:
                    del overrides[key]
                    run.released |= {key}
        overrides[manual.tag] = Override(manual.state, run.at, manual.actor, manual.reason, manual.expires_at)
    run.overrides = overrides
    run.calm = False
