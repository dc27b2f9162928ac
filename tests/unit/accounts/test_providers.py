"""The file of providers: what may stand in it, and what is said when it is wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.accounts.providers.account import text_of, values_of
from cms.accounts.providers.configuration import Provider, read_providers
from cms.accounts.providers.trip import trip_of
from cms.config import ConfigurationError
from tests.provider.crooked import base64url

SECRET = "do not tell anybody"
WHO = f'client_id = "masthead"\nclient_secret = "{SECRET}"\n'
OWN = f'[own]\nissuer = "https://id.example.org"\n{WHO}'


def read(folder: Path, text: str, **environ: str) -> dict[str, Provider]:
    path = folder / "providers.toml"
    path.write_text(text)
    return read_providers(path, environ)


def test_without_a_file_there_are_no_providers(tmp_path: Path) -> None:
    assert read_providers(tmp_path / "providers.toml", {}) == {}
    assert read(tmp_path, "") == {}


def test_google_and_github_need_no_more_than_an_id_and_a_secret(tmp_path: Path) -> None:
    found = read(tmp_path, f"[google]\n{WHO}[github]\n{WHO}")
    assert list(found) == ["google", "github"]
    google, github = found["google"], found["github"]
    assert (google.kind, google.label, google.issuer) == ("openid", "Google", "https://accounts.google.com")
    assert google.scopes == ("openid", "email", "profile")
    assert (github.kind, github.label, github.issuer) == ("github", "GitHub", "https://github.com")
    assert (github.api, github.scopes) == ("https://api.github.com", ("read:user", "user:email"))


def test_what_is_not_said_is_the_careful_choice(tmp_path: Path) -> None:
    own = read(tmp_path, OWN)["own"]
    assert [own.create_accounts, own.trust_email, own.trust_email_for_office, own.sync_roles] == [False] * 4
    assert (own.label, own.default_role, own.roles_claim, dict(own.roles)) == ("Own", "subscriber", "groups", {})


def test_everything_can_be_said(tmp_path: Path) -> None:
    more = """
    label = "The harbour office"
    scopes = ["openid", "email", "groups"]
    create_accounts = true
    default_role = "contributor"
    allowed_domains = ["Example.org", "@harbour.example"]
    trust_email = true
    trust_email_for_office = true
    roles_claim = "realm_access.roles"
    sync_roles = true
    [own.roles]
    "web editors" = "editor"
    staff = "author"
    """
    own = read(tmp_path, OWN + more)["own"]
    assert own.label == "The harbour office"
    assert own.allowed_domains == {"example.org", "harbour.example"}
    assert own.roles == {"web editors": "editor", "staff": "author"}
    assert own.create_accounts
    assert own.sync_roles


def test_organisations_of_github_are_asked_for_where_they_stand_for_roles(tmp_path: Path) -> None:
    found = read(tmp_path, f'[github]\n{WHO}[github.roles]\nharbour = "author"\n')
    assert "read:org" in found["github"].scopes


def test_a_github_of_ones_own_has_its_own_addresses(tmp_path: Path) -> None:
    text = (
        f'[forge]\nkind = "github"\nissuer = "https://git.example.org"\napi = "https://git.example.org/api/v3"\n{WHO}'
    )
    forge = read(tmp_path, text)["forge"]
    assert (forge.issuer, forge.api) == ("https://git.example.org", "https://git.example.org/api/v3")


def test_a_secret_may_stand_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    by_file = '[google]\nclient_id = "masthead"\nclient_secret_file = "secret"\n'
    by_name = '[google]\nclient_id = "masthead"\nclient_secret_env = "GOOGLE_SECRET"\n'
    assert read(tmp_path, by_file)["google"].client_secret == SECRET
    assert read(tmp_path, by_name, GOOGLE_SECRET=SECRET)["google"].client_secret == SECRET


def test_a_secret_is_not_shown(tmp_path: Path) -> None:
    assert SECRET not in repr(read(tmp_path, OWN))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[own", "is no TOML file: something is wrong at end of document"),
        ("own = 1", "[own] must be a table"),
        (f"[Own]\n{WHO}", "[Own] must be named with small letters"),
        (f'["../own"]\n{WHO}', "must be named with small letters"),
        (f"[own]\n{WHO}", "[own] needs issuer, an address"),
        (OWN.replace("https:", "http:"), "needs issuer, an address"),
        (OWN.replace("https://id", "javascript://id"), "needs issuer, an address"),
        (OWN.replace("id.example.org", "me:pass@id.example.org"), "needs issuer, an address"),
        (OWN.replace("client_id", "client_ids"), "has no setting client_ids; did you mean client_id"),
        (OWN + "colour = 1", "has no setting colour"),
        (OWN.replace('client_id = "masthead"', ""), "needs client_id"),
        (OWN.replace('"masthead"', '""'), "needs client_id"),
        (OWN.replace('"masthead"', "7"), "needs a text for client_id"),
        (OWN.replace(f'client_secret = "{SECRET}"', ""), "needs exactly one of client_secret"),
        (OWN + 'client_secret_env = "NAME"', "needs exactly one of client_secret"),
        ('[google]\nclient_id = "x"\nclient_secret_env = "NAME"', "finds nothing in the environment variable NAME"),
        ('[google]\nclient_id = "x"\nclient_secret_file = "none"', "finds no secret in"),
        (OWN + 'create_accounts = "yes"', "needs true or false for create_accounts"),
        (OWN + 'scopes = "openid"', "needs a list of texts for scopes"),
        (OWN + 'scopes = ["email"]', "needs openid among its scopes"),
        (OWN + "scopes = [1]", "needs a list of texts for scopes"),
        (OWN + 'kind = "saml"', "has a kind that is neither openid nor github"),
        (OWN + 'label = ""', ""),
        (OWN + f'label = "{"x" * 41}"', "needs label"),
        (OWN + 'allowed_domains = ["*"]', "needs names such as example.org in allowed_domains"),
        (OWN + 'default_role = ""', "needs the name of a role for default_role"),
        (OWN + "[own.roles]\nstaff = 1", "needs a table of texts for roles"),
        (OWN + '[own.roles]\nstaff = "an editor"', "needs the name of a role for roles.staff"),
        (OWN + OWN.replace("[own]", "[twin]"), "[own] and [twin] have the same issuer"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    if not words:
        assert read(tmp_path, text)["own"].label == "Own"
        return
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    sentence = caught.value.message
    assert words in sentence
    assert "providers.toml" in sentence
    assert sentence.endswith(".")
    assert sentence.count("\n") == 0
    assert SECRET not in sentence


def test_http_is_for_a_provider_on_this_machine(tmp_path: Path) -> None:
    assert read(tmp_path, OWN.replace("https://id.example.org", "http://localhost:9000"))


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_providers(tmp_path / "providers.toml", {})


@given(st.text(min_size=1))
def test_what_a_trip_shows_is_made_of_the_key_and_tells_nothing_of_it(key: str) -> None:
    trip = trip_of(key, "https://example.org/")
    assert trip == trip_of(key, "https://example.org/")
    shown = {trip.state, trip.nonce, trip.verifier}
    assert len(shown) == 3
    assert all(len(text) == 43 for text in shown)
    assert trip_of(key + "x", "").state != trip.state
    assert base64url(hashlib.sha256(trip.verifier.encode()).digest()) not in shown


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES), st.text())
def test_whatever_a_provider_claims_its_values_are_texts(claims: dict[str, object], path: str) -> None:
    found = values_of(claims, path)
    assert found is None or all(isinstance(value, str) for value in found)
    assert len(text_of(claims, path)) <= 255


@pytest.mark.parametrize(
    ("claims", "path", "values"),
    [
        ({"groups": ["a", "b", 1, None]}, "groups", {"a", "b"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"groups": {"a": 1}}, "groups", set()),
        ({}, "groups", set()),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", {"a"}),
        ({"https://example.org/roles": ["a"]}, "https://example.org/roles", {"a"}),
        ({"_claim_names": {"groups": "src"}}, "groups", None),
        ({"_claim_names": "groups"}, "groups", set()),
        ({"_claim_names": 7}, "groups", set()),
    ],
)
def test_values_of_a_claim(claims: dict[str, object], path: str, values: set[str] | None) -> None:
    assert values_of(claims, path) == values
