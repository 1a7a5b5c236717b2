"""Every error -> one shape: RFC 9457 problem details, with all faults, and never a stack trace.

The only place that knows which error has which status. `type` is a URN that ends in the problem's code.
Source: RFC 9457; docs/api.md, "Errors".
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from werkzeug.exceptions import HTTPException

from service.errors import (
    Conflict,
    Fault,
    Forbidden,
    InvalidRequest,
    LogBroken,
    NotFound,
    RulesetRejected,
    ServiceError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from service.language.diagnostics import Diagnostic

CONTENT_TYPE = "application/problem+json"
URN = "urn:tagwright:problem:"


class MalformedBody(InvalidRequest):
    """The body is not JSON that can be read, so nothing can be said about its members."""


class Kind(NamedTuple):
    """What is the same for all problems of one kind."""

    status: int
    code: str
    title: str
    headers: Mapping[str, str]


KINDS: Mapping[type[ServiceError], Kind] = {
    MalformedBody: Kind(400, "malformed-body", "The body can't be read", {}),
    InvalidRequest: Kind(422, "invalid-request", "The request has faults", {}),
    RulesetRejected: Kind(422, "ruleset-rejected", "The ruleset has errors", {}),
    Unauthenticated: Kind(401, "unauthenticated", "A valid API key is needed", {"WWW-Authenticate": "Bearer"}),
    Forbidden: Kind(403, "forbidden", "The API key does not allow this", {}),
    NotFound: Kind(404, "not-found", "Not found", {}),
    Conflict: Kind(409, "conflict", "The request contradicts what is stored", {}),
    TooLarge: Kind(413, "too-large", "Too large", {}),
    LogBroken: Kind(500, "log-broken", "The log contradicts itself", {}),
    Unavailable: Kind(503, "unavailable", "The service can't answer now", {"Retry-After": "1"}),
}
"""Every error a caller can meet."""

HTTP_CODES: Mapping[int, str] = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
}
"""Codes of the errors that HTTP itself brings."""

CONFLICT_STATUSES: Mapping[str, int] = {
    "retired": 410,
    "erased": 410,
    "draft-changed": 412,
    "precondition-required": 428,
}
"""Statuses of the conflicts for which HTTP has one of its own, by their codes."""

BUG = Kind(500, "internal-error", "The service made a mistake", {})


def kind_of(error: ServiceError) -> Kind:
    """The kind of an error; a `Conflict` brings a code of its own."""
    kind = next(KINDS[one] for one in type(error).__mro__ if one in KINDS)
    if isinstance(error, Conflict):
        return kind._replace(code=error.code, status=CONFLICT_STATUSES.get(error.code, kind.status))
    return kind


def problem(error: ServiceError, request_id: str) -> dict[str, Any]:
    """An error as problem details."""
    kind = kind_of(error)
    found = _members(kind.code, kind.title, kind.status, error.detail, request_id)
    if isinstance(error, InvalidRequest):
        found["errors"] = [_fault(one) for one in error.errors]
    if isinstance(error, RulesetRejected):
        found["errors"] = [one.to_json() for one in error.diagnostics if isinstance(one, Diagnostic)]
    if isinstance(error, Conflict):
        found |= error.more
    return found


def http_problem(error: HTTPException, request_id: str) -> dict[str, Any]:
    """An error that HTTP itself brings, such as a wrong method, as problem details."""
    status = error.code or BUG.status
    code = HTTP_CODES.get(status, error.name.lower().replace(" ", "-"))
    return _members(code, error.name, status, error.description or error.name, request_id)


def bug_problem(request_id: str) -> dict[str, Any]:
    """A mistake of the service's own: it says nothing but the id to ask about."""
    detail = f"an unexpected error was logged under request id {request_id}"
    return _members(BUG.code, BUG.title, BUG.status, detail, request_id)


def _members(code: str, title: str, status: int, detail: str, request_id: str) -> dict[str, Any]:
    return {
        "type": f"{URN}{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }


def _fault(one: Fault) -> dict[str, str]:
    return {"pointer": one.pointer, "code": one.code, "message": one.message}
