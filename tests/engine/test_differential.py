"""One language, three readings: the compiled function, the walked tree, and rule-engine's own evaluation."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import rule_engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_engine.builtins import Builtins

from service.engine.decide import decide
from service.engine.facts import read_facts
from service.engine.walk import Walk
from service.language.check import engine_functions
from service.language.durations import read_duration
from service.language.expressions import engine_context
from service.language.functions import CONTEXT, FUNCTIONS
from service.language.instants import local_date, midnight
from service.language.tree import references
from service.language.types import Type
from tests.engine.expressions import expressions, facts
from tests.engine.programs import program_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REFUSED = {"constant-condition", "forbidden-construct", "impossible-condition", "limit-exceeded"}
"""What a generator that knows no types of names may run into: nothing else may be wrong with its expressions."""
TYPES = {
    "n": "integer",
    "m": "number",
    "i": "integer",
    "s": "string",
    "u": "string",
    "b": "boolean",
    "c": "boolean",
    "t": "datetime",
    "d": "date",
    "xs": "strings",
    "ys": "strings",
}
NAMES = {
    **dict.fromkeys(("n", "m", "i", "ratio"), Type.NUMBER),
    **dict.fromkeys(("s", "u", "word", "stage"), Type.STRING),
    **dict.fromkeys(("b", "c"), Type.BOOLEAN),
    **dict.fromkeys(("t", "d"), Type.DATETIME),
    **dict.fromkeys(("xs", "ys"), Type.STRINGS),
    "score": {"heat": Type.NUMBER},
    "tier": {"band": Type.STRING},
    "tag": {"x": Type.BOOLEAN},
    "since": {"stage": Type.DATETIME, "tag": {"x": Type.DATETIME}, "tier": {"band": Type.DATETIME}},
}


def program_with(kind, expression, timezone):
    """A program that outputs an expression and acts on it, if it is a condition; refused expressions are passed over."""
    action = {"key": "acted", "on": [{"tag": "any"}], **({"when": expression} if kind == "boolean" else {})}
    return program_of(
        passing=REFUSED,
        timezone=timezone,
        attributes=[{"key": key, "type": kind} for key, kind in TYPES.items()],
        values=[
            {"key": "answer", "output": True, "expression": expression},
            {"key": "ratio", "expression": "m / n"},
            {"key": "word", "expression": "b ? s : u"},
        ],
        scores=[
            {
                "key": "heat",
                "components": [{"key": "one", "weight": 1, "value": "m"}, {"key": "two", "weight": 3, "value": "i"}],
            }
        ],
        tiers=[{"key": "band", "input": "i", "bands": [{"key": "low"}, {"key": "high", "from": 30}]}],
        tags=[{"key": "x", "when": "c"}, {"key": "any", "when": "b or not b or b == null"}],
        lifecycle={
            "initial": "new",
            "stages": [{"key": "new"}, {"key": "old"}],
            "transitions": [{"key": "ages", "from": ["new"], "to": "old", "movement": "promotion", "when": "b"}],
        },
        actions=[action],
    )


class Reference:
    """rule-engine, told what one run knows."""

    def __init__(self, run):
        self.run = run
        functions = {name: partial(self.call, name) for name in FUNCTIONS}
        names = {key: self.known(NAMES, key) for key in NAMES}
        self.names = {**names, **functions}
        self.context = engine_context(
            NAMES,
            engine_functions(),
            resolver=lambda thing, name: self.names[name],
            default_timezone=run.where,
            decimal_context=CONTEXT,
        )
        today = midnight(local_date(run.at, run.where), run.where)
        now = {"now": self.shown(run.at, Type.DATETIME), "today": self.shown(today, Type.DATETIME)}
        self.context.builtins = Builtins.from_defaults(values=now, timezone=run.where)

    def known(self, names, key):
        """What stands behind a name, as rule-engine takes it."""
        run = self.run
        roots = {
            "score": lambda: {"heat": run.scores["heat"][0]},
            "tier": lambda: {"band": run.band("band")},
            "tag": lambda: {"x": "x" in run.tags},
            "since": lambda: {
                "stage": self.moment(run.stage_since),
                "tag": {"x": self.moment(run.since_tag("x"))},
                "tier": {"band": self.moment(run.since_tier("band"))},
            },
            "stage": lambda: run.stage,
        }
        if key in roots:
            return roots[key]()
        return self.shown(run.values[key] if key in ("ratio", "word") else run.facts.get(key), names[key])

    def moment(self, at):
        """An instant as rule-engine takes it."""
        return self.shown(at, Type.DATETIME)

    def shown(self, value, kind):
        """One of our values as rule-engine takes it."""
        if value is None or kind is not Type.DATETIME:
            return value
        return (EPOCH + timedelta(milliseconds=value)).astimezone(self.run.where)

    def call(self, name, *arguments):
        """One of our functions, on rule-engine's values; it has no answer where ours is unknown."""
        run, function = self.run, FUNCTIONS[name]
        plain = [ours(one) for one in arguments]
        if name == "within":
            plain[1] = read_duration(plain[1])
        extra = {"at": run.at, "today": local_date(run.at, run.where), "where": run.where, "profile": run.profile}
        found = function.code(*plain, *(extra[one] for one in function.extra))
        if found is None:
            raise ArithmeticError(name)
        return self.shown(found, function.result)

    def answer(self, expression):
        """rule-engine's answer; `ArithmeticError` or one of its own errors where it has none."""
        return ours(rule_engine.Rule(expression, context=self.context).evaluate(None))


def ours(value):
    """A value of rule-engine as one of ours."""
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    return tuple(value) if isinstance(value, list | tuple) else value


compared = Counter()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions(), st.lists(facts(), min_size=2, max_size=3), st.sampled_from(["UTC", "Asia/Shanghai"]))
def check_readings(made, posted, timezone):
    """Compares the three readings of one expression on several profiles."""
    kind, expression = made
    program = program_with(kind, expression, timezone)
    tree = program.rules.values["answer"]
    names = list(references(tree))
    for attributes in posted:
        outcome = decide(program, "u-1", read_facts(program, attributes), None, None, 1_780_000_000_000)
        walk = Walk(outcome.run)
        compiled = outcome.values["answer"]
        assert repr(walk.value(tree)) == repr(compiled), expression
        assert compiled is not None or tree.nullable, expression
        assert bool(outcome.actions) is (kind != "boolean" or compiled is True), expression
        compared["walked"] += 1
        if all(walk.value(one) is not None for one in names):
            compared[compare(outcome.run, expression, compiled)] += 1


def compare(run, expression, compiled):
    """Whether rule-engine has an answer; then it must be the compiled one's."""
    try:
        answer = Reference(run).answer(expression)
    except (rule_engine.errors.EngineError, ArithmeticError):
        return "no answer"
    assert answer == compiled, expression
    assert type(answer) is type(compiled), expression
    return "answered"


def test_three_readings_of_an_expression_agree():
    """What is compiled gives what the tree gives, always, and what rule-engine gives wherever it has an answer."""
    compared.clear()

    check_readings()

    assert compared["walked"] >= 500
    assert compared["answered"] >= 250
    assert compared["no answer"] <= compared["answered"]
