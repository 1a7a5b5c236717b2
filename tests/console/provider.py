"""A real, small identity provider on loopback: OpenID Connect with codes, PKCE and signed tokens, which can be told to
misbehave.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from hmac import new as hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "tagwright", "a secret: with/odd characters"


def base64url(data: bytes) -> str:
    """Bytes as tokens write them."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def number(value: int, length: int) -> str:
    """A whole number as keys write it."""
    return base64url(value.to_bytes(length))


class SigningKey:
    """A key of the provider, by its id."""

    def __init__(self, kid: str, algorithm: str = "RS256") -> None:
        self.kid, self.algorithm = kid, algorithm
        is_rsa = algorithm == "RS256"
        self.key = rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())

    def published(self) -> dict[str, str]:
        """Its public half."""
        public = self.key.public_key().public_numbers()
        about = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if self.algorithm == "RS256":
            return {**about, "kty": "RSA", "n": number(public.n, 256), "e": number(public.e, 3)}
        return {**about, "kty": "EC", "crv": "P-256", "x": number(public.x, 32), "y": number(public.y, 32)}

    def sign(self, data: bytes) -> bytes:
        """A signature as tokens have it."""
        if self.algorithm == "RS256":
            return self.key.sign(data, padding.PKCS1v15(), SHA256())
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


class IdP:
    """The provider. `claims` and `header` change the next tokens; `published` are the keys that it shows."""

    def __init__(self, port: int, clock) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.clock = clock
        self.key = SigningKey("first")
        self.published = [self.key]
        self.claims: dict[str, object] = {}
        self.header: dict[str, object] = {}
        self.sign = self.key.sign
        self.codes: dict[str, dict[str, str]] = {}
        self.metadata: dict[str, object] = {}
        self.asked: list[str] = []

    def let_in(self, url: str, subject: str) -> str:
        """Somebody signs in at the address that a browser was sent to; where the browser is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["client_id"] == CLIENT
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        code = token_urlsafe(16)
        self.codes[code] = {**query, "sub": subject}
        return f"{query['redirect_uri']}?code={code}&state={query['state']}"

    def discovery(self) -> dict[str, object]:
        """What it publishes about itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?audience=people",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.metadata,
        }

    def exchange(self, form: dict[str, str], authorization: str | None) -> dict[str, object] | None:
        """A token for a code, once; nothing if anything is wrong."""
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64url(sha256(form.get("code_verifier", "").encode()).digest())
        is_client = authorization is not None or form.get("client_id") == CLIENT
        if asked is None or proof != asked["code_challenge"] or not is_client:
            return None
        return {"id_token": self.token(asked), "access_token": "x", "token_type": "Bearer"}

    def token(self, asked: dict[str, str]) -> str:
        """A signed token, as it is told to be."""
        now = self.clock() // 1000
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"]}
        claims |= {"iat": now, "exp": now + 300, **self.claims}
        header = {"alg": self.key.algorithm, "kid": self.key.kid, **self.header}
        parts = [base64url(json.dumps(one).encode()) for one in (header, claims)]
        return ".".join((*parts, base64url(self.sign(".".join(parts).encode()))))

    def sign_by_public_key(self, data: bytes) -> bytes:
        """The trick of taking the public key, which everybody has, for a shared secret."""
        return hmac(json.dumps(self.key.published()).encode(), data, "sha256").digest()


@contextmanager
def providing(clock) -> Iterator[IdP]:
    """A provider on a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name is the library's
            provider.asked.append(self.path)
            found = {
                "/.well-known/openid-configuration": provider.discovery(),
                "/keys": {"keys": [one.published() for one in provider.published]},
            }
            self.reply(found.get(self.path))

        def do_POST(self) -> None:  # as above
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.reply(provider.exchange(form, self.headers.get("authorization")))

        def reply(self, found: object) -> None:
            """Send JSON, or that there is nothing."""
            body = json.dumps(found or {"error": "invalid_grant"}).encode()
            self.send_response(200 if found else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        provider = IdP(server.server_port, clock)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
