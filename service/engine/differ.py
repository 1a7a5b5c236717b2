"""Two programs -> a profile that they decide differently, or the proof that there is none, or why that stays open.

Profiles made by rule from both go first; then the solver is asked, and what it suggests is decided under both.
Source: docs/language.md, "Proofs".
"""

from dataclasses import dataclass, replace
from typing import Any

from service.engine.decision import Outcome
from service.engine.evaluate import missed, remember
from service.engine.facts import read_facts
from service.engine.prove import Left, Limits
from service.engine.run import Run
from service.engine.samples import USUAL, Samples
from service.engine.witness import Step, Witness, live, lives, run_witness, shrink, state_of, try_situation
from service.language.analyse.comparison import Comparison
from service.language.analyse.situation import Situation
from service.language.analyse.solver import Word
from service.language.instants import DAY
from service.language.phrases.proofs import OPEN
from service.language.program import Program

FUTURE = 400 * DAY
MOST_TURNS = 8
MOST_LIVES = 100
"""How far, at how many instants and for how many profiles it is looked for what time brings."""
BOTH = 2
DIFFERENT, EQUAL, UNDECIDED = "different", "equal", "undecided"


@dataclass(frozen=True, slots=True)
class Difference:
    """What two versions decide: `equal`, proven; `different`, with who shows it and what each says; or `undecided`."""

    word: str
    witness: Witness | None = None
    old: dict[str, Any] | None = None
    new: dict[str, Any] | None = None
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The difference in both languages; `from` and `to` hold only what differs."""
        return {
            "result": self.word,
            "witness": None if self.witness is None else self.witness.to_json(),
            "from": self.old,
            "to": self.new,
            "reasons": [{"code": one, "message": dict(OPEN[one])} for one in self.reasons],
        }


def differ(old: Program, new: Program, left: Left, limits: Limits = Limits()) -> Difference:  # noqa: B008  # frozen
    """Whether two versions decide any profile differently, at any instant, from any state that both know."""
    for program in (old, new):
        for situation in Samples(program).take(limits.samples):
            if differs(old, new, situation):
                return shown(old, new, situation)
    comparison = Comparison((old.ruleset, old.rules), (new.ruleset, new.rules))
    reasons: set[str] = set() if comparison.is_same_shape else {"shape"}
    unlike = []
    for pair in comparison.expressions() if comparison.is_same_shape else ():
        verdict = comparison.judge(pair, time(left, limits))
        if verdict.word is not Word.NO:
            unlike.append(pair)
            reasons |= {"time"} if verdict.word is Word.UNKNOWN or not left() else verdict.gaps or {"search"}
    if not reasons:
        return Difference(EQUAL)
    for pair in (*unlike, *comparison.results()):
        suggested = comparison.suggest(pair, USUAL, time(left, limits)) if left() else None
        if suggested is not None and differs(old, new, suggested):
            return shown(old, new, suggested)
    return later(old, new, limits, left) or Difference(UNDECIDED, reasons=tuple(sorted(reasons)))


def time(left: Left, limits: Limits) -> int:
    """How long the next question may take."""
    return max(1, min(limits.question, left()))


def differs(old: Program, new: Program, situation: Situation) -> bool:
    """Whether one pass of each version over a situation that both know comes out differently."""
    both = known_to_both(old, new, situation)
    one, other = try_situation(old, both), try_situation(new, both)
    return one is not None and other is not None and pass_view(one) != pass_view(other)


def known_to_both(old: Program, new: Program, situation: Situation) -> Situation:
    """The situation as far as both versions have names for it."""
    stages = [program.lifecycle.leaving if program.lifecycle else {} for program in (old, new)]
    is_known = all(situation.stage in one for one in stages)
    return replace(
        situation,
        event=situation.event if all(has_event(one, situation.event) for one in (old, new)) else None,
        stage=situation.stage if is_known else None,
        tags={key: when for key, when in situation.tags.items() if key in old.tags and key in new.tags},
        assigned=frozenset(key for key in situation.assigned if key in old.tags and key in new.tags),
        bands={
            key: place
            for key, place in situation.bands.items()
            if all(key in one.tiers and place[0] in one.tiers[key].keys for one in (old, new))
        },
        waited=frozenset(rule for rule in situation.waited if rule in old.held and rule in new.held),
    )


def has_event(program: Program, event: tuple[str, str | None] | None) -> bool:
    """Whether a version declares an event's type."""
    return event is None or any(one.key == event[0] for one in program.ruleset.events)


def pass_view(run: Run) -> tuple[Any, ...]:
    """What one pass found, for comparing."""
    bands = {key: run.band(key) for key in run.program.tiers}
    scores = {key: value for key, (value, _) in run.scores.items()}
    return run.stage, set(run.tags), bands, scores, {key: run.values[key] for key in run.program.outputs}


def view(outcome: Outcome) -> dict[str, Any]:
    """What a decision says, as JSON values by name."""
    return {
        "stage": outcome.stage,
        **{f"tag.{key}": True for key in outcome.tags},
        **{f"tier.{key}": band for key, band in outcome.tiers.items()},
        **{f"score.{key}": rating.value for key, rating in outcome.scores.items()},
        **outcome.values,
    }


def shown(old: Program, new: Program, situation: Situation) -> Difference:
    """The difference that a situation shows, made small, with what leads to it where there is such a life."""
    small = known_to_both(old, new, shrink(situation, lambda one: differs(old, new, one)))
    witness = lived(old, new, small) or Witness(small.profile, (step_of(small),), state_of(old, small))
    outcomes = [run_witness(program, witness) for program in (old, new)]
    return told(witness, *(view(outcome) for outcome in outcomes if outcome is not None))


def told(witness: Witness, one: dict[str, Any], other: dict[str, Any]) -> Difference:
    """A difference with what each version says, as far as they differ."""
    names = [name for name in {**one, **other} if one.get(name, False) != other.get(name, False)]
    old, new = ({name: view.get(name, False) for name in names} for view in (one, other))
    return Difference(DIFFERENT, witness, old, new)


def step_of(situation: Situation) -> Step:
    """The one step of a situation."""
    return Step(situation.at, dict(situation.attributes), situation.event)


def lived(old: Program, new: Program, situation: Situation) -> Witness | None:
    """A life at whose end the two versions differ as they do in the situation."""
    for steps in lives(situation, step_of(situation), ()):
        outcomes = [live(program, situation.profile, steps) for program in (old, new)]
        views = [view(one) for one in outcomes if one is not None]
        if len(views) == BOTH and views[0] != views[1]:
            return Witness(situation.profile, steps)
    return None


def later(old: Program, new: Program, limits: Limits, left: Left) -> Difference | None:
    """A difference that only time brings: profiles made by rule live on under both versions, and nothing is posted."""
    for situation in Samples(old).take(min(limits.samples, MOST_LIVES)):
        if not left():
            return None
        plain = replace(known_to_both(old, new, situation), tags={}, assigned=frozenset(), waited=frozenset(), bands={})
        first = Step(plain.at, dict(plain.attributes), plain.event)
        instants = sorted({at for program in (old, new) for at in turns(program, plain.profile, first)})
        for at in instants:
            steps = (first, Step(at, first.attributes))
            outcomes = [live(program, plain.profile, steps) for program in (old, new)]
            views = [view(outcome) for outcome in outcomes if outcome is not None]
            if len(views) == BOTH and views[0] != views[1]:
                return told(Witness(plain.profile, steps), *views)
    return None


def turns(program: Program, profile: str, first: Step) -> list[int]:
    """The next instants at which time brings something to a profile."""
    outcome = live(program, profile, (first,))
    found: list[int] = []
    if outcome is None:
        return found
    before = remember(program, read_facts(program, first.attributes), outcome)
    for one, _ in missed(program, profile, before, first.at + FUTURE):
        found.append(one.at)
        if len(found) == MOST_TURNS:
            break
    return found
