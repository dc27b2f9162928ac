"""Attempts to take an account over by way of a provider, or of its answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey, OKPKey, RSAKey

from cms.accounts.models import User
from tests.clients import PageClient
from tests.functional.accounts.providers.steps import (
    NAME,
    asked,
    change,
    come_back,
    connect,
    depart,
    go,
    identities,
    said,
    who,
)
from tests.people import SUE, Person
from tests.provider.crooked import CLIENT, Crooked, base64url, crooked_provider, public

As = Callable[[Person], PageClient]
UserOf = Callable[[Person], User]
REFUSED = "What Elsewhere answered could not be proven. Nothing was done; please try again."
VOID = "This sign-in was begun elsewhere, or too long ago. Please choose Elsewhere again."


@pytest.fixture(autouse=True)
def everybody_may_come(app: Flask) -> None:
    """Who is proven is let in, so that whoever is not let in was not proven."""
    change(app, create_accounts=True)
    change(app, "other", create_accounts=True)


# -- the person ------------------------------------------------------------------------------------------


def test_an_address_changed_elsewhere_changes_nobody_here(
    client: PageClient, another: PageClient, told: Crooked, as_: As
) -> None:
    """Known is who has the subject, not who has the address: neither is somebody locked out, nor somebody let in."""
    connect(as_(SUE), told)
    told.claims["email"] = "ada@example.com"
    go(client, told)
    assert who(client) == SUE.email
    told.claims |= {"sub": "mallory", "email": "nell@example.com"}
    go(another, told)
    assert who(another) == "nell@example.com"
    assert {row[0] for row in identities()} == {SUE.email, "nell@example.com"}


def test_the_same_subject_of_another_issuer_is_somebody_else(
    client: PageClient, told: Crooked, other: Crooked, as_: As
) -> None:
    connect(as_(SUE), told)
    go(client, other, "other")
    assert who(client) == "nell@example.com"


@pytest.mark.parametrize("subject", ["NELL-1", "nell-1 ", " nell-1", "nell-1\u200b", "ｎell-1"])
def test_a_subject_is_compared_letter_by_letter(client: PageClient, told: Crooked, as_: As, subject: str) -> None:
    connect(as_(SUE), told)
    told.claims["sub"] = subject
    go(client, told)
    assert who(client) == "nell@example.com"


# -- the trip --------------------------------------------------------------------------------------------


def test_a_stolen_code_is_worth_nothing_in_another_browser(
    client: PageClient, another: PageClient, told: Crooked
) -> None:
    address = depart(client)
    code = told.authorise(address)
    assert said(another, come_back(another, address, code)) == VOID
    own = depart(another)
    assert said(another, come_back(another, own, code)) == REFUSED
    assert who(another) is None


def test_an_attackers_answer_signs_no_victim_in(client: PageClient, another: PageClient, told: Crooked) -> None:
    """Login CSRF: the attacker's own code, sent to the victim's browser."""
    address = depart(another)
    code = told.authorise(address)
    assert said(client, come_back(client, address, code)) == VOID
    assert who(client) is None


def test_a_state_is_used_once(client: PageClient, told: Crooked) -> None:
    address = depart(client)
    with client.session_transaction() as session:
        kept = dict(session)
    come_back(client, address, told.authorise(address))
    assert who(client) is not None
    client.submit("/account/", form="form[action='/logout']")
    with client.session_transaction() as session:
        session.update(kept)
    assert said(client, come_back(client, address, told.authorise(address))) == VOID
    assert who(client) is None


@pytest.mark.parametrize("state", ["", "x", "é", "%00", "A" * 5000])
def test_a_made_up_state_is_refused(client: PageClient, told: Crooked, state: str) -> None:
    address = depart(client)
    query = {"state": state, "code": told.authorise(address)}
    assert said(client, client.get(f"/login/with/{NAME}/answer", query_string=query)) == VOID


def test_parameters_stand_in_the_address_once(client: PageClient, told: Crooked) -> None:
    address = depart(client)
    state, code = asked(address)["state"], told.authorise(address)
    twice = client.get(f"/login/with/{NAME}/answer?state={state}&code={code}&code=other")
    assert said(client, twice) == REFUSED
    address = depart(client)
    state = asked(address)["state"]
    assert said(client, client.get(f"/login/with/{NAME}/answer?state={state}&state={state}&code=x")) == VOID


def test_no_other_site_begins_a_sign_in(client: PageClient) -> None:
    path = f"/login/with/{NAME}"
    assert client.get(path).status_code in (404, 405)
    assert client.post(path).status_code == 400
    token = client.csrf_token("/login")
    answer = client.post(path, data={"csrf_token": token}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Refresh" not in answer.headers


def test_where_people_are_sent_back_is_never_what_a_request_says(client: PageClient) -> None:
    # Another name that the site answers to.
    base = "http://127.0.0.1"
    token = client.page("/login", base_url=base).css_first("input[name=csrf_token]").attributes["value"]
    answer = client.post(
        f"/login/with/{NAME}?redirect_uri=https://evil.example",
        data={"csrf_token": token, "redirect_uri": "https://evil.example"},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
        base_url=base,
    )
    address = answer.headers["Refresh"].removeprefix("0; url=")
    assert asked(address)["redirect_uri"] == f"http://localhost/login/with/{NAME}/answer"


# -- the provider ----------------------------------------------------------------------------------------


def test_an_answer_of_another_provider_is_refused(client: PageClient, told: Crooked, other: Crooked) -> None:
    """A mix-up: the dishonest provider sends the browser on to the honest one, and hopes for its code."""
    address = depart(client, "other")
    mixed = dict(asked(address), redirect_uri=f"http://localhost/login/with/{NAME}/answer")
    told.codes["mixed"] = mixed
    assert said(client, come_back(client, address, "mixed")) == VOID
    assert told.asked.count("/token") == 0
    address = depart(client, "other")
    answer = come_back(client, address, "mixed", name="other", iss=told.issuer)
    assert "could not be proven" in said(client, answer)
    assert other.asked.count("/token") == 0
    assert who(client) is None


@pytest.mark.parametrize("named", ["https://evil.example", "", "http://127.0.0.1"])
def test_an_answer_names_its_issuer_rightly(client: PageClient, told: Crooked, named: str) -> None:
    assert said(client, go(client, told, iss=named)) == REFUSED


def test_an_answer_names_its_issuer_where_that_is_announced(client: PageClient, told: Crooked) -> None:
    told.metadata["authorization_response_iss_parameter_supported"] = True
    assert said(client, go(client, told)) == REFUSED
    go(client, told, iss=told.issuer)
    assert who(client) == "nell@example.com"


def test_a_provider_speaks_for_itself_alone(client: PageClient, told: Crooked, other: Crooked) -> None:
    told.metadata["issuer"] = other.issuer
    answer = client.submit("/login", form=f"form[action='/login/with/{NAME}']")
    assert "does not answer" in said(client, answer)


def test_odd_addresses_of_a_provider_lead_nowhere(app: Flask, client: PageClient, told: Crooked) -> None:
    moments = itertools.count(0, 60)
    app.extensions["masthead_providers"].directory._clock = lambda: float(next(moments))
    odd = ("javascript:alert(1)", "//evil.example", "data:,x", "http://u:p@evil.example/", "http://a b/", 7, None)
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        for address in odd:
            told.metadata = {name: address}
            answer = client.submit("/login", form=f"form[action='/login/with/{NAME}']")
            assert "does not answer" in said(client, answer), (name, address)


@pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint", "userinfo_endpoint"])
def test_a_provider_leads_nobody_into_the_house(client: PageClient, told: Crooked, hub: Crooked, name: str) -> None:
    """What a provider says of its addresses goes through the same guard as everything that goes out."""
    with crooked_provider() as inside:
        told.metadata[name] = f"{inside.issuer}/keys"
        told.claims = {}
        assert said(client, go(client, told))
        assert inside.asked == []
    assert who(client) is None


# -- the ID token ----------------------------------------------------------------------------------------


def at(seconds: int) -> Callable[[int], int]:
    """Return a claim of a time so many seconds from now."""
    return lambda now: now + seconds


WRONG: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"iss": ["x"]},
    {"aud": "somebody-else"},
    {"aud": ["somebody-else"]},
    {"aud": "somebody-else", "azp": CLIENT},
    {"aud": None},
    {"aud": []},
    {"aud": [CLIENT, "somebody-else"]},
    {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
    {"azp": "somebody-else"},
    {"exp": at(-120)},
    {"exp": None},
    {"exp": "tomorrow"},
    {"exp": float("nan")},
    {"iat": at(3600)},
    {"iat": None},
    {"nbf": at(3600)},
    {"nonce": None},
    {"nonce": ""},
    {"nonce": "another"},
    {"nonce": ["another"]},
    {"at_hash": "another"},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "s" * 256},
]


@pytest.mark.parametrize("half", [0, 1])
def test_a_token_that_does_not_hold_signs_nobody_in(client: PageClient, told: Crooked, half: int) -> None:
    honest = dict(told.claims)
    for changed in WRONG[half::2]:
        told.claims = honest | changed
        assert said(client, go(client, told)) == REFUSED, changed
        assert who(client) is None, changed
    assert identities() == []


@pytest.mark.parametrize("changed", [{"exp": at(-30)}, {"iat": at(30)}, {"aud": [CLIENT]}, {"azp": CLIENT}])
def test_a_token_that_holds_signs_in(client: PageClient, told: Crooked, changed: dict[str, Any]) -> None:
    told.claims |= changed
    go(client, told)
    assert who(client) == "nell@example.com"


def test_the_access_token_is_the_one_that_was_meant(client: PageClient, told: Crooked) -> None:
    half = hashlib.sha256(told.access_token.encode()).digest()[:16]
    told.claims["at_hash"] = base64url(half)
    go(client, told)
    assert who(client) == "nell@example.com"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("PS256", None),
        ("ES256", ECKey.generate_key("P-256", auto_kid=True)),
        ("EdDSA", OKPKey.generate_key("Ed25519", auto_kid=True)),
    ],
)
def test_a_token_may_be_signed_with_any_of_the_public_key_algorithms(
    client: PageClient, told: Crooked, algorithm: str, key: Any
) -> None:
    told.algorithm = algorithm
    told.key = key or told.key
    told.published = [told.key]
    go(client, told)
    assert who(client) == "nell@example.com"


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def unsigned(told: Crooked, nonce: str, algorithm: str) -> str:
    """Return a token without a signature."""
    head = base64url(json.dumps({"alg": algorithm, "kid": told.key.kid}).encode())
    body = told.id_token(nonce).split(".")[1]
    return f"{head}.{body}."


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "RS256"])
def test_a_token_without_a_signature_is_refused(client: PageClient, told: Crooked, algorithm: str) -> None:
    address = depart(client)
    told.token = unsigned(told, asked(address)["nonce"], algorithm)
    assert said(client, come_back(client, address, told.authorise(address))) == REFUSED
    assert who(client) is None


@pytest.mark.parametrize("form", ["pem", "jwk", "secret"])
def test_a_token_signed_with_what_everybody_knows_is_refused(client: PageClient, told: Crooked, form: str) -> None:
    """HS256 with the public key, or with the client's secret, as if it were a key both sides share."""
    known: Any = {
        "pem": told.key.as_pem(private=False),
        "jwk": json.dumps(public(told.key)).encode(),
        "secret": b"a secret with : and % and +",
    }[form]
    address = depart(client)
    head = {"alg": "HS256", "kid": told.key.kid}
    claims = json.loads(from_base64url(told.id_token(asked(address)["nonce"]).split(".")[1]))
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
    told.token = f"{signed}.{base64url(hmac.digest(known, signed.encode(), 'sha256'))}"
    # Should the provider even publish it.
    told.published = [told.key, {"kty": "oct", "kid": told.key.kid, "k": base64url(known), "use": "sig"}]
    assert said(client, come_back(client, address, told.authorise(address))) == REFUSED
    assert who(client) is None


def test_a_token_signed_with_another_key_is_refused(client: PageClient, told: Crooked) -> None:
    forger = RSAKey.generate_key(2048)
    forger = RSAKey.import_key({**forger.as_dict(private=True), "kid": told.key.kid})
    honest, told.key = told.key, forger
    told.published = [honest]
    assert said(client, go(client, told)) == REFUSED


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_token_is_refused(client: PageClient, told: Crooked, part: int) -> None:
    address = depart(client)
    parts = told.id_token(asked(address)["nonce"]).split(".")
    if part == 1:
        claims = json.loads(from_base64url(parts[1]))
        parts[1] = base64url(json.dumps({**claims, "sub": "another"}).encode())
    else:
        parts[part] = parts[part][:-3] + ("AAA" if parts[part][-3:] != "AAA" else "BBB")
    told.token = ".".join(parts)
    assert said(client, come_back(client, address, told.authorise(address))) in (
        REFUSED,
        "Elsewhere does not answer just now. Please try again in a moment.",
    )
    assert who(client) is None


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "", "é.é.é", "A" * 70_000, "e30.e30.e30", "W10.e30.e30"])
def test_what_is_no_token_is_refused(client: PageClient, told: Crooked, token: str) -> None:
    address = depart(client)
    told.token = token or " "
    assert said(client, come_back(client, address, told.authorise(address))) == REFUSED


def test_user_information_is_of_the_same_person(client: PageClient, told: Crooked) -> None:
    told.claims = {}
    for information in ({"sub": "another", "email": "ada@example.com", "email_verified": True}, {"email": "x"}, [1]):
        told.userinfo = information  # type: ignore[assignment]  # a provider may answer anything
        assert said(client, go(client, told)) == REFUSED
    assert who(client) is None


def test_what_is_signed_comes_before_what_is_only_said(client: PageClient, told: Crooked) -> None:
    told.claims = {"email": "nell@example.com", "email_verified": True}
    told.userinfo = {"sub": "nell-1", "email": "ada@example.com", "email_verified": True, "name": "Ada"}
    go(client, told)
    assert who(client) == "nell@example.com"


def test_another_key_is_learnt_and_made_up_ones_are_not_asked_for_again_and_again(
    app: Flask, client: PageClient, told: Crooked
) -> None:
    moment = [1000.0]
    app.extensions["masthead_providers"].directory._clock = lambda: moment[0]
    go(client, told)
    assert who(client) == "nell@example.com"
    assert told.asked.count("/keys") == 1
    told.key = RSAKey.generate_key(2048, auto_kid=True)
    told.published = [told.key]
    fresh = app.test_client()
    assert isinstance(fresh, PageClient)
    for _again in range(3):
        assert said(fresh, go(fresh, told)) == REFUSED
    assert told.asked.count("/keys") == 1
    moment[0] += 61
    go(fresh, told)
    assert who(fresh) == "nell@example.com"
    assert told.asked.count("/keys") == 2
