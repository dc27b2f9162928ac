"""`flask doctor` on accounts: admins whom a stolen password would replace."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import exists, func, select

from cms.accounts.models import Authenticator, Passkey, Role, User
from cms.accounts.provider_checks import providers
from cms.accounts.roles import ADMIN
from cms.core.checks import OK, WARNING, Finding, register_check
from cms.core.db import current_session
from cms.core.mail import leaves_the_house
from cms.settings.queries import get_settings


def second_factors() -> Finding:
    """Whether every admin has a passkey or an authenticator app beside the password."""
    admins = select(func.count(User.id)).where(User.active, User.roles.any(Role.name == ADMIN))
    has_app = exists().where(Authenticator.user_id == User.id, Authenticator.confirmed_at.is_not(None))
    bare = admins.where(~exists().where(Passkey.user_id == User.id), ~has_app)
    session = current_session()
    without, all_of_them = session.scalar(bare) or 0, session.scalar(admins) or 0
    if not without:
        return Finding(OK, f"Each of {all_of_them} admins has a second factor.")
    remedy = "Have them add a passkey to their profile, or require it of the role."
    return Finding(WARNING, f"{without} of {all_of_them} admins sign in with a password alone.", remedy)


def mailed_codes() -> Finding:
    """Whether people on new devices are asked for a code by mail."""
    if not get_settings().mail_code_on_new_device:
        return Finding(OK, "No codes are mailed to people on new devices: the settings say so.")
    if leaves_the_house():
        return Finding(OK, "Whoever has no second factor gets a code by mail on a new device.")
    level = WARNING if current_app.config["CMS_ENV"] == "production" else OK
    remedy = "Set CMS_MAIL_URL to a server (smtp://… or smtps://…)."
    return Finding(level, "Mails stay in the house, so no codes are mailed to people on new devices.", remedy)


def register() -> None:
    """Have `flask doctor` look at accounts."""
    register_check("second factors", second_factors)
    register_check("codes by mail", mailed_codes)
    register_check("accounts elsewhere", providers)
