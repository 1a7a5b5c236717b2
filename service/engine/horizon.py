"""When does something change next, if no data comes, and what?

The compiled clocks and the running waits name instants; deciding at one of them confirms it. Nothing is looked at in between,
and a glance at the conditions that depend on time spares most decisions. Source: docs/language.md, "Decisions".
"""

from collections.abc import Iterator
from typing import Any

from service.engine.decision import Decision, NextChange, Standing
from service.engine.execute import execute
from service.engine.run import Run
from service.language.instants import DAY, LAST, add

HORIZON = 400 * DAY
"""How far ahead it looks."""


def next_change(calm: Run) -> NextChange | None:
    """The next instant at which deciding differs from deciding again now; at the end of the horizon with no decisions.

    `calm` is deciding again at its instant, without an event. Nothing where no condition, wait or expiry depends on time any more.
    """
    program, facts, at = calm.program, calm.facts, calm.at
    limit = min(at + HORIZON, LAST)
    timers = {due for due in timers_of(calm) if at < due <= LAST}
    found: list[int] = []
    program.clocks(calm, facts, at, found)
    candidates = timers.union(found)
    seen = None
    while candidates:
        instant = min(candidates)
        if instant > limit:
            return NextChange(limit, ())
        candidates.discard(instant)
        if seen is None:
            seen = {program.watch(calm, facts, at)}
        view = program.watch(calm, facts, instant)
        if instant in timers or view not in seen:
            later = execute(program, calm.profile, facts, calm.before, None, instant)
            if differs(later, calm):
                return NextChange(instant, differences(later, calm))
            seen.add(view)
        if program.ticking:
            found.clear()
            program.clocks(calm, facts, instant, found)
            candidates.update(found)
    return None


def differs(later: Run, calm: Run) -> bool:
    """Whether a later run finds anything that deciding again now does not: a change, another standing, other memory."""
    before = calm.before
    return bool(
        later.changes
        or later.tags is not before.tags and later.tags != before.tags
        or later.tiers is not before.tiers and later.tiers != before.tiers
        or later.waits is not before.waits and later.waits != before.waits
        or later.overrides != before.overrides
        or views(later) != views(calm)
    )


def views(run: Run) -> list[tuple[Any, ...]]:
    """The standing decisions without the rules that made them."""
    return [one[:5] for one in run.standing]


def differences(later: Run, calm: Run) -> tuple[Decision, ...]:
    """What will differ: the changes, then the decisions that stand otherwise."""
    changes = [with_cause(one) for one in later.changes]
    known = set(views(calm))
    changed = {(one.kind, one.key) for one in changes}
    for one in later.standing:
        if one[:5] not in known and (one.kind, one.key) not in changed:
            changes.append(spoken(one))
    return tuple(changes)


def with_cause(one: Decision) -> Decision:
    """A change that time alone brings."""
    return Decision(
        kind=one.kind,
        key=one.key,
        outcome=one.outcome,
        source=one.source,
        target=one.target,
        rule=one.rule,
        movement=one.movement,
        cause="expiry" if one.outcome == "expired" else "time",
    )


def spoken(one: Standing) -> Decision:
    """A decision that stands otherwise."""
    conflict = one.outcome == "conflict"
    return Decision(
        kind=one.kind,
        key=one.key,
        outcome=one.outcome,
        target=one.target,
        due_at=one.due_at,
        rule=None if conflict else one.rules[0],
        transitions=one.rules if conflict else (),
    )


def timers_of(calm: Run) -> Iterator[int]:
    """The instants at which waits and expiries in the state are due, past ones included."""
    program, where = calm.program, calm.where
    for rule, start in calm.waits.items():
        if rule in program.held:
            yield add(start, program.held[rule], where) or 0
    for holding in calm.tags.values():
        if holding.expires_at is not None:
            yield holding.expires_at
    for override in calm.overrides.values():
        if override.expires_at is not None:
            yield override.expires_at
    for key, ends in program.ending.items():
        if key in calm.tags or any(one.kind == "tag" and one.key == key for one in calm.standing):
            yield ends
    if calm.tiers:
        yield from tier_timers(calm)
    if calm.stage is not None and program.lifecycle is not None:
        for plan in program.lifecycle.leaving[calm.stage]:
            if plan.transition.after_stay is not None and calm.stage_since is not None:
                yield add(calm.stage_since, plan.transition.after_stay, where) or 0


def tier_timers(calm: Run) -> Iterator[int]:
    """The instants at which waiting moves between bands are due."""
    for key, place in calm.tiers.items():
        if place.rises or place.fall is not None:
            tier = calm.program.tiers[key].tier
            for _, start in place.rises:
                yield add(start, tier.rise_after, calm.where) or 0
            if place.fall is not None:
                yield add(place.fall, tier.fall_after, calm.where) or 0
