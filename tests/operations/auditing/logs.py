"""What tests of the log do to a service: add entries of given ids, seal, and look at what was sealed."""

from service.audit.batch import Member, unpack_members
from service.audit.envelope import evaluation_envelope, event_envelope
from service.audit.merkle import EMPTY_ROOT, leaf_hash, tree_hash
from service.audit.rows import AuditRow
from service.audit.tiles import Tree, split_hashes
from service.operations.auditing.seal import seal
from service.operations.service import Service
from service.store.database import connected, open_database


def event(service: Service) -> AuditRow:
    """An audit event with a fresh id."""
    now = service.clock()
    return AuditRow(service.ids.ulid(now), now, "tester", "test.noted", "subject", "{}", "request")


def note(service: Service) -> str:
    """Add an audit event; its id."""
    row = event(service)
    service.store.write(lambda unit: unit.audit(row))
    return row.id


def seal_all(service: Service) -> int:
    """Seal until nothing waits; how many entries there are then."""
    while seal(service):
        pass
    newest = service.store.read(lambda reads: reads.sealing.newest())
    return newest.size if newest else 0


def members(service: Service) -> list[Member]:
    """Every entry in the order of the log."""
    batches = service.store.read(lambda reads: reads.sealing.batches(0, 1 << 31))
    return [member for batch in batches for member in unpack_members(batch.ids)]


def leaves(service: Service) -> list[bytes]:
    """The leaves that are stored, in order."""
    tiles = service.store.read(lambda reads: reads.sealing.tiles(0, 0, 1 << 31))
    return split_hashes(b"".join(data for _, data in tiles))


def rebuilt(service: Service) -> list[bytes]:
    """The leaves as they follow from the rows that the log names."""
    found = members(service)

    def read(reads):
        ids = {kind: [one.id for one in found if one.kind == kind] for kind in ("evaluation", "event")}
        evaluations = {row.id: evaluation_envelope(row) for row, _ in reads.sealing.evaluations(ids["evaluation"])}
        events = {row.id: event_envelope(row) for row in reads.sealing.events(ids["event"])}
        return evaluations | events

    envelopes = service.store.read(read)
    return [leaf_hash(envelopes[one.id]) for one in found]


def checkpoints(service: Service) -> list[tuple[int, bytes]]:
    """Size and root of each checkpoint, the smallest first."""
    rows = service.store.read(lambda reads: reads.sealing.checkpoints(0, 1 << 31))
    return [(row.size, bytes(row.root)) for row in rows]


def all_ids(service: Service) -> set[str]:
    """The ids of everything that was recorded."""

    def read(reads):
        return {entry for kind in ("evaluation", "event") for _, entry in reads.sealing.entries(kind, 0, 1 << 31)}

    return service.store.read(read)


def check_whole(service: Service) -> None:
    """The log has each record once, its tiles are those of the rows, and each checkpoint is of the tree at its size."""
    found = members(service)
    assert len({one.id for one in found}) == len(found)
    assert {one.id for one in found} == all_ids(service)
    assert leaves(service) == rebuilt(service)
    sizes = [size for size, _ in checkpoints(service)]
    assert sizes == sorted(set(sizes))
    for size, root in checkpoints(service):
        assert root == (tree_hash(leaves(service)[:size]) if size else EMPTY_ROOT)
        assert root == service.store.read(lambda reads, size=size: Tree(size, reads.sealing.tile).root())


def rows_changed(url, sql):
    """Run a statement past the service."""
    database = open_database(url)
    with connected(database), database.atomic():
        database.execute_sql(sql.replace("chr(", "char(") if url.startswith("sqlite") else sql)
    if not url.startswith("sqlite"):
        database.close_idle()
