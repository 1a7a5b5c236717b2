"""The plain conditions of a program -> contenders that answer them: ours, and every rival that is installed.

Everything that can be prepared is prepared: conditions are parsed, compiled and typed, and each engine gets profiles
in the form it likes best. What it does with a profile at each call, such as taking over a dictionary, is part of its
answer.
"""

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from importlib.metadata import version
from typing import Any

import rule_engine

from benchmarks.dialects import CEL, as_json, json_logic, written
from service.language.compile import Compile
from service.language.emit import assign, attribute, call
from service.language.expressions import engine_context
from service.language.functions import FUNCTIONS
from service.language.program import Program
from service.language.tree import Call, Node, references, walk

Profile = Mapping[str, Any]
Answers = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Contender:
    """One form of one engine: `take` gives a profile the form it likes, beforehand; `answer` answers all conditions."""

    engine: str
    form: str
    take: Callable[[Profile], Any]
    answer: Answers


def plain_conditions(program: Program) -> dict[str, Node]:
    """The conditions of tags and transitions that read nothing but attributes and values, and no clock."""
    found = {}
    for rule, trees in program.trees.items():
        for index, tree in enumerate(trees):
            if rule.startswith("tiers/") or any(one.root not in ("attribute", "value") for one in references(tree)):
                continue
            if not any(
                isinstance(one, Call) and (one.function not in FUNCTIONS or FUNCTIONS[one.function].extra)
                for one in walk(tree)
            ):
                found[f"{rule}/{index}"] = tree
    return found


def ours(program: Program, conditions: list[Node]) -> Iterator[Contender]:
    """One generated function over the same local variables as the engine's own."""
    builder = Compile(program.ruleset, program.rules)
    builder.emit.kept.clear()  # Why: all is asked at once here, and nothing is known beforehand.
    builder.emit.kept.clear()  # Why: all is asked at once here, and nothing is known beforehand.
    body = builder.prologue(conditions)
    for key in sorted({one.key for tree in conditions for one in references(tree) if one.root == "value"}):
        body.append(assign(f"v_{key}", call(attribute("facts", "get"), ast.Constant(key))))
    answers = ast.Tuple([builder.emit.emit(one) for one in conditions], ast.Load())
    yield Contender(
        "tagwright",
        "compiled to one function",
        dict,
        builder.function("conditions", ("facts",), [*body, ast.Return(answers)]),
    )


def by_rule_engine(_program: Program, conditions: list[Node]) -> Iterator[Contender]:
    """rule-engine's own evaluation, with types."""
    types = {one.key: one.type for tree in conditions for one in references(tree)}
    context = engine_context(types, {}, resolver=rule_engine.resolve_item)
    rules = [rule_engine.Rule(written(one), context=context) for one in conditions]
    all_in_one = rule_engine.Rule(in_a_list(written(one) for one in conditions), context=context)
    yield Contender("rule-engine", "a rule each", dict, lambda profile: [one.evaluate(profile) for one in rules])
    yield Contender("rule-engine", "one list", dict, all_in_one.evaluate)


def by_zen(_program: Program, conditions: list[Node]) -> Iterator[Contender]:
    """zen-engine: an expression each, a decision with an expression node, and all conditions in one list expression."""
    zen = import_module("zen")
    texts = [written(one) for one in conditions]
    expressions = [zen.compile_expression(one) for one in texts]
    decision = zen.ZenEngine().create_decision(json.dumps(decision_graph(texts)))
    names = [f"c{index}" for index in range(len(texts))]
    all_in_one = zen.compile_expression(in_a_list(texts))

    def by_decision(profile: bytes) -> list[bool]:
        result = decision.evaluate(profile)["result"]
        return [result[name] for name in names]

    yield Contender(
        "zen-engine", "an expression each", as_bytes, lambda profile: [one.evaluate(profile) for one in expressions]
    )
    yield Contender("zen-engine", "a decision with an expression node", plain_dict, by_decision)
    yield Contender("zen-engine", "one list", plain_dict, all_in_one.evaluate)


def decision_graph(texts: list[str]) -> dict[str, Any]:
    """A decision that gives each condition under a name of its own."""
    expressions = [{"id": f"c{index}", "key": f"c{index}", "value": one} for index, one in enumerate(texts)]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "content": {}},
        {"id": "rules", "name": "rules", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode", "content": {}},
    ]
    edges = [
        {"id": f"{one}-{two}", "type": "edge", "sourceId": one, "targetId": two}
        for one, two in (("in", "rules"), ("rules", "out"))
    ]
    return {"nodes": nodes, "edges": edges}


def by_cel(_program: Program, conditions: list[Node]) -> Iterator[Contender]:
    """CEL in Rust: a program each over one context, and all conditions in one list expression."""
    cel = import_module("cel")
    programs = [cel.compile(written(one, CEL)) for one in conditions]
    all_in_one = cel.compile(in_a_list(written(one, CEL) for one in conditions))

    def each(profile: Profile) -> list[bool]:
        context = cel.Context(profile)
        return [one.execute(context) for one in programs]

    yield Contender("CEL", "a program each", doubles, each)
    yield Contender("CEL", "one list", doubles, all_in_one.execute)


def by_json_logic(_program: Program, conditions: list[Node]) -> Iterator[Contender]:
    """JsonLogic in Python."""
    apply = import_module("json_logic").jsonLogic
    rules = [json_logic(one) for one in conditions]
    yield Contender("JsonLogic", "a rule each", plain_dict, lambda profile: [apply(one, profile) for one in rules])


RIVALS: dict[str, Callable[[Program, list[Node]], Iterator[Contender]]] = {
    "rule-engine": by_rule_engine,
    "zen-engine": by_zen,
    "common-expression-language": by_cel,
    "panzi-json-logic": by_json_logic,
}
"""Each rival's distribution, and what makes its contenders."""


def contenders(program: Program, conditions: list[Node]) -> Iterator[Contender]:
    """Ours first, then those of every rival that is installed; says which are, and which are not."""
    yield from ours(program, conditions)
    for distribution, make in RIVALS.items():
        try:
            yield from make(program, conditions)
        except ImportError:
            print(f"  {distribution} is not installed and left out: pip install 'tagwright[bench]'")
        else:
            print(f"  {distribution} {version(distribution)}")


def in_a_list(texts: Any) -> str:
    """All conditions as one expression."""
    return f"[{', '.join(texts)}]"


def plain_dict(profile: Profile) -> dict[str, Any]:
    """As JSON has it."""
    return {key: as_json(value) for key, value in profile.items()}


def as_bytes(profile: Profile) -> bytes:
    """As JSON text."""
    return json.dumps(plain_dict(profile)).encode()


def doubles(profile: Profile) -> dict[str, Any]:
    """Every number a double."""
    return {key: float(value) if isinstance(value, Decimal) else as_json(value) for key, value in profile.items()}
