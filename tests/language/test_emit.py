"""Typed trees as Python expressions: unknown is guarded where it can be, and nowhere else."""

import ast

import pytest

from service.language.emit import Emit, extras
from tests.engine.programs import attributes, bands, program_of, stages, tag

ROWS = [
    # What is never unknown needs no guard.
    ("known > 5", "a_known > K1"),
    ("known + 1", "F_plus(a_known, K1)"),
    ("-known", "F_negative(a_known)"),
    ("not flag", "not a_flag"),
    ("known == null", "False"),
    ("known ?? 0", "a_known"),
    ("flag and tag.x", "a_flag and t_x"),
    ("flag ? n : 0", "a_n if a_flag else K1"),
    ("known in [1, 2.5]", "a_known in K1"),
    ("bucket('a') < 50", "F_bucket('a', profile) < K2"),
    ("stage == 'new'", "stage == 'new'"),
    ("$today.month", "F_dot_month(today, WHERE)"),
    ("days_since($now)", "F_days_since(at, at)"),
    # One unknown operand makes the whole unknown.
    ("n > 5", "None if a_n is None else a_n > K1"),
    ("n > m", "None if a_n is None or a_m is None else a_n > a_m"),
    ("-n", "None if a_n is None else F_negative(a_n)"),
    ("not b", "None if a_b is None else not a_b"),
    ("b ? n : m", "None if a_b is None else a_n if a_b else a_m"),
    ("s in ['a', 'b']", "None if a_s is None else a_s in K1"),
    ("s in xs", "None if a_s is None or a_xs is None else a_s in a_xs"),
    ("[s, 'a']", "None if a_s is None else (a_s, 'a')"),
    ("calendar_days_since(t)", "None if a_t is None else F_calendar_days_since(a_t, day, WHERE)"),
    ("within(t, 'P7D')", "None if a_t is None else F_within(a_t, K2, at, WHERE)"),
    ("score.heat >= 50", "None if s_heat is None else s_heat >= K1"),
    ("tier.band == 'low'", "None if b_band is None else b_band == 'low'"),
    # What may be unknown and is more than a name is computed once.
    ("since.tag.x < since.stage", "None if (x1 := run.since_tag('x')) is None else x1 < run.stage_since"),
    ("since.tier.band > $now", "None if (x1 := run.since_tier('band')) is None else x1 > at"),
    (
        "t + t'P1D' > d",
        "None if (x1 := (None if a_t is None else F_shift(a_t, 86400000))) is None or a_d is None else x1 > a_d",
    ),
    ("(n + m) ?? 0", "K2 if (x1 := (None if a_n is None or a_m is None else F_plus(a_n, a_m))) is None else x1"),
    # What looks at unknown itself.
    ("n == null", "a_n is None"),
    ("n != null", "not a_n is None"),
    ("n ?? m", "a_m if a_n is None else a_n"),
    ("latest(t, d)", "F_latest(a_t, a_d)"),
    ("n in [m, 1]", "F_member(a_n, (a_m, K1))"),
    # Kleene: what is never unknown goes first; `false` decides an `and` alone, `true` an `or`.
    ("b and flag", "a_flag and a_b"),
    ("b and c", "False if (x1 := a_b) is False else x1 if (x2 := a_c) is True else x2"),
    ("b or c or flag", "a_flag or (True if (x1 := a_b) is True else x1 if (x2 := a_c) is False else x2)"),
]


def tree_of(expression):
    """The tree of an expression over names of each kind, and the timezone it is in."""
    program = program_of(
        attributes=attributes(
            **dict.fromkeys(("n", "m"), "number"),
            **dict.fromkeys(("b", "c"), "boolean"),
            **dict.fromkeys(("t", "d"), "datetime"),
            s="string",
            xs="strings",
            known={"type": "number", "default": 0},
            flag={"type": "boolean", "default": True},
        ),
        values=[{"key": "probe", "expression": expression}],
        scores=[{"key": "heat", "components": [{"key": "one", "weight": 1, "value": "n"}]}],
        tiers=[{"key": "band", "input": "n", "bands": bands("low", high=4)}],
        tags=[tag("x", "b")],
        lifecycle=stages("new"),
    )
    return program.rules.values["probe"], program.where


@pytest.mark.parametrize(("expression", "python"), ROWS)
def test_an_expression_becomes_this_python(expression, python):
    """Each kind of expression has one form; constants and functions enter through names."""
    tree, where = tree_of(expression)

    found = Emit(where).emit(tree)

    assert ast.unparse(ast.fix_missing_locations(ast.Expression(found))) == python


def test_functions_of_one_name_are_kept_apart():
    """An accessor that lists and texts both have is two functions."""
    tree, where = tree_of("s.length + xs.length + s.length")
    emit = Emit(where)

    emit.emit(tree)

    lengths = {name: code for name, code in emit.names.items() if "length" in name}
    assert len(set(map(id, lengths.values()))) == 2


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        ("n > 5", set()),
        ("days_since(t)", set()),
        ("calendar_days_since(t) + months_since(t)", {"day"}),
        ("$today", {"day", "today"}),
        ("bucket('a')", {"profile"}),
    ],
)
def test_only_what_is_read_is_prepared(expression, needed):
    """The date, its midnight and the profile are looked up only for expressions that need them."""
    assert extras([tree_of(expression)[0]]) == needed
