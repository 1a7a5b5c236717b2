"""Secrets of subscriptions, and the headers by which a receiver knows who sent an event.

Each header line carries one signature for each secret that is valid, so a receiver may change over at any time.
Source: Standard Webhooks 1.0; docs/api.md, "Events".
"""

from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Iterable
from hashlib import sha256
from hmac import digest

PREFIX = "whsec_"


def webhook_secret(secret: str) -> str:
    """A fresh secret (256 bits in base64url) in the form that receivers are given."""
    return PREFIX + b64encode(urlsafe_b64decode(secret + "=" * (-len(secret) % 4))).decode()


def signed_headers(secrets: Iterable[str], event_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of an event that is sent at an instant."""
    seconds = str(at // 1000)
    signed = f"{event_id}.{seconds}.".encode() + body
    return {
        "webhook-id": event_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    return "v1," + b64encode(digest(b64decode(secret.removeprefix(PREFIX)), signed, sha256)).decode()
