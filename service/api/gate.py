"""A Flask request -> the parts of a `Call`, or the reason why it is not let in.

Each part is a function; `web` asks for who it is first, so that a stranger learns nothing.
"""

import re
from typing import Any

from flask import Request
from werkzeug.exceptions import ClientDisconnected, NotAcceptable, UnsupportedMediaType

from service.api.problems import MalformedBody
from service.api.route import JSON, Route
from service.errors import Fault, Forbidden, InvalidRequest, NotFound, TooLarge, Unauthenticated
from service.language.document import read_document
from service.operations.check import LANGUAGES
from service.operations.ports import Caller
from service.operations.service import Service
from service.operations.shapes import Shape, faults, unknown_member

_SANE_ID = re.compile(r"[\x20-\x7e]{1,128}")
_ENTITY_TAG = re.compile(r'"([\x21\x23-\x7e]{1,100})"')
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
NUL = "\0"
_UNREADABLE = frozenset({"not-json", "limit-exceeded"})


def request_id(service: Service, request: Request) -> str:
    """The request's own id if it brings a sane one, else a new one."""
    given = request.environ.get("HTTP_X_REQUEST_ID")
    return given if given is not None and _SANE_ID.fullmatch(given) else service.ids.ulid(service.clock())


def caller(service: Service, request: Request, route: Route, request_id: str) -> Caller:
    """Who asks. `Unauthenticated` without a valid key."""
    if route.roles is None:
        return Caller("anonymous", frozenset(), request_id)
    scheme, _, text = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise Unauthenticated("send an API key: `Authorization: Bearer tw_...`")
    row = service.keyring.owner(text.strip())
    return Caller(row.id, frozenset(row.roles.split()), request_id)


def admit(caller: Caller, route: Route) -> None:
    """`Forbidden` if none of the caller's roles may call the route."""
    if route.roles is not None and not caller.roles & route.roles:
        wanted = " or ".join(f"`{role}`" for role in sorted(route.roles))
        raise Forbidden(f"this needs a key with the role {wanted}")


def content(request: Request, route: Route, limit: int) -> bytes:
    """The body, of a route that takes one. Its length is looked at first: one that is far too long is not even read."""
    if route.body is None:
        return b""
    environ = request.environ
    if environ.get("CONTENT_TYPE") != JSON and request.mimetype != JSON:
        raise UnsupportedMediaType("send the body as `Content-Type: application/json`")
    if environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise UnsupportedMediaType("send the body without a content encoding")
    limit = route.max_body_bytes or limit
    length = request.content_length
    if length is None:
        return _chunked(request, limit)
    if length > limit:
        raise TooLarge(f"expected a body of at most {limit} bytes, found {length}")
    found: bytes = environ["wsgi.input"].read(length)
    if len(found) < length:
        raise ClientDisconnected
    return found


def _chunked(request: Request, limit: int) -> bytes:
    """A body that states no length. Why one more: one that is cut at the limit must not look like a whole one."""
    request.max_content_length = limit + 1
    found = request.get_data(cache=False)
    if len(found) > limit:
        raise TooLarge(f"expected a body of at most {limit} bytes, found more")
    return found


def body_value(content: bytes) -> Any:
    """The JSON value of a body. `MalformedBody` if it can't be read, `InvalidRequest` for members that can't stand."""
    value, found = read_document(content, max_bytes=len(content))
    if not found:
        return value
    listed = [Fault(one.pointer, one.code, one.message["en"]) for one in found]
    if any(one.code in _UNREADABLE for one in found):
        raise MalformedBody("the body can't be read as JSON", listed)
    raise InvalidRequest("the request has faults", listed)


def accepts(request: Request, route: Route) -> str:
    """The content type that the caller likes best of those the route has."""
    if len(route.reply) < 2:  # noqa: PLR2004  # with one content type there is nothing to choose
        return next(iter(route.reply), JSON)
    found = request.accept_mimetypes.best_match(list(route.reply)) if request.accept_mimetypes else JSON
    if found is None:
        raise NotAcceptable(f"this can be had as {', '.join(route.reply)}")
    return found


def language(request: Request) -> str:
    """The language for people: `en` unless the caller likes another better."""
    if "HTTP_ACCEPT_LANGUAGE" not in request.environ:
        return LANGUAGES[0]
    liked = (name.partition("-")[0].lower() for name in request.accept_languages.values())
    return next((name for name in liked if name in LANGUAGES), LANGUAGES[0])


def idempotency_key(request: Request, route: Route) -> str | None:
    """How the caller names the request, if it may come twice."""
    given = request.environ.get("HTTP_IDEMPOTENCY_KEY") if route.repeatable else None
    if given is not None and _IDEMPOTENCY_KEY.fullmatch(given) is None:
        fault = Fault("/Idempotency-Key", "wrong-value", "expected 1 to 255 printable ASCII characters without spaces")
        raise InvalidRequest("the request has faults", [fault])
    return given


def held(request: Request, route: Route) -> str | None:
    """What `If-Match` names, of a route that heeds it: the text of one strong entity tag, or `*`."""
    given = request.environ.get("HTTP_IF_MATCH") if route.conditional else None
    if given is None or given.strip() == "*":
        return given and "*"
    tag = _ENTITY_TAG.fullmatch(given.strip())
    if tag is None:
        fault = Fault("/If-Match", "wrong-value", 'expected one strong entity tag such as `"7-1a2b3c4d"`, or `*`')
        raise InvalidRequest("the request has faults", [fault])
    return tag[1]


def path(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a path; `NotFound` for text that can't stand anywhere in a database."""
    if any(NUL in value for value in values.values() if isinstance(value, str)):
        raise NotFound("there is nothing under this path")
    return values


def query(request: Request, route: Route) -> dict[str, Any]:
    """The query's values, by the shapes that the route declares for them."""
    if not request.query_string:
        return {}
    found: list[Fault] = []
    values: dict[str, Any] = {}
    for name, texts in request.args.lists():
        shape = route.query.get(name)
        if shape is None:
            found.append(unknown_member(name, route.query, ""))
            continue
        is_list = shape["type"] == "array"
        values[name] = texts if is_list else _read(texts[0], shape)
        found += faults(shape, values[name], f"/{name}")
        if len(texts) > 1 and not is_list:
            found.append(Fault(f"/{name}", "wrong-value", "expected once"))
        if any(NUL in text for text in texts):
            found.append(Fault(f"/{name}", "wrong-value", "expected a text without the character U+0000"))
    if found:
        raise InvalidRequest("the query has faults", found)
    return values


def _read(text: str, shape: Shape) -> object:
    """A query's text as the type that its shape names, where it is one."""
    return int(text) if shape["type"] == "integer" and re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else text
