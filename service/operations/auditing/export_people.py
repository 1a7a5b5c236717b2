"""Exports that were asked for about a person who is erased: they are about a pseudonym from then on."""

import orjson

from service.operations.ports import Unit

KIND = "export"


def rename_exports(unit: Unit, profile_id: str, pseudonym: str) -> None:
    """Call a person otherwise in what exports were asked about, in the transaction that erases them."""
    for job in unit.jobs.all_of(KIND):
        asked = orjson.loads(job.payload)
        if asked["profile"] == profile_id:
            unit.jobs.change_payload(job.id, orjson.dumps({**asked, "profile": pseudonym}).decode())
