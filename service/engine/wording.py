"""Parts of expressions and what they were -> how a sentence says it, in English and Chinese.

Names are the ruleset's own titles; what has none is called by its key or by its text, in backticks. Instants are shown
on the wall clock of the ruleset's timezone.
"""

from decimal import Decimal
from typing import Any

from service.engine.places import text_of as source_of
from service.engine.walk import Walk
from service.language.canonical import plain_number
from service.language.diagnostics import Words
from service.language.diff.wording import compose, duration_words, in_both, listed, quoted, text_of
from service.language.instants import SECOND, to_wall
from service.language.model import Duration, Named, Text
from service.language.phrases.changes import ANSWERS
from service.language.phrases.explanations import CLAUSES, REASONS
from service.language.program import Program
from service.language.tree import Binary, Call, Choice, Listing, Literal, Logic, Member, Node, Reference, Unary
from service.language.types import Type

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MOST_CLAUSES = 6
"""The most reasons that one sentence lists; the rest are counted."""
DEEPEST = 3
"""How deep a sentence follows values that are conditions themselves."""


def clause(name: str, /, **blanks: Words | str) -> Words:
    """A part of a sentence."""
    return compose(CLAUSES[name], **blanks)


def reason(name: str, /, **blanks: Words | str) -> Words:
    """A reason that no condition says."""
    return compose(REASONS[name], **blanks)


def joined(clauses: list[Words]) -> Words:
    """Several clauses as one, each said once."""
    several = list({one["en"]: one for one in clauses}.values())
    found = several[0]
    for one in several[1:MOST_CLAUSES]:
        found = clause("and", left=found, right=one)
    if len(several) > MOST_CLAUSES:
        found = clause("more", left=found, count=str(len(several) - MOST_CLAUSES))
    return found


class Titles:
    """What the constructs of a program are called, by kind and key."""

    def __init__(self, program: Program) -> None:
        self.program = program
        ruleset = program.ruleset
        collections: dict[str, tuple[Named, ...]] = {
            "attribute": ruleset.attributes,
            "value": ruleset.values,
            "score": ruleset.scores,
            "tier": ruleset.tiers,
            "tag": ruleset.tags,
            "group": ruleset.tag_groups,
            "event": ruleset.events,
            "action": ruleset.actions,
            "stage": ruleset.lifecycle.stages if ruleset.lifecycle else (),
            "transition": ruleset.lifecycle.transitions if ruleset.lifecycle else (),
        }
        self.titles = {(kind, one.key): one.title for kind, those in collections.items() for one in those}
        for tier in ruleset.tiers:
            self.titles |= {(f"band of {tier.key}", one.key): one.title for one in tier.bands}
        for score in ruleset.scores:
            self.titles |= {(f"part of {score.key}", one.key): one.title for one in score.components}

    def of(self, kind: str, key: str) -> Words:
        """A construct's title, else its key."""
        return words_of(self.titles.get((kind, key)), key)

    def has(self, kind: str, key: str) -> bool:
        """Whether it has a title of its own."""
        return self.titles.get((kind, key)) is not None


def words_of(title: Text | None, key: str) -> Words:
    """A title in both languages, else the key in backticks."""
    return text_of(dict(title) if isinstance(title, dict) else title, f"`{key}`")


def titles_of(program: Program) -> Titles:
    """The titles of a program, read once."""
    found: Titles | None = program.cache.get("titles")
    if found is None:
        found = program.cache["titles"] = Titles(program)
    return found


def period_words(period: Duration) -> Words:
    """A duration in words."""
    found = duration_words(period.text)
    assert found is not None, period
    return found


class Wording:
    """Says what one run found."""

    def __init__(self, program: Program, walk: Walk) -> None:
        self.program = program
        self.walk = walk
        self.titles = titles_of(program)

    # What was observed

    def instant(self, at: int) -> str:
        """An instant on the ruleset's wall clock; a midnight as its date."""
        wall = to_wall(at, self.program.where)
        if at % SECOND:
            return wall.strftime("%Y-%m-%d %H:%M:%S.") + f"{at % SECOND:03d}"
        if (wall.hour, wall.minute, wall.second) == (0, 0, 0):
            return wall.strftime("%Y-%m-%d")
        return wall.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")

    def shown(self, value: Any, type: Type, beside: Node | None = None) -> Words:
        """A value; a stage or a band by its title where it stands beside one."""
        if value is None or isinstance(value, bool):
            return ANSWERS[value]
        if isinstance(value, Decimal):
            return in_both(plain_number(value))
        if type is Type.DATETIME and isinstance(value, int):
            return in_both(self.instant(value))
        if isinstance(value, tuple | list):
            element = Type.DATETIME if type is Type.DATETIMES else Type.STRING
            return listed([self.shown(one, element, beside) for one in value]) if value else ANSWERS[None]
        if isinstance(beside, Reference) and beside.root == "stage":
            return self.titles.of("stage", value)
        if isinstance(beside, Reference) and beside.root == "tier":
            return self.titles.of(f"band of {beside.key}", value)
        return quoted(str(value))

    def value(self, node: Node, beside: Node | None = None) -> Words:
        """What a part was."""
        return self.shown(self.walk.value(node), node.type, beside or node)

    def missing(self, names: set[str]) -> Words:
        """The titles of missing attributes."""
        return listed([self.titles.of("attribute", name) for name in sorted(names)])

    def lacks(self, names: set[str]) -> Words:
        """That attributes are missing."""
        return clause("missing" if len(names) == 1 else "missing/several", name=self.missing(names))

    # What it is called

    def name(self, node: Node) -> Words:
        """A part as the subject of a sentence."""
        if isinstance(node, Reference):
            return self.name_of_reference(node)
        if isinstance(node, Binary) and node.operator == "??":
            return self.name_of_fallback(node)
        if isinstance(node, Call) and f"name/{node.function.strip('.')}" in CLAUSES:
            return clause(f"name/{node.function.strip('.')}", name=self.name(node.arguments[0]))
        if isinstance(node, Literal):
            return self.shown(node.value, node.type)
        return quoted(source_of(self.program, node))

    def name_of_reference(self, node: Reference) -> Words:
        """What a name is called."""
        root = node.root
        if root == "event":
            return clause(f"name/event-{node.key}")
        if root in ("now", "today", "stage"):
            return clause(f"name/{root}")
        if root.startswith("since."):
            kind = root.removeprefix("since.")
            return clause(f"name/since-{kind}", name=self.titles.of(kind, node.key))
        if root == "value" and not self.titles.has(root, node.key):
            tree = self.program.rules.values[node.key]
            if isinstance(tree, Call | Reference):
                return self.name(tree)  # Why: what only abbreviates is called by what it stands for
        return self.titles.of(root, node.key)

    def name_of_fallback(self, node: Binary) -> Words:
        """`a ?? b` is called `a`, with a word on `b` where that stands in."""
        name = self.name(node.left)
        if self.walk.value(node.left) is not None:
            return name
        return clause("name/taken", name=name, bound=self.value(node.right))

    # Conditions

    def leaf(self, node: Node, deep: int = 0) -> Words:
        """What an atom says of the profile, true as it stands: the opposite for one that does not hold."""
        holds = self.walk.value(node)
        if holds is None:
            return self.unknown(node)
        if isinstance(node, Binary) and node.operator == "??":
            if self.walk.value(node.left) is not None:
                return self.leaf(node.left, deep)
            return clause("true" if holds else "false", name=self.name(node))
        if isinstance(node, Binary):
            return self.comparison(node, holds)
        if isinstance(node, Unary):
            return clause("missing" if holds else "known", name=self.name(node.operand))
        if isinstance(node, Member):
            return self.membership(node, holds)
        if isinstance(node, Reference):
            return self.fact(node, holds, deep)
        return self.called(node, holds)

    def unknown(self, node: Node) -> Words:
        """Why an atom is unknown."""
        missing = self.walk.blame(node)
        if not missing:
            return clause("unknown/plain", name=self.name(node))
        return self.lacks(missing)

    def comparison(self, node: Binary, holds: bool) -> Words:
        """A comparison with the value that was observed."""
        operator = node.operator if holds else OPPOSITE[node.operator]
        left, right = node.left, node.right
        if isinstance(left, Literal):
            left, right, operator = right, left, MIRRORED[operator]
        name, value = self.name(left), self.value(left)
        if left.type is Type.BOOLEAN or (operator == "==" and isinstance(right, Literal)):
            return clause("is/==", name=name, value=value)
        bound = self.value(right, left)
        if not isinstance(right, Literal):
            bound = clause("bound", name=self.name(right), value=bound)
        if operator == "==":
            return clause("is/equals", name=name, value=value, bound=bound)
        if not holds and node.operator == ">" and operator == "<=" and left.type is not Type.DATETIME:
            operator = "not-above"  # Why: "at most" of what is exactly the bound reads as if it held
        is_date = left.type is Type.DATETIME and operator != "!="
        return clause(f"{'when' if is_date else 'is'}/{operator}", name=name, value=value, bound=bound)

    def membership(self, node: Member, holds: bool) -> Words:
        """Whether something is in a list or a text."""
        suffix = "" if holds else "-not"
        container = node.container
        if isinstance(container, Listing) or (isinstance(container, Literal) and isinstance(container.value, tuple)):
            bound = self.shown(self.walk.value(container), container.type, node.item)
            return clause(f"among{suffix}", name=self.name(node.item), value=self.value(node.item), bound=bound)
        return clause(f"contains{suffix}", value=self.value(node.item), bound=self.name(container))

    def fact(self, node: Reference, holds: bool, deep: int) -> Words:
        """A name that is a condition itself; a value is followed to what makes it hold."""
        name = self.name_of_reference(node)
        if node.root == "tag":
            return clause("tag-held" if holds else "tag-absent", name=name)
        if node.root != "value" or deep == DEEPEST:
            return clause("true" if holds else "false", name=name)
        why = joined([self.leaf(one, deep + 1) for one in grounds(self.walk, self.program.rules.values[node.key])])
        if not self.titles.has("value", node.key):
            return why
        return clause("holds" if holds else "holds-not", name=name, reason=why)

    def called(self, node: Node, holds: bool) -> Words:
        """A function that is a condition; what has no words of its own is shown as it was written."""
        name = node.function.strip(".") if isinstance(node, Call) else ""
        suffix = "" if holds else "-not"
        if isinstance(node, Call) and name == "within":
            period = node.arguments[1]
            assert isinstance(period, Literal) and isinstance(period.value, Duration)
            first = node.arguments[0]
            blanks = {"name": self.name(first), "value": self.value(first), "period": period_words(period.value)}
            return clause(f"within{suffix}", **blanks)
        if isinstance(node, Call) and name in CLAUSES:
            first, second = node.arguments
            blanks = {"name": self.name(first), "value": self.value(first), "bound": self.value(second)}
            return clause(f"{name}{suffix}", **blanks)
        return clause("true" if holds else "false", name=quoted(source_of(self.program, node)))

    def because(self, tree: Node) -> Words:
        """Why a condition came out as it did."""
        return joined([self.leaf(one) for one in grounds(self.walk, tree)])


def grounds(walk: Walk, node: Node) -> list[Node]:
    """The atoms that make a condition what it is: all that `and` needs, the first that `or` needs, each that failed or
    is unknown.
    """
    value = walk.value(node)
    if isinstance(node, Logic):
        decides = node.operator == "or"
        if value is decides:
            return grounds(walk, next(one for one in node.operands if walk.value(one) is decides))
        return [leaf for one in node.operands if walk.value(one) is value for leaf in grounds(walk, one)]
    if isinstance(node, Unary) and node.operator == "not":
        return grounds(walk, node.operand)
    if isinstance(node, Choice) and node.type is Type.BOOLEAN:
        condition = walk.value(node.condition)
        if condition is None:
            return grounds(walk, node.condition)
        return [*grounds(walk, node.condition), *grounds(walk, node.then if condition else node.otherwise)]
    return [node]
