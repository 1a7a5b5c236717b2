"""A program -> what each of its rules says, in English and Chinese, for people who never saw an expression.

Made of the same trees that decide and of the ruleset's own titles, so a description can't drift from the rule. What has
no words of its own is shown as it was written.
Source: docs/language.md, "Expressions".
"""

from collections.abc import Sequence
from decimal import Decimal

from service.engine.places import text_of
from service.engine.wording import MIRRORED, clause, period_words, titles_of
from service.language.canonical import plain_number
from service.language.diagnostics import Words
from service.language.diff.wording import compose, in_both, listed, quoted
from service.language.instants import to_wall
from service.language.model import Action, Duration, Tag, Tier, Transition
from service.language.phrases.changes import ANSWERS
from service.language.phrases.descriptions import MEANINGS
from service.language.phrases.explanations import CLAUSES
from service.language.program import Program
from service.language.tree import COMPARISONS, Binary, Call, Listing, Literal, Logic, Member, Node, Reference, Unary
from service.language.types import Type


def meaning(name: str, /, **blanks: Words | str) -> Words:
    """A part of a description."""
    return compose(MEANINGS[name], **blanks)


class Description:
    """Says what the rules of one program say."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.titles = titles_of(program)

    # Rules

    def tag(self, tag: Tag) -> Words:
        """When a tag is held, and what ends it."""
        plan, trees = self.program.tags[tag.key], self.program.rules.tags[tag.key]
        parts = [self._given(tag, trees[0], is_default=plan.is_default)]
        if tag.held_for is not None:
            parts.append(meaning("held-for", period=period_words(tag.held_for)))
        if trees[1] is not None:
            parts.append(meaning("until", when=self.condition(trees[1])))
        if tag.expires_after is not None:
            parts.append(meaning("expires-after", period=period_words(tag.expires_after)))
        if tag.valid_until is not None:
            parts.append(meaning("valid-until", at=self._instant(tag.valid_until)))
        if plan.group is not None and not plan.is_default:
            parts.append(meaning("exclusive"))
        return self._joined(parts)

    def transition(self, transition: Transition) -> Words:
        """From where to where, and when."""
        stages = [self.titles.of("stage", key) for key in transition.sources if key != "*"]
        sources = listed(stages) if stages else meaning("any-stage")
        parts = [meaning("transition", sources=sources, target=self.titles.of("stage", transition.target))]
        tree = self.program.rules.transitions[transition.key]
        if transition.on is not None:
            parts.append(meaning("on", events=self._events(transition.on)))
        if tree is not None:
            parts.append(meaning("when", when=self.condition(tree)))
        if transition.held_for is not None:
            parts.append(meaning("held-for", period=period_words(transition.held_for)))
        if transition.after_stay is not None:
            parts.append(meaning("after-stay", period=period_words(transition.after_stay)))
        return self._joined(parts)

    def bands(self, tier: Tier) -> list[tuple[Words, Words]]:
        """Each band's title, and from which number on it is entered."""
        starts = [None if band.start is None else Decimal(str(band.start)) for band in tier.bands]
        found = []
        for place, band in enumerate(tier.bands):
            start = starts[place]
            if start is not None:
                said = meaning("band", start=plain_number(start))
            elif len(starts) > 1:
                said = meaning("band/first", start=plain_number(starts[1] or Decimal(0)))
            else:
                said = meaning("band/only")
            found.append((self.titles.of(f"band of {tier.key}", band.key), said))
        return found

    def action(self, action: Action) -> Words:
        """On which changes an action fires, if what, and how often at most."""
        parts = [listed([self._trigger(one.stage, one.tag, one.tier, one.band) for one in action.on])]
        tree = self.program.rules.actions[action.key]
        if tree is not None:
            parts.append(meaning("when", when=self.condition(tree)))
        if action.cooldown is not None:
            parts.append(meaning("cooldown", period=period_words(action.cooldown)))
        return self._joined(parts)

    # Conditions

    def condition(self, node: Node) -> Words:
        """What a condition asks for."""
        match node:
            case Logic():
                return self._logic(node)
            case Unary(operator="is-null"):
                return meaning("missing", name=self.name(node.operand))
            case Unary(operator="not", operand=Unary(operator="is-null") as inner):
                return meaning("known", name=self.name(inner.operand))
            case Unary(operator="not"):
                return meaning("not", name=self.condition(node.operand))
            case Binary() if node.operator in COMPARISONS:
                return self._comparison(node)
            case Member():
                return self._membership(node)
            case Reference(root="tag"):
                return meaning("tag", name=self.titles.of("tag", node.key))
            case Call():
                return self._called(node)
            case _:
                return meaning("true", name=self.name(node))

    def name(self, node: Node) -> Words:
        """What a part is called."""
        if isinstance(node, Literal):
            return self._value(node.value, node.type, None)
        if isinstance(node, Reference):
            return self._reference(node)
        if isinstance(node, Binary) and node.operator == "??":
            return meaning("fallback", name=self.name(node.left), bound=self.name(node.right))
        if isinstance(node, Call) and node.function == "latest":
            return meaning("latest", name=listed([self.name(one) for one in node.arguments]))
        named = f"name/{node.function.strip('.')}" if isinstance(node, Call) else ""
        if isinstance(node, Call) and named in CLAUSES:
            return clause(named, name=self.name(node.arguments[0]))
        return quoted(text_of(self.program, node))

    def _reference(self, node: Reference) -> Words:
        root = node.root
        if root == "event":
            return clause(f"name/event-{node.key}")
        if root in {"now", "today", "stage"}:
            return clause(f"name/{root}")
        if root.startswith("since."):
            kind = root.removeprefix("since.")
            return clause(f"name/since-{kind}", name=self.titles.of(kind, node.key))
        if root == "value" and not self.titles.has(root, node.key):
            tree = self.program.rules.values[node.key]
            if isinstance(tree, Call | Reference):
                return self.name(tree)  # Why: what only abbreviates is called by what it stands for
        return self.titles.of(root, node.key)

    def _logic(self, node: Logic) -> Words:
        parts = []
        for one in node.operands:
            said = self.condition(one)
            is_group = isinstance(one, Logic) and one.operator != node.operator
            parts.append(meaning("group", name=said) if is_group else said)
        joint = MEANINGS[node.operator]
        return {language: joint[language].join(one[language] for one in parts) for language in joint}

    def _comparison(self, node: Binary) -> Words:
        left, right, operator = node.left, node.right, node.operator
        if isinstance(left, Literal):
            left, right, operator = right, left, MIRRORED[operator]
        bound = self._value(right.value, right.type, left) if isinstance(right, Literal) else self.name(right)
        is_order = operator not in {"==", "!="}
        kind = f"date/{operator}" if is_order and left.type is Type.DATETIME else operator
        return meaning(kind, name=self.name(left), bound=bound)

    def _membership(self, node: Member) -> Words:
        container = node.container
        if isinstance(container, Listing):
            return meaning(
                "among", name=self.name(node.item), bound=listed([self.name(one) for one in container.items])
            )
        if isinstance(container, Literal) and isinstance(container.value, tuple):
            return meaning(
                "among", name=self.name(node.item), bound=self._value(container.value, container.type, node.item)
            )
        return meaning("contains", name=self.name(node.item), bound=self.name(container))

    def _called(self, node: Call) -> Words:
        name = node.function.strip(".")
        if name == "within":
            period = node.arguments[1]
            assert isinstance(period, Literal) and isinstance(period.value, Duration)
            return meaning("within", name=self.name(node.arguments[0]), bound=period_words(period.value))
        if name in MEANINGS:
            first, second = node.arguments
            return meaning(name, name=self.name(first), bound=self.name(second))
        return meaning("true", name=self.name(node))

    # Parts

    def _given(self, tag: Tag, when: Node | None, *, is_default: bool) -> Words:
        if is_default:
            return meaning("tag/default")
        if tag.on is not None:
            events = self._events(tag.on)
            if when is None:
                return meaning("tag/event", events=events)
            return meaning("tag/event-when", events=events, when=self.condition(when))
        if when is None:
            return meaning("tag/by-hand")
        return meaning("tag/once" if tag.sticky else "tag/while", when=self.condition(when))

    def _trigger(self, stage: str | None, tag: str | None, tier: str | None, band: str | None) -> Words:
        if stage is not None:
            return meaning("action/stage", name=self.titles.of("stage", stage))
        if tag is not None:
            return meaning("action/tag", name=self.titles.of("tag", tag))
        assert tier is not None and band is not None
        return meaning("action/band", name=self.titles.of(f"band of {tier}", band), tier=self.titles.of("tier", tier))

    def _events(self, keys: Sequence[str]) -> Words:
        return listed([self.titles.of("event", key) for key in keys])

    def _value(self, value: object, type: Type, beside: Node | None) -> Words:
        """A constant; a stage or a band by its title where it stands beside one."""
        if value is None or isinstance(value, bool):
            return ANSWERS[value]
        if isinstance(value, Decimal):
            return in_both(plain_number(value))
        if isinstance(value, tuple):
            element = Type.DATETIME if type is Type.DATETIMES else Type.STRING
            return listed([self._value(one, element, beside) for one in value]) if value else ANSWERS[None]
        if isinstance(value, int):
            return in_both(self._instant(value))
        if isinstance(beside, Reference) and beside.root == "stage":
            return self.titles.of("stage", str(value))
        if isinstance(beside, Reference) and beside.root == "tier":
            return self.titles.of(f"band of {beside.key}", str(value))
        return quoted(str(value))

    def _instant(self, at: int) -> str:
        wall = to_wall(at, self.program.where)
        is_midnight = (wall.hour, wall.minute, wall.second) == (0, 0, 0)
        return wall.strftime("%Y-%m-%d" if is_midnight else "%Y-%m-%d %H:%M")

    def _joined(self, parts: Sequence[Words]) -> Words:
        joint = MEANINGS["joint"]
        return {language: joint[language].join(one[language] for one in parts) for language in joint}


def describe(program: Program) -> Description:
    """The description of a program, made once."""
    found: Description | None = program.cache.get("description")
    if found is None:
        found = program.cache["description"] = Description(program)
    return found
