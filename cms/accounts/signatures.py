"""Signatures of the libraries for signing in, made and checked with the keys that are in force now."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Flask, session
from flask_login.utils import decode_cookie, encode_cookie
from flask_security import Security
from itsdangerous import URLSafeTimedSerializer

from cms.core.secrets import CurrentSerializer, SigningKeys


def follow_secrets(app: Flask, security: Security) -> None:
    """Have every link, code, form and cookie of the libraries outlive a change of the secret.

    Flask-Security 5.9 hands its keys on in the order that makes itsdangerous sign with the oldest; Flask-WTF and
    Flask-Login know one key alone.
    """
    app.config["WTF_CSRF_SECRET_KEY"] = SigningKeys()
    for name, theirs in list(vars(security).items()):
        if name.endswith("_serializer") and isinstance(theirs, URLSafeTimedSerializer):
            setattr(security, name, CurrentSerializer(theirs.salt or name))
    security.reset_serializer = CurrentSerializer("masthead-reset")
    manager = security.login_manager
    manager._load_user_from_remember_cookie = partial(_load_remembered, manager._load_user_from_remember_cookie)


def _load_remembered(theirs: Any, cookie: str) -> Any:
    """Sign in who is remembered; a cookie made with an older key is believed, and made anew."""
    if decode_cookie(cookie) is not None:
        return theirs(cookie)
    for key in SigningKeys():
        person_id = decode_cookie(cookie, key=key)
        if person_id is not None:
            session["_remember"] = "set"
            return theirs(encode_cookie(person_id))
    return None
