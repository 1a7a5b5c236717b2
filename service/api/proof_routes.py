"""The rows of the table of routes about proofs."""

from service.api.job_routes import LANGUAGE
from service.api.proving import draft_proven
from service.api.route import JSON, Route
from service.api.schemas import ref
from service.api.terms import EDITORS, PUBLISHERS

PROOF_ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/v1/rulesets/{key}/draft/prove",
        operation="prove_draft",
        summary="Find rules of a draft that can never hold or contradict each other, with a profile that shows it.",
        section="Drafts",
        roles=EDITORS | PUBLISHERS,
        handler=draft_proven,
        query={"language": LANGUAGE},
        status=202,
        reply={JSON: ref("JobSummary")},
        problems=(404, 409, 422),
    ),
)
"""Their rows."""
