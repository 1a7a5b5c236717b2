"""The rows of the table of routes by which evidence is taken away."""

from service.api.export_schemas import SAMPLE
from service.api.exporting import DEFAULT_SIZE, ZIP, export, pack, sample
from service.api.route import JSON, Route
from service.api.schemas import TEXT, ref
from service.api.terms import LOG_READERS, TERM
from service.operations.auditing.export import EXPORT
from service.operations.auditing.sample import MOST
from service.operations.requests import INSTANT

EXPORT_ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/audit/exports",
        operation="export_log",
        summary="Make an evidence pack of a person, a ruleset or a period; a job.",
        section="The log",
        roles=LOG_READERS,
        handler=export,
        body=EXPORT,
        status=202,
        reply={JSON: ref("Job")},
        problems=(404, 409),
    ),
    Route(
        method="GET",
        path="/v1/audit/exports/{job_id}",
        operation="read_export",
        summary="The pack that a job made, as a .zip that can be verified offline.",
        section="The log",
        roles=LOG_READERS,
        handler=pack,
        reply={ZIP: TEXT},
        problems=(404, 409),
    ),
    Route(
        method="GET",
        path="/v1/audit/sample",
        operation="sample_log",
        summary="Evaluations of a period, drawn by what was signed after it ended, so that nobody could choose them.",
        section="The log",
        roles=LOG_READERS,
        handler=sample,
        query={
            "ruleset": TERM,
            "from": {**INSTANT, "description": "Recorded at this instant or later; without an offset, in UTC."},
            "to": {**INSTANT, "description": "Recorded before this instant; without an offset, in UTC. Needed."},
            "size": {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_SIZE},
        },
        reply={JSON: SAMPLE},
        problems=(404, 409),
    ),
)
