"""Tokens of programs that signed in (JSON Web Tokens, RFC 7519): what opens the API for an hour, and what renews it.

A token is worth nothing by itself: it names a sign-in (`sid`, see `program_sign_ins`), which is looked up with every
request. Signed with HS256 and nothing else, by keys that are derived from SECRET_KEY for this one purpose; the header
names which (`kid`), so that tokens outlive a change of the secret while the older one is believed. What a token says
of itself chooses neither an algorithm nor a key that is not ours (RFC 8725, 3.1 and 3.10).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn

from flask import Flask
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import ExpiredSignatureError, InvalidTokenError

from cms.core.errors import Unauthenticated
from cms.core.i18n import _
from cms.core.secrets import signing_keys
from cms.extensions import jwt

ACCESS, REFRESH = "access", "refresh"
ACCESS_LASTS = timedelta(hours=1)
REFRESH_LASTS = timedelta(days=30)
AUDIENCE = "api"
PURPOSE = "access token"
ALGORITHM = "HS256"
#: Three parts without padding (RFC 7515, 3.1). Ours have about 450 characters; what is longer is not looked into.
LONGEST = 2000
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
#: By so much the clocks of several machines may differ.
_LEEWAY = timedelta(seconds=5)
_HEADER = frozenset({"alg", "typ", "kid"})


class InvalidToken(Unauthenticated):
    """What was shown as a token is none, or none of ours, or has been ended."""

    code = "invalid_token"
    default = _("This token is worth nothing, or nothing any more. Sign in anew.")


class TokenExpired(InvalidToken):
    """A token of ours whose time is over."""

    code = "token_expired"
    default = _("The time of this token is over. Renew it, or sign in anew.")


@dataclass(frozen=True)
class Claims:
    """What a token of ours says: whose it is, which sign-in it belongs to, and its own name."""

    user_id: int
    sid: str
    jti: str


def init_access_tokens(app: Flask) -> None:
    """Join Flask-JWT-Extended to the application, with one algorithm and our keys."""
    app.config.update(
        JWT_ALGORITHM=ALGORITHM,
        JWT_DECODE_ALGORITHMS=[ALGORITHM],
        JWT_TOKEN_LOCATION=("headers",),
        JWT_COOKIE_CSRF_PROTECT=False,
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_LASTS,
        JWT_REFRESH_TOKEN_EXPIRES=REFRESH_LASTS,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_ENCODE_ISSUER=app.config["CMS_BASE_URL"],
        JWT_DECODE_ISSUER=app.config["CMS_BASE_URL"],
        JWT_DECODE_LEEWAY=int(_LEEWAY.total_seconds()),
    )
    jwt.init_app(app)
    jwt.additional_headers_loader(lambda _identity: {"kid": next(iter(signing_keys(PURPOSE)))})
    jwt.encode_key_loader(lambda _identity: next(iter(signing_keys(PURPOSE).values())))
    jwt.decode_key_loader(_find_key)


def _find_key(header: Mapping[str, Any], _claims: object) -> bytes:
    """Return the key that a header names; whatever else it says (`jku`, `jwk`, `crit` …) makes it none of ours."""
    key = signing_keys(PURPOSE).get(str(header.get("kid"))) if set(header) == _HEADER else None
    if key is None:
        raise InvalidToken
    return key


def make_access_token(user_id: int, sid: str) -> str:
    """Return a token that opens the API for ACCESS_LASTS, as long as the sign-in `sid` does."""
    made: str = create_access_token(str(user_id), additional_claims={"sid": sid})
    return made


def make_refresh_token(user_id: int, sid: str, jti: str, *, lasts: timedelta = REFRESH_LASTS) -> str:
    """Return a token called `jti` that renews the access of the sign-in `sid` once."""
    made: str = create_refresh_token(str(user_id), expires_delta=lasts, additional_claims={"sid": sid, "jti": jti})
    return made


def read_token(token: str, kind: str) -> Claims:
    """Return what a token of this kind (ACCESS, REFRESH) says; raises InvalidToken and TokenExpired.

    The sign-in that it names may have ended: that is for the database to say.
    """
    if len(token) > LONGEST or _FORM.fullmatch(token) is None:
        raise InvalidToken
    try:
        told = decode_token(token)
    except ExpiredSignatureError:
        raise TokenExpired from None
    except (InvalidTokenError, JWTExtendedException, ValueError):
        raise InvalidToken from None
    sub, sid, jti = (told.get(name) for name in ("sub", "sid", "jti"))
    if told.get("type") != kind:
        _refuse_kind(kind)
    if not (
        isinstance(sub, str) and sub.isdecimal() and isinstance(sid, str) and isinstance(jti, str) and "exp" in told
    ):
        raise InvalidToken
    return Claims(int(sub), sid, jti)


def _refuse_kind(wanted: str) -> NoReturn:
    if wanted == ACCESS:
        raise InvalidToken(_("This token renews access and opens nothing. Show the access token."))
    raise InvalidToken(_("This is not a token that renews access. Show the refresh token."))
