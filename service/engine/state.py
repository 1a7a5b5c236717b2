"""What is remembered of one profile under one ruleset, between evaluations.

Data only, and its JSON form for the store. Instants are whole milliseconds since 1970-01-01T00:00:00Z.
Nothing here counts evaluations: everything with memory is an instant, so that looking more often changes nothing.
Source: docs/language.md, "State"; design of the waits: docs/decisions.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Holding(NamedTuple):
    """A tag that is held: since when, and when its own expiry ends it (`expires_after`, counted down)."""

    since: int
    expires_at: int | None = None


class Override(NamedTuple):
    """A manual assignment (`assigned`) or block (`blocked`) of a tag, which wins over its rule until it ends."""

    state: str
    since: int
    actor: str
    reason: str
    expires_at: int | None = None


class Place(NamedTuple):
    """The band of a tier, since when, the wait for each higher band (`rises`: band key -> start) and the fall's
    wait.
    """

    band: str
    since: int
    rises: tuple[tuple[str, int], ...] = ()
    fall: int | None = None


@dataclass(slots=True)
class State:
    """All memory of one profile under one ruleset. Never changed in place: an evaluation makes a new one.

    `tags` holds the tags that are held, by rule or by hand; `overrides` the manual assignments and blocks.
    `waits` maps a rule (`tags/x`, `lifecycle/transitions/y`) with `held_for` to the instant its condition was first
    true.
    `fired` maps an action to the instant it last fired.
    """

    stage: str | None = None
    stage_since: int | None = None
    tags: dict[str, Holding] = field(default_factory=dict)
    overrides: dict[str, Override] = field(default_factory=dict)
    tiers: dict[str, Place] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    fired: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The state as plain JSON values; `from_json` gives an equal state back."""
        return {
            "stage": self.stage,
            "stage_since": self.stage_since,
            "tags": self.tags,
            "overrides": self.overrides,
            "tiers": self.tiers,
            "waits": self.waits,
            "fired": self.fired,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "State":
        """The state that `to_json` wrote (tuples may have become lists)."""
        return cls(
            stage=stored["stage"],
            stage_since=stored["stage_since"],
            tags={key: Holding(*one) for key, one in stored["tags"].items()},
            overrides={key: Override(*one) for key, one in stored["overrides"].items()},
            tiers={
                key: Place(band, since, tuple((k, v) for k, v in rises), fall)
                for key, (band, since, rises, fall) in stored["tiers"].items()
            },
            waits=stored["waits"],
            fired=stored["fired"],
        )
