"""A state made by one version -> the state with which another version begins.

What the new version does not know is removed; merged keys hand their state on. Source: docs/language.md, "State".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from service.engine.decision import Decision
from service.engine.state import Place, State
from service.language.program import Program

if TYPE_CHECKING:
    from service.engine.decide import Remembered


def adopt(program: Program, before: Remembered | None) -> tuple[State, tuple[Decision, ...]]:
    """The state to begin with, and the changes that the version alone brings."""
    if before is None:
        return State(), ()
    if before.program is program or before.program.digest == program.digest:
        return before.state, ()
    return adopt_state(program, before.state, before.at)


def adopt_state(program: Program, state: State, at: int) -> tuple[State, tuple[Decision, ...]]:
    """The state under a program that did not make it."""
    changes: list[Decision] = []
    state = replace(
        state,
        tags=adopt_tags(program, state.tags),
        overrides=adopt_tags(program, state.overrides),
        tiers=dict(state.tiers),
        waits={rule: start for rule, start in state.waits.items() if rule in program.held},
        fired={key: at for key, at in state.fired.items() if any(one.action.key == key for one in program.actions)},
    )
    for key in sorted(set(state.tags) - set(program.tags)):
        del state.tags[key]
        changes.append(
            Decision(kind="tag", key=key, outcome="removed", source="held", target="absent", rule=f"tags/{key}")
        )
    state.overrides = {key: one for key, one in state.overrides.items() if key in program.tags}
    for key in list(state.tiers):
        adopt_tier(program, state, key, changes)
    adopt_stage(program, state, at, changes)
    return state, tuple(changes)


def adopt_tags(program: Program, stored: dict[str, Any]) -> dict[str, Any]:
    """What is stored by tag, under the tags' present keys; what a key already has is kept."""
    found = {}
    for key, one in stored.items():
        name = program.aliases.get(f"tag/{key}", key)
        if name == key or name not in stored:
            found[name] = one
    return found


def adopt_tier(program: Program, state: State, key: str, changes: list[Decision]) -> None:
    """A tier that is gone is left; a band that is gone leads to its alias, or is entered anew by the input."""
    place = state.tiers[key]
    plan = program.tiers.get(key)
    if plan is None:
        del state.tiers[key]
        return
    rises = tuple((band, start) for band, start in place.rises if band in plan.keys)
    if place.band in plan.keys:
        state.tiers[key] = place._replace(rises=rises)
        return
    alias = program.aliases.get(f"tier/{key}/{place.band}")
    if alias is None:
        del state.tiers[key]
        return
    state.tiers[key] = Place(alias, place.since, rises, place.fall)
    changes.append(Decision(kind="tier", key=key, outcome="entered", source=place.band, target=alias, rule=plan.rule))


def adopt_stage(program: Program, state: State, at: int, changes: list[Decision]) -> None:
    """A stage that is gone leads to its alias, else to the initial one."""
    lifecycle = program.lifecycle
    if lifecycle is None:
        state.stage = state.stage_since = None
    elif state.stage is not None and state.stage not in lifecycle.leaving:
        target = program.aliases.get(f"stage/{state.stage}")
        changes.append(
            Decision(
                kind="stage",
                key="lifecycle",
                outcome="moved",
                source=state.stage,
                target=target or lifecycle.initial,
                rule="lifecycle/stages" if target else "lifecycle/initial",
            )
        )
        state.stage_since = state.stage_since if target else at
        state.stage = target or lifecycle.initial
