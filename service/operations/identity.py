"""Signing in by an identity provider: what a browser carries there and back, and what the provider must do.

Source: OpenID Connect Core 1.0, section 3.1; RFC 7636 (PKCE); docs/operations.md, "Signing in by a provider".
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote, unquote

PARTS = 4


@dataclass(frozen=True, slots=True)
class Handshake:
    """What one attempt to sign in is known by: `state` returns with the browser, `nonce` in the token, `verifier` shows
    that the code is ours; `then` is where the visitor wanted to go. The browser keeps it until it is back.
    """

    state: str
    nonce: str
    verifier: str
    then: str

    @property
    def challenge(self) -> str:
        """The hash of the verifier, which the provider is told first."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")

    def text(self) -> str:
        """As it is kept in a cookie."""
        return ".".join((self.state, self.nonce, self.verifier, quote(self.then, safe="")))


def read_handshake(text: str | None) -> Handshake | None:
    """What a cookie holds; `None` if it holds nothing of ours."""
    parts = (text or "").split(".", PARTS - 1)
    if len(parts) != PARTS or not all(parts[:3]):
        return None
    state, nonce, verifier, then = parts
    return Handshake(state, nonce, verifier, unquote(then))


class IdentityProvider(Protocol):
    """Who vouches for people. Both functions raise `Unauthenticated` if it can't be reached, or not be believed."""

    @property
    def name(self) -> str:
        """What people call it."""

    def begin(self, handshake: Handshake, back_to: str) -> str:
        """The address at the provider to which a browser goes; it returns to `back_to`."""

    def finish(self, code: str, handshake: Handshake, back_to: str) -> str:
        """The subject whom the provider vouches for by a code."""
