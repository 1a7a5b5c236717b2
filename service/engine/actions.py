"""Changes -> the actions that fire on them.

Source: docs/language.md, "Actions".
"""

from collections.abc import Mapping

from service.engine.decision import Decision, Fired
from service.engine.run import Run
from service.language.instants import add
from service.language.program import ActionPlan


def fire_actions(
    run: Run, changes: list[Decision], *, quiet: bool, rules_fire: bool
) -> tuple[list[Fired], dict[str, int]]:
    """The actions that fire, in document order, and when each last fired.

    Changes that only a new version brought fire none, unless `rules_fire` says so.
    """
    last = run.before.fired
    if quiet or not changes or not run.program.actions:
        return [], last
    entered = {(one.kind, one.key, one.target): one for one in changes if rules_fire or one.cause != "rules"}
    ready = {
        plan.action.key: entered[trigger]
        for plan in run.program.actions
        for trigger in plan.triggers
        if trigger in entered and is_rested(run, plan, last)
    }
    if not ready:
        return [], last
    fired = run.program.act(run, run.facts, run.at, ready)
    keys = {plan.action.key: run.at for plan in fired}
    return [
        Fired(plan.action.key, plan.action.parameters, ready[plan.action.key].kind, ready[plan.action.key].key)
        for plan in fired
    ], {**last, **keys}


def is_rested(run: Run, plan: ActionPlan, last: Mapping[str, int]) -> bool:
    """Whether the action's cooldown is over."""
    cooldown, fired_at = plan.action.cooldown, last.get(plan.action.key)
    if cooldown is None or fired_at is None:
        return True
    rested = add(fired_at, cooldown, run.where)
    return rested is not None and run.at >= rested
