"""Work that takes longer than a page: its list, its progress, and how to cancel it."""

from service.console.page import Moved, Reaction, Sent, Shown, Visit
from service.operations.authoring.jobs import cancel_job, list_jobs, read_job
from service.operations.authoring.kinds import readable_kinds

HERE = "/console/jobs"
ON_A_PAGE = 50
LAST = "~"
"""Behind every id."""


def show_jobs(visit: Visit) -> Reaction:
    """Jobs that the visitor may read, newest first."""
    below = visit.query.get("cursor", LAST)[:40]
    kinds = readable_kinds(visit.caller.roles)
    jobs, following = list_jobs(visit.service, kinds, None, below, ON_A_PAGE, visit.language)
    return Shown("jobs.html", {"jobs": jobs, "next": f"?cursor={following}" if following else None})


def show_job(visit: Visit) -> Reaction:
    """How far a job is; a script asks for it again and again while it runs."""
    kinds = readable_kinds(visit.caller.roles)
    job = read_job(visit.service, kinds, visit.path["job_id"], visit.language)
    return Shown("job_state.html" if visit.is_fragment else "job.html", {"job": job})


def act_job(visit: Visit) -> Reaction:
    """Cancel a job."""
    kinds = readable_kinds(visit.caller.roles)
    cancel_job(visit.service, kinds, visit.path["job_id"], visit.caller)
    if visit.is_fragment:
        return Sent(b"", "text/plain")
    return Moved(f"{HERE}/{visit.path['job_id']}", "jobs.cancelled")
