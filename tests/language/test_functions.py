"""What expressions give, row by row, compiled and walked; the rows stand in tests/cases/expressions."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from service.engine.decide import decide
from service.engine.facts import read_facts
from service.engine.walk import Walk
from service.language.functions import FUNCTIONS, points_at
from service.language.instants import read_instant, write_instant, zone
from service.language.pipeline import read_ruleset
from service.language.types import Type

TABLES = sorted((Path(__file__).parents[1] / "cases" / "expressions").glob("*.json"))


@cache
def table(file):
    """A table with exact numbers."""
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def rows():
    """Every row with its table; named for the expression."""
    for file in TABLES:
        for row in table(file)["rows"]:
            yield pytest.param(table(file), row, id=f"{file.stem}: {row['expression']} {row.get('attributes', '')}")


def program_of(expression, declared, timezone="UTC"):
    """A program whose only rule is an output of that expression."""
    text = json.dumps(
        {
            "format": 1,
            "key": "table",
            "timezone": timezone,
            "attributes": [{"key": key, "type": kind} for key, kind in declared.items()],
            "values": [{"key": "answer", "output": True, "expression": expression}],
        }
    )
    reading = read_ruleset(text)
    assert reading.program is not None, [one.to_json() for one in reading.diagnostics]
    return reading.program


def plain(value, kind):
    """A value as a table writes it."""
    if kind is Type.DATETIME and value is not None:
        return write_instant(value)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("given", "row"), list(rows()))
def test_an_expression_gives_what_the_table_says(given, row):
    """Each expression has the answer of its row, compiled as well as walked for an explanation."""
    program = program_of(row["expression"], given["declared"], given.get("timezone", "UTC"))
    facts = read_facts(program, {**given["attributes"], **row.get("attributes", {})})
    at = read_instant(given.get("at", "2026-01-01T00:00:00Z"), program.where)
    outcome = decide(program, "u-1", facts, None, None, at)
    tree = program.rules.values["answer"]
    assert plain(outcome.values["answer"], tree.type) == row["expected"]
    assert plain(Walk(outcome.run).value(tree), tree.type) == row["expected"]
    assert type(outcome.values["answer"]) is type(Walk(outcome.run).value(tree))
    assert row["expected"] is not None or tree.nullable


def test_every_function_is_in_the_tables():
    """No function may be called whose answers nobody has written down."""
    written = " ".join(row["expression"] for file in TABLES for row in table(file)["rows"])
    assert not [name for name in FUNCTIONS if f"{name}(" not in written]


def test_a_period_that_ends_beyond_the_calendar_never_ends():
    """What begins in the last year stays within a period that no calendar reaches the end of."""
    where = zone("UTC")
    program = program_of("within(d'9999-12-30', 'P1Y')", {})
    facts = read_facts(program, {})
    outcome = decide(program, "u-1", facts, None, None, read_instant("9999-12-31T23:59:59Z", where))
    assert outcome.values["answer"] is True


@pytest.mark.parametrize(("number", "points"), [(None, None), (-1, 100), (6, 100), (7, 60), (29, 60), (30, 0), (99, 0)])
def test_points_are_those_of_the_highest_start_not_above(number, points):
    """A staircase of points gives the first step below all starts, and each step from its own start on."""
    starts, steps = (Decimal(7), Decimal(30)), (Decimal(100), Decimal(60), Decimal(0))
    assert points_at(None if number is None else Decimal(number), starts, steps) == points
