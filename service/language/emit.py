"""Typed tree -> Python syntax tree, three-valued logic inline.

Every expression becomes one Python expression over local variables; unknown is `None`.
Nodes are built as `ast` objects,
never as source text, so nothing in a ruleset can become code. Constants enter through names, not through literals.
Local variables: `a_K` an attribute, `v_K` a value, `s_K` a score, `b_K` a tier's band, `t_K` a tag, `stage`, `at`,
`today`,
`day` (the date of `at`), `profile`, `event`, `run`.
Source: docs/language.md, "Three-valued logic".
"""

import ast
from datetime import tzinfo
from decimal import Decimal

from service.language.functions import ACCESSORS, FUNCTIONS, OPERATORS, Function, negative, scaler
from service.language.instants import within_years
from service.language.tree import (
    COMPARISONS,
    Binary,
    Call,
    Choice,
    Listing,
    Literal,
    Logic,
    Member,
    Node,
    Reference,
    Unary,
    references,
    walk,
)

NONE, TRUE, FALSE = ast.Constant(None), ast.Constant(True), ast.Constant(False)
LOCALS = {"attribute": "a", "value": "v", "score": "s", "tier": "b", "tag": "t"}
COMPARE: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
}
WORDS = {"+": "plus", "-": "minus", "*": "times", "/": "divide", "//": "divide_whole", "%": "remainder"}
EXTRA = {"at": "at", "today": "day", "where": "WHERE", "profile": "profile"}


def load(name: str) -> ast.Name:
    """The value of a variable."""
    return ast.Name(name, ast.Load())


def call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    """A call."""
    return ast.Call(function, list(arguments), [])


def attribute(owner: str, name: str) -> ast.Attribute:
    """`owner.name`."""
    return ast.Attribute(load(owner), name, ast.Load())


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.Compare:
    """One comparison."""
    return ast.Compare(left, [operator], [right])


def is_(left: ast.expr, right: ast.expr) -> ast.Compare:
    """`left is right`."""
    return compare(left, ast.Is(), right)


def choose(condition: ast.expr, then: ast.expr, otherwise: ast.expr) -> ast.IfExp:
    """`then if condition else otherwise`."""
    return ast.IfExp(condition, then, otherwise)


def assign(name: str, value: ast.expr) -> ast.Assign:
    """`name = value`."""
    return ast.Assign([ast.Name(name, ast.Store())], value)


def joined(operator: ast.boolop, tests: list[ast.expr]) -> ast.expr:
    """One or more tests as one."""
    return tests[0] if len(tests) == 1 else ast.BoolOp(operator, tests)


class Emit:
    """Makes Python expressions; `names` collects the constants and functions that they use, by name.

    `kept` names the variables of nodes, by identity, that were computed beforehand.
    """

    def __init__(self, where: tzinfo) -> None:
        self.names: dict[str, object] = {"WHERE": where}
        self.kept: dict[int, str] = {}
        self.temporaries = 0

    def constant(self, value: object) -> ast.expr:
        """A constant: small ones as they are, others through a name."""
        if value is None or isinstance(value, bool | int | str):
            return ast.Constant(value)
        for name, known in self.names.items():
            if known is value or (type(known) is type(value) and repr(known) == repr(value) and name[0] == "K"):
                return load(name)
        name = f"K{len(self.names)}"
        self.names[name] = value
        return load(name)

    def function(self, name: str, code: object) -> ast.expr:
        """A function, through a name of its own."""
        safe = "F_" + name.replace(".", "dot_")
        if self.names.setdefault(safe, code) is not code:
            safe = f"{safe}_{len(self.names)}"
            self.names[safe] = code
        return load(safe)

    def known(self, node: Node, tests: list[ast.expr]) -> ast.expr:
        """The node's value for use behind the tests, which are true where it is unknown."""
        value = self.emit(node)
        if not node.nullable:
            return value
        if isinstance(value, ast.Name):
            tests.append(is_(value, NONE))
            return value
        self.temporaries += 1
        name = f"x{self.temporaries}"
        tests.append(is_(ast.NamedExpr(ast.Name(name, ast.Store()), value), NONE))
        return load(name)

    def guarded(self, tests: list[ast.expr], result: ast.expr) -> ast.expr:
        """The result, or unknown where a test is true."""
        if not tests:
            return result
        return choose(joined(ast.Or(), tests), NONE, result)

    def emit(self, node: Node) -> ast.expr:
        """The Python expression of a node: the variable that holds it, if there is one, else what computes it."""
        name = self.kept.get(id(node))
        return self.compute(node) if name is None else load(name)

    def compute(self, node: Node) -> ast.expr:
        """The Python expression that computes a node."""
        found: ast.expr = getattr(self, f"emit_{type(node).__name__.lower()}")(node)
        return found

    def emit_literal(self, node: Literal) -> ast.expr:
        return self.constant(node.value)

    def emit_reference(self, node: Reference) -> ast.expr:
        root, key = node.root, node.key
        if root in LOCALS:
            return load(f"{LOCALS[root]}_{key}")
        if root == "event":
            return attribute("event", key)
        if root == "since.stage":
            return attribute("run", "stage_since")
        if root in ("since.tag", "since.tier"):
            return call(attribute("run", root.replace(".", "_")), ast.Constant(key))
        return load({"now": "at", "today": "today", "stage": "stage"}[root])

    def emit_unary(self, node: Unary) -> ast.expr:
        if node.operator == "is-null":
            return is_(self.emit(node.operand), NONE) if node.operand.nullable else FALSE
        tests: list[ast.expr] = []
        operand = self.known(node.operand, tests)
        if node.operator == "not":
            return self.guarded(tests, ast.UnaryOp(ast.Not(), operand))
        return self.guarded(tests, call(self.function("negative", negative), operand))

    def emit_binary(self, node: Binary) -> ast.expr:
        if node.operator == "??":
            return self.coalesce(node)
        tests: list[ast.expr] = []
        left, right = self.known(node.left, tests), self.known(node.right, tests)
        if node.operator in COMPARISONS:
            return self.guarded(tests, compare(left, COMPARE[node.operator], right))
        if node.operator == "shift":
            return self.guarded(tests, call(self.function("shift", shift), left, right))
        return self.guarded(tests, call(self.function(WORDS[node.operator], OPERATORS[node.operator]), left, right))

    def coalesce(self, node: Binary) -> ast.expr:
        """`a ?? b`."""
        if not node.left.nullable:
            return self.emit(node.left)
        tests: list[ast.expr] = []
        left = self.known(node.left, tests)
        return choose(tests[0], self.emit(node.right), left)

    def emit_logic(self, node: Logic) -> ast.expr:
        """Kleene's `and` and `or`: operands that are never unknown go first and decide alone."""
        stop = FALSE if node.operator == "and" else TRUE
        operator = ast.And() if node.operator == "and" else ast.Or()
        certain = [self.emit(one) for one in node.operands if not one.nullable]
        result: ast.expr | None = None
        for one in reversed([one for one in node.operands if one.nullable]):
            result = self.emit(one) if result is None else self.fold(self.emit(one), result, stop)
        values = [*certain, *([] if result is None else [result])]
        return values[0] if len(values) == 1 else ast.BoolOp(operator, values)

    def fold(self, left: ast.expr, right: ast.expr, stop: ast.Constant) -> ast.expr:
        """Two operands, either of which may be unknown: `stop` decides alone, else unknown wins."""
        self.temporaries += 2
        x, y = f"x{self.temporaries - 1}", f"x{self.temporaries}"
        go = FALSE if stop is TRUE else TRUE
        first = is_(ast.NamedExpr(ast.Name(x, ast.Store()), left), stop)
        second = is_(ast.NamedExpr(ast.Name(y, ast.Store()), right), go)
        return choose(first, stop, choose(second, load(x), load(y)))

    def emit_choice(self, node: Choice) -> ast.expr:
        tests: list[ast.expr] = []
        condition = self.known(node.condition, tests)
        return self.guarded(tests, choose(condition, self.emit(node.then), self.emit(node.otherwise)))

    def emit_member(self, node: Member) -> ast.expr:
        if isinstance(node.container, Listing):
            items = ast.Tuple([self.emit(one) for one in node.container.items], ast.Load())
            return call(self.function("member", member), self.emit(node.item), items)
        tests: list[ast.expr] = []
        item = self.known(node.item, tests)
        if isinstance(node.container, Literal) and isinstance(node.container.value, tuple):
            container = self.constant(frozenset(node.container.value))
        else:
            container = self.known(node.container, tests)
        return self.guarded(tests, compare(item, ast.In(), container))

    def emit_listing(self, node: Listing) -> ast.expr:
        tests: list[ast.expr] = []
        items = [self.known(one, tests) for one in node.items]
        return self.guarded(tests, ast.Tuple(items, ast.Load()))

    def emit_call(self, node: Call) -> ast.expr:
        function = function_of(node)
        tests: list[ast.expr] = []
        match node:
            case Call(
                function="scale", arguments=(number, Literal(value=Decimal() as low), Literal(value=Decimal() as high))
            ):
                value = self.known(number, tests)
                return self.guarded(tests, call(self.constant(scaler(low, high)), value))
        code = self.function(node.function, function.code)
        extra = [load(EXTRA[one]) for one in function.extra]
        if function.takes_unknown:
            return call(code, *(self.emit(one) for one in node.arguments), *extra)
        arguments = [self.known(one, tests) for one in node.arguments]
        return self.guarded(tests, call(code, *arguments, *extra))


def function_of(node: Call) -> Function:
    """What a call calls."""
    if node.function[0] != ".":
        return FUNCTIONS[node.function]
    return ACCESSORS[node.function[1:]][node.arguments[0].type]


def shift(instant: int, span: int) -> int | None:
    """A date moved by a span of milliseconds; unknown outside the years 1 to 9999."""
    return within_years(instant + span)


def member(item: object, items: tuple[object, ...]) -> bool | None:
    """`x in [a, b]` as `x == a or x == b`."""
    if item is None:
        return None
    if item in items:
        return True
    return None if None in items else False


def extras(nodes: list[Node]) -> set[str]:
    """Which of `day`, `today`, `profile` the expressions need."""
    found = set()
    for node in nodes:
        for one in walk(node):
            if isinstance(one, Call):
                found |= {EXTRA[each] for each in function_of(one).extra} - {"at", "WHERE"}
        if any(one.root == "today" for one in references(node)):
            found |= {"day", "today"}
    return found
