"""The routes by which anyone with a key checks the log: checkpoint, keys, proofs, tiles, receipts.

Paths and formats below `/v1/audit` are those of a C2SP tiled log, so that tools of others work on it.
"""

from service.api.gate import body_value
from service.api.jobbing import accepted
from service.api.route import Answer, Call, as_json
from service.audit.note import write_base64
from service.audit.proof import write_proof
from service.errors import Fault, InvalidRequest
from service.operations.auditing.prove import prove_entry, prove_growth, read_checkpoint_note, read_log_keys, read_tile
from service.operations.auditing.receipts import make_receipt
from service.operations.auditing.verify import KIND, VERIFY
from service.operations.authoring.jobs import Wish, add_job
from service.operations.shapes import faults

PLAIN = "text/plain; charset=utf-8"
TEXT = "text/plain"
BYTES = "application/octet-stream"
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
FOR_NOW = {"Cache-Control": "no-cache"}


def checkpoint(call: Call) -> Answer:
    """`GET /v1/audit/checkpoint`."""
    return Answer(read_checkpoint_note(call.service).encode(), content_type=PLAIN, headers=FOR_NOW)


def log_keys(call: Call) -> Answer:
    """`GET /v1/audit/key`."""
    origin, keys = read_log_keys(call.service)
    return as_json({"origin": origin, "keys": [str(key) for key in keys]})


def proof(call: Call) -> Answer:
    """`GET /v1/audit/proof`: as JSON, or as the file that is checked offline."""
    found = prove_entry(call.service, _entry(call), call.query.get("checkpoint"))
    file = write_proof(found.proof)
    if call.accepts == TEXT:
        return Answer(file.encode(), content_type=PLAIN)
    return as_json(
        {
            "entry": found.entry_id,
            "position": found.proof.position,
            "leaf": write_base64(found.leaf),
            "envelope": found.envelope.decode(),
            "hashes": [write_base64(one) for one in found.proof.hashes],
            "checkpoint": found.proof.note,
            "file": file,
        }
    )


def consistency(call: Call) -> Answer:
    """`GET /v1/audit/consistency`."""
    found = prove_growth(call.service, call.query.get("from", 0), call.query.get("to"))
    return as_json(
        {
            "from": found.old.size,
            "to": found.new.size,
            "hashes": [write_base64(one) for one in found.hashes],
            "checkpoints": [found.old.note, found.new.note],
        }
    )


def tile(call: Call) -> Answer:
    """`GET /v1/audit/tile/...`: hashes, or entries."""
    return Answer(read_tile(call.service, call.path["tile"]), content_type=BYTES, headers=FOR_EVER)


def receipt(call: Call) -> Answer:
    """`GET /v1/audit/receipt`."""
    return Answer(make_receipt(call.service, _entry(call)).encode(), content_type=PLAIN)


def verification(call: Call) -> Answer:
    """`POST /v1/audit/verifications`. It is done by a job."""
    wish = body_value(call.content)
    found = faults(VERIFY, wish)
    if found:
        raise InvalidRequest("the request has faults", found)
    return accepted(call, add_job(call.service, Wish(kind=KIND, payload=wish), call.caller))


def _entry(call: Call) -> str:
    entry: str | None = call.query.get("evaluation")
    if entry is None:
        fault = Fault("/evaluation", "missing-member", "expected the id of an entry")
        raise InvalidRequest("the query has faults", [fault])
    return entry
