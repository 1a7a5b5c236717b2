"""Outcomes of two programs, profile by profile -> who would move, from where to where, and some of them with reasons.

Pure: what is decided, and from what, is `simulate`'s matter. What the draft only renames, by an alias, is no move.
Source: docs/api.md, "Simulate".
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, NamedTuple

from service.engine.decide import all_decisions
from service.engine.decision import Decision, Outcome
from service.engine.explain import explain_decision
from service.engine.sentences import Sentences
from service.engine.walk import Walk
from service.engine.wording import titles_of
from service.language.diagnostics import Words
from service.language.diff.wording import compose
from service.language.phrases.impacts import MOVES, NOTHING
from service.language.program import Program

PER_MOVE = 3
"""How many profiles are named for each kind of move."""
MOST_NAMED = 200
"""How many are named in all; as many that could not be decided."""
Z = 1.959964
"""The standard deviations on both sides that hold 95 % of a normal distribution."""
DIGITS = 6


class Move(NamedTuple):
    """What one tag, tier or the lifecycle is by the version in force (`source`) and by the draft (`target`).

    In a decision's words: `held` or `absent`, a band's or a stage's key; `None` for no band and no stage.
    """

    kind: str
    key: str
    source: str | None
    target: str | None

    @property
    def is_move(self) -> bool:
        """Whether the two differ."""
        return self.source != self.target


Standing = Mapping[tuple[str, str], str | None]
"""What an outcome leaves, by kind and key; a tag that is not held is not in it."""


def standing(outcome: Outcome, aliases: Mapping[str, str]) -> dict[tuple[str, str], str | None]:
    """What an outcome leaves, under the names that `aliases` give."""
    found: dict[tuple[str, str], str | None] = {("tag", aliases.get(f"tag/{key}", key)): "held" for key in outcome.tags}
    for key, band in outcome.tiers.items():
        found["tier", key] = aliases.get(f"tier/{key}/{band}", band)
    if outcome.stage is not None:
        found["stage", "lifecycle"] = aliases.get(f"stage/{outcome.stage}", outcome.stage)
    return found


def compare(before: Standing, after: Standing) -> list[Move]:
    """Everything that is held or stands somewhere by one of the two; tags absent from both are left out."""
    if before == after:
        return [Move(*place, now, now) for place, now in after.items()]
    found = []
    for place in dict.fromkeys([*before, *after]):
        nothing = "absent" if place[0] == "tag" else None
        found.append(Move(*place, before.get(place, nothing), after.get(place, nothing)))
    return found


@dataclass(slots=True)
class Tally:
    """What was counted so far; plain data, so that several processes can each count a part."""

    simulated: int = 0
    moved: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    undetermined: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    missing: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    named: dict[Move, list[dict[str, Any]]] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def named_enough(self) -> frozenset[Move]:
        """The moves of which no further profile need be named."""
        if sum(map(len, self.named.values())) >= MOST_NAMED:
            return frozenset(self.moves)
        return frozenset(move for move, examples in self.named.items() if len(examples) >= PER_MOVE)

    def take(self, others: "Tally") -> None:
        """Add what another part counted."""
        self.simulated += others.simulated
        self.moved += others.moved
        for name in ("moves", "values", "actions", "undetermined", "missing", "failed"):
            getattr(self, name).update(getattr(others, name))
        for move, examples in others.named.items():
            self.named[move] = [*self.named.get(move, []), *examples][:PER_MOVE]
        self.failures = [*self.failures, *others.failures][:MOST_NAMED]


class Impact:
    """Compares the outcomes of two programs and counts. Of moves `named` already no further profile is named."""

    def __init__(self, active: Program, draft: Program, named: Collection[Move] = ()) -> None:
        self._active = active
        self._draft = draft
        self._named_already = named
        self.tally = Tally()

    def add(self, profile_id: str, before: Sequence[Outcome], after: Sequence[Outcome]) -> bool:
        """Count one profile: what each program made of it, missed changes first; whether it would move."""
        tally, was, now = self.tally, before[-1], after[-1]
        moves = compare(standing(was, self._draft.aliases), standing(now, self._draft.aliases))
        tally.simulated += 1
        tally.moves.update(moves)
        moving = [one for one in moves if one.is_move]
        tally.moved += bool(moving)
        tally.values.update(key for key in {**was.values, **now.values} if was.values.get(key) != now.values.get(key))
        for side, outcomes in (("before", before), ("after", after)):
            tally.actions.update((fired.key, side) for outcome in outcomes for fired in outcome.actions)
            last = outcomes[-1]
            tally.undetermined.update(
                (one.kind, one.key, side) for one in last.standing if one.outcome == "undetermined"
            )
            tally.missing.update((name, side) for name in last.undetermined)
        for move in moving:
            if move in self._named_already:
                continue
            examples = tally.named.setdefault(move, [])
            if len(examples) < PER_MOVE:
                examples.append(self._example(profile_id, move, was, now))
        return bool(moving)

    def fail(self, profile_id: str, code: str, message: str) -> None:
        """Count a profile that could not be decided."""
        self.tally.failed[code] += 1
        if len(self.tally.failures) < MOST_NAMED:
            self.tally.failures.append({"profile_id": profile_id, "code": code, "message": message})

    def to_json(self, of: int) -> dict[str, Any]:
        """What was found, of so many profiles that there are, as JSON values."""
        tally = self.tally
        return {
            "of": of,
            "simulated": tally.simulated,
            "failed": sum(tally.failed.values()),
            "moved": moved_json(tally.moved, tally.simulated, of),
            "tags": self._tags(),
            "tiers": [{**self._named("tier", key), "flow": self._flow("tier", key)} for key in self._keys("tier")],
            "stages": self._flow("stage", "lifecycle"),
            "values": [{**self._named("value", key), "changed": tally.values[key]} for key in self._outputs()],
            "actions": [{**self._named("action", key), **_sides(tally.actions, key)} for key in self._actions()],
            "undetermined": [
                {"kind": kind, "key": key, **_sides(tally.undetermined, kind, key)}
                for kind, key in sorted({one[:2] for one in tally.undetermined})
            ],
            "missing": [
                {"attribute": name, **_sides(tally.missing, name)} for name in sorted({one for one, _ in tally.missing})
            ],
            "examples": [one for examples in tally.named.values() for one in examples][:MOST_NAMED],
            "failures": tally.failures,
        }

    def _keys(self, kind: str) -> list[str]:
        """The keys that either program has, in the draft's order first."""
        programs = (self._draft, self._active)
        found = [key for one in programs for key in (one.tiers if kind == "tier" else one.tags)]
        return [key for key in dict.fromkeys(found) if f"{kind}/{key}" not in self._draft.aliases]

    def _outputs(self) -> list[str]:
        return [*dict.fromkeys((*self._draft.outputs, *self._active.outputs))]

    def _actions(self) -> list[str]:
        return [*dict.fromkeys(plan.action.key for one in (self._draft, self._active) for plan in one.actions)]

    def _named(self, kind: str, key: str) -> dict[str, Any]:
        return {"key": key, "title": self._title(kind, key)}

    def _title(self, kind: str, key: str) -> Words:
        """By the draft's words; by those of the version in force for what the draft does not have."""
        titles = titles_of(self._draft)
        return (titles if titles.has(kind, key) else titles_of(self._active)).of(kind, key)

    def _tags(self) -> list[dict[str, Any]]:
        moves = self.tally.moves
        return [
            {
                **self._named("tag", key),
                "gained": moves[Move("tag", key, "absent", "held")],
                "lost": moves[Move("tag", key, "held", "absent")],
                "kept": moves[Move("tag", key, "held", "held")],
            }
            for key in self._keys("tag")
        ]

    def _flow(self, kind: str, key: str) -> list[dict[str, Any]]:
        """How many profiles came from where to where, most first."""
        return [
            {"from": move.source, "to": move.target, "profiles": count}
            for move, count in self.tally.moves.most_common()
            if (move.kind, move.key) == (kind, key)
        ]

    def _example(self, profile_id: str, move: Move, was: Outcome, now: Outcome) -> dict[str, Any]:
        return {
            "profile_id": profile_id,
            "kind": move.kind,
            "key": move.key,
            "from": move.source,
            "to": move.target,
            "sentence": self._sentence(profile_id, move),
            "before": self._reason(self._active, was, move),
            "after": self._reason(self._draft, now, move),
        }

    def _sentence(self, profile_id: str, move: Move) -> Words:
        if move.kind == "tag":
            phrase = MOVES["gained" if move.target == "held" else "lost"]
            return compose(phrase, profile=profile_id, title=self._title("tag", move.key))
        kind = "stage" if move.kind == "stage" else f"band of {move.key}"
        source, target = (NOTHING if one is None else self._title(kind, one) for one in (move.source, move.target))
        if move.kind == "stage":
            return compose(MOVES["stage"], profile=profile_id, source=source, target=target)
        title = self._title("tier", move.key)
        return compose(MOVES["tier"], profile=profile_id, title=title, source=source, target=target)

    def _reason(self, program: Program, outcome: Outcome, move: Move) -> dict[str, Any] | None:
        """How one side came to what it says; nothing if it does not know the tag or tier at all."""
        aliases = self._draft.aliases
        for one in all_decisions(outcome):
            if one.kind == move.kind and aliases.get(f"tag/{one.key}", one.key) == move.key:
                return _explained(program, outcome, one)
        return None


def moved_json(moved: int, simulated: int, of: int) -> dict[str, Any]:
    """The share of profiles that move, and between which shares it lies among all of them, at 95 %."""
    low, high = interval(moved, simulated, of)
    return {
        "profiles": moved,
        "share": round(moved / simulated, DIGITS) if simulated else None,
        "low": round(low, DIGITS),
        "high": round(high, DIGITS),
    }


def interval(found: int, size: int, of: int) -> tuple[float, float]:
    """Between which shares (0-1) the share of `of` lies, at 95 %, where `found` of `size` drawn by chance have it.

    Wilson's score interval, with the variance that is left in a sample drawn without putting back; when everybody was
    asked the two are the same. Source: E. B. Wilson, 1927.
    """
    if not size:
        return (0.0, 1.0) if of else (0.0, 0.0)
    share, left = found / size, (of - size) / (of - 1) if of > size else 0.0
    spread = Z * Z * left / size
    middle, width = share + spread / 2, sqrt(spread * (share * (1 - share) + spread / 4))
    return max(0.0, (middle - width) / (1 + spread)), min(1.0, (middle + width) / (1 + spread))


def _explained(program: Program, outcome: Outcome, one: Decision) -> dict[str, Any]:
    return explain_decision(program, Sentences(outcome.run, Walk(outcome.run)), one)


def _sides(counts: Mapping[Any, int], *key: str) -> dict[str, int]:
    return {side: counts[*key, side] for side in ("before", "after")}
