"""The rows of the table of routes about work that takes longer than a request, and about what drafts would change."""

from functools import partial

from service.api.jobbing import job, jobs, no_job
from service.api.route import JSON, Route
from service.api.schemas import ref
from service.api.simulating import no_shadow, shadow, shadow_started, simulated
from service.api.terms import AUTHORS, CHECKERS, CURSOR, LIMIT, TERM
from service.operations.authoring.shadow import START_SHADOW
from service.operations.authoring.simulate import SIMULATE
from service.operations.check import LANGUAGES
from service.operations.shapes import Shape

LANGUAGE: Shape = {"type": "string", "enum": list(LANGUAGES), "description": "The language of what people read."}
_ONE = "/v1/jobs/{job_id}"
_DRAFT = "/v1/rulesets/{key}/draft"
_row = partial(Route, section="Jobs", roles=CHECKERS)

JOB_ROUTES: tuple[Route, ...] = (
    _row(
        method="GET",
        path="/v1/jobs",
        operation="list_jobs",
        summary="Jobs whose results the key may read, newest first, without the results.",
        handler=jobs,
        query={"ruleset": TERM, "language": LANGUAGE, "cursor": CURSOR, "limit": LIMIT},
        reply={JSON: ref("JobPage")},
    ),
    _row(
        method="GET",
        path=_ONE,
        operation="read_job",
        summary="One job: how far it is, and its result when it is done.",
        handler=job,
        query={"language": LANGUAGE},
        reply={JSON: ref("Job")},
        problems=(404,),
    ),
    _row(
        method="DELETE",
        path=_ONE,
        operation="cancel_job",
        summary="End a job that waits or runs.",
        handler=no_job,
        status=204,
        problems=(404,),
    ),
    Route(
        method="POST",
        path=f"{_DRAFT}/simulate",
        operation="simulate_draft",
        summary="Say whom a draft would move: of posted profiles at once, of the stored ones by a job.",
        section="Drafts",
        roles=AUTHORS,
        handler=simulated,
        body=SIMULATE,
        may_queue=True,
        reply={JSON: ref("Simulated")},
        problems=(404, 409),
    ),
    Route(
        method="GET",
        path=f"{_DRAFT}/shadow",
        operation="read_shadow",
        summary="What a draft that watches live traffic would have decided otherwise.",
        section="Drafts",
        roles=CHECKERS,
        handler=shadow,
        reply={JSON: ref("Shadow")},
        problems=(404,),
    ),
    Route(
        method="PUT",
        path=f"{_DRAFT}/shadow",
        operation="start_shadow",
        summary="Have a draft decide beside the version in force, with no effect on anything.",
        section="Drafts",
        roles=AUTHORS,
        handler=shadow_started,
        body=START_SHADOW,
        reply={JSON: ref("Shadow")},
        problems=(404, 409),
    ),
    Route(
        method="DELETE",
        path=f"{_DRAFT}/shadow",
        operation="end_shadow",
        summary="Have a draft watch no more, and forget what it found.",
        section="Drafts",
        roles=AUTHORS,
        handler=no_shadow,
        status=204,
        problems=(404,),
    ),
)
"""Their rows."""
