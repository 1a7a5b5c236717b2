"""Evidence packs: asked for, made, checked, and had again, the same to the byte.

A job makes the pack once and runs the verifier over it; nothing of it is kept but its hash. Who has it then gets it
made anew, from what the job was told, as a stream. Each export, and each time one is had, is an entry of the log.
Source: docs/api.md, "Evidence packs"; docs/log-format.md.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import orjson

from service.audit import verifier
from service.audit.evidence import MANIFEST
from service.audit.job_rows import JobRow
from service.audit.rows import AuditRow
from service.errors import Conflict, Fault, InvalidRequest, NotFound
from service.language.instants import read_instant
from service.operations.auditing import export_people
from service.operations.auditing.export_files import Pack, asked_json
from service.operations.auditing.export_scope import Asked, checkpoint_of, find_extent
from service.operations.auditing.prove import read_log_keys
from service.operations.authoring.jobs import Task, Wish, add_job
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads
from service.operations.requests import INSTANT
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

KIND = export_people.KIND
MADE, HAD = "log.exported", "log.export_read"
MOST_FINDINGS = 20
EXPORT: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profile": {"type": ["string", "null"], "minLength": 1, "maxLength": 200, "description": "About one person."},
        "ruleset": {"type": ["string", "null"], "minLength": 1, "maxLength": 63, "description": "By one ruleset."},
        "from": {**optional(INSTANT), "description": "Recorded at this instant or later; without an offset, in UTC."},
        "to": {**optional(INSTANT), "description": "Recorded before this instant; without an offset, in UTC."},
        "as_of_size": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": (1 << 53) - 1,
            "description": "As the log was at the checkpoint of so many entries; the newest if left out.",
        },
    },
}
Progress = Callable[[int], None]


def export_log(service: Service, body: object, caller: Caller) -> JobRow:
    """Queue the making of a pack; what was asked for is fixed now. Errors as in `read_asked`."""
    asked = read_asked(service, body)
    return add_job(service, Wish(kind=KIND, ruleset=asked.ruleset, payload=asked_json(asked)), caller)


def read_asked(service: Service, body: object) -> Asked:
    """What a body asks for. `InvalidRequest` with every fault; `NotFound` without such a ruleset, or a checkpoint of
    that size.
    """
    found = faults(EXPORT, body)
    given: Mapping[str, Any] = body if isinstance(body, dict) else {}
    begin, end = (_instant(given, name, found) for name in ("from", "to"))
    if begin is not None and end is not None and end < begin:
        found.append(Fault("/to", "out-of-range", "expected an instant that is not before `from`"))
    if found:
        raise InvalidRequest("the request has faults", found)
    ruleset = None if given.get("ruleset") is None else service.programs.latest(given["ruleset"]).key
    size = service.store.read(lambda reads: _size(reads, given.get("as_of_size")))
    return Asked(profile=given.get("profile"), ruleset=ruleset, begin=begin, end=end, size=size)


def make_pack(service: Service, asked: Asked, progress: Progress = lambda _: None) -> Pack:
    """The pack that was asked for, not yet written. `NotFound` if there never was such a profile."""
    return Pack(service, asked, find_extent(service, asked), progress)


def write_pack(pack: Pack, to: BinaryIO) -> dict[str, Any]:
    """Write a pack; what it turned out to be: its SHA-256, its manifest's, its bytes, and how much is in it."""
    found, length = sha256(), 0
    for part in pack.parts():
        found.update(part)
        length += to.write(part)
    return {
        "sha256": found.hexdigest(),
        "manifest_sha256": pack.hashes[MANIFEST],
        "bytes": length,
        "totals": asdict(pack.totals),
        "files": dict(pack.hashes),
    }


def note_export(service: Service, asked: Asked, made: Mapping[str, Any], caller: Caller) -> None:
    """Have the log say who exported what."""
    detail = {"asked": _without_profile(asked), "sha256": made["sha256"], "totals": made["totals"]}
    service.store.write(lambda unit: unit.audit(_event(service, caller, MADE, asked, detail)))


def run(task: Task) -> dict[str, Any]:
    """What the job does: the pack is made into a file that is gone afterwards, and the verifier looks at it."""
    service, asked = task.service, _asked(task.payload)
    pack = make_pack(service, asked, partial(_tell, task))
    with NamedTemporaryFile(suffix=".zip") as file:
        made = write_pack(pack, file)  # type: ignore[arg-type]  # a file like any other
        file.flush()
        _, keys = read_log_keys(service)
        report = verifier.verify(verifier.Pack(Path(file.name)), [verifier.read_key(str(key)) for key in keys])
    note_export(service, asked, made, Caller(task.job.created_by, frozenset(), task.job.id))
    findings = [{"code": code, "place": place} for code, place, _ in report.findings[:MOST_FINDINGS]]
    return {**made, "holds": not report.findings, "findings": findings}


def read_export(service: Service, job_id: str, caller: Caller) -> Iterator[bytes]:
    """The pack that a job made, made again. `NotFound` without such a job, `Conflict` (`not-done`) until it is done."""
    job = service.store.read(lambda reads: reads.jobs.job(job_id))
    if job is None or job.kind != KIND:
        raise NotFound(f"there is no export `{job_id}`")
    if job.state != "done":
        raise Conflict(f"expected an export that is done, found one that is {job.state}", "not-done")
    asked = _asked(orjson.loads(job.payload))
    pack = make_pack(service, asked)
    detail = {"export": job_id, "asked": _without_profile(asked)}
    service.store.write(lambda unit: unit.audit(_event(service, caller, HAD, asked, detail)))
    return pack.parts()


def _tell(task: Task, done: int) -> None:
    task.progress(done, None)


def _event(service: Service, caller: Caller, action: str, asked: Asked, detail: Mapping[str, Any]) -> AuditRow:
    subject = asked.profile or asked.ruleset or "log"
    return audit_row(service, caller, action, subject, detail)._replace(profile_id=asked.profile)


def _without_profile(asked: Asked) -> dict[str, Any]:
    return {name: value for name, value in asked_json(asked).items() if name != "profile"}


def _asked(payload: Mapping[str, Any]) -> Asked:
    begin, end = (payload[name] and read_instant(payload[name], UTC) for name in ("from", "to"))
    return Asked(
        profile=payload["profile"], ruleset=payload["ruleset"], begin=begin, end=end, size=payload["as_of_size"]
    )


def _size(reads: Reads, wanted: int | None) -> int:
    if wanted is not None:
        return checkpoint_of(reads.sealing, wanted).size
    newest = reads.sealing.newest()
    if newest is None:
        raise NotFound("the log has no checkpoint yet")
    return newest.size


def _instant(given: Mapping[str, Any], name: str, found: list[Fault]) -> int | None:
    text = given.get(name)
    try:
        return read_instant(text, UTC) if isinstance(text, str) else None
    except ValueError:
        found.append(Fault(f"/{name}", "wrong-value", "expected an instant such as `2026-11-21T09:00:00Z`"))
    return None
