"""Joins the pages that keep an account safe to the sign-in pages."""

from __future__ import annotations

from flask import Flask

from cms.accounts import device_letters, email_views, password_views, safety_jobs, sign_in_views

__all__ = ["device_letters", "email_views", "init_safety", "password_views", "safety_jobs", "sign_in_views"]


def init_safety(_app: Flask) -> None:
    """Importing this module puts the pages on the blueprint, which is registered by then."""
