"""Joins the pages of second factors and personal tokens to the sign-in pages."""

from __future__ import annotations

from flask import Flask

from cms.accounts import (
    authenticator_views,
    factor_records,
    passkey_views,
    recovery_views,
    second_step_views,
    signing_in_views,
    token_records,
    token_views,
)

__all__ = [
    "authenticator_views",
    "factor_records",
    "init_second_factors",
    "passkey_views",
    "recovery_views",
    "second_step_views",
    "token_records",
    "token_views",
]


def init_second_factors(app: Flask) -> None:
    """Let the sign-in page go on to the second step, after Flask-Security has made its routes."""
    app.view_functions["security.login"] = signing_in_views.sign_in
