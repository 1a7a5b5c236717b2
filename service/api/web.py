"""The table of routes, served by Flask: each request is let in, answered by its handler, counted and logged.

Whatever goes wrong leaves as problem details with the request's id. Nothing here knows what a route does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from time import perf_counter
from typing import Any

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from service.api import gate, problems
from service.api.drain import drain
from service.api.log import RequestLog
from service.api.metrics import Metrics
from service.api.route import Answer, Call, Route
from service.errors import ServiceError
from service.operations.auditing.access import DENIED, REFUSED, Access
from service.operations.ports import Caller
from service.operations.service import Service

UNKNOWN = "unknown"
"""What stands for the route of a request that fits none, in counts and logs."""
STRANGER = "anonymous"
CONSOLE = "/console"
PROFILE = "profile_id"
PERSONAL = (PROFILE, "evaluation_id")
"""Names in a path that lead to what is known about a person."""
REFUSALS = {int(HTTPStatus.UNAUTHORIZED): REFUSED, int(HTTPStatus.FORBIDDEN): DENIED}


@dataclass(slots=True)
class Seen:
    """What is known of a request so far."""

    started: float
    request_id: str
    route: str = UNKNOWN
    key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """What every request is answered with."""

    service: Service
    metrics: Metrics
    log: RequestLog
    access: Access
    description: bytes
    max_body_bytes: int


def serve_routes(app: Flask, web: Web, routes: tuple[Route, ...]) -> None:
    """Put every route on the app, with one way in and one way out."""
    app.url_map.merge_slashes = False
    for route in routes:
        app.add_url_rule(
            flask_rule(route),
            route.operation,
            _view(web, route),
            methods=[route.method],
            provide_automatic_options=False,
            strict_slashes=True,
        )
    app.before_request(lambda: _begin(web))
    app.after_request(lambda response: _end(web, response))
    app.register_error_handler(ServiceError, lambda error: _on_error(web, error))
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, lambda error: _on_bug(web, error))


def flask_rule(route: Route) -> str:
    """A route's path, in Flask's words."""
    rule = route.path.replace("{version}", "<int:version>").replace("{revision}", "<int:revision>")
    return re.sub(r"{(\w+)\*}", r"<path:\1>", rule).replace("{", "<").replace("}", ">")


def _view(web: Web, route: Route) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        seen: Seen = g.seen
        seen.route = route.path
        given = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Why: looked up once, as every look-up costs
        who = gate.caller(web.service, given, route, seen.request_id)
        seen.key_id = who.actor
        gate.admit(who, route)
        if route.roles is not None:
            web.access.used(who)
        answer = route.handler(
            Call(
                service=web.service,
                metrics=web.metrics,
                description=web.description,
                caller=who,
                path=gate.path(path),
                accepts=gate.accepts(given, route),
                content=gate.content(given, route, web.max_body_bytes),
                query=gate.query(given, route),
                language=gate.language(given),
                idempotency_key=gate.idempotency_key(given, route),
                held=gate.held(given, route),
            )
        )
        if answer.recorded:
            web.metrics.recorded(answer.recorded)
        return _response(answer)

    return view


def _begin(web: Web) -> None:
    g.seen = Seen(perf_counter(), gate.request_id(web.service, request))


def _end(web: Web, response: Response) -> Response:
    seen: Seen = g.seen
    seconds = perf_counter() - seen.started
    environ, status = request.environ, response.status_code
    response.headers["X-Request-Id"] = seen.request_id
    if status >= HTTPStatus.BAD_REQUEST and (environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING")):
        response.call_on_close(partial(drain, environ))
    method = environ["REQUEST_METHOD"] if seen.route != UNKNOWN else UNKNOWN
    web.metrics.answered(method, seen.route, status, seconds)
    web.log.answered(seen.request_id, seen.key_id, method, seen.route, status, seconds)
    _watch(web, seen, method, status)
    return response


def _watch(web: Web, seen: Seen, method: str, status: int) -> None:
    """Have the log say who was refused, and who read about whom; who could not sign in stands there anyway."""
    path = request.view_args or {}
    about = next((name for name in PERSONAL if name in path), None)
    is_good = status < HTTPStatus.BAD_REQUEST
    if not (status in REFUSALS or (is_good and about and method == "GET")):
        return
    caller = Caller(seen.key_id or STRANGER, frozenset(), seen.request_id)
    route = f"{method} {seen.route}"
    if is_good and about:
        web.access.read(caller, route, path[about], path[about] if about == PROFILE else None)
    elif status == HTTPStatus.FORBIDDEN or not seen.route.startswith(CONSOLE):
        web.access.refused(caller, REFUSALS[status], route)


def _on_error(web: Web, error: ServiceError) -> Response:
    kind = problems.kind_of(error)
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # the world's mistakes are worth a line, the caller's are not
        web.log.failed(g.seen.request_id, error)
    return _problem(problems.problem(error, g.seen.request_id), kind.headers)


def _on_http_error(error: HTTPException) -> Response:
    kept = {name: value for name, value in error.get_headers() if name.lower() in {"allow", "retry-after"}}
    return _problem(problems.http_problem(error, g.seen.request_id), kept)


def _on_bug(web: Web, error: Exception) -> Response:
    web.log.failed(g.seen.request_id, error)
    return _problem(problems.bug_problem(g.seen.request_id), {})


def _problem(found: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return _response(Answer(orjson.dumps(found), found["status"], problems.CONTENT_TYPE, headers))


def _response(answer: Answer) -> Response:
    response = Response(answer.text, answer.status, content_type=answer.content_type)
    response.headers.update(answer.headers)
    return response
