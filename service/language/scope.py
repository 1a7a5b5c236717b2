"""The names an expression may use, and what is known of their values.

Source: docs/language.md, "Expressions".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from difflib import get_close_matches

from service.language.functions import FUNCTIONS
from service.language.model import Attribute, Value
from service.language.tree import Call, Node, Reference, references
from service.language.types import Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names an expression may use. `value` gives the typed tree of a value,
    or nothing while its own type is being found.

    `stages` is `None` without a lifecycle; `in_transition` refuses `stage`; `on_event` allows `event`.
    """

    where: tzinfo
    attributes: Mapping[str, Attribute]
    values: Mapping[str, Value]
    value: Callable[[str], Node | None]
    scores: frozenset[str]
    tiers: Mapping[str, tuple[str, ...]]
    tags: frozenset[str]
    stages: tuple[str, ...] | None
    events: tuple[str, ...]
    in_transition: bool = False
    on_event: bool = False

    def domain(self, node: Node) -> tuple[str, ...] | None:
        """The texts a name can have, where they are known."""
        if not isinstance(node, Reference):
            return None
        if node.root == "attribute":
            return self.attributes[node.key].enum
        if node.root == "tier":
            return self.tiers[node.key]
        if node.root == "stage":
            return self.stages
        if node.root == "event" and node.key == "type":
            return self.events
        return self.outcomes(node.key) if node.root == "value" else None

    def outcomes(self, key: str) -> tuple[str, ...] | None:
        """The texts that a decision list can give."""
        value = self.values[key]
        if value.cases is None or not isinstance(value.otherwise, str):
            return None
        return tuple(dict.fromkeys([*(str(one.then) for one in value.cases), value.otherwise]))

    def moves(self, node: Node) -> bool:
        """Whether a date is `$now`, or may be, moved by a span or not; of a list, whether one of its dates is."""
        if node.type not in (Type.DATETIME, Type.DATETIMES):
            return False
        if isinstance(node, Reference):
            tree = self.value(node.key) if node.root == "value" else None
            return node.root == "now" or (tree is not None and self.moves(tree))
        if isinstance(node, Call) and node.function != "latest":
            return False
        return any(self.moves(part) for part in node.parts)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like a misspelled one."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def is_constant(node: Node) -> bool:
    """Whether an answer is the same for every profile and instant."""
    return node.type is not Type.ERROR and next(references(node), None) is None and not _reads_more(node)


def _reads_more(node: Node) -> bool:
    """Whether the answer depends on who is asked for, or when, though no name is in it."""
    extra = FUNCTIONS[node.function].extra if isinstance(node, Call) and node.function in FUNCTIONS else ()
    return not {"at", "today", "profile"}.isdisjoint(extra) or any(_reads_more(part) for part in node.parts)
