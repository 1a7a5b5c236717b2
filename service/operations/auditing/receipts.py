"""A recorded entry -> the receipt that its caller may keep: signed, before the entry is sealed.

It is made of what is recorded and of nothing else, so asking twice gives the same receipt.
Source: docs/log-format.md, "Receipts".
"""

from dataclasses import replace

import orjson

from service.audit.batch import instant_of
from service.audit.envelope import evaluation_envelope
from service.audit.merkle import leaf_hash
from service.audit.receipt import Receipt, sign_receipt
from service.config import ConfigError
from service.errors import LogBroken, NotFound, Unavailable
from service.language.instants import write_instant
from service.operations.auditing.seal import begin_log, origin_of
from service.operations.repeats import Reply
from service.operations.service import Service

PROMISED_MILLISECONDS = 60_000
"""Within what time an entry is sealed, as the receipt says."""


def with_receipt(service: Service, reply: Reply) -> Reply:
    """The reply of one evaluation, with the member `receipt`: null where nothing can be signed now, since what was
    recorded must be answered all the same.
    """
    try:
        receipt: str | None = make_receipt(service, orjson.loads(reply.text)["evaluation_id"])
    except (LogBroken, Unavailable, ConfigError):
        receipt = None
    # Why not written anew: the numbers of the reply are exact, and stay so.
    return replace(reply, text=reply.text[:-1] + b',"receipt":' + orjson.dumps(receipt) + b"}")


def make_receipt(service: Service, evaluation_id: str) -> str:
    """The receipt of an evaluation, as a signed note. `NotFound` if there is none."""
    begin_log(service)
    found, newest = service.store.read(
        lambda reads: (reads.sealing.evaluations([evaluation_id]), reads.sealing.newest())
    )
    if not found:
        raise NotFound(f"there is no evaluation `{evaluation_id}`")
    assert newest is not None
    origin = origin_of(newest)
    signers = service.store.notary.signers(origin)
    if not signers:
        raise LogBroken(f"expected the signing key of the log `{origin}` in the key folder, found none")
    until = write_instant(instant_of(evaluation_id) + PROMISED_MILLISECONDS)
    leaf = leaf_hash(evaluation_envelope(found[0][0]))
    return sign_receipt(Receipt(origin, "evaluation", evaluation_id, leaf, until), signers)
