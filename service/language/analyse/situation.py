"""One moment in a profile's life, as data: what a solver's answer, or a sample, says to try.

Data only, no formulas. The engine makes facts and a state of it and decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is posted about a profile, when, and what is remembered of it.

    `attributes` are JSON values as posted; `event` is a type with its text. `tags` maps those held before to since
    when, `assigned` are those held by a person's word, `bands` maps tiers to their band and since when, `waited` are
    the rules whose wait is over. Nothing remembered means a profile never seen before.
    """

    profile: str
    attributes: Mapping[str, object]
    at: int
    event: tuple[str, str | None] | None = None
    stage: str | None = None
    stage_since: int | None = None
    tags: Mapping[str, int] = field(default_factory=dict)
    assigned: frozenset[str] = frozenset()
    bands: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    waited: frozenset[str] = frozenset()

    @property
    def is_fresh(self) -> bool:
        """Whether nothing is remembered of the profile."""
        return not (self.stage or self.tags or self.assigned or self.bands or self.waited)
