"""A program -> what holds of it for every profile, and what one profile shows; each finding with its proof.

A cheap search goes first: profiles made by rule settle most questions. What none of them shows is asked of a solver.
A claim that it finds beyond all profiles is proven; what it says is possible is believed only when a profile was made
of it and `decide` showed it. What stays open says why.
Source: docs/language.md, "Proofs".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.engine.decision import Outcome
from service.engine.run import Run
from service.engine.samples import USUAL, Samples
from service.engine.witness import Step, Witness, decide_situation, lead_up, meets, shrink, state_of, try_situation
from service.language.analyse.analysis import Analysis, instants
from service.language.analyse.circles import are_all_asked
from service.language.analyse.claims import Claim, Demand, Question
from service.language.analyse.questions import questions
from service.language.analyse.situation import Situation
from service.language.analyse.solver import Word
from service.language.diagnostics import Diagnostic, Words
from service.language.phrases.proofs import OPEN
from service.language.program import Program
from service.language.sentences import say

UNSATISFIABLE, WITNESS = "unsatisfiable", "witness"
MOST_BEFORE = 12
"""How many other profiles' facts are tried as what came before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one question may take, in milliseconds, and how many profiles the cheap search makes."""

    question: int = 1000
    samples: int = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic with its proof: `unsatisfiable`, or the `witness` that shows it."""

    diagnostic: Diagnostic
    proof: str
    witness: Witness | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding in both languages."""
        one = self.diagnostic
        return {
            "code": one.code,
            "severity": str(one.severity),
            "pointer": one.pointer,
            "message": dict(one.message),
            "help": None if one.help is None else dict(one.help),
            "proof": self.proof,
            "witness": None if self.witness is None else self.witness.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Open:
    """A question that was left open: what it was about, and the words for why."""

    code: str
    pointer: str
    reasons: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The open question in both languages."""
        reasons: list[tuple[str, Words]] = [(one, OPEN[one]) for one in self.reasons]
        listed = [{"code": code, "message": dict(words)} for code, words in reasons]
        return {"code": self.code, "pointer": self.pointer, "reasons": listed}


@dataclass(frozen=True, slots=True)
class Proofs:
    """Everything that was found: findings in the order of the document, open questions, and how many were asked."""

    findings: tuple[Finding, ...]
    undecided: tuple[Open, ...]
    asked: int

    def to_json(self) -> dict[str, Any]:
        """The proofs in both languages."""
        return {
            "findings": [one.to_json() for one in self.findings],
            "undecided": [one.to_json() for one in self.undecided],
            "asked": self.asked,
        }


Left = Callable[[], int]
"""How many milliseconds are left."""
Progress = Callable[[int, int], None]


def prove(program: Program, left: Left, limits: Limits = Limits(), progress: Progress = lambda *_: None) -> Proofs:
    """Asks every question of a program. `ModuleNotFoundError` where the solver is not installed."""
    analysis = Analysis(program.ruleset, program.rules)
    tried = ((one, try_situation(program, one)) for one in Samples(program).take(limits.samples))
    prover = Prover(program, analysis, left, limits, [(one, run) for one, run in tried if run is not None])
    asked = list(questions(program.ruleset, program.rules))
    circles = [one for one in asked if one.claim.circle is not None]
    for number, question in enumerate(asked):
        progress(number, len(asked))
        if number == len(circles) and are_all_asked(program.ruleset):
            # Why: where no circle can be met the search for a stage never stops halfway.
            words = [prover.answers.get(one.name) for one in circles]
            analysis.world(None).is_torn_possible = any(word is not Word.NO for word in words)
        prover.ask(question)
    found = [*prover.findings, *derived(program, prover)]
    places = sorted(found, key=lambda one: place_of(one.diagnostic.pointer))
    return Proofs(tuple(places), tuple(prover.undecided), len(asked))


def place_of(pointer: str) -> tuple[tuple[int, str], ...]:
    """A pointer so that `/tags/10` stands behind `/tags/9`."""
    return tuple((int(part) if part.isdecimal() else -1, part) for part in pointer.split("/"))


@dataclass(slots=True)
class Prover:
    """Answers questions about one program one after the other, and keeps what it found."""

    program: Program
    analysis: Analysis
    left: Left
    limits: Limits
    pool: list[tuple[Situation, Run]]
    findings: list[Finding] = field(default_factory=list)
    undecided: list[Open] = field(default_factory=list)
    answers: dict[str, Word] = field(default_factory=dict)
    topics: set[str] = field(default_factory=set)
    masks: dict[Any, int] = field(default_factory=dict)

    def ask(self, question: Question) -> None:
        """Answers one question, unless an earlier answer settles it."""
        if question.topic in self.topics or self.is_idle(question):
            return
        word, shown = self.answer(question)
        self.answers[question.name] = word
        if question.finds == "met" and shown is not None:
            self.topics |= {question.topic} - {""}
            self.findings.append(Finding(tell(question), WITNESS, self.witness(shown, question.claim)))
        elif question.finds == "unmet" and question.sentence and word is Word.NO:
            self.findings.append(Finding(tell(question), UNSATISFIABLE))

    def is_idle(self, question: Question) -> bool:
        """Whether a question is about a rule that was found never to be true, or never to find its place."""
        kind, _, rest = question.name.partition(" ")
        settled = {"untrue": f"true {rest}", "both": f"place {rest.rpartition(' ')[2]}"}
        return self.answers.get(settled.get(kind, "")) is Word.NO

    def answer(self, question: Question) -> tuple[Word, Situation | None]:
        """Whether the claim can be met, and a situation that meets it."""
        claim = question.claim
        if not self.left():
            self.leave_open(question, ["time"])
            return Word.UNKNOWN, None
        mask = self.sampled(claim)
        if mask:
            return Word.YES, self.pool[(mask & -mask).bit_length() - 1][0]
        verdict = self.analysis.judge(claim, self.time())
        if verdict.word is Word.NO:
            return Word.NO, None
        shown = self.search(claim, by_calendar="calendar" in verdict.gaps) if verdict.word is Word.YES else None
        if shown is not None:
            return Word.YES, shown
        reasons = ["time"] if verdict.word is Word.UNKNOWN or not self.left() else sorted(verdict.gaps) or ["search"]
        self.leave_open(question, reasons)
        return Word.UNKNOWN, None

    def sampled(self, claim: Claim) -> int:
        """Which situations of the pool meet a claim, as bits."""
        mask = self.bits("conflict", Claim((), claim.circle)) if claim.circle else (1 << len(self.pool)) - 1
        for one in claim.demands:
            part = (one.answer, one.on) if isinstance(one, Demand) else (one.low, one.high)
            mask &= self.bits((id(one.tree), *part), Claim((one,)))
        return mask

    def bits(self, key: Any, claim: Claim) -> int:
        """The bits of one part of a claim, found once."""
        if key not in self.masks:
            self.masks[key] = sum(1 << place for place, (_, run) in enumerate(self.pool) if meets(run, claim))
        return self.masks[key]

    def search(self, claim: Claim, *, by_calendar: bool) -> Situation | None:
        """A situation that the solver suggests and that meets the claim when it is decided."""
        for at in instants(self.program.ruleset, claim, USUAL, by_calendar=by_calendar):
            if not self.left():
                break
            situation = self.analysis.suggest(claim, at, self.time())
            if situation is not None and self.shows(situation, claim):
                return situation
        return None

    def shows(self, situation: Situation, claim: Claim) -> bool:
        """Whether deciding on a situation meets a claim."""
        outcome = decide_situation(self.program, situation)
        return outcome is not None and meets(outcome.run, claim)

    def time(self) -> int:
        """How long the next question may take; almost nothing where no time is left."""
        return max(1, min(self.limits.question, self.left()))

    def leave_open(self, question: Question, reasons: Sequence[str]) -> None:
        """Notes an open question."""
        one = Open(question.sentence.partition("/")[0], question.pointer, tuple(reasons))
        if question.sentence and one not in self.undecided:
            self.undecided.append(one)

    def witness(self, situation: Situation, claim: Claim) -> Witness:
        """What shows a finding, made small: with steps that lead to it if there are any, else from a given state."""

        def shows_quickly(one: Situation) -> bool:
            run = try_situation(self.program, one)
            return run is not None and meets(run, claim)

        def shows(outcome: Outcome) -> bool:
            return meets(outcome.run, claim)

        small = shrink(situation, shows_quickly)
        before = [one for one, run in self.pool if one.is_fresh and run.stage == small.stage][:MOST_BEFORE]
        lived = lead_up(self.program, small, before, shows)
        if lived is not None:
            return lived
        return Witness(
            small.profile, (Step(small.at, dict(small.attributes), small.event),), state_of(self.program, small)
        )


def tell(question: Question) -> Diagnostic:
    """What an author is told."""
    return told(question.sentence, question)


def told(sentence: str, question: Question) -> Diagnostic:
    """A sentence with a question's words."""
    words: dict[str, Any] = dict(question.words)
    return say(sentence, question.pointer, **words)


# What follows from the answers


def derived(program: Program, prover: Prover) -> Iterator[Finding]:
    """Transitions that others always forestall, and stages that nobody comes to or leaves."""
    lifecycle, ruleset = program.lifecycle, program.ruleset
    if lifecycle is None or ruleset.lifecycle is None:
        return
    dead = {name for name, word in prover.answers.items() if word is Word.NO}
    alive = {
        stage: [plan for plan in plans if f"leaves {stage} {plan.transition.key}" not in dead]
        for stage, plans in lifecycle.leaving.items()
    }
    by_name: Mapping[str, Question] = {one.name: one for one in questions(ruleset, program.rules)}
    for plan in program.transitions.values():
        sources = [stage for stage, plans in lifecycle.leaving.items() if plan in plans]
        key = plan.transition.key
        if f"true lifecycle/transitions/{key}" not in dead and not any(plan in alive[one] for one in sources):
            question = by_name[f"leaves {sources[0]} {key}"]
            yield Finding(told("shadowed-transition/proven", question), UNSATISFIABLE)
    reached, waiting = set[str](), [lifecycle.initial]
    while waiting:
        stage = waiting.pop()
        reached.add(stage)
        waiting.extend({plan.transition.target for plan in alive[stage]} - reached)
    for index, one in enumerate(ruleset.lifecycle.stages):
        pointer = f"/lifecycle/stages/{index}"
        if one.key not in reached:
            yield Finding(say("unreachable-stage/proven", pointer, key=one.key), UNSATISFIABLE)
        if lifecycle.leaving[one.key] and not alive[one.key]:
            yield Finding(say("stage-without-exit/proven", pointer, key=one.key), UNSATISFIABLE)
