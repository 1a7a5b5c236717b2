"""How well a ruleset's examples hold its rules: of many small edits, which does no example notice?

An edit is noticed if an example fails under it. What is no ruleset, and what can't change any decision, does not count.
Pure; which edits are tried follows from the seed. Source: docs/language.md, "Examples".
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.engine.edits import Edit, edited, edits
from service.engine.examples import run_example, run_examples
from service.engine.samples import Chance
from service.language.canonical import canonical_bytes
from service.language.diagnostics import Words, has_errors
from service.language.diff import can_change_decisions, compare
from service.language.diff.wording import compose, listed
from service.language.phrases.explanations import MUTANTS
from service.language.pipeline import read_ruleset
from service.language.program import Program

MOST = 200
"""How many edits are tried if nobody says otherwise."""
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Survivor:
    """An edit that no example notices, at a JSON pointer, in words."""

    pointer: str
    sentence: Words


@dataclass(frozen=True, slots=True)
class MutantReport:
    """How many edits there are, how many of them were tried and could change a decision, and how many were noticed.

    `passes` says that the examples pass without any edit; otherwise nothing was tried.
    """

    of: int
    seed: int
    tried: int
    noticed: int
    survivors: tuple[Survivor, ...]
    passes: bool = True

    @property
    def score(self) -> Decimal:
        """The noticed share in percent; 100 where nothing was tried."""
        return Decimal(100 * self.noticed) / self.tried if self.tried else Decimal(100)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, sentences in both languages."""
        survivors = [{"pointer": one.pointer, "sentence": dict(one.sentence)} for one in self.survivors]
        return {
            "of": self.of,
            "seed": self.seed,
            "tried": self.tried,
            "noticed": self.noticed,
            "passes": self.passes,
            "score": self.score.quantize(Decimal("0.01")),
            "survivors": survivors,
        }


def try_mutants(
    program: Program, most: int = MOST, seed: int = 0, progress: Progress = lambda _done, _of: None
) -> MutantReport:
    """Try the edits of a ruleset, at most so many, drawn by the seed."""
    every = list(edits(program))
    if has_errors(run_examples(program).diagnostics):
        return MutantReport(len(every), seed, 0, 0, (), passes=False)
    drawn = draw(every, most, seed)
    noticed, survivors = 0, []
    for number, edit in enumerate(drawn):
        progress(number, len(drawn))
        mutant = edited(program, edit)
        other = read_ruleset(canonical_bytes(mutant)).program
        if other is None or other.digest == program.digest:
            continue
        if is_noticed(program, other):
            noticed += 1
            continue
        changes = compare(bare(program), mutant)
        if can_change_decisions(changes):
            told = listed([change.sentence for change in changes if change.decides])
            survivors.append(Survivor(edit.pointer, compose(MUTANTS["survivor"], change=told)))
    return MutantReport(len(every), seed, noticed + len(survivors), noticed, tuple(survivors))


def draw(every: list[Edit], most: int, seed: int) -> list[Edit]:
    """So many of the edits, in their order."""
    if len(every) <= most:
        return every
    chance, places = Chance(seed), list(range(len(every)))
    for place in range(most):
        other = place + chance.below(len(places) - place)
        places[place], places[other] = places[other], places[place]
    return [every[place] for place in sorted(places[:most])]


def bare(program: Program) -> dict[str, Any]:
    """The ruleset's document without examples."""
    return {name: one for name, one in program.ruleset.document.items() if name != "examples"}


def is_noticed(program: Program, mutant: Program) -> bool:
    """Whether an example of the program fails under the mutant."""
    return any(next(run_example(mutant, example, "", set()), None) is not None for example in program.ruleset.examples)
