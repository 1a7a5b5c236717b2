"""A rule's answer -> whether a tag is held, with every memory a tag can have, manual words and exclusive groups.

Source: docs/language.md, "Tags".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.engine.decision import Decision, Standing
from service.engine.state import Holding, Override
from service.engine.waits import NEVER, later
from service.language.instants import add
from service.language.program import TagPlan

if TYPE_CHECKING:
    from service.engine.run import Run


class Verdict:
    """What a tag's own rule says: is it held, until when, and how it stands if nothing changes."""

    __slots__ = ("due_at", "ended", "expires_at", "held", "standing")

    def __init__(
        self,
        held: bool,
        expires_at: int | None = None,
        standing: str | None = None,
        due_at: int | None = None,
        ended: str = "removed",
    ) -> None:
        self.held = held
        self.expires_at = expires_at
        self.standing = standing
        self.due_at = due_at
        self.ended = ended


def assign_tag(run: Run, plan: TagPlan, when: bool | None, until: bool | None) -> bool:
    """Whether the tag is held after this evaluation.

    `when` is the rule's answer (of a rule with `on`: false unless an event fits);
    `until` is `None` also where there is none.
    """
    tag, key = plan.tag, plan.tag.key
    holding = run.held.get(key)
    if run.calm and not plan.has_memory and when is not None:
        # Why: with nothing to remember and nobody's word to heed, the rule's answer stands.
        shut_out = when and not take(run, plan)
        return settle(run, plan, holding, Verdict(when and not shut_out, standing="suppressed" if shut_out else None))
    waiting = wait_of(run, plan, when)
    if tag.valid_until is not None and run.at >= tag.valid_until:
        if key in run.overrides:
            run.end_override(key)
        return settle(run, plan, holding, Verdict(False, ended="expired"))
    override = override_of(run, key)
    if override is not None:
        return by_hand(run, plan, holding, override)
    memory = None if key in run.released else holding
    verdict = by_rule(run, plan, memory, when, until, waiting)
    if verdict.standing == "undetermined":
        run.silenced.append(plan.rule)
    if verdict.held and not take(run, plan):
        return settle(run, plan, holding, Verdict(False, standing="suppressed"))
    return settle(run, plan, holding, verdict)


def override_of(run: Run, key: str) -> Override | None:
    """The manual word in force; one that has expired ends here."""
    override = run.overrides.get(key)
    if override is not None and override.expires_at is not None and run.at >= override.expires_at:
        run.end_override(key)
        return None
    return override


def by_hand(run: Run, plan: TagPlan, holding: Holding | None, override: Override) -> bool:
    """A manual assignment holds the tag, a block keeps it away."""
    if override.state == "blocked":
        return settle(run, plan, holding, Verdict(False, standing="blocked"))
    return settle(run, plan, holding, Verdict(True))


def reserve_places(run: Run) -> None:
    """Gives manual assignments the place in their groups before any rule is asked."""
    for key, override in run.overrides.items():
        plan = run.program.tags.get(key)
        if plan is None or plan.group is None or override.state != "assigned":
            continue
        ends = [one for one in (override.expires_at, plan.tag.valid_until) if one is not None]
        if all(run.at < one for one in ends):
            run.taken.add(plan.group)


def wait_of(run: Run, plan: TagPlan, when: bool | None) -> int | None:
    """Keeps the wait of `held_for`, which belongs to the condition alone;
    gives the instant it is due, if it still runs.
    """
    if plan.tag.held_for is None or when is None:
        return None
    start = run.waits.get(plan.rule)
    if when is False:
        if start is not None:
            run.wait(plan.rule, None)
        return None
    if start is None:
        start = run.at
        run.wait(plan.rule, start)
    return later(run, add(start, plan.tag.held_for, run.where))


def by_rule(
    run: Run, plan: TagPlan, memory: Holding | None, when: bool | None, until: bool | None, waiting: int | None
) -> Verdict:
    """The rule's verdict; `memory` is what the rule itself held so far."""
    if until is True:
        return Verdict(False)
    doubt = "undetermined" if until is None and plan.tag.until is not None else None
    if plan.tag.on is not None:
        return by_event(run, plan, memory, when, doubt)
    if when is None:
        if memory is None:
            return Verdict(False, standing="undetermined")
        keeps = "undetermined" if not plan.tag.sticky or doubt else None
        return Verdict(True, memory.expires_at, keeps)
    if waiting is not None:
        if memory is None:
            return Verdict(False, standing="waiting", due_at=None if waiting == NEVER else waiting)
        return Verdict(True, None, doubt)
    if when:
        return Verdict(True, None, doubt if memory else None)
    if memory is None:
        return Verdict(False)
    return fading(run, plan, memory, doubt)


def by_event(run: Run, plan: TagPlan, memory: Holding | None, when: bool | None, doubt: str | None) -> Verdict:
    """A tag fed by events: the last that fitted counts."""
    if when is True:
        ends = None if plan.tag.expires_after is None else add(run.at, plan.tag.expires_after, run.where)
        return Verdict(True, ends, doubt if memory else None)
    unknown = "undetermined" if when is None else None
    if memory is None:
        return Verdict(False, standing=unknown)
    if memory.expires_at is not None and run.at >= memory.expires_at:
        return Verdict(False, ended="expired")
    return Verdict(True, memory.expires_at, unknown or doubt)


def fading(run: Run, plan: TagPlan, memory: Holding, doubt: str | None) -> Verdict:
    """A held tag whose condition is false: sticky ones stay, others end now or when their expiry is due."""
    if plan.tag.sticky:
        return Verdict(True, None, doubt)
    if plan.tag.expires_after is None:
        return Verdict(False)
    ends = memory.expires_at or add(run.at, plan.tag.expires_after, run.where)
    if ends is not None and run.at >= ends:
        return Verdict(False, ended="expired")
    return Verdict(True, ends, doubt)


def take(run: Run, plan: TagPlan) -> bool:
    """Takes the one place of the tag's exclusive group, if it is free."""
    if plan.group is None:
        return True
    if plan.group in run.taken:
        return False
    run.taken.add(plan.group)
    return True


def settle(run: Run, plan: TagPlan, holding: Holding | None, verdict: Verdict) -> bool:
    """Writes the verdict down: a change, or how the tag stands."""
    key = plan.tag.key
    if verdict.held:
        if holding is None:
            run.hold(key, Holding(run.at, verdict.expires_at))
            change(run, plan, "assigned")
            return True
        if holding.expires_at != verdict.expires_at:
            run.hold(key, Holding(holding.since, verdict.expires_at))
    elif holding is not None:
        run.drop(key)
        change(run, plan, "expired" if key in run.lapsed else verdict.ended)
        return False
    if verdict.standing is not None:
        run.standing.append(Standing("tag", key, verdict.standing, None, verdict.due_at, (plan.rule,)))
    return verdict.held


def change(run: Run, plan: TagPlan, outcome: str) -> None:
    """Notes a change of the tag."""
    held = outcome == "assigned"
    run.changes.append(
        Decision(
            kind="tag",
            key=plan.tag.key,
            outcome=outcome,
            source="absent" if held else "held",
            target="held" if held else "absent",
            rule=plan.rule,
        )
    )
