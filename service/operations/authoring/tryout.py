"""One profile tried by several versions of a ruleset: what each decides, and what time alone would bring after that.

What went before is either nothing, or what is remembered of a stored profile, or the steps of an example. Nothing is
kept; the only thing that is read is the stored profile.
Source: docs/console.md, "Try it".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from service.engine.decide import Remembered
from service.engine.decision import Outcome
from service.engine.evaluate import evaluate, missed, remember, remembered_facts
from service.engine.examples import Timeline, take_step
from service.engine.facts import Facts
from service.engine.observing import plain_output
from service.errors import InvalidRequest, ServiceError
from service.language.instants import DAY, write_instant
from service.language.model import Step
from service.language.program import Program
from service.operations.decide import facts_for, recall
from service.operations.programs import Published
from service.operations.requests import ITEM, Ask, plain_ask, read_ask
from service.operations.service import Service

AHEAD = 400 * DAY
"""How far ahead it looks."""
MOST_AHEAD = 20
"""How many changes ahead are shown."""
MOST_LOOKS = 60


class Moment(NamedTuple):
    """One decision of a trial, and the facts that it was made from."""

    outcome: Outcome
    facts: Facts


@dataclass(frozen=True, slots=True)
class Side:
    """What one version made of a trial: its decisions in order, and the place of the one that was asked for.

    `refused` says instead why it could not decide.
    """

    published: Published
    moments: Sequence[Moment] = ()
    asked: int = 0
    refused: ServiceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is to be tried: an item as of a batch, after what is remembered of the profile, or after some steps."""

    body: Mapping[str, Any]
    is_stored: bool = False
    steps: Sequence[Step] = ()


def try_out(service: Service, versions: Sequence[Published], trial: Trial) -> list[Side]:
    """What each version decides. `InvalidRequest` if the first can't use what is posted; what goes wrong for another,
    or later, stands in its side.
    """
    sides = []
    for published in versions:
        try:
            sides.append(_side(service, published, trial))
        except ServiceError as refused:
            if not sides and isinstance(refused, InvalidRequest):
                raise
            sides.append(Side(published, refused=refused))
    return sides


def _side(service: Service, published: Published, trial: Trial) -> Side:
    now = service.clock()
    ask = read_ask(trial.body, ITEM, published)
    past, before = _past(service, published, ask, trial)
    at = now if ask.at is None else ask.at
    if before is not None and at < before.at:
        before = replace(before, at=at, next_at=None)
    facts = facts_for(ask, before)
    outcomes = evaluate(published.program, ask.profile_id, facts, before, at=at, event=ask.event_for(at))
    if facts is None:
        assert before is not None
        facts = remembered_facts(published.program, before)
    reached = [*past, *(Moment(one, facts) for one in outcomes)]
    return Side(published, [*reached, *_ahead(published.program, ask.profile_id, reached[-1])], len(reached) - 1)


def _past(service: Service, published: Published, ask: Ask, trial: Trial) -> tuple[list[Moment], Remembered | None]:
    """What was decided before, as far as it is to be seen, and what is remembered of it."""
    if trial.is_stored:
        return [], service.store.read(
            lambda reads: recall(reads, service.programs, plain_ask(published, ask.profile_id))
        )
    timeline = Timeline(published.program, ask.profile_id)
    found = []
    for place, step in enumerate(trial.steps):
        outcomes = take_step(timeline, step, f"/steps/{place}")
        assert timeline.before is not None
        found += [Moment(one, timeline.before.facts) for one in outcomes]
    return found, timeline.before


def _ahead(program: Program, profile: str, last: Moment) -> Iterator[Moment]:
    """What time alone brings, for as long and as often as it is shown."""
    outcome, facts = last
    before = remember(program, facts, outcome)
    seen, shown = _view(outcome), 0
    for looks, (later, _) in enumerate(missed(program, profile, before, outcome.at + AHEAD)):
        if looks == MOST_LOOKS or shown == MOST_AHEAD:
            return
        if later.decisions or _view(later) != seen:
            yield Moment(later, facts)
            seen, shown = _view(later), shown + 1


def _view(outcome: Outcome) -> list[tuple[str, str, str]]:
    """What stands of an outcome without having changed anything."""
    return [(one.kind, one.key, one.outcome) for one in outcome.standing]


def example_of(published: Published, trial: Trial, title: str, at: int) -> dict[str, Any]:
    """A trial as an example of the ruleset, that expects what this version decides; errors as in `try_out`.

    What is remembered of a stored profile, and personal attributes, do not go into a ruleset.
    """
    program = published.program
    ask = read_ask(trial.body, ITEM, published)
    step: dict[str, Any] = {"at": write_instant(at if ask.at is None else ask.at)}
    personal = {one.key for one in program.ruleset.attributes if one.personal}
    if ask.attributes is not None:
        step["attributes"] = {name: one for name, one in ask.attributes.items() if name not in personal}
    if ask.event is not None:
        step["event"] = {"type": ask.event} | ({} if ask.event_text is None else {"text": ask.event_text})
    timeline = Timeline(program, ask.profile_id)
    for place, one in enumerate(trial.steps):
        take_step(timeline, one, f"/steps/{place}")
    posted = Step(at=at if ask.at is None else ask.at, attributes=step.get("attributes"), event=step.get("event"))
    outcomes = take_step(timeline, posted, "")
    before = [_step_json(one) for one in trial.steps]
    return {
        "title": title,
        "profile": ask.profile_id,
        "steps": [*before, {**step, "expect": expected_of(program, outcomes)}],
    }


def expected_of(program: Program, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """What an example expects where exactly these outcomes are right."""
    last = outcomes[-1]
    undetermined = [one.key for one in last.standing if one.kind == "tag" and one.outcome == "undetermined"]
    tags = {"has": last.tags} | ({"undetermined": undetermined} if undetermined else {})
    found: dict[str, Any] = {} if last.stage is None else {"stage": last.stage}
    found |= {
        "tags": tags,
        "tiers": {key: band for key, band in last.tiers.items() if band is not None},
        "scores": {key: one.value for key, one in last.scores.items() if one.value is not None},
        "values": {key: plain_output(program, key, last) for key in program.outputs if last.values[key] is not None},
        "actions": [one.key for outcome in outcomes for one in outcome.actions],
    }
    return {name: one for name, one in found.items() if one or name in {"stage", "actions"}}


def _step_json(step: Step) -> dict[str, Any]:
    """A step as a ruleset writes it, without what it expects."""
    members = {"attributes": step.attributes, "event": step.event, "manual": step.manual}
    return {"at": write_instant(step.at), **{name: one for name, one in members.items() if one is not None}}
