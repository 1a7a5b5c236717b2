"""One pass of a program over one profile: what it starts from, what it finds, and the state it leaves.

A `Run` is working memory, used once and by one thread. The compiled program calls its methods step by step;
each lives in the
module of its construct. State is copied only where it changes,
so that an evaluation that changes nothing copies nothing.
"""

from collections.abc import Mapping
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from service.engine.decision import Decision, Event, Standing
from service.engine.lifecycle import move_stage
from service.engine.scores import rate_score
from service.engine.state import Holding, Place, State
from service.engine.tags import assign_tag
from service.engine.tiers import assign_tier
from service.language.program import Program


class Run:
    """Working memory of one evaluation. `before` is the state at its start; `held` its tags, never changed.

    `released` are the tags whose manual assignment or block ended with this evaluation,
    `lapsed` those whose time was up.
    `silenced` are the rules that could not be decided. `calm` says that nothing manual is in play.
    """

    __slots__ = (
        "at",
        "before",
        "calm",
        "changes",
        "event",
        "facts",
        "held",
        "known",
        "lapsed",
        "overrides",
        "profile",
        "program",
        "released",
        "scores",
        "silenced",
        "stage",
        "stage_since",
        "standing",
        "tags",
        "taken",
        "tiers",
        "values",
        "waits",
        "where",
    )

    known: tuple[Any, ...]
    values: dict[str, Any]
    scores: dict[str, tuple[Decimal | None, Decimal]]

    def __init__(
        self,
        program: Program,
        profile: str,
        facts: Mapping[str, Any],
        before: State,
        event: Event | None,
        at: int,
    ) -> None:
        self.program = program
        self.profile = profile
        self.facts = facts
        self.before = before
        self.event = event
        self.at = at
        self.where: tzinfo = program.where
        self.held = self.tags = before.tags
        self.overrides = before.overrides
        self.tiers = before.tiers
        self.waits = before.waits
        self.stage = before.stage
        self.stage_since = before.stage_since
        self.released: frozenset[str] = frozenset()
        self.lapsed: frozenset[str] = frozenset()
        self.taken: set[str] = set()
        self.changes: list[Decision] = []
        self.standing: list[Standing] = []
        self.silenced: list[str] = []
        self.calm = not self.overrides

    rate = staticmethod(rate_score)
    place = assign_tier
    settle = assign_tag
    move = move_stage

    def band(self, key: str) -> str | None:
        """The band of a tier after this run."""
        place = self.tiers.get(key)
        return None if place is None else place.band

    def here(self) -> str | None:
        """The present stage; nothing where rules contradict each other, since then those of every stage count."""
        torn = self.standing and any(one.outcome == "conflict" for one in self.standing)
        return None if torn else self.stage

    def since_tag(self, key: str) -> int | None:
        """Since when a tag is held."""
        holding = self.tags.get(key)
        return None if holding is None else holding.since

    def since_tier(self, key: str) -> int | None:
        """Since when a tier's band is held."""
        place = self.tiers.get(key)
        return None if place is None else place.since

    def present(self, kind: str, key: str) -> str | None:
        """What holds after this run, in a decision's words."""
        if kind == "tag":
            return "held" if key in self.tags else "absent"
        return self.stage if kind == "stage" else self.band(key)

    def hold(self, key: str, holding: Holding) -> None:
        """Holds a tag."""
        if self.tags is self.before.tags:
            self.tags = dict(self.tags)
        self.tags[key] = holding

    def drop(self, key: str) -> None:
        """Holds a tag no more."""
        if self.tags is self.before.tags:
            self.tags = dict(self.tags)
        del self.tags[key]

    def end_override(self, key: str) -> None:
        """Ends a manual assignment or block whose time is up."""
        self.overrides = {name: one for name, one in self.overrides.items() if name != key}
        self.released |= {key}
        self.lapsed |= {key}

    def stand_in(self, key: str, place: Place) -> None:
        """Puts a tier where it is now."""
        if self.tiers is self.before.tiers:
            self.tiers = dict(self.tiers)
        self.tiers[key] = place

    def wait(self, rule: str, start: int | None) -> None:
        """Begins the wait of a rule, or with `None` forgets it."""
        if self.waits is self.before.waits:
            self.waits = dict(self.waits)
        if start is None:
            self.waits.pop(rule, None)
        else:
            self.waits[rule] = start

    def state(self, fired: dict[str, int] | None = None) -> State:
        """The state that this run leaves."""
        return State(
            stage=self.stage,
            stage_since=self.stage_since,
            tags=self.tags,
            overrides=self.overrides,
            tiers=self.tiers,
            waits=self.waits,
            fired=self.before.fired if fired is None else fired,
        )
