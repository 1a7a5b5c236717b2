"""The log's key changes: for a while the old and the new one sign, then the new one alone.

Each step is an entry of the log itself, so the old key vouches for the new one. Where several machines seal, the key
folder must be brought to all of them between the steps.
Source: docs/operations.md, "The log's keys".
"""

from service.audit.note import VerifierKey
from service.errors import Conflict, NotFound
from service.operations.auditing.prove import read_log_keys
from service.operations.keys import audit_row
from service.operations.ports import Caller
from service.operations.service import Service


def rotate_key(service: Service, caller: Caller, *, finish: bool = False) -> VerifierKey:
    """Have a new key sign besides the present one; or, to `finish`, the newest alone. The key that stays.

    `Conflict` if a change is under way already, or none is that could be finished; `NotFound` without a log.
    """
    notary = service.store.notary
    log, _ = read_log_keys(service)
    signers = notary.signers(log)
    if not signers:
        raise NotFound(f"the key folder has no signing key of the log `{log}`")
    if finish == (len(signers) == 1):
        message = "no change of keys is under way" if finish else "a change of keys is under way; finish it first"
        raise Conflict(message, "key-rotation")
    if finish:
        dropped = notary.drop_keys(log)
        detail = {"dropped": [str(key) for key in dropped], "key": str(signers[-1].verifier)}
        action, found = "log.key_dropped", signers[-1].verifier
    else:
        found = notary.add_key(log)
        action, detail = "log.key_added", {"key": str(found)}
    service.store.write(lambda unit: unit.audit(audit_row(service, caller, action, log, detail)))
    return found
