"""The formulas of a ruleset leave no profile out: what they rule out, no evaluation does."""

import json
from bisect import bisect_left
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.engine.decide import decide
from service.engine.facts import read_facts
from service.engine.walk import Walk
from service.engine.witness import decide_situation, meets
from service.language.analyse.analysis import Analysis, formula, instants
from service.language.analyse.claims import Claim, Demand
from service.language.analyse.named import encode_attribute
from service.language.analyse.solver import Solver, Word
from service.language.instants import FIRST, LAST
from service.language.pipeline import read_ruleset
from tests.engine.programs import attributes, program_of, tag
from tests.language.test_agreement import ATTRIBUTES, FACTS, expressions

USUAL = 1_782_000_000_000
TYPES = {
    "n": "integer",
    "m": "integer",
    "x": "number",
    "y": {"type": "number", "minimum": 0, "maximum": 1},
    "b": "boolean",
    "s": "string",
    "o": "string",
    "e": {"type": "string", "enum": ["x", "y"]},
    "f": {"type": "string", "enum": ["x", "z"], "default": "z"},
    "xs": "strings",
    "ys": {"type": "strings", "default": ["k"]},
    "zs": {"type": "strings", "enum": ["p", "q"]},
    "t": "datetime",
    "u": "datetime",
    "d": "date",
}
NEVER = [
    # numbers
    "min(n, 3) > 4",
    "max(n, 3) < 2",
    "clamp(n, 0, 10) > 10",
    "scale(n, 0, 10) > 100",
    "scale(n, m, 10) > 100",
    "scale(n, 5, 5) > 1",
    "share(n, m) > 2 and n < m and m > 0",
    "n / m < -2 and n < -m and m < 0",
    "n / 2 > 10 and n < 5",
    "n / 0 > 1",
    "n // 2 > 10 and n < 5",
    "n // -2 > 3 and n > 0",
    "n % 3 > 2",
    "n % 0 == 1",
    "x // 2 > 10 and x < 5",
    "x // 0.5 < 0 and x > 0",
    "n // m > 1 and m == 0",
    "1 / 0 > n",
    "2 * 3 < n and n < 6",
    "n * m != 0 and n == 0",
    "-n > 0 and n > 0",
    "x * 0.3 > 3 and x <= 10",
    "x + 1 > 5 and x <= 4",
    "(n ?? 5) > 5 and n == null",
    "n in [1, 2, m] and n > 2 and m < 1",
    "n in [1, 2.5] and n > 3",
    "(b ? 1 : 2) > 2",
    # time
    "days_since(t) >= 30 and within(t, 'P7D')",
    "hours_since(t) < 10 and days_since(t) >= 1",
    "calendar_days_since(t) > 40 and days_since(t) < 30",
    "months_since(t) > 14 and days_since(t) < 300",
    "months_since(t) < -14 and days_since(t) > -200",
    "within(t, 'P2M') and days_since(t) > 80",
    "t.month > 12",
    "t.day < 1",
    "t.hour > 23",
    "t.weekday == 'Friday' and t.weekday == 'Monday'",
    "t.date > t + t'P4D'",
    "$today > $now + t'P4D'",
    "latest(t, u) < t",
    "t + t'P1D' < t",
    "$now < t and within(t, 'P1D')",
    "t in [d'2026-01-01', d'2026-02-01'] and t > d'2026-03-01'",
    # texts
    "s == 'a' and s == 'b'",
    "s == 'a' and s.starts_with('b')",
    "s in ['a', 'b'] and s > 'c'",
    "s.length < 0",
    "s.as_lower == 'A' and s == 'a'",
    "'x' in s and s == 'a'",
    "s.is_empty and s == 'a'",
    "e != 'x' and e != 'y'",
    "e.length > 5",
    "(s ?? 'z') == 'y' and s == null",
    "(b ? e : f) == 'y' and not b",
    "(e ?? f).as_upper == 'A'",
    "f == null",
    "s in [o, 'b'] and s != o and s != 'b'",
    "$today.weekday.length > 20",
    # lists
    "xs.is_empty and 'a' in xs",
    "xs.length < 1 and any_of(xs, ['a'])",
    "all_of(xs, ['a', 'b']) and 'a' not in xs",
    "xs == ys and xs.length != ys.length",
    "s in xs and xs.is_empty",
    "any_of(xs, ys) and xs.is_empty",
    "all_of(xs, ys) and 'a' in ys and 'a' not in xs",
    "not zs.is_empty and 'p' not in zs and 'q' not in zs",
    "'other' in (zs ?? xs) and xs.is_empty",
    "[s, 'b'].length > 2",
    "any_of([s, 'b'], ['c']) and s == 'a'",
    "'c' in (b ? ['a'] : ['c']) and b",
    "n in [] or n > m and m > n",
    # truth
    "b and not b",
    "b == (n > 3) and n > 5 and not b",
    "true == b and b == false",
    "b in [true, false] and b == null",
    "bucket('g') > 99",
    "bucket(s) < 0",
]
POSSIBLE = [
    "min(n, m) > 4 and max(n, m) < 6",
    "share(n, m) == 2.5",
    "share(x, y) < 7 and y > 0.2 and x > 1 or y == 1 and x == 3",
    "n * m == 12 and n > m",
    "n // 4 == 7 and n % 4 == 3",
    "x % 3 == 1.25",
    "scale(n, 0, 12) > 40 and scale(n, 0, 12) < 43",
    "clamp(n, 5, 1) == 5",
    "months_since(t) == 13",
    "months_since(d) // 12 == 30",
    "t.month == 2 and t.day == 28",
    "t.year == 2001",
    "t.hour == 7",
    "t.weekday == 'Friday'",
    "t.date == t",
    "$today.weekday == 'Friday'",
    "$today in [d'2031-05-05']",
    "within(t, 'P1M') and days_since(t) >= 29",
    "calendar_days_since(t) == 3 and days_since(t) == 2",
    "latest(t, u) > t and u != null",
    "d > $now",
    "s.starts_with('CN-') and s.ends_with('9')",
    "s.length == 7",
    "s.as_upper == 'ABC' and s != 'ABC'",
    "'ab' in s and s != 'ab'",
    "s < o",
    "o in xs and 'a' not in xs",
    "any_of(xs, ys) and xs != ys and not xs.is_empty",
    "xs.length == 4 and all_of(xs, ['a', 'b'])",
    "zs.length == 3",
    "bucket('g') < 5",
    "e > 'x'",
    "b == null and n == null",
    "s == 'a' ? xs.is_empty : zs.is_empty",
    "x == 2.55",
    "true == b",
]
"""Conditions that some profile meets; what the solver suggests must be one that does."""


def conditions(*texts):
    """The program of a ruleset with these conditions, each of one tag."""
    types = attributes(**TYPES)
    return program_of(attributes=types, tags=[tag(f"c{index}", text) for index, text in enumerate(texts)])


@pytest.mark.parametrize("text", NEVER)
def test_what_cannot_be_is_proven(text):
    """A condition that contradicts itself is proven never to be true."""
    program = conditions(text)
    claim = Claim((Demand(program.rules.tags["c0"][0]),))
    assert Analysis(program.ruleset, program.rules).judge(claim, 10_000).word is Word.NO


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_can_be_is_shown(text):
    """For a condition that can be true, a profile is found for which it is."""
    program = conditions(text)
    claim = Claim((Demand(program.rules.tags["c0"][0]),))
    analysis = Analysis(program.ruleset, program.rules)
    assert analysis.judge(claim, 10_000).word is Word.YES
    tried = (analysis.suggest(claim, at, 10_000) for at in instants(program.ruleset, claim, USUAL, by_calendar=True))
    outcomes = (decide_situation(program, one) for one in tried if one is not None)
    assert any(outcome is not None and meets(outcome.run, claim) for outcome in outcomes)


def test_the_first_years_have_a_calendar_too():
    """Where months ago lie before the year 1, those that there are serve."""
    program = conditions("months_since(t) == 3 and t.month == 2")
    claim = Claim((Demand(program.rules.tags["c0"][0]),))
    at = FIRST + 150 * 86_400_000
    situation = Analysis(program.ruleset, program.rules).suggest(claim, at, 10_000)
    assert meets(decide_situation(program, situation).run, claim)


@pytest.mark.parametrize("text", ["s.starts_with(o)", "(t.weekday ?? 'a').ends_with(s)", "s.length > n * m"])
def test_what_is_hard_to_say_is_not_ruled_out(text):
    """What two texts, or two numbers, that both vary give is left open, and said to be."""
    program = conditions(text)
    verdict = Analysis(program.ruleset, program.rules).judge(Claim((Demand(program.rules.tags["c0"][0]),)), 10_000)
    assert verdict.word is Word.YES
    assert verdict.gaps & {"text", "arithmetic"}


def test_rounding_is_not_forgotten():
    """A number just above a half, doubled and rounded to 28 digits, may be 1: that is not ruled out."""
    program = conditions("y > 0.5 and y * 2 <= 1")
    claim = Claim((Demand(program.rules.tags["c0"][0]),))
    verdict = Analysis(program.ruleset, program.rules).judge(claim, 10_000)
    assert (verdict.word, verdict.gaps) == (Word.YES, {"rounding"})


# Agreement


@settings(max_examples=60, deadline=None)
@given(
    text=expressions("truth", 3),
    posted=FACTS,
    at=st.sampled_from([FIRST, 1_772_323_200_000, 1_772_953_200_000, LAST]),
    timezone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
)
def test_the_formulas_know_every_profile(text, posted, at, timezone):
    """Whatever an expression gives for a profile, its formulas let it give for that profile."""
    types = [{"key": key, "type": kind} for key, kind in ATTRIBUTES.items()]
    values = [{"key": "v", "expression": text}]
    document = {"format": 1, "key": "r", "timezone": timezone, "attributes": types, "values": values}
    program = read_ruleset(json.dumps(document)).program
    if program is None:
        return
    facts = read_facts(program, posted)
    tree = program.rules.values["v"]
    found = Walk(decide(program, "u-1", facts, None, None, at).run).value(tree)
    demands = {True: (Demand(tree),), False: (Demand(tree, "false"),), None: (Demand(tree, "not true"),)}[found]
    analysis = Analysis(program.ruleset, program.rules)
    world = analysis.world(None)

    def build():
        pins = [pinned(world, key, facts.values.get(key)) for key in ATTRIBUTES]
        return world.solver.every(formula(world, Claim(demands)), world.now == at, *pins)

    formulas, _, _ = world.goal(build)
    assert analysis.solver.ask(formulas, 10_000).word is not Word.NO


def pinned(world, key, value):
    """That an attribute has this value."""
    term, solver = encode_attribute(world, key), world.solver
    if value is None:
        return solver.no(term.known)
    if isinstance(value, str):
        place = bisect_left(world.texts.all, value)
        same = term.value == (place if value in world.texts.all else solver.number(Decimal(place) - Decimal("0.5")))
    elif isinstance(value, tuple):
        held = [solver.same(term.value.has(text), text in value) for text in world.texts.all]
        same = solver.every(term.value.length == len(value), *held)
    else:
        same = solver.same(term.value, solver.number(value) if isinstance(value, Decimal) else value)
    return solver.every(term.known, same)


# The solver


def test_constants_need_no_solver():
    """Formulas of constants are settled at once, and what is settled stays a plain value."""
    solver = Solver()
    assert solver.every(True, True) is True
    assert solver.every(True, False) is False
    assert solver.some(False, False) is False
    assert solver.some(False, True) is True
    assert solver.no(True) is False
    assert solver.same(True, False) is False
    assert solver.choose(True, 1, 2) == 1
    assert (solver.floor(3), solver.quotient(-7, 2), solver.remainder(-7, 2)) == (3, -4, 1)
    assert solver.number(Decimal("2.0")) == 2
    assert solver.is_whole(3)


def test_an_answer_gives_values():
    """What makes formulas true can be read: truth values, whole numbers and fractions."""
    solver = Solver()
    switch, number, share = solver.boolean("b"), solver.whole("n"), solver.real("x")
    answer = solver.ask([switch, number == 3, share * 2 == 1], 1000)
    assert answer.word is Word.YES
    assert (answer.read(switch), answer.read(number), float(answer.read(share))) == (True, 3, 0.5)
    assert (answer.read(True), answer.read(5)) == (True, 5)


def test_a_question_that_takes_too_long_is_unknown():
    """A question ends when its time does, without an answer."""
    solver = Solver()
    numbers = [solver.whole(f"n{index}") for index in range(3)]
    one, other, third = numbers
    hard = [one > 10**6, other > 10**6, third > 10**6, one * one * one + other * other * other == third * third * third]
    assert solver.ask(hard, 1).word is Word.UNKNOWN
