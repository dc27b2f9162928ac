"""ID tokens: a signed word of the provider for this site, this sign-in, this moment (OpenID Connect Core, 3.1.3.7)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet

from cms.accounts.providers.configuration import Provider
from cms.accounts.providers.errors import NotProven

#: Signatures with a public key, pinned: what the token itself asks for never widens this (RFC 8725, 3.1).
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
#: By how many seconds the provider's clock may differ from ours.
SKEW = 60
_LONGEST = 64 * 1024


class _Signatures(jws.JWSRegistry):
    """The algorithms that are taken, and no warning that the name EdDSA says nothing of the curve: the key does."""

    #: Some send their certificates along.
    max_header_length = 8 * 1024

    def get_alg(self, name: str) -> Any:
        """Return an algorithm that is taken; raises UnsupportedAlgorithmError."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"{name[:20]!r} is not taken")
        return self.algorithms[name]


#: A header that nobody knows is left alone, unless it is said to be critical (RFC 7515, 4.1.11).
_SIGNATURES = _Signatures(strict_check_header=False)


def kid_of(provider: Provider, token: str) -> str | None:
    """Return which key a token says it was signed with, unproven; raises NotProven for what is no token at all."""
    if len(token) > _LONGEST or token.count(".") != 2:
        raise NotProven(provider.label, "the ID token has not three parts")
    head = token.partition(".")[0]
    try:
        kid = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))).get("kid")
    except (ValueError, AttributeError):
        raise NotProven(provider.label, "the ID token has no header") from None
    return kid if isinstance(kid, str) else None


def read_id_token(
    provider: Provider, token: str, keys: KeySet, *, nonce: str, access_token: str, now: int | None = None
) -> Mapping[str, Any]:
    """Return the claims of an ID token once all of it is proven; raises NotProven.

    Signature, algorithm, issuer, audience, authorised party, times, nonce, and the access token that came along.
    """
    try:
        read = jwt.decode(token, keys, registry=_SIGNATURES)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token},
        )
        claims.validate(now=now, leeway=SKEW)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise NotProven(provider.label, f"the ID token: {type(error).__name__}: {error}") from error
    if len(claims["sub"]) > 255:
        raise NotProven(provider.label, "the subject is longer than 255 characters")
    return dict(claims)
