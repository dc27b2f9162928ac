"""Tokens that are none, or none of ours, or not for this: each is worth nothing, and all are told so alike."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cms.accounts.access_tokens import ACCESS, PURPOSE, InvalidToken, make_access_token, read_token
from cms.cli.secrets import ensure_secrets
from cms.config import read_secrets
from cms.core.secrets import signing_keys
from cms.extensions import db
from cms.factory import create_app
from tests import databases
from tests.databases import SETTINGS
from tests.functional.api.client import ApiClient
from tests.people import ADA, ED, PASSWORD, Person

NEW = "the next key that is used in tests and nowhere else"


def encode(part: object) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class Forger:
    """Makes tokens out of a good one: with our key where it is told to, for what a key alone must not open."""

    def __init__(self, app: Flask, person: Person = ADA) -> None:
        self.app = app
        answer: Any = ApiClient(app).post("/auth/login", json={"email": person.email, "password": PASSWORD})
        self.access: str = answer.json["access_token"]
        self.refresh: str = answer.json["refresh_token"]
        self.header, self.claims = (decode(part) for part in self.access.split(".")[:2])

    def sign(
        self, header: dict[str, Any], claims: dict[str, Any], key: bytes | None = None, digest: str = "sha256"
    ) -> str:
        """Sign whatever it is with HMAC: with our key, unless told otherwise."""
        used = key if key is not None else signing_keys(PURPOSE)[self.header["kid"]]
        text = f"{encode(header)}.{encode(claims)}"
        return f"{text}.{encode(hmac.digest(used, text.encode(), digest))}"

    def with_claims(self, **changed: Any) -> str:
        """Return a token of our own making with other claims; None takes one out."""
        claims = {name: value for name, value in (self.claims | changed).items() if value is not None}
        return self.sign(self.header, claims)

    def with_header(self, **changed: Any) -> str:
        """Return a token of our own making with another header; None takes a part out."""
        header = {name: value for name, value in (self.header | changed).items() if value is not None}
        return self.sign(header, self.claims)


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory, shared_root: Path) -> Iterator[Forger]:
    """One application for all forgeries: none of them changes anything."""
    folder = tmp_path_factory.mktemp("forger")
    (folder / "instance").mkdir()
    shutil.copyfile(databases.sqlite_template(shared_root), folder / "instance" / "masthead.db")
    app = create_app(databases.settings(folder))
    with app.app_context():
        yield Forger(app)
        db.session.remove()
        db.engine.dispose()


Make = Callable[[Forger], str]
HOUR = 3600


def _none(name: str, signature: str = "") -> Make:
    return lambda forger: f"{encode(forger.header | {'alg': name})}.{forger.access.split('.')[1]}.{signature}"


def _payload(forger: Forger) -> str:
    head, _body, signature = forger.access.split(".")
    return f"{head}.{encode(forger.claims | {'sub': '2'})}.{signature}"


def _public_key_as_secret(forger: Forger) -> str:
    """What is known of us in public, taken for the secret of HMAC (the confusion of RS256 and HS256)."""
    return forger.sign(forger.header, forger.claims, key=forger.header["kid"].encode())


def _rs256(forger: Forger) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(forger.claims, key, "RS256", headers={"kid": forger.header["kid"]})


FORGERIES: dict[str, Make] = {
    "alg none": _none("none"),
    "alg None": _none("None"),
    "alg NONE": _none("NONE"),
    "alg nOnE": _none("nOnE"),
    "alg none, signed": lambda forger: _none("none", forger.access.split(".")[2])(forger),
    "alg empty": _none(""),
    "no alg": lambda forger: forger.with_header(alg=None),
    "alg a list": lambda forger: forger.with_header(alg=["HS256"]),
    "RS256": _rs256,
    "RS256, signed by HMAC": lambda forger: forger.with_header(alg="RS256"),
    "HS512": lambda forger: forger.sign(forger.header | {"alg": "HS512"}, forger.claims, digest="sha512"),
    "HS384": lambda forger: forger.sign(forger.header | {"alg": "HS384"}, forger.claims, digest="sha384"),
    "foreign kid": lambda forger: forger.with_header(kid="00000000"),
    "kid a path": lambda forger: forger.with_header(kid="../../../dev/null"),
    "kid a statement": lambda forger: forger.with_header(kid="' OR 1=1 --"),
    "kid a number": lambda forger: forger.with_header(kid=0),
    "kid an object": lambda forger: forger.with_header(kid={"kid": forger.header["kid"]}),
    "no kid": lambda forger: forger.with_header(kid=None),
    "jku": lambda forger: forger.with_header(jku="https://evil.example/keys.json"),
    "jwk": lambda forger: forger.with_header(jwk={"kty": "oct", "k": encode(b"k" * 32)}),
    "x5u": lambda forger: forger.with_header(x5u="https://evil.example/cert.pem"),
    "x5c": lambda forger: forger.with_header(x5c=["MIIB"]),
    "crit": lambda forger: forger.with_header(crit=["exp"]),
    "b64": lambda forger: forger.with_header(b64=False, crit=["b64"]),
    "the empty key": lambda forger: forger.sign(forger.header, forger.claims, key=b""),
    "the secret itself": lambda forger: forger.sign(forger.header, forger.claims, key=SETTINGS["SECRET_KEY"].encode()),
    "the kid as key": _public_key_as_secret,
    "a key for another purpose": lambda forger: forger.sign(
        forger.header, forger.claims, key=next(iter(signing_keys("another purpose").values()))
    ),
    "altered payload": _payload,
    "altered signature": lambda forger: forger.access[:-4] + ("AAAA" if forger.access[-4:] != "AAAA" else "BBBB"),
    "no signature": lambda forger: forger.access.rpartition(".")[0] + ".",
    "two parts": lambda forger: forger.access.rpartition(".")[0],
    "four parts": lambda forger: forger.access + "." + forger.access.rpartition(".")[2],
    "padded": lambda forger: forger.access + "=",
    "padded more": lambda forger: forger.access + "==",
    "wrong aud": lambda forger: forger.with_claims(aud="web"),
    "aud a list of others": lambda forger: forger.with_claims(aud=["web", "mail"]),
    "no aud": lambda forger: forger.with_claims(aud=None),
    "wrong iss": lambda forger: forger.with_claims(iss="https://evil.example"),
    "no iss": lambda forger: forger.with_claims(iss=None),
    "expired": lambda forger: forger.with_claims(exp=forger.claims["iat"] - HOUR),
    "no exp": lambda forger: forger.with_claims(exp=None),
    "exp a text": lambda forger: forger.with_claims(exp="tomorrow"),
    "exp endless": lambda forger: forger.with_claims(exp=float("inf")),
    "nbf in the future": lambda forger: forger.with_claims(nbf=forger.claims["iat"] + HOUR),
    "iat in the future": lambda forger: forger.with_claims(iat=forger.claims["iat"] + HOUR),
    "somebody else": lambda forger: forger.with_claims(sub="2"),
    "nobody": lambda forger: forger.with_claims(sub="999999"),
    "sub a number": lambda forger: forger.with_claims(sub=1),
    "sub no number": lambda forger: forger.with_claims(sub="-1"),
    "no sub": lambda forger: forger.with_claims(sub=None),
    "another sign-in": lambda forger: forger.with_claims(sid="nobodys"),
    "sid a number": lambda forger: forger.with_claims(sid=1),
    "no sid": lambda forger: forger.with_claims(sid=None),
    "no jti": lambda forger: forger.with_claims(jti=None),
    "no type": lambda forger: forger.with_claims(type=None, jti=7),
    "another type": lambda forger: forger.with_claims(type="admin"),
    "the refresh token": lambda forger: forger.refresh,
    "a list for a header": lambda forger: f"{encode([1])}.{encode(forger.claims)}.{encode(b'x' * 32)}",
    "a list for a payload": lambda forger: forger.sign(forger.header, [1]),  # type: ignore[arg-type]  # on purpose
    "nested deep": lambda _forger: f"{encode(b'[' * 1000)}.{encode(b'[' * 1000)}.{encode(b'x')}",
    "no base64": lambda _forger: "!!!!.????.####",
    "no token": lambda _forger: "secret",
    "dots": lambda _forger: "..",
    "not ASCII": lambda _forger: "é.ü.ñ",
    "10,000 characters": lambda forger: forger.with_claims(more="x" * 10_000),
    "personal, no secret": lambda _forger: "mhp_",
    "personal, unknown": lambda _forger: "mhp_" + "a" * 49,
    "the hash of a secret": lambda _forger: hashlib.sha256(b"secret").hexdigest(),
    "two words": lambda forger: f"{forger.access} {forger.access}",
    "a list of tokens": lambda forger: f"{forger.access},{forger.access}",
}


def show(forger: Forger, token: str, path: str = "/users/me", **options: Any) -> Any:
    return ApiClient(forger.app).get(path, headers={"Authorization": f"Bearer {token}"}, **options)


def test_what_these_are_made_of_is_good(forger: Forger) -> None:
    """A forger with our key, a good header and good claims gets in: the others fail by what they are called."""
    assert show(forger, forger.access).status_code == 200
    assert show(forger, forger.with_claims()).status_code == 200
    assert show(forger, forger.with_header()).status_code == 200


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_no_token_of_ours_opens_nothing(forger: Forger, name: str) -> None:
    token = FORGERIES[name](forger)
    answer = show(forger, token)
    assert (answer.status_code, answer.json["code"]) in ((401, "invalid_token"), (401, "token_expired")), answer.text
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert "Traceback" not in answer.text
    public = show(forger, token, "/posts")
    assert public.status_code == 401, "not even what is open to everybody"


@settings(deadline=None)
@given(place=st.integers(0, 10_000), letter=st.characters(min_codepoint=32, max_codepoint=126))
def test_a_token_with_one_letter_changed_is_none(forger: Forger, place: int, letter: str) -> None:
    """Whichever letter it is: of every signature there is one way to write it (RFC 4648, 3.5)."""
    place %= len(forger.access)
    assume(forger.access[place] != letter)
    with pytest.raises(InvalidToken):
        read_token(forger.access[:place] + letter + forger.access[place + 1 :], ACCESS)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_whatever_is_sent_as_a_token_is_read_or_refused(forger: Forger, text: str) -> None:
    for token in (text, f"{forger.access}{text}", f"{encode(text.encode())}.{encode(text.encode())}.{text}"):
        assume(token != forger.access)
        with pytest.raises(InvalidToken):
            read_token(token, ACCESS)


def test_an_expired_token_is_told_apart(forger: Forger) -> None:
    """A program renews it; of all others nothing is told."""
    token = forger.with_claims(exp=forger.claims["iat"] - HOUR)
    assert show(forger, token).json["code"] == "token_expired"
    forged = forger.sign(forger.header, forger.claims | {"exp": 1}, key=b"k" * 32)
    assert show(forger, forged).json["code"] == "invalid_token"


@pytest.mark.parametrize(
    "value",
    ["", " ", "\t", "Bearer", "Bearer ", "Bearer \t ", "bearer", "Basic YWRhOnBhc3N3b3Jk", "Token {}", "{}", "Bearer{}",
     "Digest {}", "Bearer Bearer {}", "JWT {}"],
)  # fmt: skip
def test_a_header_of_another_form_is_refused(forger: Forger, value: str) -> None:
    header = value.replace("{}", forger.access)
    for path in ("/users/me", "/posts"):
        answer = ApiClient(forger.app).get(path, headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_the_word_bearer_may_be_written_in_any_way(forger: Forger) -> None:
    """RFC 9110, 11.1."""
    for word in ("bearer", "BEARER", "Bearer "):
        answer = ApiClient(forger.app).get("/users/me", headers={"Authorization": f"{word} {forger.access}"})
        assert answer.status_code == 200


def test_two_headers_are_one_too_many(forger: Forger) -> None:
    """Two readers would take them for two different people."""
    other = Forger(forger.app, ED).access
    client = forger.app.test_client()
    for second in (other, forger.access):
        headers = [("Authorization", f"Bearer {forger.access}"), ("Authorization", f"Bearer {second}")]
        assert client.get("/api/v1/users/me", headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["access_token", "token", "jwt", "api_key", "authorization", "bearer"])
def test_a_token_in_the_address_is_none(forger: Forger, name: str) -> None:
    answer = ApiClient(forger.app).get(f"/users/me?{name}={forger.access}", check=False)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")  # type: ignore[index]  # it is JSON


@pytest.mark.parametrize("name", ["access_token", "token", "jwt"])
def test_a_token_in_what_is_sent_is_none(forger: Forger, name: str) -> None:
    client = ApiClient(forger.app)
    assert client.patch("/users/me", json={name: forger.access}).status_code == 401
    sent = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.patch("/users/me", data=f"{name}={forger.access}", headers=sent).status_code == 401


@pytest.mark.parametrize("name", ["access_token_cookie", "access_token", "Authorization", "masthead", "session"])
def test_a_token_in_a_cookie_is_none(forger: Forger, name: str) -> None:
    client = forger.app.test_client()
    client.set_cookie(name, forger.access)
    for path in ("/api/v1/users/me", "/account/", "/admin/"):
        assert client.get(path).status_code in (401, 302), path


@pytest.mark.parametrize("name", ["X-Access-Token", "X-Authorization", "Authentication-Token", "X-Api-Key", "Cookie"])
def test_a_token_in_another_header_is_none(forger: Forger, name: str) -> None:
    for value in (forger.access, f"Bearer {forger.access}"):
        assert forger.app.test_client().get("/api/v1/users/me", headers={name: value}).status_code == 401


# -- what renews -------------------------------------------------------------------------------------------


def renew(forger: Forger, token: str) -> Any:
    return ApiClient(forger.app).post("/auth/refresh", json={"refresh_token": token})


def test_an_access_token_renews_nothing(forger: Forger) -> None:
    in_header = ApiClient(forger.app, forger.access).post("/auth/refresh")
    for answer in (renew(forger, forger.access), in_header):
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_token")
    assert show(forger, forger.access).status_code == 200, "and the sign-in goes on"


@pytest.mark.parametrize(
    "name", ["alg none", "foreign kid", "altered payload", "wrong aud", "wrong iss", "expired", "no exp", "no token"]
)
def test_what_is_no_refresh_token_of_ours_renews_nothing(forger: Forger, name: str) -> None:
    copy = object.__new__(Forger)
    copy.app, copy.access, copy.refresh = forger.app, forger.refresh, forger.access
    copy.header, copy.claims = (decode(part) for part in forger.refresh.split(".")[:2])
    assert renew(forger, FORGERIES[name](copy)).status_code == 401


def test_a_refresh_token_that_nobody_was_given_renews_nothing(forger: Forger) -> None:
    """Signed by us, for a sign-in that is alive, and in no table."""
    claims = decode(forger.refresh.split(".")[1]) | {"jti": "nobodys"}
    assert renew(forger, forger.sign(forger.header, claims)).json["code"] == "invalid_token"
    assert show(forger, forger.access).status_code == 200


# -- keys --------------------------------------------------------------------------------------------------


def test_tokens_outlive_another_key_while_the_older_one_is_believed(app: Flask) -> None:
    """What `flask secrets rotate` does, and then `flask secrets forget-old`."""
    before = Forger(app)
    config = app.config
    config.update(SECRET_KEY_FALLBACKS=[config["SECRET_KEY"]], SECRET_KEY=NEW)
    assert show(before, before.access).status_code == 200
    renewed: Any = renew(before, before.refresh).json
    after = decode(renewed["access_token"].split(".")[0])
    assert after["kid"] != before.header["kid"], "the newest signs"
    assert set(signing_keys(PURPOSE)) == {after["kid"], before.header["kid"]}
    config.update(SECRET_KEY_FALLBACKS=[])
    assert show(before, before.access).status_code == 401
    assert show(before, renewed["access_token"]).status_code == 200


def test_the_command_keeps_tokens_alive(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    """`flask secrets rotate` on the file of an installation, and a start with what it wrote."""
    instance = tmp_path / "instance"
    salt = {"SECURITY_PASSWORD_SALT": SETTINGS["SECURITY_PASSWORD_SALT"]}
    app = make_app(**ensure_secrets(instance) | salt)
    with app.app_context():
        before = Forger(app)
        done = app.test_cli_runner().invoke(args=["secrets", "rotate"])
        assert done.exit_code == 0, done.output
    secrets = read_secrets(instance)
    assert len(secrets["SECRET_KEY_FALLBACKS"]) == 1
    started_anew = make_app(**secrets | salt)
    with started_anew.app_context():
        before.app = started_anew
        assert show(before, before.access).status_code == 200
        assert renew(before, before.refresh).status_code == 200


def test_a_token_of_another_site_with_the_same_keys_is_none_of_ours(make_app: Callable[..., Flask]) -> None:
    """A copy of an installation for trying things out lives at another address, and issues for itself."""
    there, here = make_app(CMS_BASE_URL="https://staging.example"), make_app()
    with here.app_context():
        forger = Forger(here)
    with there.app_context():
        foreign = make_access_token(int(forger.claims["sub"]), forger.claims["sid"])
    with here.app_context():
        assert show(forger, forger.access).status_code == 200
        assert show(forger, foreign).status_code == 401
