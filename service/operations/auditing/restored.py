"""A database was restored from a backup: the log goes on from there, and says so itself.

Checkpoints were signed of entries that are gone now. That can't be undone, and whoever holds such a checkpoint will see
it; so it is recorded, with who answers for it and why, before anything else is sealed.
Source: docs/operations.md, "After a restore".
"""

from service.audit.checkpoint import Checkpoint
from service.audit.note import write_base64
from service.errors import Conflict, LogBroken
from service.operations.auditing.seal import check_log, newest_of
from service.operations.keys import audit_row
from service.operations.ports import Caller
from service.operations.service import Service


def accept_restore(service: Service, caller: Caller, reason: str) -> Checkpoint:
    """Have the log go on from the newest checkpoint that the database has; that checkpoint.

    `Conflict` if nothing is wrong, `LogBroken` if more is wrong than that later entries are gone.
    """
    notary = service.store.notary
    newest = service.store.read(lambda reads: newest_of(reads.sealing, notary))
    lost = None if newest is None else notary.remembered(newest.origin)
    try:
        service.store.read(lambda reads: check_log(reads.sealing, notary))
    except LogBroken:
        if newest is None or lost is None:
            raise
    else:
        raise Conflict("the log continues the checkpoint that this machine remembers", "nothing-restored")
    detail = {"reason": reason, "lost": _told(lost), "present": _told(newest)}
    event = audit_row(service, caller, "log.restored", newest.origin, detail)
    service.store.write(lambda unit: unit.audit(event))
    notary.set_memory(newest)
    return newest


def _told(checkpoint: Checkpoint) -> dict[str, object]:
    return {"size": checkpoint.size, "root": write_base64(checkpoint.root)}
