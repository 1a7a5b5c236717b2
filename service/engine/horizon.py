"""When does something change next, if no data comes, and what?

The compiled clocks and the running waits name instants; nothing is looked at in between. A glance at the conditions
that depend on time says whether one changed; deciding there confirms it. Source: docs/language.md, "Decisions".
"""

from collections.abc import Iterator
from typing import Any

from service.engine.decision import Decision, NextChange, Standing
from service.engine.execute import execute_again
from service.engine.run import Run
from service.engine.state import State
from service.language.instants import DAY, LAST, add

HORIZON = 400 * DAY
"""How far ahead it looks."""

MOST_LOOKS = 1000
"""How often it looks: a rule that could change every hour is looked at again after that many,
instead of holding up a reply."""


def next_change(calm: Run, state: State) -> NextChange | None:
    """The next instant at which deciding differs from deciding again now; at the end of the horizon with no decisions.

    `calm` is deciding again at its instant, without an event, and `state` what it leaves.
    Nothing where no condition, wait or expiry depends on time any more.
    """
    program, facts, at = calm.program, calm.facts, calm.at
    limit = min(at + HORIZON, LAST)
    timers = {one for one in timers_of(calm) if at < one <= LAST}
    found: list[int] = []
    program.clocks(calm, facts, at, found)
    sure = timers.union(found)
    upcoming: list[int] = []
    seen: set[Any] = set()
    instant, asks = at, program.has_next
    for _ in range(MOST_LOOKS):
        ticks: list[int] = []
        if asks:
            program.next_clocks(calm, facts, instant, upcoming := [])
        if program.has_ticks:
            program.ticks(calm, facts, instant, ticks)
        candidates = [*sure, *upcoming, *ticks]
        if not candidates:
            return None
        instant = min(candidates)
        if instant > limit:
            return NextChange(limit, ()) if limit > at else None
        # Why: the first instant mostly brings a difference, so deciding at once costs less than a glance beforehand.
        if not seen or instant in timers or program.watch(calm, facts, instant) not in seen:
            later = execute_again(calm, state, instant)
            if differs(later, calm, state):
                return NextChange(instant, differences(later, calm))
            if instant in timers:
                # Why: a wait that is over may matter from here on, so views seen before prove nothing any more.
                seen.clear()
            seen.add(program.watch(calm, facts, instant))
        sure.discard(instant)
        asks = instant in upcoming
    return NextChange(instant, ())


def differs(later: Run, calm: Run, state: State) -> bool:
    """Whether a later run finds anything that deciding again now does not: a change, another standing, other memory."""
    return bool(
        later.changes
        or later.tags != state.tags
        or later.tiers != state.tiers
        or later.waits != state.waits
        or later.overrides != state.overrides
        or views(later) != views(calm)
    )


def views(run: Run) -> list[tuple[Any, ...]]:
    """The standing decisions without the rules that made them."""
    return [one[:5] for one in run.standing]


def differences(later: Run, calm: Run) -> tuple[Decision, ...]:
    """What will differ: the changes, then the decisions that stand otherwise or begin to count down."""
    changes = [with_cause(one) for one in later.changes]
    changed = {(one.kind, one.key) for one in changes}
    standing = {(one.kind, one.key): one for one in later.standing}
    others = [one for one in dict.fromkeys(touched(later, calm)) if one not in changed]
    return (*changes, *(spoken(standing[one]) if one in standing else kept(later, *one) for one in others))


def touched(later: Run, calm: Run) -> Iterator[tuple[str, str]]:
    """What stands otherwise, or with another memory: (kind, key), some more than once."""
    before, after = views(calm), views(later)
    if before != after:
        yield from (one[:2] for one in [*after, *before] if one not in before or one not in after)
    if later.tags is not calm.tags:
        yield from (("tag", key) for key, one in later.tags.items() if one != calm.tags.get(key))
    if later.tiers is not calm.tiers:
        yield from (("tier", key) for key, one in later.tiers.items() if one != calm.tiers.get(key))
    yield from (("tag", key) for key in calm.overrides if key not in later.overrides)
    for rule in (*calm.waits, *later.waits):
        if calm.waits.get(rule) != later.waits.get(rule):
            folder, _, key = rule.rpartition("/")
            yield ("tag", key) if folder == "tags" else ("stage", "lifecycle")


def kept(run: Run, kind: str, key: str, rule: str | None = None) -> Decision:
    """A decision that changed nothing, spelled out."""
    source = run.present(kind, key)
    outcome = "absent" if source == "absent" else "kept"
    return Decision(kind=kind, key=key, outcome=outcome, source=source, target=source, rule=rule)


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
    """The instants at which waits and expiries in the state are due, past ones included.

    Of several waits of one tier or of the lifecycle the first is enough: when it is over something differs.
    """
    program = calm.program
    for one in calm.standing:
        if one.due_at is not None:
            yield one.due_at
        if one.outcome == "conflict":
            yield from stage_timers(calm)
    expiries = [one.expires_at for one in calm.tags.values()] + [one.expires_at for one in calm.overrides.values()]
    yield from (one for one in expiries if one is not None)
    for key, ends in program.ending.items():
        if key in calm.tags or any(one.kind == "tag" and one.key == key for one in calm.standing):
            yield ends


def stage_timers(calm: Run) -> Iterator[int]:
    """The instants at which any wait of the present stage is over: under a conflict none of them stands by itself."""
    assert calm.program.lifecycle is not None and calm.stage is not None and calm.stage_since is not None
    for plan in calm.program.lifecycle.leaving[calm.stage]:
        for start, period in (
            (calm.stage_since, plan.transition.after_stay),
            (calm.waits.get(plan.rule), plan.transition.held_for),
        ):
            if start is not None and period is not None:
                yield add(start, period, calm.where) or 0
