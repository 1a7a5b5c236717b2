"""Expressions made by chance: what is compiled, what is walked and what the checker promised are one answer."""

import json
import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from service.engine.decide import decide
from service.engine.facts import read_facts
from service.engine.walk import Walk
from service.language.instants import FIRST, LAST
from service.language.pipeline import read_ruleset

ATTRIBUTES = {
    "n": "number",
    "m": "number",
    "s": "string",
    "t": "datetime",
    "u": "datetime",
    "xs": "strings",
    "b": "boolean",
}
ATOMS = {
    "number": ["n", "m", "0", "1", "2.5", "xs.length", "bucket('a')"],
    "text": ["s", "'a'", "''", "t.weekday"],
    "date": ["t", "u", "$now", "$today", "d'2026-01-31'"],
    "list": ["xs", "['a']", "[s, 'b']", "[]"],
    "truth": ["b", "(n == null)", "s.is_empty"],
}
FORMS = {
    "number": """({number} + {number}) | ({number} / {number}) | ({number} % {number}) | -{number}
        | ({number} ?? {number}) | ({truth} ? {number} : {number}) | min({number}, {number}) | {date}.day
        | clamp({number}, {number}, {number}) | scale({number}, {number}, 9) | share({number}, {number})
        | days_since({date}) | months_since({date})""",
    "text": "({text} ?? {text}) | ({truth} ? {text} : {text}) | {text}.as_upper",
    "date": """({date} + t'P2D') | ({date} ?? {date}) | latest({date}, {date}) | {date}.date
        | ({truth} ? {date} : {date})""",
    "list": "[{text}, {text}] | ({list} ?? {list})",
    "truth": """({number} < {number}) | ({number} == {number}) | ({date} <= {date}) | ({text} in {list})
        | ({text} != {text}) | ({number} in [{number}, {number}]) | ({truth} and {truth}) | (not {truth})
        | ({truth} or {truth} or {truth}) | ({truth} ?? {truth}) | within({date}, 'P1M') | any_of({list}, {list})
        | {text}.starts_with({text}) | ({date} == null)""",
}


@st.composite
def expressions(draw, kind, depth):
    """An expression of a kind, at most so deep."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(ATOMS[kind]))
    form = draw(st.sampled_from(re.split(r"\s*\| ", FORMS[kind])))
    while "{" in form:
        inner = form[form.index("{") + 1 : form.index("}")]
        form = form.replace(f"{{{inner}}}", draw(expressions(inner, depth - 1)), 1)
    return form


FACTS = st.fixed_dictionaries(
    {
        "n": st.sampled_from([None, 0, 1, -3, Decimal("2.5"), 10**20]),
        "m": st.sampled_from([None, 0, 7]),
        "s": st.sampled_from([None, "a", "", "世界"]),
        "t": st.sampled_from([None, "2026-01-31T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]),
        "u": st.sampled_from([None, "2026-02-28T23:30:00Z"]),
        "xs": st.sampled_from([None, [], ["a"], ["a", "b"]]),
        "b": st.sampled_from([None, True, False]),
    }
)


@settings(max_examples=150, deadline=None)
@given(
    text=st.sampled_from(list(ATOMS)).flatmap(lambda kind: expressions(kind, 3)),
    posted=FACTS,
    at=st.sampled_from([FIRST, 1_772_323_200_000, 1_772_953_200_000, LAST]),
    timezone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
)
def test_every_reading_of_an_expression_gives_one_answer(text, posted, at, timezone):
    """Compiled and walked an expression gives the same, and nothing is unknown that was said never to be."""
    attributes = [{"key": key, "type": kind} for key, kind in ATTRIBUTES.items()]
    value = {"key": "v", "output": True, "expression": text}
    reading = read_ruleset(
        json.dumps({"format": 1, "key": "r", "timezone": timezone, "attributes": attributes, "values": [value]})
    )
    program = reading.program
    if program is None:
        # Why: chance also makes `'a' != ''` and `$now == t`, which are refused.
        refusals = {"constant-condition", "forbidden-construct", "limit-exceeded"}
        assert {one.code for one in reading.diagnostics} & refusals
        return
    outcome = decide(program, "u-1", read_facts(program, posted), None, None, at)
    tree = program.rules.values["v"]
    walked = Walk(outcome.run).value(tree)
    assert (type(walked), walked) == (type(outcome.values["v"]), outcome.values["v"])
    assert walked is not None or tree.nullable
