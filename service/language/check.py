"""A ruleset's model -> typed trees in an order that can be run, and every mistake in names, types and references.

What can't be typed gets no tree, and checking goes on. Nothing is evaluated.
Source: docs/language.md, "Checks".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from service.language.diagnostics import Diagnostic, has_errors
from service.language.expressions import Syntax, SyntaxFault, confirm, engine_context, parse
from service.language.functions import FUNCTIONS
from service.language.instants import zone
from service.language.model import Component, Ruleset, Value
from service.language.program import ComponentRule, Rules
from service.language.references import check_references
from service.language.scope import Scope, is_constant
from service.language.sentences import say
from service.language.tree import Choice, Literal, Node, Reference, references, walk
from service.language.typecheck import Typecheck, chain
from service.language.types import ATTRIBUTE_TYPES, Type

MOST_NODES = 200
MOST_DEPTH = 32
SPAN = (0, 0)


def check_ruleset(ruleset: Ruleset) -> tuple[Rules | None, tuple[Diagnostic, ...]]:
    """The typed rules, or nothing if there are errors; and all that was found."""
    check = Check(ruleset)
    rules = check.rules()
    found = (*check_references(ruleset), *check.found)
    return (None if has_errors(found) else rules), found


class Check:
    """Types every expression of one ruleset, each value on demand."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.found: list[Diagnostic] = []
        self.trees: dict[str, Node | None] = {}
        self.typing: list[str] = []
        self.places = {one.key: index for index, one in enumerate(ruleset.values)}
        lifecycle = ruleset.lifecycle
        self.scope = Scope(
            where=zone(ruleset.timezone),
            attributes={one.key: one for one in ruleset.attributes},
            values={one.key: one for one in ruleset.values},
            value=self.value,
            scores=frozenset(one.key for one in ruleset.scores),
            tiers={one.key: tuple(band.key for band in one.bands) for one in ruleset.tiers},
            tags=frozenset(one.key for one in ruleset.tags),
            stages=tuple(one.key for one in lifecycle.stages) if lifecycle else None,
            events=tuple(one.key for one in ruleset.events),
        )
        self.engine: Any = None

    def rules(self) -> Rules:
        """Every tree, in an order in which each stands behind what it reads."""
        ruleset = self.ruleset
        values = {one.key: tree for one in ruleset.values if (tree := self.value(one.key)) is not None}
        scores = {one.key: self.score(f"/scores/{index}", one.components) for index, one in enumerate(ruleset.scores)}
        tiers = {
            one.key: tree
            for index, one in enumerate(ruleset.tiers)
            if (tree := self.expression(f"/tiers/{index}/input", one.input, Type.NUMBER)) is not None
        }
        tags = {one.key: self.tag(f"/tags/{index}", one) for index, one in enumerate(ruleset.tags)}
        transitions = dict(self.transitions())
        actions = {
            one.key: self.condition(f"/actions/{index}/when", one.when) for index, one in enumerate(ruleset.actions)
        }
        order = self.order(dependencies(ruleset, values, scores, tiers, tags, transitions))
        return Rules(values, scores, tiers, tags, transitions, actions, order)

    def transitions(self) -> Iterator[tuple[str, Node | None]]:
        lifecycle = self.ruleset.lifecycle
        for index, one in enumerate(lifecycle.transitions if lifecycle else ()):
            scope = replace(self.scope, in_transition=True, on_event=one.on is not None)
            yield one.key, self.condition(f"/lifecycle/transitions/{index}/when", one.when, scope)

    def tag(self, pointer: str, tag: Any) -> tuple[Node | None, Node | None]:
        scope = replace(self.scope, on_event=tag.on is not None)
        return self.condition(f"{pointer}/when", tag.when, scope), self.condition(f"{pointer}/until", tag.until)

    # Values

    def value(self, key: str) -> Node | None:
        """The tree of a value; nothing if it is wrong, or while it is being typed, which is a cycle."""
        if key in self.typing:
            circle = [*self.typing[self.typing.index(key) :], key]
            self.report_cycle([("value", one) for one in circle])
        elif key not in self.trees:
            self.typing.append(key)
            self.trees[key] = None
            value = self.scope.values[key]
            pointer = f"/values/{self.places[key]}"
            if value.cases is not None:
                self.trees[key] = self.cases(pointer, value)
            else:
                self.trees[key] = self.expression(f"{pointer}/expression", value.expression)
            self.typing.pop()
        return self.trees[key]

    def cases(self, pointer: str, value: Value) -> Node | None:
        """A decision list as the nested choice that it equals."""
        conditions = [
            self.condition(f"{pointer}/cases/{index}/when", one.when) for index, one in enumerate(value.cases or ())
        ]
        tree: Node = constant(value.otherwise)
        for condition, case in reversed(list(zip(conditions, value.cases or (), strict=True))):
            if condition is None:
                return None
            then = constant(case.then)
            nullable = condition.nullable or tree.nullable
            tree = Choice(type=then.type, span=SPAN, condition=condition, then=then, otherwise=tree, nullable=nullable)
        return tree

    def score(self, pointer: str, components: tuple[Component, ...]) -> tuple[ComponentRule, ...]:
        """The parts of a score that could be typed."""
        rules = []
        for index, one in enumerate(components):
            member = "value" if one.value is not None else "input"
            text = one.value if one.value is not None else one.input
            tree = self.expression(f"{pointer}/components/{index}/{member}", text, Type.NUMBER)
            if tree is not None:
                points = tuple((number(each.start), decimal(each.points)) for each in one.points or ()) or None
                of_score = tree.key if isinstance(tree, Reference) and tree.root == "score" and not points else None
                rules.append(ComponentRule(decimal(one.weight), tree, points, of_score))
        return tuple(rules)

    # Expressions

    def condition(self, pointer: str, text: str | None, scope: Scope | None = None) -> Node | None:
        """The tree of a condition; nothing if there is none, or it is wrong."""
        if text is None:
            return None
        tree = self.expression(pointer, text, Type.BOOLEAN, scope)
        if tree is not None and is_constant(tree):
            self.found.append(say("constant-condition", pointer, span=tree.span))
            return None
        return tree

    def expression(
        self, pointer: str, text: str | None, expected: Type | None = None, scope: Scope | None = None
    ) -> Node | None:
        """The tree of an expression of the expected type; nothing if it is wrong."""
        assert text is not None
        before = len(self.found)
        report = self.reporter(pointer)
        try:
            syntax = parse(text)
        except SyntaxFault as fault:
            report_syntax(text, fault, report)
            return None
        if exceeds(syntax, report):
            return None
        tree = Typecheck(scope or self.scope, report).type(syntax)
        if expected and tree.type not in (expected, Type.ERROR):
            sentence = "not-a-condition" if expected is Type.BOOLEAN else "type-mismatch"
            report(sentence, tree.span, expected=expected, found=tree.type)
        elif tree.type is Type.SPAN:
            report("forbidden-construct/span", tree.span)
        if has_errors(self.found[before:]) or any(one.type is Type.ERROR for one in walk(tree)):
            return None
        if complaint := confirm(text, self.context()):
            report("type-mismatch/engine", tree.span, found=complaint)
            return None
        return tree

    def reporter(self, pointer: str) -> Callable[..., None]:
        """What takes the mistakes of the expression at a pointer."""

        def report(sentence: str, span: tuple[int, int], help: str | None = None, **facts: Any) -> None:
            self.found.append(say(sentence, pointer, span=span, help=help, **facts))

        return report

    def context(self) -> Any:
        """rule-engine's context for this ruleset, with every name that could be typed."""
        typed = {key: tree.type for key, tree in self.trees.items() if tree is not None}
        if self.engine is None or self.engine[0] != typed:
            self.engine = (typed, engine_context(engine_names(self.scope, typed), engine_functions()))
        return self.engine[1]

    # Order

    def order(self, needs: Mapping[tuple[str, str], set[tuple[str, str]]]) -> tuple[tuple[str, str], ...]:
        """All constructs, each behind those it needs; a cycle is reported once, where it was met."""
        done: dict[tuple[str, str], None] = {}
        path: list[tuple[str, str]] = []

        def visit(one: tuple[str, str]) -> None:
            if one in done or one not in needs:
                return
            if one in path:
                if not any(code.code == "cycle" for code in self.found):
                    self.report_cycle([*path[path.index(one) :], one])
                return
            path.append(one)
            for each in sorted(needs[one], key=list(needs).index):
                visit(each)
            path.pop()
            done[one] = None

        for one in needs:
            visit(one)
        return tuple(done)

    def report_cycle(self, circle: list[tuple[str, str]]) -> None:
        """Reports constructs that depend on each other, where the first of them stands."""
        words = " → ".join(f"`{kind}.{key}`" if key else f"`{kind}`" for kind, key in circle)
        self.found.append(say("cycle", self.pointer(circle[0]), path=words))

    def pointer(self, one: tuple[str, str]) -> str:
        """Where a construct stands."""
        kind, key = one
        if kind == "stage":
            return "/lifecycle"
        collection: Iterable[Any] = getattr(self.ruleset, f"{kind}s")
        return f"/{kind}s/{[each.key for each in collection].index(key)}"


def dependencies(
    ruleset: Ruleset,
    values: Mapping[str, Node],
    scores: Mapping[str, tuple[ComponentRule, ...]],
    tiers: Mapping[str, Node],
    tags: Mapping[str, tuple[Node | None, Node | None]],
    transitions: Mapping[str, Node | None],
) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """What each construct reads: (kind, key) -> those it must stand behind, in document order."""
    needs: dict[tuple[str, str], set[tuple[str, str]]] = {}
    needs.update({("value", key): reads([tree]) for key, tree in values.items()})
    needs.update({("score", key): reads(part.tree for part in parts) for key, parts in scores.items()})
    needs.update({("tier", key): reads([tree]) for key, tree in tiers.items()})
    needs.update({("tag", key): reads(trees) for key, trees in tags.items()})
    if ruleset.lifecycle:
        needs["stage", ""] = reads(transitions.values())
    for group in ruleset.tag_groups:
        members = [one.key for one in ruleset.tags if one.group == group.key] if group.exclusive else []
        for index, key in enumerate(members):
            rivals = members if key == group.default else members[:index]
            others = [one for one in rivals if one not in (key, group.default)]
            needs["tag", key] |= {("tag", one) for one in others}
    return needs


def reads(trees: Iterable[Node | None]) -> set[tuple[str, str]]:
    """The constructs that expressions read."""
    found = set()
    for tree in trees:
        for one in references(tree) if tree is not None else ():
            root = one.root.removeprefix("since.")
            if root in ("value", "score", "tier", "tag", "stage"):
                found.add((root, one.key))
    return found


def exceeds(syntax: Syntax, report: Callable[..., None]) -> bool:
    """Reports an expression with too many parts or too deep; walks without recursion."""
    nodes, deepest, stack = 0, 0, [(syntax, 1)]
    while stack:
        one, depth = stack.pop()
        nodes, deepest = nodes + 1, max(deepest, depth)
        if deepest > 10 * MOST_DEPTH:
            break
        parts = chain(one) if one.kind == "Logic" and nodes <= MOST_NODES else one.parts
        for part in parts:
            inner = part if isinstance(part, tuple) else (part,)
            stack.extend((each, depth + 1) for each in inner if isinstance(each, Syntax))
    if nodes > MOST_NODES:
        report("limit-exceeded/nodes", syntax.span, most=MOST_NODES, found=nodes)
    elif deepest > MOST_DEPTH:
        report("limit-exceeded/depth", syntax.span, most=MOST_DEPTH, found=deepest)
    return nodes > MOST_NODES or deepest > MOST_DEPTH


SLIPS = {"&&": "help/and", "||": "help/or", "!": "help/not"}


def report_syntax(text: str, fault: SyntaxFault, report: Callable[..., None]) -> None:
    """Reports a text that can't be read; help knows the common slips."""
    if fault.at >= len(text.rstrip()):
        report("syntax/end", (len(text), len(text)))
        return
    found = fault.found or text[fault.at : fault.at + 10]
    near = text[max(fault.at - 1, 0) : fault.at + 2]
    advice = next((one for slip, one in SLIPS.items() if slip in near), None)
    if found in ("<", "<=", ">", ">=", "==", "!="):
        advice = "help/chain"
    elif found.startswith("="):
        advice = "help/equals"
    elif found in ("'", '"'):
        advice = "help/quote"
    report("syntax", (fault.at, fault.at + len(found)), help=advice, found=f"`{found}`")


def number(value: object) -> Decimal | None:
    """A JSON number as an exact decimal; nothing stays nothing."""
    return None if value is None else decimal(value)


def decimal(value: object) -> Decimal:
    """A JSON number as an exact decimal."""
    return Decimal(value)  # type: ignore[arg-type]


def constant(value: object) -> Literal:
    """A JSON boolean, number, string or list of strings as a literal."""
    if isinstance(value, bool):
        return Literal(type=Type.BOOLEAN, span=SPAN, value=value)
    if isinstance(value, str):
        return Literal(type=Type.STRING, span=SPAN, value=value)
    if isinstance(value, tuple):
        return Literal(type=Type.STRINGS, span=SPAN, value=value)
    return Literal(type=Type.NUMBER, span=SPAN, value=decimal(value))


def engine_names(scope: Scope, values: Mapping[str, Type]) -> dict[str, Any]:
    """Every name of a scope with its type, as rule-engine is told."""
    stages = scope.stages is not None
    since: dict[str, Any] = {"stage": Type.DATETIME} if stages else {}
    names: dict[str, Any] = {key: ATTRIBUTE_TYPES[one.type] for key, one in scope.attributes.items()}
    names |= values
    if stages:
        names["stage"] = Type.STRING
    for root, keys, type in (
        ("score", scope.scores, Type.NUMBER),
        ("tier", scope.tiers, Type.STRING),
        ("tag", scope.tags, Type.BOOLEAN),
    ):
        if keys:
            names[root] = dict.fromkeys(keys, type)
            if root != "score":
                since[root] = dict.fromkeys(keys, Type.DATETIME)
    if since:
        names["since"] = since
    names["event"] = {"type": Type.STRING, "text": Type.STRING, "at": Type.DATETIME}
    return names


def engine_functions() -> dict[str, Any]:
    """The signature of every function, as rule-engine is told."""
    signatures = {}
    for name, one in FUNCTIONS.items():
        least, most = one.limits
        signatures[name] = (one.result, tuple(one.argument(index) for index in range(most)), least)
    return signatures
