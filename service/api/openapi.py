"""The table of routes -> `openapi.yaml`: OpenAPI 3.1, the same bytes on every run.

The shapes that check requests stand in it as they are, so it can't say anything else than the service does.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import yaml

from service.api.audit_schemas import AUDIT_SCHEMAS
from service.api.erasure_schemas import ERASURE_SCHEMAS
from service.api.job_schemas import JOB_SCHEMAS
from service.api.people_schemas import PEOPLE_SCHEMAS
from service.api.problems import CONTENT_TYPE as PROBLEM
from service.api.report_schemas import REPORT_SCHEMAS
from service.api.route import Route
from service.api.routes import ROUTES
from service.api.schemas import COMPONENTS, TEXT, ref
from service.operations.shapes import Shape

SCHEMAS: Mapping[str, Shape] = {
    **COMPONENTS,
    **AUDIT_SCHEMAS,
    **ERASURE_SCHEMAS,
    **JOB_SCHEMAS,
    **PEOPLE_SCHEMAS,
    **REPORT_SCHEMAS,
}
"""Every named shape."""
VERSION = "1"
"""The version of the API: the number in its paths."""
DESCRIPTION = """\
A declarative rules engine for customer tagging, scoring, tiering and lifecycle.
Post a profile and get back its tags, scores, tiers and stage, what changed and why, and what changes next.
Every decision is recorded before the reply is sent.
"""
KEY: Shape = {"type": "http", "scheme": "bearer", "description": "An API key: `tw_...`."}
REPEAT: Shape = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Names the request: sent again with the same body, it gets the stored reply; with another, 409.",
}
HELD: Shape = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 102},
    "description": "The `ETag` of the draft that the caller has seen; 412 if it is another one by now.",
}
REQUEST_ID: Shape = {
    "name": "X-Request-Id",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": "The request's id in logs and records; made if left out.",
}


QUEUED: Shape = {
    "description": "Accepted: a job does it",
    "headers": {"Location": {"schema": {"type": "string"}, "description": "Where the job is to be asked for."}},
    "content": {"application/json": {"schema": ref("JobSummary")}},
}


@lru_cache(maxsize=1)  # Why: it follows from the code alone, and writing YAML takes most of a second
def openapi_text() -> str:
    """The whole document."""
    return yaml.dump(openapi(), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def openapi() -> dict[str, Any]:
    """The whole document, as JSON values."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path.replace("*}", "}"), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tagwright", "version": VERSION, "description": DESCRIPTION},
        "security": [{"key": []}],
        "paths": paths,
        "components": {"securitySchemes": {"key": KEY}, "schemas": _plain(SCHEMAS)},
    }


def _operation(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.section],
        "parameters": _parameters(route),
    }
    if route.roles is None:
        found["security"] = []
    else:
        found["description"] = f"For keys with the role {' or '.join(f'`{role}`' for role in sorted(route.roles))}."
    if route.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": _plain(route.body)}}}
    replies = {str(route.status): _reply(route), **({"202": _plain(QUEUED)} if route.may_queue else {})}
    found["responses"] = {**replies, **{str(one): _problem(one) for one in _problems(route)}}
    return found


def _parameters(route: Route) -> list[dict[str, Any]]:
    names = [name.rstrip("*") for name in re.findall(r"{([^}]+)}", route.path)]
    found = [
        {"name": name, "in": "path", "required": True, "schema": _plain(route.path_shapes.get(name, TEXT))}
        for name in names
    ]
    for name, shape in route.query.items():
        schema = {word: value for word, value in _plain(shape).items() if word != "description"}
        one = {"name": name, "in": "query", "schema": schema}
        found.append(one | ({"description": shape["description"]} if "description" in shape else {}))
    if route.repeatable:
        found.append(_plain(REPEAT))
    if route.conditional:
        found.append(_plain(HELD))
    return [*found, _plain(REQUEST_ID)]


def _reply(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.reply:
        found["content"] = {kind: {"schema": _plain(shape)} for kind, shape in route.reply.items()}
    return found


def _problems(route: Route) -> list[int]:
    """The statuses of errors that can come: they follow from what the route takes."""
    found = set(route.problems)
    if route.roles is not None:
        found |= {401, 403, 503}
    if route.body is not None:
        found |= {400, 413, 415, 422}
    if route.query:
        found.add(422)
    if route.conditional:
        found |= {412, 422}
    return sorted(found)


def _problem(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM: {"schema": _plain(ref("Problem"))}}}


def _plain(value: Any) -> Any:
    """A copy that shares nothing, so that it is written out in full."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


class _Dumper(yaml.SafeDumper):
    """Writes lists inside their parent's indentation, and no references between parts."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the signature is the library's
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT002  # as above
        super().increase_indent(flow, indentless=False)
