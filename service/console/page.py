"""One page of the console: what it is, what its handler is given, and what it gives back.

Data only. The table of all pages is `pages`; it is what Flask serves and what roles are checked by.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.operations.identity import IdentityProvider
from service.operations.ports import Caller
from service.operations.service import Service
from service.operations.sessions import Signed

EVERYBODY = None
"""The roles of a page that needs no signing in."""
ANYBODY: frozenset[str] = frozenset({"evaluator", "editor", "publisher", "auditor", "admin"})
"""Whoever is signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of a browser: whose it is, values of the path and the query, and the fields of a form.

    `language` is `en` or `zh`. `is_fragment` says that a script asks for a part of the page.
    """

    service: Service
    signed: Signed | None
    request_id: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    lists: Callable[[str], Sequence[str]]
    language: str
    is_fragment: bool
    provider: IdentityProvider | None = None
    """Who vouches for people, if anybody does."""
    origin: str = ""
    """Where browsers find this service, such as `https://tags.example`."""
    handshake: str | None = None
    """What the browser brings back from an attempt to sign in by the provider."""

    @property
    def caller(self) -> Caller:
        """Who asks; only on pages that need signing in."""
        assert self.signed is not None
        return self.signed.caller


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: a template filled with values."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """Another page, with a message there (the key of a sentence in `words`, and what fills it)."""

    to: str
    message: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    token: str | None = None
    """The token of a session that begins here; an empty one ends it."""
    remember: Mapping[str, str] = field(default_factory=dict)
    """What the browser keeps for a year, by the names of cookies."""
    handshake: str | None = None
    """What it keeps for some minutes, until it is back from the provider; an empty one is forgotten."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Something else than a page: a file to keep, or JSON for a script."""

    content: bytes | Iterable[bytes]
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Reaction = Shown | Moved | Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One row of the table: `path` has names in braces (`*` takes slashes too); who has one of `roles` may see it.

    `section` is the entry of the menu that it belongs to.
    """

    path: str
    name: str
    show: Callable[[Visit], Reaction]
    roles: frozenset[str] | None = ANYBODY
    act: Callable[[Visit], Reaction] | None = None
    act_roles: frozenset[str] | None = None
    section: str = ""
