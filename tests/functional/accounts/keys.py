"""An authenticator made of software: it keeps passkeys and answers as a browser would, or lies on demand."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Passkey:
    """A passkey that the authenticator keeps."""

    id: bytes
    key: ec.EllipticCurvePrivateKey
    handle: str
    host: str
    count: int = 0


@dataclass
class SoftKey:
    """Answers like a browser with an authenticator; each field but `passkeys` makes it lie in one way."""

    origin: str = "http://localhost"
    #: Whose hash the authenticator signs; None: the one it was asked for.
    host: str | None = None
    verified: bool = True
    backed_up: bool = False
    #: Counters that stay at 0 are usual for passkeys in the cloud.
    counts: bool = True
    cross_origin: bool = False
    kind: str | None = None
    passkeys: list[Passkey] = field(default_factory=list)

    def make(self, question: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey and return what a browser would send."""
        made = Passkey(
            secrets.token_bytes(32),
            ec.generate_private_key(ec.SECP256R1()),
            question["user"]["id"],
            question["rp"]["id"],
        )
        self.passkeys.append(made)
        numbers = made.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + cbor2.dumps(public)
        data = self._data(made, _ATTESTED) + attested
        client = self._client("webauthn.create", question["challenge"])
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(made, clientDataJSON=client, attestationObject=attestation, transports=["internal"])

    def show(self, question: dict[str, Any], passkey: Passkey | None = None) -> dict[str, Any]:
        """Show a passkey (the last, unless one is named) and return what a browser would send."""
        shown = passkey or self.passkeys[-1]
        if self.counts:
            shown.count += 1
        data = self._data(shown, 0)
        client = self._client("webauthn.get", question["challenge"])
        signature = shown.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            shown,
            clientDataJSON=client,
            authenticatorData=data,
            signature=signature,
            userHandle=base64url_to_bytes(shown.handle),
        )

    def _data(self, passkey: Passkey, more: int) -> bytes:
        flags = _PRESENT | more | (_VERIFIED if self.verified else 0)
        flags |= _ELIGIBLE | _BACKED_UP if self.backed_up else 0
        host = hashlib.sha256((self.host or passkey.host).encode()).digest()
        return host + struct.pack(">BI", flags, passkey.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": self.kind or kind, "challenge": challenge, "origin": self.origin}
        return json.dumps({**told, "crossOrigin": self.cross_origin}).encode()

    def _answer(self, passkey: Passkey, **parts: bytes | list[str]) -> dict[str, Any]:
        name = bytes_to_base64url(passkey.id)
        told = {key: bytes_to_base64url(part) if isinstance(part, bytes) else part for key, part in parts.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": told}
