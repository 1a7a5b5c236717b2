"""The table of all routes: what is served, who may call it, what it takes and gives.

Everything else follows from it: Flask's rules, the check of roles, and `openapi.yaml`.
"""

from collections.abc import Callable
from typing import Any

from service.api.administering import keys, new_key, no_key
from service.api.audit_routes import AUDIT_ROUTES
from service.api.draft_routes import DRAFT_ROUTES
from service.api.erasure_routes import ERASURE_ROUTES
from service.api.evaluating import evaluate_many, evaluate_one, evaluate_several
from service.api.event_routes import EVENT_ROUTES
from service.api.example_routes import EXAMPLE_ROUTES
from service.api.explain_routes import EXPLAIN_ROUTES
from service.api.export_routes import EXPORT_ROUTES
from service.api.job_routes import JOB_ROUTES
from service.api.metrics import CONTENT_TYPE as METRICS
from service.api.operating import docs, docs_file, health, metrics, openapi, readiness
from service.api.people_routes import PEOPLE_ROUTES
from service.api.profile_routes import PROFILE_ROUTES
from service.api.proof_routes import PROOF_ROUTES
from service.api.reading import (
    check,
    ruleset,
    rulesets,
    schema,
    version,
    versions,
)
from service.api.report_routes import REPORT_ROUTES
from service.api.route import EVERYBODY, JSON, Answer, Call, Route
from service.api.schemas import TEXT, ref
from service.api.seal_routes import SEAL_ROUTES
from service.api.tag_routes import TAG_ROUTES
from service.api.terms import (
    ADMINS,
    ANY_KEY,
    CHECKERS,
    CURSOR,
    EVALUATORS,
    KEY_READERS,
    LIMIT,
    NUMBER_CURSOR,
)
from service.language.document import MAX_BYTES
from service.operations.check import LANGUAGES
from service.operations.keys import CREATE_KEY
from service.operations.requests import BATCH, EVALUATE, EVALUATE_RULESETS
from service.operations.shapes import Shape

PATH_VERSION: Shape = {"type": "integer", "minimum": 1}


def _get(
    path: str, operation: str, summary: str, section: str, handler: Callable[[Call], Answer], **rest: Any
) -> Route:
    return Route(
        method="GET", path=path, operation=operation, summary=summary, section=section, handler=handler, **rest
    )


def _post(
    path: str, operation: str, summary: str, section: str, handler: Callable[[Call], Answer], **rest: Any
) -> Route:
    return Route(
        method="POST", path=path, operation=operation, summary=summary, section=section, handler=handler, **rest
    )


EVALUATE_ROUTES = (
    _post(
        "/v1/rulesets/{key}/evaluate",
        "evaluate_profile",
        "Decide one profile, and record it before the reply.",
        "Evaluate",
        evaluate_one,
        roles=EVALUATORS,
        body=EVALUATE,
        repeatable=True,
        reply={JSON: ref("Evaluated")},
        problems=(404, 409),
    ),
    _post(
        "/v1/rulesets/{key}/evaluate-batch",
        "evaluate_batch",
        "Decide up to 1,000 profiles in order; an item that can't be decided fails alone.",
        "Evaluate",
        evaluate_many,
        roles=EVALUATORS,
        body=BATCH,
        repeatable=True,
        reply={JSON: ref("EvaluatedBatch")},
        problems=(404, 409),
    ),
    _post(
        "/v1/evaluate",
        "evaluate_rulesets",
        "Decide one profile under several rulesets: all of them, or none.",
        "Evaluate",
        evaluate_several,
        roles=EVALUATORS,
        body=EVALUATE_RULESETS,
        repeatable=True,
        reply={JSON: ref("EvaluatedRulesets")},
        problems=(409,),
    ),
)

RULESET_ROUTES = (
    _get(
        "/v1/rulesets",
        "list_rulesets",
        "The active version of each ruleset.",
        "Rulesets",
        rulesets,
        roles=ANY_KEY,
        query={"cursor": CURSOR, "limit": LIMIT},
        reply={JSON: ref("RulesetPage")},
    ),
    _get(
        "/v1/rulesets/{key}",
        "read_ruleset",
        "A ruleset's active version, with its document.",
        "Rulesets",
        ruleset,
        roles=ANY_KEY,
        reply={JSON: ref("Ruleset")},
        problems=(404,),
    ),
    _get(
        "/v1/rulesets/{key}/versions",
        "list_versions",
        "A ruleset's published versions, newest first.",
        "Rulesets",
        versions,
        roles=ANY_KEY,
        query={"cursor": NUMBER_CURSOR, "limit": LIMIT},
        reply={JSON: ref("VersionPage")},
        problems=(404,),
    ),
    _get(
        "/v1/rulesets/{key}/versions/{version}",
        "read_version",
        "One published version, with its document.",
        "Rulesets",
        version,
        roles=ANY_KEY,
        path_shapes={"version": PATH_VERSION},
        reply={JSON: ref("Version")},
        problems=(404,),
    ),
    _post(
        "/v1/check",
        "check_ruleset",
        "Everything there is to say about a document as a ruleset, its examples run.",
        "Rulesets",
        check,
        roles=CHECKERS,
        query={"language": {"type": "string", "enum": list(LANGUAGES)}},
        body={"description": "A ruleset, or anything else."},
        max_body_bytes=MAX_BYTES,
        reply={JSON: ref("Checked")},
    ),
    _get(
        "/v1/ruleset-schema.json",
        "read_ruleset_schema",
        "The JSON Schema of rulesets, for editors.",
        "Rulesets",
        schema,
        roles=ANY_KEY,
        reply={"application/schema+json": {"type": "object"}},
    ),
)

KEY_ROUTES = (
    _post(
        "/v1/keys",
        "create_key",
        "Make an API key; the reply is the only place where it stands.",
        "Keys",
        new_key,
        roles=ADMINS,
        body=CREATE_KEY,
        status=201,
        reply={JSON: ref("NewKey")},
    ),
    _get(
        "/v1/keys",
        "list_keys",
        "API keys, without their secrets.",
        "Keys",
        keys,
        roles=KEY_READERS,
        query={"cursor": CURSOR, "limit": LIMIT},
        reply={JSON: ref("KeyPage")},
    ),
    Route(
        method="DELETE",
        path="/v1/keys/{key_id}",
        operation="revoke_key",
        summary="End an API key.",
        section="Keys",
        handler=no_key,
        roles=ADMINS,
        status=204,
        problems=(404,),
    ),
)

OPEN_ROUTES = (
    _get(
        "/healthz",
        "health",
        "This process answers.",
        "Operations",
        health,
        roles=EVERYBODY,
        reply={JSON: ref("Health")},
    ),
    _get(
        "/readyz",
        "readiness",
        "This process can do its work; 503 says what is missing.",
        "Operations",
        readiness,
        roles=EVERYBODY,
        reply={JSON: ref("Readiness")},
    ),
    _get(
        "/metrics", "metrics", "Counts for Prometheus.", "Operations", metrics, roles=EVERYBODY, reply={METRICS: TEXT}
    ),
    _get(
        "/openapi.yaml",
        "openapi",
        "This description.",
        "Operations",
        openapi,
        roles=EVERYBODY,
        reply={"application/yaml": TEXT},
    ),
    _get(
        "/docs",
        "docs",
        "This description, to read and to try.",
        "Operations",
        docs,
        roles=EVERYBODY,
        reply={"text/html": TEXT},
    ),
    _get(
        "/docs/{name}",
        "docs_file",
        "What the page loads.",
        "Operations",
        docs_file,
        roles=EVERYBODY,
        reply={"text/css": TEXT, "text/javascript": TEXT, "image/png": TEXT},
        problems=(404,),
    ),
)

ROUTES: tuple[Route, ...] = (
    *EVALUATE_ROUTES,
    *PROFILE_ROUTES,
    *AUDIT_ROUTES,
    *REPORT_ROUTES,
    *EXPLAIN_ROUTES,
    *ERASURE_ROUTES,
    *SEAL_ROUTES,
    *EXPORT_ROUTES,
    *RULESET_ROUTES,
    *DRAFT_ROUTES,
    *EXAMPLE_ROUTES,
    *EVENT_ROUTES,
    *JOB_ROUTES,
    *TAG_ROUTES,
    *PROOF_ROUTES,
    *KEY_ROUTES,
    *PEOPLE_ROUTES,
    *OPEN_ROUTES,
)
"""Every route."""
