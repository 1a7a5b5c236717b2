"""How fast a decision is: whole decisions on every shipped ruleset, and the conditions alone beside other rule engines.

Run it: `python -m benchmarks.decide [--profiles 2000] [--rounds 7]`. Contenders take turns, round by round; a figure is the median of
its rounds, in microseconds of processor time a profile, so that what else the machine does matters little.
It says where a figure falls short of what is expected, and never fails by time; engines that disagree on an answer end it.
Method and figures: docs/performance.md.
"""

import argparse
import gc
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from benchmarks.profiles import People
from benchmarks.rivals import Contender, Profile, contenders, plain_conditions
from service.engine.decide import Remembered, decide
from service.engine.evaluate import evaluate, remember
from service.engine.facts import Facts, read_facts
from service.language import instants
from service.language.instants import DAY, HOUR
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.language.tree import references

RULESETS = Path(__file__).parents[1] / "rulesets"
FIRST_AT = instants.read_instant("2026-10-05T02:30:00Z", instants.zone("UTC"))
SECOND_AT = FIRST_AT + 5 * DAY + 7 * HOUR
SEED = 20261121
LONGEST = 100.0
"""Microseconds that a whole decision may take."""
LEAST = {"rule-engine": 50.0, "zen-engine": 20.0}
"""How many times as fast as these the conditions should be."""


class Visit(NamedTuple):
    """One person at two visits: what was posted, what it read as, and what was remembered in between."""

    name: str
    posted: dict[str, object]
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
    print(f"Python {platform.python_version()}, {platform.machine()}; {wanted.profiles} profiles, medians of {wanted.rounds} rounds")
    files = sorted(RULESETS.glob(f"{wanted.ruleset or '*'}.json"))
    programs = [program_of(file) for file in files]
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
    print("\nWhole decisions, all attributes present, microseconds a profile")
    print(f"  {'ruleset':<22}{'read facts':>11}{'first':>8}{'second':>8}  (fastest-slowest)  profiles/s  changed")
    for program in programs:
        visits = people(program, count)
        changed = sum(bool(second(program, one).decisions) for one in visits) / count
        figures = measure(
            {
                "read": lambda: [read_facts(program, one.posted_again) for one in visits],  # noqa: B023
                "first": lambda: [decide(program, one.name, one.facts, None, None, FIRST_AT) for one in visits],  # noqa: B023
                "second": lambda: [second(program, one) for one in visits],  # noqa: B023
            },
            rounds,
            count,
        )
        read, first, again = (median(figures[one]) for one in ("read", "first", "second"))
        spread = f"({min(figures['second']):.1f}-{max(figures['second']):.1f})"
        print(f"  {program.key:<22}{read:>11.1f}{first:>8.1f}{again:>8.1f}  {spread:>17}{1e6 / again:>12,.0f}{changed:>9.0%}  {verdict(again < LONGEST)}")
    print(f"  expected: second under {LONGEST:.0f}. It is a decision some days after the first, with state, decisions and next change, facts read.")


def second(program: Program, visit: Visit) -> Any:
    """The decision that is measured."""
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
        before = remember(program, facts, evaluate(program, name, None, before, at=SECOND_AT - HOUR)[-1])
        again = drawn.later(posted, SECOND_AT)
        visits.append(Visit(name, posted, facts, before, again, read_facts(program, again)))
    return visits


# Conditions alone


def compare(program: Program, count: int, rounds: int) -> None:
    """Prints what answering the plain conditions costs, ours and the rivals', after seeing that all agree."""
    conditions = plain_conditions(program)
    print(f"\nThe {len(conditions)} plain conditions of {program.key} alone, microseconds a profile; values are computed beforehand for all")
    field = list(contenders(program, list(conditions.values())))
    profiles = answerable(field[0], known_profiles(program, conditions, count))
    print(f"  {len(profiles)} profiles of {count}: in the others a condition is unknown, which only ours can say")
    taken = {one: [one.take(each) for each in profiles] for one in field}
    expected = [list(field[0].answer(one)) for one in taken[field[0]]]
    for one in field:
        agree(one, taken[one], expected, list(conditions))
    print(f"  all agree on all {len(expected) * len(conditions)} answers, {sum(map(sum, expected)) / len(expected) / len(conditions):.0%} of them true")
    figures = measure({f"{one.engine}|{one.form}": asker(one, taken[one]) for one in field}, rounds, len(profiles))
    report(figures)


def report(figures: dict[str, list[float]]) -> None:
    """Each form's time and how many times ours it takes, then how the fastest forms stand to what is expected."""
    base = next(iter(figures.values()))
    print(f"  {'':<52}{'us':>9}{'profiles/s':>12}{'times ours':>12}")
    best: dict[str, float] = {}
    for name, times in figures.items():
        engine, form = name.split("|")
        ratios = [other / own for own, other in zip(base, times, strict=True)]
        best[engine] = min(best.get(engine, float("inf")), median(ratios))
        print(f"  {engine + ', ' + form:<52}{median(times):>9.2f}{1e6 / median(times):>12,.0f}{median(ratios):>12.1f}  ({min(ratios):.1f}-{max(ratios):.1f})")
    for engine, least in LEAST.items():
        if engine in best:
            print(f"  expected: at least {least:.0f} times as fast as {engine}, in its fastest form: {best[engine]:.1f}  {verdict(best[engine] >= least)}")


def known_profiles(program: Program, conditions: dict[str, Any], count: int) -> list[Profile]:
    """The attributes and values that the conditions read, for each person."""
    keys = sorted({one.key for tree in conditions.values() for one in references(tree)})
    found = []
    for visit in people(program, count):
        known = {**second(program, visit).run.values, **visit.facts_again.values}
        found.append({key: known[key] for key in keys})
    return found


def answerable(own: Contender, profiles: list[Profile]) -> list[Profile]:
    """Those for which every condition is true or false."""
    return [one for one in profiles if None not in own.answer(one)]


def asker(one: Contender, profiles: list[Any]) -> Callable[[], object]:
    """All profiles answered once."""
    answer = one.answer
    return lambda: [answer(profile) for profile in profiles]


def agree(one: Contender, profiles: list[Any], expected: list[list[bool]], names: list[str]) -> None:
    """Ends the benchmark where a contender answers otherwise."""
    for profile, answers in zip(profiles, expected, strict=True):
        found = list(one.answer(profile))
        if found != answers:
            wrong = [name for name, own, other in zip(names, answers, found, strict=True) if own is not other]
            sys.exit(f"{one.engine}, {one.form}, does not agree on {wrong} for {profile}")


# Measuring


def measure(contestants: dict[str, Callable[[], object]], rounds: int, count: int) -> dict[str, list[float]]:
    """Microseconds a profile of each, round by round; they take turns, after one round that is not counted."""
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    gc.collect()
    gc.freeze()  # Why: the benchmark's own people would be looked through again and again.
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            forget_calendar()
            start = process_time()
            run()
            if turn:
                figures[name].append((process_time() - start) / count * 1e6)
    gc.unfreeze()
    return figures


def forget_calendar() -> None:
    """Empties the caches of dates, which people seen a round ago would fill; in service there is always somebody new."""
    for one in vars(instants).values():
        if hasattr(one, "cache_clear") and one not in (instants.zone, instants.zone_names):
            one.cache_clear()


def verdict(good: bool) -> str:
    """How a figure stands to what is expected."""
    return "PASS" if good else "SHORT"


if __name__ == "__main__":
    main()
