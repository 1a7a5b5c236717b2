"""One way into the service: what a route is, what its handler is given, and what it gives back.

Data only. The table of all routes is `routes`; it is what Flask serves, what roles are checked by, and what
`openapi.yaml` says.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.api.metrics import Metrics
from service.operations.ports import Caller
from service.operations.replies import json_text
from service.operations.service import Service
from service.operations.shapes import Shape

JSON = "application/json"
CSV = "text/csv"
NDJSON = "application/x-ndjson"

EVERYBODY = None
"""The roles of a route that needs no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, let in and read: values of the path and the query, and the body as it was sent.

    `held` is what `If-Match` names. `accepts` is the chosen content type; `language` is `en` or `zh`; `description` is
    `openapi.yaml`.
    """

    service: Service
    metrics: Metrics
    description: bytes
    caller: Caller
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    content: bytes
    accepts: str
    language: str
    idempotency_key: str | None
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: text of a content type, a status, headers, and how many evaluations were recorded for it.

    Text in parts is sent while they are made.
    """

    text: bytes | Iterable[bytes]
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    recorded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table.

    `path` has names in braces; one that ends in `*` takes slashes too. `operation` is the `operationId`. A key with any
    one of `roles` may call it. `reply` describes a good answer: content type -> shape. `problems` are statuses of
    errors that don't follow from the rest of the row. One that is `conditional` heeds `If-Match`; one that
    `may_queue` may answer with a job instead (202).
    """

    method: str
    path: str
    operation: str
    summary: str
    section: str
    roles: frozenset[str] | None
    handler: Callable[[Call], Answer]
    path_shapes: Mapping[str, Shape] = field(default_factory=dict)
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Shape | None = None
    max_body_bytes: int | None = None
    repeatable: bool = False
    conditional: bool = False
    may_queue: bool = False
    status: int = 200
    reply: Mapping[str, Shape] = field(default_factory=dict)
    problems: tuple[int, ...] = ()


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer of JSON values."""
    return Answer(json_text(value), status, headers=headers or {})
