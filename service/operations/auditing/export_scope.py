"""A question about the log -> which of its entries an evidence pack has, and these entries as they are handed out.

A pack about one person is a *selection*: the entries that concern them, each with its proof. Any other is a *range*
without a gap, from one checkpoint to another, so that it shows that nothing was left out; it begins with what was
sealed before the period and ends with what was sealed after it. Content is handed out where it was asked for only; of
other entries there is the envelope, which names nobody.
Source: docs/log-format.md, "Evidence packs".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from service.audit.batch import Member, instant_of
from service.audit.envelope import evaluation_envelope, event_content, event_envelope
from service.audit.evidence import Entry
from service.audit.find_rows import Place, Sought
from service.audit.rows import PSEUDONYM, AuditRow, EvaluationRow
from service.audit.sealing_rows import BatchRow, CheckpointRow
from service.errors import LogBroken, NotFound
from service.operations.auditing.prove import members, position_of
from service.operations.log_ports import SealingReads
from service.operations.ports import Reads
from service.operations.service import Service

CHUNK = 100
BATCHES = 64
PAGE = 500
MARGIN_MILLISECONDS = 60_000
"""By how much the instant of an id may differ from that of recording."""
Progress = Callable[[int], None]
"""Hears how many entries were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a pack is about: a person or all, a ruleset or all, what was recorded in a period or ever (`begin` is in it,
    `end` is not), in the tree of `size` entries.
    """

    profile: str | None = None
    ruleset: str | None = None
    begin: int | None = None
    end: int | None = None
    size: int

    def has_evaluation(self, row: EvaluationRow) -> bool:
        """Whether the content of an evaluation was asked for."""
        return (
            self.profile in {None, row.profile_id}
            and self.ruleset in {None, row.ruleset}
            and self._is_in(row.recorded_at)
        )

    def has_event(self, row: AuditRow) -> bool:
        """Whether the content of an audit event was asked for: of a person what concerns them, of a ruleset what was
        done to it.
        """
        if self.profile is not None:
            is_theirs = row.profile_id == self.profile or (row.subject == self.profile and _is_of_person(row.action))
            return is_theirs and self._is_in(row.at)
        return (self.ruleset is None or _is_of_ruleset(row, self.ruleset)) and self._is_in(row.at)

    def is_before(self, batch: BatchRow) -> bool:
        """Whether everything in a batch was recorded before the period."""
        return self.begin is not None and instant_of(batch.last_id) < self.begin - MARGIN_MILLISECONDS

    def is_after(self, batch: BatchRow) -> bool:
        """Whether everything in a batch was recorded after the period."""
        return self.end is not None and instant_of(batch.first_id) >= self.end + MARGIN_MILLISECONDS

    def _is_in(self, at: int) -> bool:
        return (self.begin is None or self.begin <= at) and (self.end is None or at < self.end)


class Extent(NamedTuple):
    """Which entries: those from `first` up to, without, `end`; or, of those below `end`, the ones at `places` only."""

    first: int
    end: int
    places: tuple[int, ...] | None = None

    @property
    def is_range(self) -> bool:
        """Whether it has no gap."""
        return self.places is None


class Loaded(NamedTuple):
    """One entry: its row, the salt of an evaluation, and whether its content was asked for."""

    position: int
    evaluation: EvaluationRow | None
    event: AuditRow | None
    salt: bytes | None
    is_asked: bool

    def entry(self) -> Entry:
        """The entry as it is handed out."""
        return self._evaluation() if self.evaluation is not None else self._event()

    def _evaluation(self) -> Entry:
        row = self.evaluation
        assert row is not None
        entry = Entry(self.position, "evaluation", row.id, evaluation_envelope(row))
        if not self.is_asked:
            return entry
        if not row.record:
            return entry._replace(erased_by=row.erased_by)
        return entry._replace(content=row.record, salt=self.salt or b"")

    def _event(self) -> Entry:
        row = self.event
        assert row is not None
        entry = Entry(self.position, "event", row.id, event_envelope(row))
        if not self.is_asked:
            return entry
        if is_erased_event(row):
            return entry._replace(erased_by=row.subject.removeprefix(PSEUDONYM))
        return entry._replace(content=event_content(row).decode(), salt=bytes(row.salt or b""))


def is_erased_event(row: AuditRow) -> bool:
    """Whether an audit event concerned somebody who was erased."""
    return row.salt is None and row.subject.startswith(PSEUDONYM)


def find_extent(service: Service, asked: Asked) -> Extent:
    """The entries that a pack has."""
    if asked.profile is not None:
        return _selection(service, asked)
    if asked.begin is None and asked.end is None:
        return Extent(0, asked.size)
    return _range(service, asked)


def walk_entries(service: Service, asked: Asked, extent: Extent, progress: Progress) -> Iterator[list[Loaded]]:
    """The entries in the order of the log, some at a time."""
    done = 0
    for places in _steps(extent):
        some = service.store.read(partial(_load, places=places, asked=asked))
        done += len(some)
        progress(done)
        yield some


def ruleset_events(service: Service, key: str, end: int) -> list[int]:
    """Where in the log it stands who wrote, approved, published and withdrew a ruleset, below a position."""
    ids = [row_id for row_id, action in _events_about(service, key) if action.startswith("ruleset.")]
    return _positions(service, ids, end)


def load_events(service: Service, places: list[int]) -> list[Loaded]:
    """Audit events by their positions, with their content."""
    some: list[Loaded] = []
    for at in range(0, len(places), CHUNK):
        few = places[at : at + CHUNK]
        some += service.store.read(partial(_load, places=few, asked=None))
    return some


def checkpoint_of(sealing: SealingReads, size: int) -> CheckpointRow:
    """The checkpoint of exactly so many entries; `NotFound` if none was signed there."""
    found = sealing.checkpoints(size, 1)
    if not found or found[0].size != size:
        near = f"; the next larger one has {found[0].size}" if found else ""
        raise NotFound(f"no checkpoint has {size} entries{near}")
    return found[0]


def _is_of_person(action: str) -> bool:
    return action.startswith("profile.")


def _is_of_ruleset(row: AuditRow, ruleset: str) -> bool:
    return row.subject == ruleset and row.action.startswith("ruleset.")


def _range(service: Service, asked: Asked) -> Extent:
    """From the last batch that was sealed before the period to the first one after it."""
    first, end, position, is_inside = 0, asked.size, 0, False
    high: int | None = None
    while position < asked.size:
        batches = service.store.read(lambda reads, at=position: reads.sealing.batches(at, BATCHES))  # type: ignore[misc]
        if not batches:
            raise LogBroken(f"expected an entry at position {position}, found none")
        for batch in batches:
            if batch.first >= asked.size:
                break
            is_inside = is_inside or not asked.is_before(batch)
            first = first if is_inside else batch.first
            is_after = asked.is_after(batch)
            high = (high or batch.first + batch.entries) if is_after else None
        position = batches[-1].first + batches[-1].entries
    return Extent(first, min(high or end, end))


def _selection(service: Service, asked: Asked) -> Extent:
    """Every entry that concerns a person. `NotFound` if there is none, and never was one."""
    profile = str(asked.profile)
    ids = [row_id for row_id, _ in _events_about(service, profile)]
    below: Place | None = None
    while True:
        rows, below = service.store.read(
            lambda reads, below=below: reads.finding.evaluations(Sought({"profile_id": profile}), below, PAGE)  # type: ignore[misc]
        )
        ids += [row.id for row in rows]
        if below is None:
            break
    if not ids:
        raise NotFound(f"there is no profile `{profile}`")
    places = _positions(service, ids, asked.size)
    return Extent(0, asked.size, tuple(_asked_for(service, asked, places)))


def _asked_for(service: Service, asked: Asked, places: list[int]) -> Iterator[int]:
    for at in range(0, len(places), CHUNK):
        few = places[at : at + CHUNK]
        for one in service.store.read(partial(_load, places=few, asked=asked)):
            if one.is_asked:
                yield one.position


def _events_about(service: Service, subject: str) -> Iterator[tuple[str, str]]:
    """Id and action of each audit event about something."""
    below: Place | None = None
    while True:
        rows, below = service.store.read(
            lambda reads, below=below: reads.finding.events(Sought({"subject": subject}), below, PAGE)  # type: ignore[misc]
        )
        yield from ((row.id, row.action) for row in rows)
        if below is None:
            return


def _positions(service: Service, ids: list[str], end: int) -> list[int]:
    """Where entries stand in the log, in its order; those that stand at `end` or behind are left out."""
    found: list[int] = []
    for at in range(0, len(ids), CHUNK):
        few = ids[at : at + CHUNK]
        places = service.store.read(lambda reads, few=few: [position_of(reads.sealing, one) for one in few])  # type: ignore[misc]
        found += [place for place in places if place is not None and place < end]
    return sorted(found)


def _steps(extent: Extent) -> Iterator[range | tuple[int, ...]]:
    places = range(extent.first, extent.end) if extent.places is None else extent.places
    for at in range(0, len(places), CHUNK):
        yield places[at : at + CHUNK]


def _load(reads: Reads, places: range | tuple[int, ...] | list[int], asked: Asked | None) -> list[Loaded]:
    """Entries by their positions; without a question content of all."""
    sealing = reads.sealing
    found = _members(sealing, places)
    evaluations = {row.id: (row, salt) for row, salt in sealing.evaluations(_ids(found, "evaluation"))}
    events = {row.id: row for row in sealing.events(_ids(found, "event"))}
    return [_loaded(at, one, evaluations, events, asked) for at, one in zip(places, found, strict=True)]


def _loaded(
    position: int,
    member: Member,
    evaluations: dict[str, tuple[EvaluationRow, bytes | None]],
    events: dict[str, AuditRow],
    asked: Asked | None,
) -> Loaded:
    if member.id in evaluations:
        row, salt = evaluations[member.id]
        return Loaded(position, row, None, salt, asked is None or asked.has_evaluation(row))
    event: Any = events.get(member.id)
    if event is None:
        raise LogBroken(f"expected the sealed entry `{member.id}` at position {position}, found none")
    return Loaded(position, None, event, None, asked is None or asked.has_event(event))


def _members(sealing: SealingReads, places: range | tuple[int, ...] | list[int]) -> list[Member]:
    if isinstance(places, range):
        return members(sealing, places.start, places.stop)
    return [members(sealing, place, place + 1)[0] for place in places]


def _ids(found: list[Member], kind: str) -> list[str]:
    return [one.id for one in found if one.kind == kind]
