"""What a report counts by: the stage, tags, or a tier's bands; each profile's values of it, under present names.

Data in, data out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.audit.report_rows import Things
from service.audit.rows import ChangeRow
from service.language.program import Program

Cells = dict[tuple[str, str], str | None]
"""What a profile holds: (kind, key) -> value."""
HELD = "held"


class Value(NamedTuple):
    """One thing that is held: `lifecycle` and a stage, a tier and a band, a tag and `held`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Some things of one kind. `merged` are old keys, by present ones; `renamed` old values by (key, old value)."""

    kind: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    aliases: Mapping[str, str]

    @property
    def things(self) -> Things:
        """These things with all names that they ever had."""
        former = [name.partition("/")[2] for name, now in self.aliases.items() if self._is_former(name, now)]
        if self.kind == "tag":
            return Things("tag", (*self.keys, *former), self.values)
        return Things(self.kind, self.keys, (*self.values, *(name.rpartition("/")[2] for name in former)))

    def _is_former(self, name: str, now: str) -> bool:
        """Whether an alias leads to one of these things."""
        kind, _, rest = name.partition("/")
        if kind != self.kind:
            return False
        return rest.partition("/")[0] in self.keys if kind == "tier" else now in (*self.keys, *self.values)

    def of(self, cells: Cells) -> list[Value]:
        """What of it a profile holds."""
        found = [(key, cells.get((self.kind, key))) for key in self.keys]
        return [Value(key, value) for key, value in found if value is not None and value != "absent"]


def stage_axis(program: Program) -> Axis | None:
    """The lifecycle, if the ruleset has one."""
    if program.lifecycle is None:
        return None
    return Axis("stage", ("lifecycle",), tuple(program.lifecycle.leaving), program.aliases)


def tag_axis(program: Program, group: str | None = None, key: str | None = None) -> Axis:
    """All tags, those of a group, or one."""
    keys = [plan.tag.key for plan in program.tags.values() if group in (None, plan.tag.group)]
    return Axis("tag", tuple(one for one in keys if key in (None, one)), (HELD,), program.aliases)


def tier_axis(program: Program, key: str) -> Axis:
    """One tier."""
    return Axis("tier", (key,), program.tiers[key].keys, program.aliases)


def apply_change(cells: Cells, row: ChangeRow, aliases: Mapping[str, str]) -> None:
    """What a profile holds after a change, under present names."""
    key, value = present_name(aliases, row.kind, row.key, row.target)
    cells[row.kind, key] = value


def present_name(aliases: Mapping[str, str], kind: str, key: str, value: str | None) -> tuple[str, str | None]:
    """A key and a value as they are called now."""
    if kind == "tag":
        return aliases.get(f"tag/{key}", key), value
    if kind == "stage":
        return key, aliases.get(f"stage/{value}", value)
    return key, aliases.get(f"tier/{key}/{value}", value)
