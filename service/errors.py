"""The exceptions a caller can meet, each the caller's or the world's mistake, mapped once per door.

    ServiceError
    ├── InvalidRequest      what was sent can't be used; `errors` names every fault
    ├── RulesetRejected     a ruleset has errors; `diagnostics` names them
    ├── Unauthenticated     no key, or one that is not valid
    ├── Forbidden           the key's roles do not allow it
    ├── NotFound            no such ruleset, profile, evaluation
    ├── Conflict            the request can't hold with what is stored; `code` says which rule
    ├── TooLarge            a body or a list above its limit
    ├── LogBroken           what is stored contradicts what was signed; somebody must look
    └── Unavailable         the database can't be reached or written; nothing was decided

An author's mistakes are diagnostics (values), a profile's missing data is part of the outcome;
anything else that is raised is a bug.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: an RFC 6901 `pointer` into its body, a stable `code`, and a `message`."""

    pointer: str
    code: str
    message: str


class ServiceError(Exception):
    """Something the caller can act on. `detail` is one sentence for people."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidRequest(ServiceError):
    """The request can't be used; `errors` lists every fault, not the first."""

    def __init__(self, detail: str, errors: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class RulesetRejected(ServiceError):
    """A ruleset has errors; `diagnostics` are all of its findings."""

    def __init__(self, detail: str, diagnostics: Sequence[object] = ()) -> None:
        super().__init__(detail)
        self.diagnostics = tuple(diagnostics)


class Unauthenticated(ServiceError):
    """No key was sent, or it is unknown, revoked or expired."""


class Forbidden(ServiceError):
    """The key is valid, and none of its roles allows this."""


class NotFound(ServiceError):
    """What the request names does not exist."""


class Conflict(ServiceError):
    """The request contradicts what is stored; `code` is a stable word such as `stale-instant`.

    `more` are further members of the reply, as JSON values, such as what is to be acknowledged.
    """

    def __init__(self, detail: str, code: str, more: Mapping[str, object] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.more = more or {}


class TooLarge(ServiceError):
    """A body, a list or a piece of work above its limit."""


class LogBroken(ServiceError):
    """What is stored of the log contradicts what was signed. Nothing further is sealed until somebody has looked."""


class Unavailable(ServiceError):
    """The database can't be reached or written; the request left no trace."""
