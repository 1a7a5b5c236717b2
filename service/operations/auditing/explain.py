"""Why an evaluation came out as it did, and why a profile does not hold what somebody expected.

An evaluation is decided again from its record; a question about the present or the past is decided from what was
remembered. Nothing is written. Texts are in one language, from the ruleset's own titles.
Source: docs/api.md, "Explanations".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.audit.record import outcome_json, write_instant
from service.engine.accounts import explain_actions, explain_score, explain_tier
from service.engine.decide import Remembered, all_decisions
from service.engine.decision import Decision, Outcome
from service.engine.evaluate import evaluate, remembered_facts
from service.engine.explain import explain_decision, explain_leaves
from service.engine.facts import recall_facts
from service.engine.nearest import Goal, Suggestion, find_nearest
from service.engine.sentences import Sentences
from service.engine.suggesting import nearest_json, suggestion_json
from service.engine.walk import Walk
from service.engine.worlds import Budget, World, world_of
from service.errors import Fault, InvalidRequest, NotFound
from service.language.canonical import canonical_bytes
from service.operations.auditing.as_of import Instants, read_past, refuse_future
from service.operations.auditing.recall import find_ground
from service.operations.decide import remembered
from service.operations.ports import Reads
from service.operations.programs import Published
from service.operations.service import Service

TRIALS = 10_000
"""How many runs of the program one explanation may spend on looking for what is nearest."""


@dataclass(frozen=True, slots=True)
class About:
    """What of an evaluation is to be explained: all, or what has this kind, or this key, or both."""

    kind: str | None = None
    key: str | None = None

    def fits(self, kind: str, key: str) -> bool:
        """Whether something is wanted."""
        return self.kind in (None, kind) and self.key in (None, key)


@dataclass(slots=True)
class Explanation:
    """Explains one outcome; `world` is what it was made from."""

    published: Published
    outcome: Outcome
    world: World
    say: Sentences

    def decision(self, one: Decision, *, is_last: bool = True) -> dict[str, Any]:
        """One decision: its sentence, conditions and leaves, of a tier its ladder; of the last one about something what
        would have been nearest.
        """
        program = self.published.program
        entry = explain_decision(program, self.say, one)
        entry |= {
            "title": self._title(one),
            "from": one.source,
            "to": one.target,
            "cause": one.cause,
            "leaves": explain_leaves(program, self.say, one),
        }
        if one.kind == "tier":
            ladder = explain_tier(self.say, program.tiers[one.key])
            entry["ladder"] = {name: ladder[name] for name in ("since", "input", "up", "down", "waits")}
        entry["nearest"] = nearest_json(self.say.wording, self.world, self.outcome, one) if is_last else []
        return entry

    def told(self, about: About, *, quiet: bool, rules_fire: bool) -> dict[str, Any]:
        """What is wanted of the decisions, the scores, and the actions whose change came."""
        say, outcome = self.say, self.outcome
        wanted = [one for one in all_decisions(outcome) if about.fits(one.kind, one.key)]
        last = {(one.kind, one.key): one for one in wanted}
        scores = self.published.program.ruleset.scores
        actions = explain_actions(say, outcome, quiet=quiet, rules_fire=rules_fire)
        return {
            "decisions": [self.decision(one, is_last=last[one.kind, one.key] is one) for one in wanted],
            "scores": [explain_score(say, one) for one in scores if about.fits("score", one.key)],
            "actions": [one for one in actions if about.fits("action", one["key"])],
        }

    def suggestion(self, goal: Goal, one: Suggestion) -> dict[str, Any]:
        """One suggestion."""
        return suggestion_json(self.say.wording, self.world, goal, one)

    def _title(self, one: Decision) -> Mapping[str, str] | None:
        return None if one.kind == "stage" else self.say.titles.of(one.kind, one.key)


def explanation_of(published: Published, outcome: Outcome, world: World) -> Explanation:
    """What explains an outcome, made from a world."""
    return Explanation(published, outcome, world, Sentences(outcome.run, Walk(outcome.run)))


def explain_evaluation(
    service: Service, evaluation_id: str, about: About, language: str, trials: int | None = None
) -> dict[str, Any]:
    """Everything about one evaluation, decided again from its record; errors as in `recall`.

    `reproduced` says that deciding again gave what was recorded. With no `trials` to spend nobody looks for what would
    have been nearest; `None` spends the usual number.
    """
    ground = find_ground(service, evaluation_id)
    outcome = ground.decide()
    published = ground.published
    world = world_of(outcome.run, ground.facts, ground.manual)
    usual = TRIALS
    world.budget = Budget(usual if trials is None else trials)
    explanation = explanation_of(published, outcome, world)
    shown = outcome_json(outcome, published.tags, published.instants)
    found = {
        "evaluation_id": evaluation_id,
        "ruleset": {"key": published.key, "version": published.version, "digest": published.digest},
        "profile_id": ground.profile_id,
        "at": write_instant(ground.at),
        "language": language,
        "reproduced": canonical_bytes(shown) == canonical_bytes(ground.record["outcome"]),
        **explanation.told(about, quiet=ground.quiet, rules_fire=ground.rules_fire),
    }
    told: dict[str, Any] = in_language(found, language)
    return told


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A question: why a profile does not hold a tag, is not in a stage, or not in a band; now, or at an instant."""

    ruleset: str | None = None
    tag: str | None = None
    stage: str | None = None
    tier: str | None = None
    at: int | None = None


def explain_absence(service: Service, profile_id: str, question: WhyNot, language: str) -> dict[str, Any]:
    """Why something does not hold, and the nearest changes with which it would.

    `holds` says that it does. `NotFound` without such a ruleset or profile, or at an instant before it was first seen;
    `InvalidRequest` unless exactly one existing tag, stage or band is asked for.
    """
    if question.ruleset is None:
        raise InvalidRequest("the query has faults", [Fault("/ruleset", "missing-member", "`ruleset` is required")])
    published, before, at = _remembered(service, profile_id, question.ruleset, question.at)
    program = published.program
    goal = _goal(published, question)
    outcome = evaluate(program, profile_id, None, before, at=at)[-1]
    world = world_of(outcome.run, remembered_facts(program, before))
    world.budget = Budget(TRIALS)
    explanation = explanation_of(published, outcome, world)
    decision = next(one for one in all_decisions(outcome)[::-1] if (one.kind, one.key) == (goal.kind, goal.key))
    nearest = [explanation.suggestion(goal, one) for one in find_nearest(world, goal)]
    found = {
        "profile_id": profile_id,
        "ruleset": {"key": published.key, "version": published.version, "digest": published.digest},
        "at": write_instant(at),
        "language": language,
        "kind": goal.kind,
        "key": goal.key,
        "target": goal.target,
        "holds": goal.is_met(outcome.run),
        "decision": {**explanation.decision(decision, is_last=False), "nearest": nearest},
    }
    told: dict[str, Any] = in_language(found, language)
    return told


def _remembered(service: Service, profile_id: str, key: str, at: int | None) -> tuple[Published, Remembered, int]:
    """What was remembered of a profile then, by which version it is asked, and at which instant."""
    if at is not None:
        then = Instants(at)
        refuse_future(service, then)
        past = read_past(service, profile_id, key, then)
        if past is None:
            raise NotFound(f"there was no profile `{profile_id}` under ruleset `{key}` at {write_instant(at)}")
        facts = recall_facts(past.published.program, past.record["facts"])
        return past.published, Remembered(past.state, facts, past.at, None, past.published.program), at
    published = service.programs.active(key)

    def job(reads: Reads) -> Remembered:
        row = reads.profile(key, profile_id)
        if row is None:
            raise NotFound(f"there is no profile `{profile_id}` under ruleset `{key}`")
        return remembered(service.programs, row)

    before = service.store.read(job)
    return published, before, max(service.clock(), before.at)


def _goal(published: Published, question: WhyNot) -> Goal:
    """What is asked for, merged keys under their present names."""
    program = published.program
    asked = {name: one for name in ("tag", "stage", "tier") if (one := getattr(question, name)) is not None}
    if len(asked) != 1:
        fault = Fault("", "wrong-value", "expected exactly one of `tag`, `stage` and `tier`")
        raise InvalidRequest("the query has faults", [fault])
    ((kind, text),) = asked.items()
    if kind == "tier":
        key, _, band = text.partition(":")
        target = program.aliases.get(f"tier/{key}/{band}", band)
        if key in program.tiers and target in program.tiers[key].keys:
            return Goal("tier", key, target)
        message = f"expected a tier of `{published.key}` and one of its bands such as `band:seed`, found `{text}`"
        raise InvalidRequest("the query has faults", [Fault("/tier", "wrong-value", message)])
    target = program.aliases.get(f"{kind}/{text}", text)
    known = program.tags if kind == "tag" else program.lifecycle.leaving if program.lifecycle else ()
    if target not in known:
        message = f"ruleset `{published.key}` has no {kind} `{text}`"
        raise InvalidRequest("the query has faults", [Fault(f"/{kind}", "wrong-value", message)])
    return Goal("tag", target) if kind == "tag" else Goal("stage", "lifecycle", target)


def in_language(value: Any, language: str) -> Any:
    """JSON values with every text by language in one of them."""
    if isinstance(value, Mapping):
        if value.keys() == {"en", "zh"}:
            return value[language]
        return {name: in_language(one, language) for name, one in value.items()}
    return [in_language(one, language) for one in value] if isinstance(value, list | tuple) else value
