"""A decision -> the sentence that says what was decided and why, in English and Chinese.

Reads what one run found; decides nothing. Source: docs/language.md, "Decisions".
"""

from collections.abc import Callable
from typing import Any

from service.engine.decision import Decision
from service.engine.places import places_of
from service.engine.run import Run
from service.engine.state import Override
from service.engine.walk import Walk
from service.engine.wording import Wording, clause, joined, period_words, reason
from service.language.diagnostics import Words
from service.language.diff.wording import compose, in_both, listed
from service.language.model import Tag
from service.language.phrases.explanations import EXPLANATIONS
from service.language.program import TagPlan, TierPlan, TransitionPlan
from service.language.tree import Node
from service.language.types import Type


def sentence(name: str, /, **blanks: Words | str) -> Words:
    """A whole sentence."""
    return compose(EXPLANATIONS[name], **blanks)


class Sentences:
    """Says why each decision of one run came out as it did."""

    def __init__(self, run: Run, walk: Walk) -> None:
        self.run = run
        self.program = run.program
        self.walk = walk
        self.wording = Wording(run.program, walk)
        self.titles = self.wording.titles

    def of(self, one: Decision) -> Words:
        """The sentence of one decision."""
        say: dict[str, Callable[[Decision], Words]] = {"tag": self.tag, "tier": self.tier, "stage": self.stage}
        return say[one.kind](one)

    # Tags

    def tag(self, one: Decision) -> Words:
        """A tag that was assigned, ended, stays, or is not held."""
        name = self.titles.of("tag", one.key)
        plan = self.program.tags.get(one.key)
        if plan is None:
            return sentence("tag/removed", name=name, reason=reason("gone"))
        if one.outcome == "waiting":
            why = self.when(plan.rule)
            if one.due_at is None:
                return sentence("tag/waiting-long", name=name, reason=why)
            return sentence("tag/waiting", name=name, due=self.wording.instant(one.due_at), reason=why)
        return sentence(f"tag/{one.outcome}", name=name, reason=self.why_tag(one, plan))

    def why_tag(self, one: Decision, plan: TagPlan) -> Words:
        """Why a tag is what it is."""
        override = self.run.overrides.get(one.key)
        if override is not None:
            return self.by_hand(override)
        if one.outcome in ("assigned", "kept"):
            return self.why_held(one, plan)
        if one.outcome == "suppressed":
            return self.rival(plan)
        if one.outcome == "undetermined":
            return self.unknown(plan.rule, one)
        return self.why_not_held(one, plan)

    def by_hand(self, override: Override) -> Words:
        """A person's word."""
        return reason(f"manual/{override.state}", actor=override.actor, text=override.reason)

    def why_held(self, one: Decision, plan: TagPlan) -> Words:
        """What assigned a tag, or keeps it."""
        tag = plan.tag
        if plan.is_default:
            return reason("default", group=self.titles.of("group", str(plan.group)))
        if tag.on is not None:
            return self.event(tag.on, plan.rule) if one.outcome == "assigned" else self.still(plan)
        tree = self.tree(plan.rule, "when")
        if tree is None or self.walk.value(tree) is not True:
            return self.still(plan)
        why = self.wording.because(tree)
        has_waited = tag.held_for is not None and one.outcome == "assigned"
        return clause("and", left=why, right=self.waited(plan.rule)) if has_waited else why

    def still(self, plan: TagPlan) -> Words:
        """Why a tag stays although nothing assigns it now."""
        holding = self.run.tags[plan.tag.key]
        if holding.expires_at is not None:
            return reason("fading", until=self.wording.instant(holding.expires_at))
        return reason("event-tag" if plan.tag.on is not None else "sticky")

    def why_not_held(self, one: Decision, plan: TagPlan) -> Words:
        """What ended a tag, or keeps it away."""
        tag = plan.tag
        if tag.valid_until is not None and self.run.at >= tag.valid_until:
            return reason("valid-until", until=self.wording.instant(tag.valid_until))
        if plan.is_default:
            return self.rival(plan, "default-not")
        until = self.tree(plan.rule, "until")
        if until is not None and self.walk.value(until) is True:
            return reason("until", reason=self.wording.because(until))
        if one.outcome == "expired":
            return self.over(one, tag)
        when = self.tree(plan.rule, "when")
        if tag.on is not None:
            return self.rival(plan) if one.outcome == "removed" else self.event_not(tag.on, when)
        if when is None:
            return reason("manual/only") if tag.manual == "only" else reason("no-rule")
        if self.walk.value(when) is True:
            return self.rival(plan) if plan.group is not None else reason("waits")
        return self.wording.because(when)

    def over(self, one: Decision, tag: Tag) -> Words:
        """Which time was over."""
        if one.key in self.run.lapsed or tag.expires_after is None:
            return reason("manual/ended")
        return reason("over", period=period_words(tag.expires_after))

    def event(self, types: tuple[str, ...], rule: str) -> Words:
        """The event that assigned a tag or moved the stage."""
        event = self.run.event
        assert event is not None, types
        name = self.titles.of("event", event.type)
        came = clause("event", name=name)
        if event.text is not None:
            came = clause("event-text", name=name, value=in_both(f"`{event.text}`"))
        tree = self.tree(rule, "when")
        return came if tree is None else clause("and", left=came, right=self.wording.because(tree))

    def event_not(self, types: tuple[str, ...], when: Node | None) -> Words:
        """Why no event assigned a tag."""
        event = self.run.event
        if event is None or event.type not in types or when is None:
            return clause("no-event", name=listed([self.titles.of("event", one) for one in types]))
        return self.wording.because(when)

    def rival(self, plan: TagPlan, name: str = "rival") -> Words:
        """Which tag has the place in a tag's group."""
        assert plan.group is not None
        group = self.titles.of("group", plan.group)
        holders = [one.tag.key for one in self.program.tags.values() if one.group == plan.group and one is not plan]
        held = next(key for key in holders if key in self.run.tags)
        return reason(name, group=group, other=self.titles.of("tag", held))

    # Conditions

    def tree(self, rule: str, member: str) -> Node | None:
        """The tree of one member of a rule."""
        return next((one.tree for one in places_of(self.program, rule) if one.pointer.endswith(f"/{member}")), None)

    def when(self, rule: str) -> Words:
        """Why a rule's condition is what it is."""
        tree = self.tree(rule, "when")
        assert tree is not None, rule
        return self.wording.because(tree)

    def waited(self, rule: str) -> Words:
        """How long a condition has held."""
        since = self.wording.instant(self.run.waits[rule])
        return clause("held-for", since=since, period=period_words(self.program.held[rule]))

    def unknown(self, rule: str, one: Decision) -> Words:
        """What is missing to decide a rule."""
        if one.missing:
            return self.wording.lacks(set(one.missing))
        unknown = [each.tree for each in places_of(self.program, rule) if self.walk.value(each.tree) is None]
        return joined([self.wording.because(tree) for tree in unknown])

    # Tiers

    def tier(self, one: Decision) -> Words:
        """A tier that moved, stays, waits, or could not be decided."""
        plan = self.program.tiers[one.key]
        blanks: dict[str, Words | str] = {
            "name": self.titles.of("tier", one.key),
            "source": self.band(plan, one.source),
            "target": self.band(plan, one.target),
        }
        if one.outcome == "undetermined":
            return sentence("tier/undetermined", **blanks, reason=self.unknown(plan.rule, one))
        if one.outcome == "waiting":
            assert one.due_at is not None
            blanks["due"] = self.wording.instant(one.due_at)
        return sentence(f"tier/{one.outcome}", **blanks, reason=self.why_band(plan, one))

    def band(self, plan: TierPlan, key: str | None) -> Words:
        """The title of a band."""
        if key is None:
            return sentence("tier/unknown-band")
        return self.titles.of(f"band of {plan.tier.key}", key)

    def why_band(self, plan: TierPlan, one: Decision) -> Words:
        """Where the input lies among the bands."""
        tree = self.program.rules.tiers[plan.tier.key]
        number = self.walk.value(tree)
        if number is None:
            return reason("gone")  # Why: a band is entered without a number only where its own was taken away
        blanks: dict[str, Words | str] = {"input": self.wording.name(tree), "value": self.wording.value(tree)}
        reached = sum(number >= edge for edge in plan.edges)
        start, end = plan.starts[reached], dict(enumerate(plan.edges)).get(reached)
        name = "band-only" if start is None and end is None else "band-lowest" if start is None else "band-between"
        if start is not None and end is None:
            name = "band"
        for word, edge in (("start", start), ("end", end)):
            if edge is not None:
                blanks[word] = self.number(edge)
        found = reason(name, **blanks)
        present = plan.keys.index(one.target) if one.outcome == "kept" and one.target in plan.keys else reached
        edge = plan.starts[present]
        if reached < present and edge is not None:
            return clause(
                "and", left=found, right=reason("margin", margin=self.number(plan.margin), start=self.number(edge))
            )
        return found

    def number(self, value: Any) -> Words:
        """A number of the ruleset."""
        return self.wording.shown(value, Type.NUMBER)

    # Stages

    def stage(self, one: Decision) -> Words:
        """A stage that was entered or left, stays, waits, or could not be decided."""
        blanks: dict[str, Words | str] = {
            "source": self.titles.of("stage", str(one.source)),
            "target": self.titles.of("stage", str(one.target)),
        }
        if one.outcome == "entered":
            return sentence("stage/entered", **blanks)
        if one.outcome == "conflict":
            rules = listed([self.transition(self.plan(rule)) for rule in one.transitions])
            return sentence("stage/conflict", **blanks, rules=rules)
        if one.outcome == "kept":
            return sentence("stage/kept", **blanks, reason=self.why_stays(str(one.target)))
        plan = self.plan(str(one.rule))
        if plan is None:
            return sentence("stage/moved-version", **blanks)
        if one.outcome == "undetermined":
            return sentence("stage/undetermined", **blanks, reason=self.unknown(plan.rule, one))
        blanks |= {"rule": self.transition(plan), "reason": self.why_moves(one, plan)}
        if one.due_at is not None:
            blanks["due"] = self.wording.instant(one.due_at)
        return sentence(f"stage/{one.outcome}", **blanks)

    def plan(self, rule: str) -> TransitionPlan | None:
        """The transition of a rule."""
        return self.program.transitions.get(rule.removeprefix("lifecycle/transitions/"))

    def transition(self, plan: TransitionPlan | None) -> Words:
        """The title of a transition."""
        assert plan is not None
        return self.titles.of("transition", plan.transition.key)

    def why_moves(self, one: Decision, plan: TransitionPlan) -> Words:
        """Why a transition fires, or would once its wait is over."""
        transition = plan.transition
        if transition.on is not None:
            return self.event(transition.on, plan.rule)
        why = self.when(plan.rule)
        has_waited = transition.held_for is not None and one.outcome == "moved"
        return clause("and", left=why, right=self.waited(plan.rule)) if has_waited else why

    def why_stays(self, stage: str) -> Words:
        """What each transition from a stage lacks."""
        lifecycle = self.program.lifecycle
        assert lifecycle is not None
        leaving = lifecycle.leaving[stage]
        if not leaving:
            return reason("no-exit")
        return reason("no-transition", reason=joined([self.lacking(plan) for plan in leaving]))

    def lacking(self, plan: TransitionPlan) -> Words:
        """What one transition lacks."""
        tree = self.tree(plan.rule, "when")
        if plan.transition.on is not None:
            why = self.event_not(plan.transition.on, tree)
        else:
            assert tree is not None, plan.rule
            why = reason("waits") if self.walk.value(tree) is True else self.wording.because(tree)
        return reason("rule", rule=self.transition(plan), reason=why)
