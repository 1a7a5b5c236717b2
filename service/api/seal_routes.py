"""The rows of the table of routes by which the log is checked."""

from functools import partial

from service.api.attesting import BYTES, PLAIN, checkpoint, consistency, log_keys, proof, receipt, tile, verification
from service.api.route import JSON, Route
from service.api.schemas import TEXT, TEXTS, members, ref
from service.api.terms import ANY_KEY, LOG_READERS, STATE_READERS, TERM
from service.operations.auditing.verify import VERIFY
from service.operations.shapes import Shape

_SIZE: Shape = {"type": "integer", "minimum": 0, "maximum": (1 << 53) - 1}
_ENTRY: Shape = {**TERM, "maxLength": 26, "description": "The id of an evaluation, or of an audit event."}
_read = partial(Route, method="GET", section="The log")

SEAL_ROUTES: tuple[Route, ...] = (
    _read(
        path="/v1/audit/checkpoint",
        operation="read_checkpoint_note",
        summary="The newest signed checkpoint of the log.",
        roles=ANY_KEY,
        handler=checkpoint,
        reply={PLAIN: TEXT},
        problems=(404,),
    ),
    _read(
        path="/v1/audit/key",
        operation="read_log_keys",
        summary="The log's name and its public keys; whoever checks the log should have them by another way, too.",
        roles=ANY_KEY,
        handler=log_keys,
        reply={JSON: members({"origin": TEXT, "keys": TEXTS})},
        problems=(404,),
    ),
    _read(
        path="/v1/audit/proof",
        operation="prove_entry",
        summary="The proof that an entry is in the log, as JSON, or as text to be kept and checked offline.",
        roles=STATE_READERS,
        handler=proof,
        query={
            "evaluation": _ENTRY,
            "checkpoint": {
                **_SIZE,
                "description": "The size of the checkpoint to prove it under; the newest if none.",
            },
        },
        reply={
            JSON: members(
                {
                    "entry": TEXT,
                    "position": _SIZE,
                    "leaf": TEXT,
                    "envelope": TEXT,
                    "hashes": TEXTS,
                    "checkpoint": TEXT,
                    "file": TEXT,
                }
            ),
            "text/plain": TEXT,
        },
        problems=(404, 406, 409),
    ),
    _read(
        path="/v1/audit/consistency",
        operation="prove_growth",
        summary="The proof that the log at one checkpoint begins with the log at an earlier one.",
        roles=STATE_READERS,
        handler=consistency,
        query={
            "from": {**_SIZE, "description": "The size of the earlier checkpoint; 0 if left out."},
            "to": {**_SIZE, "description": "The size of the later checkpoint; the newest if left out."},
        },
        reply={JSON: members({"from": _SIZE, "to": _SIZE, "hashes": TEXTS, "checkpoints": TEXTS})},
        problems=(404,),
    ),
    _read(
        path="/v1/audit/tile/{tile*}",
        operation="read_tile",
        summary="A tile of the log: its hashes (`0/x001/234.p/5`), or its entries (`entries/000`).",
        roles=STATE_READERS,
        handler=tile,
        reply={BYTES: TEXT},
        problems=(404,),
    ),
    _read(
        path="/v1/audit/receipt",
        operation="make_receipt",
        summary="The signed promise that an evaluation is, or will soon be, in the log.",
        roles=STATE_READERS,
        handler=receipt,
        query={"evaluation": _ENTRY},
        reply={PLAIN: TEXT},
        problems=(404,),
    ),
    Route(
        method="POST",
        path="/v1/audit/verifications",
        operation="verify_log",
        summary="Walk the whole log and name what does not fit; a job.",
        section="The log",
        roles=LOG_READERS,
        handler=verification,
        body=VERIFY,
        status=202,
        reply={JSON: ref("Job")},
        problems=(409,),
    ),
)
