"""An ID token and the provider's keys -> its claims, if it is signed as it must be, fresh, and meant for us.

Nothing in the token is believed before its signature fits a key of the provider; which algorithm that takes is decided
by us. Only RS256 and ES256 are known, so that neither `none` nor a public key taken for a shared secret gets in.
Source: OpenID Connect Core 1.0, section 3.1.3.7; RFC 7515, 7517, 7518, 8725.
"""

import json
from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

TYPES: Mapping[str, str] = {"RS256": "RSA", "ES256": "EC"}
"""Algorithms, and the kind of key that each needs."""
CLOCKS_DIFFER_SECONDS = 60
LEAST_RSA_BITS = 2048
COORDINATE_BYTES = 32
LONGEST_SUBJECT = 255
PARTS = 3
Key = Mapping[str, Any]


class Untrusted(Exception):
    """The token is not to be believed; the message says why, without what it holds."""


class UnknownKey(Untrusted):
    """It is signed by a key that the provider did not have when it was asked."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: who made it, for whom, and for which attempt; `now` is in seconds since 1970."""

    issuer: str
    audience: str
    nonce: str
    now: int


def read_subject(token: str, keys: Sequence[Key], expected: Expected) -> str:
    """The subject of a token; `Untrusted` if anything about it is not as expected."""
    claims = _open(token, keys)
    _check(claims, expected)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Untrusted("expected a subject in the token, found none")
    return subject


def _open(token: str, keys: Sequence[Key]) -> dict[str, Any]:
    """What a token holds, its signature checked."""
    parts = token.split(".")
    if len(parts) != PARTS:
        raise Untrusted("expected a signed token of three parts")
    header, signature = _object(parts[0]), _bytes(parts[2])
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in TYPES or "crit" in header:
        raise Untrusted(f"expected a token signed by {' or '.join(TYPES)}, found another")
    fitting = [one for one in keys if _is_for(one, algorithm)]
    chosen = [one for one in fitting if "kid" not in header or one.get("kid") == header["kid"]]
    if len(chosen) != 1:
        raise UnknownKey("expected a token signed by a key of the provider, found another key")
    _verify(chosen[0], f"{parts[0]}.{parts[1]}".encode(), signature)
    return _object(parts[1])


def _check(claims: Mapping[str, Any], expected: Expected) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", expected.audience if len(audiences) == 1 else None)
    begins, ends = _instant(claims, "iat"), _instant(claims, "exp")
    nonce = claims.get("nonce")
    if claims.get("iss") != expected.issuer:
        raise Untrusted("expected a token of the provider, found one of another issuer")
    if expected.audience not in audiences or party != expected.audience:
        raise Untrusted("expected a token for this service, found one for another")
    if ends is None or ends <= expected.now - CLOCKS_DIFFER_SECONDS:
        raise Untrusted("expected a token that is still valid, found an expired one")
    if begins is None or begins > expected.now + CLOCKS_DIFFER_SECONDS:
        raise Untrusted("expected a token that was made before now; do the clocks differ?")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), expected.nonce.encode()):
        raise Untrusted("expected a token for this attempt, found one for another")


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_for(key: Key, algorithm: str) -> bool:
    return (
        key.get("kty") == TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (algorithm != "ES256" or key.get("crv") == "P-256")
    )


def _verify(key: Key, signed: bytes, signature: bytes) -> None:
    try:
        if key["kty"] == "RSA":
            _rsa(key).verify(signature, signed, padding.PKCS1v15(), SHA256())
        else:
            _elliptic(key).verify(_pair(signature), signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise Untrusted("expected the provider's signature, found one that does not fit") from None
    except (KeyError, ValueError):
        raise Untrusted("expected a usable key of the provider, found one that is not") from None


def _pair(signature: bytes) -> bytes:
    """The two numbers of a signature, as the library wants them."""
    if len(signature) != 2 * COORDINATE_BYTES:
        raise InvalidSignature
    r, s = (int.from_bytes(half) for half in (signature[:COORDINATE_BYTES], signature[COORDINATE_BYTES:]))
    return encode_dss_signature(r, s)


def _rsa(key: Key) -> rsa.RSAPublicKey:
    found = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
    if found.key_size < LEAST_RSA_BITS:
        raise ValueError(found.key_size)
    return found


def _elliptic(key: Key) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), ec.SECP256R1()).public_key()


def _number(text: object) -> int:
    return int.from_bytes(_bytes(text))


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(text))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Untrusted("expected a token made of JSON objects")
    return found


def _bytes(text: object) -> bytes:
    if not isinstance(text, str):
        raise Untrusted("expected a text in base64url")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        raise Untrusted("expected a text in base64url") from None
