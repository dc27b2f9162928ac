"""Sealing what the database keeps, and the keys of the audit trail."""

from collections.abc import Callable

import pytest
from cryptography.fernet import InvalidToken
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cms.config import ConfigurationError
from cms.core.secrets import CurrentSerializer, UnknownKeyError, audit_key, reseal, seal, signing_keys, unseal
from cms.factory import create_app
from tests import databases

OLD = "an older key that sealed things in tests 0123456789"
NEW = "a newer key that seals things in tests 0123456789"


@pytest.fixture(scope="module")
def bare() -> Flask:
    """An application that asks no database."""
    return create_app(databases.SETTINGS | {"CMS_INSTANCE": "/nowhere", "CMS_UPLOADS": "/nowhere"})


@given(text=st.text(), purpose=st.text(min_size=1, max_size=40))
def test_what_is_sealed_comes_back_and_does_not_show(bare: Flask, text: str, purpose: str) -> None:
    try:
        (text + purpose).encode()
    except UnicodeEncodeError:
        return
    with bare.app_context():
        sealed = seal(text, purpose=purpose)
        assert sealed.isascii()
        assert len(text) < 8 or text not in sealed
        assert unseal(sealed, purpose=purpose) == text


def test_nothing_sealed_for_one_purpose_serves_another(bare: Flask) -> None:
    with bare.app_context():
        sealed = seal("JBSWY3DPEHPK3PXP", purpose="sign-in app")
        for changed, purpose in ((sealed, "provider"), (sealed[:-6] + "AAAA==", "sign-in app"), ("", "sign-in app")):
            with pytest.raises(UnknownKeyError):
                unseal(changed, purpose=purpose)


def test_older_keys_open_and_the_newest_seals(bare: Flask) -> None:
    with bare.app_context():
        bare.config["CMS_DATA_KEYS"] = [OLD]
        sealed = seal("secret", purpose="x")
        bare.config["CMS_DATA_KEYS"] = [NEW, OLD]
        assert unseal(sealed, purpose="x") == "secret"
        again = reseal(sealed, purpose="x")
        bare.config["CMS_DATA_KEYS"] = [NEW]
        assert unseal(again, purpose="x") == "secret"
        for act in (unseal, reseal):
            with pytest.raises(UnknownKeyError) as caught:
                act(sealed, purpose="x")
            assert not isinstance(caught.value.__context__, InvalidToken) or caught.value.__suppress_context__


def test_keys_of_the_trail_have_names_and_the_first_is_the_newest(bare: Flask) -> None:
    with bare.app_context():
        bare.config["CMS_AUDIT_KEYS"] = {"two": NEW, "one": OLD}
        assert audit_key()[0] == "two"
        assert audit_key("two") == audit_key()
        assert audit_key("one")[1] != audit_key("two")[1]
        assert len(audit_key("one")[1]) == 32
        with pytest.raises(UnknownKeyError, match="three"):
            audit_key("three")


def test_nothing_lasting_is_written_with_a_key_that_ends_with_the_process(bare: Flask) -> None:
    with bare.app_context():
        bare.config.update(CMS_ENV="development", TEMPORARY_SECRETS=("CMS_AUDIT_KEYS", "CMS_DATA_KEYS"))
        try:
            for act in (lambda: seal("x", purpose="x"), audit_key):
                with pytest.raises(ConfigurationError, match="run `flask setup` first"):
                    act()
        finally:
            bare.config.update(CMS_ENV="testing", TEMPORARY_SECRETS=())


def test_the_present_secret_signs_and_older_ones_are_believed(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    serializer = CurrentSerializer("a salt")
    with app.app_context():
        before = serializer.dumps("hello")
        app.config.update(SECRET_KEY_FALLBACKS=[app.config["SECRET_KEY"]], SECRET_KEY=NEW)
        after = serializer.dumps("hello")
        assert serializer.loads(before) == serializer.loads(after) == "hello"
        app.config["SECRET_KEY_FALLBACKS"] = []
        assert serializer.loads_unsafe(before)[0] is False
        assert serializer.loads(after) == "hello"


def test_every_secret_that_is_believed_signs_for_one_purpose_alone() -> None:
    app = create_app(databases.SETTINGS | {"CMS_INSTANCE": "/nowhere", "CMS_UPLOADS": "/nowhere"})
    app.config.update(SECRET_KEY=NEW)
    with app.app_context():
        (newest,) = signing_keys("tokens")
        app.config.update(SECRET_KEY_FALLBACKS=[OLD])
        keys = signing_keys("tokens")
        assert next(iter(keys)) == newest, "the newest comes first"
        assert len(keys) == 2
        assert {len(key) for key in keys.values()} == {32}
        assert not set(keys.items()) & set(signing_keys("another purpose").items())
        app.config.update(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[])
        assert signing_keys("tokens") == dict([list(keys.items())[1]])
