"""An OpenID Connect provider: where browsers are sent to sign in, and what becomes of the code they return with.

The authorization code flow with PKCE. What the provider publishes is fetched when it is first needed, kept for an hour,
and its keys once more when a token names one that is not known. Redirects are not followed, replies are small, and
nothing is waited for longer than some seconds.
Source: OpenID Connect Core 1.0 and Discovery 1.0; docs/operations.md, "Signing in by a provider".
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from service.errors import Unauthenticated
from service.operations.identity import Handshake
from service.outgoing.tokens import Expected, Key, UnknownKey, Untrusted, read_subject

SECONDS = 5.0
MOST_BYTES = 256 * 1024
KEPT_MILLISECONDS, AGAIN_MILLISECONDS = 3_600_000, 10_000
"""How long what was fetched is believed, and how long the provider is left alone after it was asked in vain."""
WELL_KNOWN = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Client:
    """How this service is known at a provider, and the provider to people. `secret` may be missing."""

    issuer: str
    id: str
    secret: str | None = field(repr=False)
    name: str


@dataclass(slots=True)
class Kept:
    """Something that was fetched, or `None` if it could not be, and when."""

    at: int
    value: Any


class _Stay(HTTPRedirectHandler):
    """Why: where a redirect leads was not agreed with whoever set the service up."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


class Provider:
    """A provider for one process; threads may share it. `clock` gives milliseconds since 1970."""

    def __init__(self, client: Client, clock: Callable[[], int]) -> None:
        self._client = client
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, Kept] = {}
        self._opener = build_opener(ProxyHandler({}), _Stay())

    @property
    def name(self) -> str:
        """What people call it."""
        return self._client.name

    def begin(self, handshake: Handshake, back_to: str) -> str:
        """The address at the provider to which a browser goes. `Unauthenticated` if the provider can't be asked."""
        query = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": back_to,
            "scope": "openid",
            "state": handshake.state,
            "nonce": handshake.nonce,
            "code_challenge": handshake.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(self._metadata()["authorization_endpoint"])
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    def finish(self, code: str, handshake: Handshake, back_to: str) -> str:
        """The subject whom the provider vouches for. `Unauthenticated` if it does not, or is not to be believed."""
        token = self._exchange(code, handshake, back_to)
        expected = Expected(self._client.issuer, self._client.id, handshake.nonce, self._clock() // 1000)
        try:
            try:
                return read_subject(token, self._keys(), expected)
            except UnknownKey:
                return read_subject(token, self._keys(AGAIN_MILLISECONDS), expected)
        except Untrusted as refused:
            raise Unauthenticated(str(refused)) from refused

    def _exchange(self, code: str, handshake: Handshake, back_to: str) -> str:
        metadata, client = self._metadata(), self._client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": handshake.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if client.secret is None:
            form["client_id"] = client.id
        elif "client_secret_basic" in methods:
            pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client.id, "client_secret": client.secret}
        reply = self._fetch(str(metadata["token_endpoint"]), urlencode(form).encode(), headers)
        token = None if reply is None else reply.get("id_token")
        if not isinstance(token, str):
            raise Unauthenticated("the provider gave no token for the code; try again")
        return token

    def _metadata(self) -> Mapping[str, Any]:
        found = self._known(self._client.issuer.rstrip("/") + WELL_KNOWN, KEPT_MILLISECONDS)
        if found is None:
            raise Unauthenticated("the provider can't be reached; try again in a moment")
        if found.get("issuer") != self._client.issuer:
            raise Unauthenticated("the provider calls itself otherwise than TAGWRIGHT_OIDC_ISSUER says")
        if not all(is_safe_url(found.get(name)) for name in ENDPOINTS):
            raise Unauthenticated("expected addresses of the provider with https, found others")
        return found

    def _keys(self, kept_milliseconds: int = KEPT_MILLISECONDS) -> list[Key]:
        found = self._known(str(self._metadata()["jwks_uri"]), kept_milliseconds)
        keys = None if found is None else found.get("keys")
        if not isinstance(keys, list):
            raise Unauthenticated("the provider's keys can't be had; try again in a moment")
        return [one for one in keys if isinstance(one, dict)]

    def _known(self, url: str, kept_milliseconds: int) -> Mapping[str, Any] | None:
        """What is published at an address, fetched if what is kept is too old. One thread asks, others wait for it."""
        with self._lock:
            kept, now = self._kept.get(url), self._clock()
            lasts = AGAIN_MILLISECONDS if kept is not None and kept.value is None else kept_milliseconds
            if kept is None or now - kept.at >= lasts:
                kept = self._kept[url] = Kept(now, self._fetch(url))
            return kept.value  # type: ignore[no-any-return]  # an object, or nothing

    def _fetch(
        self, url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any] | None:
        request = Request(url, data, {"Accept": "application/json", **(headers or {})})  # noqa: S310  # only https or loopback
        try:
            with self._opener.open(request, timeout=SECONDS) as reply:
                found = json.loads(reply.read(MOST_BYTES))
        except HTTPError as refused:
            refused.close()
            return None
        except (OSError, HTTPException, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


def is_safe_url(url: object) -> bool:
    """Whether secrets may go to an address: with https, or to this machine."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_here = host == "localhost" or ip_address(host).is_loopback if parts.scheme == "http" else False
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or is_here) and parts.username is None
