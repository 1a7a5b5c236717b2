"""The table of routes, served by Flask: each request is let in, answered by its handler, counted and logged.

Whatever goes wrong leaves as problem details with the request's id. Nothing here knows what a route does.
"""

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
from service.operations.service import Service

UNKNOWN = "unknown"
"""What stands for the route of a request that fits none, in counts and logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """What every request is answered with."""

    service: Service
    metrics: Metrics
    log: RequestLog
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
    rule = route.path.replace("{version}", "<int:version>")
    return rule.replace("{profile_id*}", "<path:profile_id>").replace("{", "<").replace("}", ">")


def _view(web: Web, route: Route) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        g.route = route.path
        who = gate.caller(web.service, request, route, g.request_id)
        g.key_id = who.actor if route.roles is not None else None
        answer = route.handler(
            Call(
                service=web.service,
                metrics=web.metrics,
                description=web.description,
                caller=who,
                path=path,
                accepts=gate.accepts(request, route),
                content=gate.content(request, route, web.max_body_bytes),
                query=gate.query(request, route),
                language=gate.language(request),
                idempotency_key=gate.idempotency_key(request, route),
            )
        )
        if answer.recorded:
            web.metrics.recorded(answer.recorded)
        return _response(answer)

    return view


def _begin(web: Web) -> None:
    g.started = perf_counter()
    g.route = UNKNOWN
    g.key_id = None
    g.request_id = gate.request_id(web.service, request)


def _end(web: Web, response: Response) -> Response:
    seconds = perf_counter() - g.started
    response.headers["X-Request-Id"] = g.request_id
    if response.status_code >= HTTPStatus.BAD_REQUEST and (request.content_length or request.headers.get("Transfer-Encoding")):
        response.call_on_close(partial(drain, request.environ))
    method = request.method if g.route != UNKNOWN else UNKNOWN
    web.metrics.answered(method, g.route, response.status_code, seconds)
    web.log.answered(g.request_id, g.key_id, method, g.route, response.status_code, seconds)
    return response


def _on_error(web: Web, error: ServiceError) -> Response:
    kind = problems.kind_of(error)
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # the world's mistakes are worth a line, the caller's are not
        web.log.failed(g.request_id, error)
    return _problem(problems.problem(error, g.request_id), kind.headers)


def _on_http_error(error: HTTPException) -> Response:
    kept = {name: value for name, value in error.get_headers() if name.lower() in {"allow", "retry-after"}}
    return _problem(problems.http_problem(error, g.request_id), kept)


def _on_bug(web: Web, error: Exception) -> Response:
    web.log.failed(g.request_id, error)
    return _problem(problems.bug_problem(g.request_id), {})


def _problem(found: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return _response(Answer(orjson.dumps(found), found["status"], problems.CONTENT_TYPE, headers))


def _response(answer: Answer) -> Response:
    response = Response(answer.text, answer.status, content_type=answer.content_type)
    response.headers.update(answer.headers)
    return response
