"""A provider that does what a test tells it to, honest or not: discovery, keys, tokens, user information, and GitHub.

It answers over real HTTP on this machine. What it is told is in plain attributes; it checks what a provider has to
check of a client (secret, PKCE, redirect address), so that an honest round trip means something.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

CLIENT, SECRET = "masthead", "a secret with : and % and +"


@cache
def usual_key() -> RSAKey:
    """Return the key of every provider of a run: making one takes long."""
    return RSAKey.generate_key(2048, auto_kid=True)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Crooked:
    """What the provider says and does."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key: Any = usual_key()
        #: What the keys' address tells.
        self.published: list[Any] = [self.key]
        self.algorithm = "RS256"
        #: Claims of the ID token; those of None are left out, a function makes one of the time.
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.metadata: dict[str, Any] = {}
        self.auth_methods = ["client_secret_basic"]
        #: A token to hand out instead of a signed one.
        self.token: str | None = None
        #: What the token endpoint answers instead of tokens: a status and a body.
        self.refuses: tuple[int, bytes] | None = None
        #: What each address was asked.
        self.asked: list[str] = []
        #: Authorisations that wait for their code to be redeemed: what the browser brought along.
        self.codes: dict[str, dict[str, str]] = {}
        self.github: dict[str, Any] = {}
        self.access_token = "token-of-the-provider"

    def authorise(self, address: str) -> str:
        """Say yes to a person who was sent to `address`, and return the code."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def tokens(self, form: dict[str, str], shown: tuple[str, str]) -> tuple[int, Any]:
        """Return status and answer of the token endpoint."""
        if self.refuses is not None:
            return self.refuses
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64url(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if shown != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": self.access_token, "token_type": "Bearer", "expires_in": 60}
        if not self.github:
            answer["id_token"] = self.token or self.id_token(asked.get("nonce"))
        return 200, answer

    def id_token(self, nonce: str | None, **changed: Any) -> str:
        """Return a signed ID token for this nonce."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "nell-1",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            **self.claims,
            **changed,
        }
        made = {name: value(now) if callable(value) else value for name, value in claims.items()}
        kept = {name: value for name, value in made.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        with warnings.catch_warnings():
            # The name EdDSA says nothing of the curve, which the library does not like.
            warnings.simplefilter("ignore")
            return jwt.encode(header, kept, self.key, algorithms=[self.algorithm])

    def discovery(self) -> dict[str, Any]:
        """Return what the provider says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": self.auth_methods,
            **self.metadata,
        }

    def answer(self, path: str, token: str) -> tuple[int, Any]:
        """Return status and answer for a GET."""
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/keys":
            return 200, {"keys": [key if isinstance(key, dict) else public(key) for key in self.published]}
        if token != self.access_token:
            return 401, {}
        if path == "/userinfo":
            return 200, self.userinfo or {"sub": "nell-1"}
        found = self.github.get(path)
        return (200, found) if found is not None else (404, {})


def public(key: RSAKey | ECKey | OKPKey | OctKey) -> dict[str, Any]:
    """Return a key as it is published."""
    return {**key.as_dict(private=False), "use": "sig"}


@contextmanager
def crooked_provider() -> Iterator[Crooked]:
    """Run a provider on a free port of this machine."""
    told = Crooked()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_words: Any) -> None:
            """Keep the run quiet."""

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            told.asked.append(path)
            self._send(*told.answer(path, self.headers.get("Authorization", "").removeprefix("Bearer ")))

        def do_POST(self) -> None:
            told.asked.append(urlsplit(self.path).path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            shown = (form.get("client_id", ""), form.get("client_secret", ""))
            kind, _blank, pair = self.headers.get("Authorization", "").partition(" ")
            if kind == "Basic":
                name, _colon, secret = base64.b64decode(pair).decode().partition(":")
                shown = (unquote(name), unquote(secret))
            self._send(*told.tokens(form, shown))

        def _send(self, status: int, answer: Any) -> None:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
