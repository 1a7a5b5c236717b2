"""The log itself: whether it is whole, what it signed, that it only grew, and verifying all of it."""

from typing import Any

from service.audit.note import write_base64
from service.console.page import Moved, Reaction, Sent, Shown, Visit
from service.console.working import read_work, recent_work
from service.errors import Conflict, Fault, InvalidRequest, LogBroken, NotFound
from service.language.instants import write_instant
from service.operations.auditing.prove import Growth
from service.operations.auditing.standing import check_growth, list_checkpoints, read_standing
from service.operations.auditing.verification import COUNTED
from service.operations.auditing.verify import KIND
from service.operations.authoring.jobs import Wish, add_job, cancel_job

HERE = "/console/audit"
ON_A_PAGE = 50
RECENT = 8
LATE_MILLISECONDS = 60_000
"""Beyond this an entry has waited for its seal too long."""
MOST_DIGITS = 18


def show_log(visit: Visit) -> Reaction:
    """How the log stands, its newest checkpoint, its key, and who verified it lately."""
    standing = read_standing(visit.service)
    values: dict[str, Any] = {"standing": standing, "verifications": recent_work(visit, KIND, RECENT)}
    if standing is not None:
        state = "bad" if standing.trouble else "warn" if standing.waiting_milliseconds > LATE_MILLISECONDS else "good"
        places = [(one, one.pushed_at and write_instant(one.pushed_at)) for one in standing.places]
        values |= {"state": state, "signed_at": write_instant(standing.newest.signed_at), "places": places}
    return Shown("log.html", values)


def act_log(visit: Visit) -> Reaction:
    """Verify the whole log; a job."""
    wish = Wish(kind=KIND, payload={"full": visit.form.get("full") == "yes"})
    return Moved(f"{HERE}/verifications/{add_job(visit.service, wish, visit.caller).id}")


def show_verification(visit: Visit) -> Reaction:
    """How far a verification is, and what it found."""
    work = read_work(visit, KIND, visit.path["job_id"])
    counted = []
    if work.result is not None:
        counts = work.result["counts"]
        counted = [("counted." + name, counts[name]) for name in COUNTED if counts.get(name)]
    values = {"work": work, "counted": counted, "found": work.result}
    return Shown("verification_state.html" if visit.is_fragment else "verification.html", values)


def act_verification(visit: Visit) -> Reaction:
    """Cancel a verification."""
    cancel_job(visit.service, {KIND}, visit.path["job_id"], visit.caller)
    return Moved(f"{HERE}/verifications/{visit.path['job_id']}", "jobs.cancelled")


def show_checkpoints(visit: Visit) -> Reaction:
    """Every checkpoint, newest first; and whether the log only grew between two."""
    rows, following = list_checkpoints(visit.service, _size(visit, "below"), ON_A_PAGE)
    growth, wrong = None, None
    if visit.query.get("from") is not None:
        try:
            growth = _growth(visit)
        except (InvalidRequest, NotFound, LogBroken, Conflict) as refused:
            wrong = refused.errors[0].message if isinstance(refused, InvalidRequest) else refused.detail
    values = {
        "checkpoints": [(row, write_instant(row.signed_at), row.root.hex()) for row in rows],
        "next": None if following is None else f"?below={following}",
        "growth": growth,
        "hashes": [write_base64(one) for one in growth.hashes] if growth else [],
        "wrong": wrong,
        "asked": {
            "from": visit.query.get("from", next((one.size for one in reversed(rows) if one.size), "")),
            "to": visit.query.get("to", rows[0].size if rows else ""),
        },
    }
    return Shown("checkpoints.html", values, 422 if wrong else 200)


def show_checkpoint(visit: Visit) -> Reaction:
    """The signed note of one checkpoint as a file to keep."""
    size = visit.path["size"]
    rows, _ = list_checkpoints(visit.service, int(size) + 1, 1) if _is_size(size) else ([], None)
    if not rows or str(rows[0].size) != size:
        raise NotFound(f"no checkpoint has {size} entries")
    name = f'attachment; filename="checkpoint-{size}.txt"'
    return Sent(rows[0].note.encode(), "text/plain; charset=utf-8", headers={"Content-Disposition": name})


def _growth(visit: Visit) -> Growth:
    old, new = _size(visit, "from"), _size(visit, "to")
    if old is None or new is None:
        fault = Fault("/from", "wrong-value", "expected two sizes of checkpoints, such as 1200")
        raise InvalidRequest("the query has faults", [fault])
    return check_growth(visit.service, old, new)


def _size(visit: Visit, name: str) -> int | None:
    text = visit.query.get(name, "").replace(",", "").strip()
    return int(text) if _is_size(text) else None


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
