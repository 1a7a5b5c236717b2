"""The shadower: a thread of a serving process that has drafts look at what was decided live, and counts what differs.

It decides some hundred profiles a second at most, so that requests keep their turn, and writes once a second at most;
while no draft watches it reads one small list a second. Several processes each count what they decided.
Source: docs/operations.md, "Shadows".
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event as Signal
from threading import Thread

from service.audit.job_rows import ShadowCountRow, ShadowRow, ShadowSampleRow
from service.audit.record import outcome_json
from service.engine.decision import Event, Outcome
from service.engine.evaluate import evaluate
from service.engine.facts import recall_facts
from service.errors import ServiceError
from service.language.program import Program
from service.operations.authoring.impact import Move, compare, standing
from service.operations.authoring.simulate import read_program
from service.operations.decide import Decided
from service.operations.ports import Reads, Unit
from service.operations.programs import Published, ready
from service.operations.replies import json_text
from service.operations.service import Service

MOST_AT_ONCE = 250
"""How many decisions are looked at in one step."""
MOST_SAMPLES = 100
"""How many profiles are kept for which a draft differs."""
SHOWN = ("stage", "tags", "tiers", "values")
_MISTAKES = (ServiceError, ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError)


@dataclass(slots=True)
class Found:
    """What one draft found in one step: its numbers, the moves, and profiles that differ."""

    compared: int = 0
    moved: int = 0
    failed: int = 0
    dropped: int = 0
    moves: Counter[Move] = field(default_factory=Counter)
    samples: list[ShadowSampleRow] = field(default_factory=list)


class Shadower:
    """The shadower of one process. `on_error` is told why it could not go on for now."""

    def __init__(self, service: Service, on_error: Callable[[BaseException], None]) -> None:
        self._service = service
        self._on_error = on_error
        self._drafts: dict[str, Published] = {}
        self._stopping = Signal()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Look every so many seconds, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="shadower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the step in hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> None:
        """Look at what was decided since the last time; begin with drafts that watch now, and end those that may no
        more.
        """
        live = self._live()
        taken, dropped = self._service.watch.take(MOST_AT_ONCE)
        for shadow in live:
            found = Found(dropped=dropped[shadow.ruleset])
            draft = self._drafts[shadow.digest]
            for one in taken:
                asked = one.ask.published
                if (asked.key, asked.version) == (shadow.ruleset, shadow.version):
                    look(found, draft, one)
            if found != Found():
                self._service.store.write(partial(keep, shadow=shadow, found=found))
        self._service.watch.shares = {shadow.ruleset: shadow.share for shadow in live}

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)

    def _live(self) -> list[ShadowRow]:
        """The shadows that go on, their drafts compiled; the others are ended."""
        service = self._service
        shadows, texts = service.store.read(_watching)
        live = []
        for shadow in shadows:
            reason = self._reason(shadow, texts.get(shadow.ruleset))
            if reason is None:
                if shadow.digest not in self._drafts:
                    self._drafts[shadow.digest] = ready(read_program(texts[shadow.ruleset][1]), 0)
                live.append(shadow)
            else:
                service.store.write(partial(_end, key=shadow.ruleset, reason=reason, now=service.clock()))
        self._drafts = {shadow.digest: self._drafts[shadow.digest] for shadow in live}
        return live

    def _reason(self, shadow: ShadowRow, draft: tuple[str, str] | None) -> str | None:
        """Why a shadow is to end."""
        if self._service.clock() >= shadow.ends_at:
            return "time-over"
        if draft is None or draft[0] != shadow.digest:
            return "draft-changed"
        try:
            version = self._service.programs.active(shadow.ruleset).version
        except ServiceError:  # it was retired
            return "version-changed"
        return None if version == shadow.version else "version-changed"


def look(found: Found, draft: Published, live: Decided) -> None:
    """Have a draft decide what was decided live, from the same beginning, and note whether it differs."""
    try:
        outcome = decide_beside(draft.program, live)
    except _MISTAKES:
        found.failed += 1
        return
    aliases = draft.program.aliases
    moves = [one for one in compare(standing(live.outcome, aliases), standing(outcome, aliases)) if one.is_move]
    found.compared += 1
    found.moves.update(moves)
    if moves:
        found.moved += 1
        asked = live.ask.published
        sides = _shown(live.outcome, asked), _shown(outcome, draft)
        found.samples.append(ShadowSampleRow(asked.key, live.ask.profile_id, live.outcome.at, *sides))


def decide_beside(draft: Program, live: Decided) -> Outcome:
    """What a draft makes of the inputs of a live decision; attributes that only the draft declares are looked for in
    the request.
    """
    ask, at = live.ask, live.outcome.at
    facts = recall_facts(draft, {**(ask.attributes or {}), **live.facts.document})
    type_ = ask.event or ask.ignored_event
    is_declared = type_ in {one.key for one in draft.ruleset.events}
    event = None
    if type_ is not None and is_declared:
        event = Event(type_, ask.event_text, at if ask.event_at is None else ask.event_at)
    return evaluate(draft, ask.profile_id, facts, live.before, at=at, event=event, quiet=ask.quiet, ahead=False)[-1]


def keep(unit: Unit, shadow: ShadowRow, found: Found) -> None:
    """Add what was found to what is kept; nothing of profiles that were erased meanwhile."""
    unit.alone(f"shadow {shadow.ruleset}")
    numbers = shadow._replace(compared=found.compared, moved=found.moved, failed=found.failed, dropped=found.dropped)
    counts = [
        ShadowCountRow(shadow.ruleset, move.kind, move.key, move.source or "", move.target or "", times)
        for move, times in sorted(found.moves.items(), key=str)
    ]
    if not unit.shadows.count(numbers, counts):
        return
    room = MOST_SAMPLES - unit.shadows.count_samples(shadow.ruleset)
    samples = list({one.profile_id: one for one in found.samples}.values())[: max(room, 0)]
    if samples:
        there = {row.profile_id for row in unit.population.rows(shadow.ruleset, [one.profile_id for one in samples])}
        unit.shadows.sample([one for one in samples if one.profile_id in there])


def _end(unit: Unit, key: str, reason: str, now: int) -> None:
    unit.shadows.end(key, reason, now)


def _watching(reads: Reads) -> tuple[list[ShadowRow], dict[str, tuple[str, str]]]:
    """The shadows that have not ended; and each ruleset's draft: digest and text."""
    shadows = reads.shadows.live()
    drafts = [reads.governance.draft(one.ruleset) for one in shadows]
    return shadows, {one.ruleset: (one.digest, one.document) for one in drafts if one is not None}


def _shown(outcome: Outcome, published: Published) -> str:
    shown = outcome_json(outcome, published.tags, published.instants)
    return json_text({name: shown[name] for name in SHOWN}).decode()
