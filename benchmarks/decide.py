"""How fast a decision is: whole decisions on every shipped ruleset, and conditions alone beside other rule engines.

Run it: `python -m benchmarks.decide [--profiles 2000] [--rounds 7] [--ruleset KEY]`.
Contenders take turns, round by round. A figure is the median of its rounds, in microseconds of processor time a
profile, so that what else the machine does matters little.
It says where a figure falls short of what is expected, and never fails by time; engines that disagree on an answer
end it. Method and figures: docs/performance.md.
"""

import argparse
import gc
import platform
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from benchmarks.profiles import People
from benchmarks.rivals import Contender, Profile, contenders, plain_conditions
from service.engine.decide import Remembered, decide
from service.engine.decision import Outcome
from service.engine.evaluate import evaluate, remember
from service.engine.facts import Facts, read_facts
from service.language import instants
from service.language.instants import DAY, HOUR
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.language.tree import Node, references

RULESETS = Path(__file__).parents[1] / "rulesets"
FIRST_AT = instants.read_instant("2026-10-05T02:30:00Z", instants.zone("UTC"))
SECOND_AT = FIRST_AT + 5 * DAY + 7 * HOUR
SEED = 20261121
LONGEST = 100.0
"""Microseconds that a whole decision may take."""
LEAST = {"rule-engine": 50.0, "zen-engine": 20.0}
"""How many times as fast as these the conditions should be."""

Contestant = tuple[Callable[[Any], object], Sequence[Any]]
"""What is run, and the profiles that it is run for, one by one."""
Contestants = dict[str, Contestant]
Figures = dict[str, list[float]]
"""Microseconds a profile, round by round, of each contestant."""


class Visit(NamedTuple):
    """One person at two visits: what was posted, what it read as, and what was remembered in between."""

    name: str
    facts: Facts
    before: Remembered
    posted_again: dict[str, object]
    facts_again: Facts


def main() -> None:
    """Run both parts and print their figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profiles", type=int, default=2000, help="how many people visit, at each ruleset")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--ruleset", help="only whole decisions, on this ruleset")
    wanted = options.parse_args()
    system = f"Python {platform.python_version()} on {platform.machine()}"
    print(f"{system}, {wanted.profiles} profiles, {wanted.rounds} rounds")
    programs = [program_of(file) for file in sorted(RULESETS.glob(f"{wanted.ruleset or '*'}.json"))]
    whole_decisions(programs, wanted.profiles, wanted.rounds)
    if wanted.ruleset is None:
        compare(next(one for one in programs if one.key == "line-segment-tags"), wanted.profiles, wanted.rounds)


def program_of(file: Path) -> Program:
    """The program of a shipped ruleset."""
    program = read_ruleset(file.read_bytes()).program
    assert program is not None, file
    return program


# Whole decisions


def whole_decisions(programs: list[Program], count: int, rounds: int) -> None:
    """Prints, for each ruleset, what a decision costs, and what reading the facts does."""
    print("\nWhole decisions, all attributes present, microseconds a profile; the second is some days after the first,")
    print("with state, decisions and next change, its facts read beforehand; `share` of them changed something")
    print(f"  {'':<22}  read  first  second  (min-max)     profiles/s  changed  unchanged   share")
    for program in programs:
        visits = people(program, count)
        moved = [one for one in visits if second(program, one).decisions]
        still = [one for one in visits if not second(program, one).decisions]
        figures = measure(contestants(program, visits, moved, still), rounds)
        read, first, again, changed, unchanged = (median(one) for one in figures.values())
        low, high, share = min(figures["second"]), max(figures["second"]), len(moved) / count
        print(
            f"  {program.key:<22}{read:>6.1f}{first:>7.1f}{again:>8.1f}  ({low:.1f}-{high:.1f})".ljust(61),
            f"{1e6 / again:>8,.0f}{changed:>9.1f}{unchanged:>11.1f}{share:>9.0%}  {verdict(again < LONGEST)}",
        )
    print(f"  expected: second below {LONGEST:.0f}")


def contestants(program: Program, visits: list[Visit], moved: list[Visit], still: list[Visit]) -> Contestants:
    """What is measured of one ruleset; the second visits all together, and apart by whether they change something."""
    again = partial(second, program)
    return {
        "read": (lambda one: read_facts(program, one.posted_again), visits),
        "first": (lambda one: decide(program, one.name, one.facts, None, None, FIRST_AT), visits),
        "second": (again, visits),
        "changed": (again, moved),
        "unchanged": (again, still),
    }


def second(program: Program, visit: Visit) -> Outcome:
    """The decision at the second visit."""
    return decide(program, visit.name, visit.facts_again, visit.before, None, SECOND_AT)


def people(program: Program, count: int) -> list[Visit]:
    """Everybody's two visits; what time alone changed in between is decided already, as the sweep would have done."""
    drawn = People(program, SEED)
    visits = []
    for index in range(count):
        name = f"person-{index}"
        posted = drawn.first(FIRST_AT)
        facts = read_facts(program, posted)
        before = remember(program, facts, decide(program, name, facts, None, None, FIRST_AT))
        before = remember(program, facts, evaluate(program, name, None, before, at=SECOND_AT - 1)[-1])
        again = drawn.later(posted, SECOND_AT)
        visits.append(Visit(name, facts, before, again, read_facts(program, again)))
    return visits


# Conditions alone


def compare(program: Program, count: int, rounds: int) -> None:
    """Prints what answering the plain conditions costs, ours and the rivals', after seeing that all agree."""
    conditions = plain_conditions(program)
    print(f"\nThe {len(conditions)} plain conditions of {program.key} alone, microseconds a profile;")
    print("values are computed beforehand for everybody, and each engine gets profiles in the form it likes best")
    field = list(contenders(program, list(conditions.values())))
    known = [(one, known_to(conditions, program, one)) for one in people(program, count)]
    asked = [(visit, profile) for visit, profile in known if None not in field[0].answer(profile)]
    print(f"  {len(asked)} profiles of {count}; in the others a condition is unknown, which only ours can say")
    taken = {one: [one.take(profile) for _, profile in asked] for one in field}
    expected = [list(field[0].answer(one)) for one in taken[field[0]]]
    for one in field:
        agree(one, taken[one], expected, list(conditions))
    true = sum(map(sum, expected)) / len(expected) / len(conditions)
    print(f"  all agree on all {len(expected) * len(conditions)} answers, {true:.0%} of them true")
    runs: Contestants = {f"{one.engine}, {one.form}": (one.answer, taken[one]) for one in field}
    runs["tagwright, reading the profile as posted"] = read_and_answer(program, field[0], asked)
    report(measure(runs, rounds))


def report(figures: Figures) -> None:
    """Each form's time and how many times ours it takes, then how the fastest forms stand to what is expected."""
    base = next(iter(figures.values()))
    print(f"  {'':<50}{'us':>8}{'profiles/s':>12}{'times ours':>12}  (min-max)")
    best: dict[str, float] = {}
    for name, times in figures.items():
        ratios = [other / own for own, other in zip(base, times, strict=True)]
        engine, ratio = name.split(",")[0], median(ratios)
        best[engine] = min(best.get(engine, ratio), ratio)
        spread = f"({min(ratios):.1f}-{max(ratios):.1f})"
        print(f"  {name:<50}{median(times):>8.2f}{1e6 / median(times):>12,.0f}{ratio:>12.1f}  {spread}")
    for engine, least in LEAST.items():
        if engine in best:
            good = verdict(best[engine] >= least)
            print(f"  expected: {least:.0f} times as fast as {engine} in its fastest form; {best[engine]:.1f}  {good}")


def known_to(conditions: dict[str, Node], program: Program, visit: Visit) -> Profile:
    """The attributes and values that the conditions read, for one person."""
    known = {**second(program, visit).run.values, **visit.facts_again.values}
    return {one.key: known[one.key] for tree in conditions.values() for one in references(tree)}


def read_and_answer(program: Program, own: Contender, asked: list[tuple[Visit, Profile]]) -> Contestant:
    """Ours once more, each attribute being checked and read first, as in a request."""
    pairs = [
        ({key: one for key, one in visit.posted_again.items() if key in profile}, profile) for visit, profile in asked
    ]
    return lambda pair: own.answer({**pair[1], **read_facts(program, pair[0]).values}), pairs


def agree(one: Contender, profiles: list[Any], expected: list[list[bool]], names: list[str]) -> None:
    """Ends the benchmark where a contender answers otherwise."""
    for profile, answers in zip(profiles, expected, strict=True):
        found = list(one.answer(profile))
        if found != answers:
            wrong = [name for name, own, other in zip(names, answers, found, strict=True) if own is not other]
            sys.exit(f"{one.engine}, {one.form}, does not agree on {wrong} for {profile}")


# Measuring


def measure(contestants: Contestants, rounds: int) -> Figures:
    """Microseconds a profile of each contestant, after one round that is not counted."""
    figures: Figures = {name: [] for name in contestants}
    gc.collect()
    gc.freeze()  # Why: the benchmark's own people would be looked through again and again.
    for turn in range(rounds + 1):
        for name, (run, profiles) in contestants.items():
            forget_calendar()
            start = process_time()
            for one in profiles:
                run(one)
            if turn:
                figures[name].append((process_time() - start) / max(len(profiles), 1) * 1e6)
    gc.unfreeze()
    return figures


def forget_calendar() -> None:
    """Empties the caches of dates, which people seen a round ago filled; in service there is always somebody new."""
    for one in vars(instants).values():
        if hasattr(one, "cache_clear") and one not in (instants.zone, instants.zone_names):
            one.cache_clear()


def verdict(good: bool) -> str:
    """How a figure stands to what is expected."""
    return "PASS" if good else "SHORT"


if __name__ == "__main__":
    main()
