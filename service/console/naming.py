"""Keys, values and instants of a ruleset -> what a visitor reads: titles in their language, its own wall clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from service.console.texts import Speaker
from service.engine.facts import MISFIT, reading
from service.engine.wording import titles_of
from service.language.canonical import plain_number
from service.language.instants import read_instant, to_wall
from service.language.model import Attribute
from service.language.program import Program

HELD, ABSENT, FIRST_STAGE = "held", "absent", "lifecycle/initial"
PLACES = 2
"""How many digits behind the point are shown of what was reckoned."""


class Names:
    """What one program calls things, in one language."""

    def __init__(self, program: Program, t: Speaker) -> None:
        self.program = program
        self.t = t
        self._titles = titles_of(program)

    def of(self, kind: str, key: str | None) -> str:
        """The title of a construct, else its key."""
        return "" if key is None else self._titles.of(kind, key)[self.t.language].strip("`")

    def thing(self, kind: str, key: str) -> str:
        """What a decision is about: a tag's or a tier's title, or the stage."""
        return self.t("decision.stage") if kind == "stage" else self.of(kind, key)

    def value(self, kind: str, key: str, value: str | None) -> str:
        """What a decision led from or to: a stage, a band, or that a tag is held or not."""
        if kind == "tag":
            return self.t("decision." + (value or ABSENT))
        if value is None:
            return self.t("decision.none")
        return self.of("stage", value) if kind == "stage" else self.of(f"band of {key}", value)

    def rule(self, rule: str | None) -> str:
        """The title of the rule at a path such as `lifecycle/transitions/wakes`."""
        if rule == FIRST_STAGE:
            return self.t("decision.initial")
        folder, _, key = (rule or "").rpartition("/")
        kind = {"tags": "tag", "tiers": "tier", "lifecycle/transitions": "transition", "actions": "action"}.get(folder)
        return (rule or "") if kind is None else self.of(kind, key)

    def instant(self, at: int | str | None) -> str:
        """An instant on the ruleset's wall clock, to the minute; seconds only where there are any."""
        if at is None:
            return ""
        wall = to_wall(read_instant(at, UTC) if isinstance(at, str) else at, self.program.where)
        return wall.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")

    def posted(self, attribute: Attribute, posted: Any) -> str:
        """A posted value as people read it."""
        if posted is None:
            return ""
        if isinstance(posted, bool):
            return self.t("answer.yes" if posted else "answer.no")
        if isinstance(posted, str) and attribute.type == "datetime":
            value = reading(self.program).readers[attribute.key](posted)
            return posted if value is MISFIT else self.instant(value)
        if isinstance(posted, list | tuple):
            return ", ".join(map(str, posted))
        return number(posted)

    def output(self, value: Any) -> str:
        """An output of the ruleset as people read it."""
        if value is None:
            return self.t("answer.unknown")
        if isinstance(value, bool):
            return self.t("answer.yes" if value else "answer.no")
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value)) or self.t("decision.none")
        return number(value)

    def missing(self, names: Sequence[str]) -> str:
        """Attributes by their titles."""
        return self.t("decision.and").join(self.of("attribute", one) for one in names)

    def undetermined(self, silenced: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
        """Each missing attribute: its title, its key, and the rules that could not be decided without it."""
        return [
            (self.of("attribute", key), key, self.t("decision.and").join(self.rule(one) for one in rules))
            for key, rules in silenced.items()
        ]


def number(value: object) -> str:
    """A number without an exponent; anything else as it is."""
    if isinstance(value, float):
        value = Decimal(str(value))
    return plain_number(value) if isinstance(value, Decimal) else str(value)


def rounded(value: Decimal) -> str:
    """A number that was reckoned, as far as people read it."""
    return number(value if value == value.to_integral_value() else round(value, PLACES))


def utc(text: str | None) -> str:
    """An instant of the log, which knows no ruleset: in UTC, to the second."""
    return "" if text is None else text[:19].replace("T", " ")


def field_instant(at: int, program: Program) -> str:
    """An instant as a browser's field for date and time takes it, on the ruleset's wall clock."""
    wall: datetime = to_wall(at, program.where)
    text = wall.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{wall.microsecond // 1000:03d}" if wall.microsecond else text
