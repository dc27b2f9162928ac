"""Joining Flask-Security: what it does for us, in which words, and where our own rules take over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, request
from flask_login import user_logged_in, user_logged_out
from flask_security import Security, password_changed, password_reset
from flask_security.babel import FsDomain
from werkzeug.wrappers import Response

from cms.accounts import data_views, factor_views, jobs, provider_views, safety_views, sessions, views
from cms.accounts.access_tokens import init_access_tokens
from cms.accounts.datastore import Datastore, OutboxMailUtil
from cms.accounts.forms import AnotherPasswordForm, ConfirmItsYouForm, NewPasswordForm, SignInForm
from cms.accounts.freshness import FRESH_FOR, init_freshness
from cms.accounts.limits import init_limits
from cms.accounts.links import RESET_LASTS
from cms.accounts.passwords import SHORTEST, SitePasswordUtil
from cms.accounts.people import current_person
from cms.accounts.redirects import is_safe_target
from cms.accounts.seeing import refuse_changes
from cms.accounts.sign_ins import REMEMBERED
from cms.accounts.signatures import follow_secrets
from cms.core.i18n import LazyString, _
from cms.core.permissions import PUBLIC, SIGNED_IN, declare_endpoint
from cms.lib.clock import utcnow
from cms.settings.queries import get_settings

__all__ = ["current_person", "init_security", "jobs"]

_PAGES = ("security", "accounts")

_SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    # argon2id as OWASP advises: 80 sign-ins at once must fit into memory.
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__type": "ID",
        "argon2__memory_cost": 19_456,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST,
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": str, "case_insensitive": False}}],
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_TRACKABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_RECOVERABLE": True,
    "SECURITY_RESET_PASSWORD_WITHIN": RESET_LASTS,
    "SECURITY_REGISTERABLE": False,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_DATETIME_FACTORY": utcnow,
    "SECURITY_FRESHNESS": FRESH_FOR,
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_STATIC_FOLDER": None,
    # The library's own commands know nothing of our rules (`cms.cli.users` does).
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
    "SECURITY_POST_LOGIN_VIEW": "accounts.after_sign_in",
    "SECURITY_POST_VERIFY_VIEW": "accounts.after_sign_in",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SESSION_PROTECTION": None,
    "REMEMBER_COOKIE_DURATION": REMEMBERED,
    "REMEMBER_COOKIE_HTTPONLY": True,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
}

_WORDS: dict[str, tuple[LazyString, str]] = {
    "UNAUTHENTICATED": (_("Sign in to go on."), "info"),
    "GENERIC_AUTHN_FAILED": (_("Mail address and password do not belong together."), "error"),
    "PASSWORD_RESET_EXPIRED": (_("This link is too old. Ask for a new one."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (_("This link does not work any more. Ask for a new one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (_("Your new password is kept. Sign in with it."), "success"),
    "PASSWORD_CHANGE": (_("Your password is changed. You are signed out everywhere else."), "success"),
    "PASSWORD_IS_THE_SAME": (_("This is the password you have."), "error"),
    "PASSWORD_NOT_PROVIDED": (_("Enter a password."), "error"),
    "INVALID_PASSWORD": (_("This is not your password."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_("The two passwords differ."), "error"),
    "INVALID_REDIRECT": (_("You were sent here from elsewhere; sign in, and go on from the first page."), "error"),
    "REAUTHENTICATION_REQUIRED": (_("Enter your password once more to go on."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_("Thank you. Go on."), "success"),
}


class OurWords(FsDomain):
    """Flask-Security's translations, and ours where we have our own sentence."""

    def gettext(self, string: str | LazyString, **variables: object) -> str:
        """Return the sentence in the reader's language."""
        if not isinstance(string, LazyString):
            theirs: Callable[..., str] = super().gettext
            return theirs(string, **variables)
        return str(string) % variables if variables else str(string)


def init_security(app: Flask) -> None:
    """Give the application people who sign in: Flask-Security with our datastore, forms, pages and rules."""
    secure = bool(app.config.get("SESSION_COOKIE_SECURE"))
    app.config.update(_SETTINGS)
    app.config.update({f"SECURITY_MSG_{key}": value for key, value in _WORDS.items()})
    app.config["REMEMBER_COOKIE_SECURE"] = secure
    app.config["REMEMBER_COOKIE_NAME"] = "__Host-masthead-remember" if secure else "masthead-remember"
    # Before Flask-Security's: templates of the same name are looked for in this order.
    app.register_blueprint(data_views.blueprint)
    security = Security(
        mail_util_cls=OutboxMailUtil,
        password_util_cls=SitePasswordUtil,
        login_form=SignInForm,
        verify_form=ConfirmItsYouForm,
        reset_password_form=NewPasswordForm,
        change_password_form=AnotherPasswordForm,
    )
    security.init_app(app, Datastore())
    security.want_json(lambda _request: False)
    follow_secrets(app, security)
    init_access_tokens(app)
    words: Callable[[Flask], OurWords] = OurWords
    security.i18n_domain = words(app)
    security.login_manager.user_loader(sessions.load_person)
    # A token in an address or a header signs nobody in.
    security.login_manager.request_loader(lambda _request: None)
    # Rights are read from `User.grants`; Flask-Principal would load the roles again with every request.
    security.principal.identity_loaders.clear()
    app.view_functions["security.forgot_password"] = views.ask_for_reset
    app.view_functions["security.reset_password"] = views.choose_new_password
    factor_views.init_second_factors(app)
    _declare_endpoints()
    _connect(app)
    _leave_sessions_alone(app)
    for name in _PAGES:
        app.before_request_funcs.setdefault(name, []).append(views.only_forms)
        app.after_request_funcs.setdefault(name, []).append(keep_within_site)
    app.jinja_env.globals["registration_is_open"] = lambda: get_settings().registration_open
    _choose_language(app)
    init_freshness(app)
    init_limits(app)
    safety_views.init_safety(app)
    app.before_request(refuse_changes)
    provider_views.init_provider_sign_in(app)


def _declare_endpoints() -> None:
    for endpoint in ("login", "logout", "forgot_password", "reset_password"):
        declare_endpoint(f"security.{endpoint}", PUBLIC)
    for endpoint in ("change_password", "verify"):
        declare_endpoint(f"security.{endpoint}", SIGNED_IN)


def _connect(app: Flask) -> None:
    user_logged_in.connect(sessions.on_signed_in, app)
    user_logged_out.connect(sessions.on_signed_out, app)
    password_changed.connect(sessions.on_password_changed, app)
    password_reset.connect(sessions.on_password_changed, app)


def _leave_sessions_alone(app: Flask) -> None:
    after: list[Any] = app.after_request_funcs[None]
    theirs = app.extensions["security"].login_manager._update_remember_cookie
    after[after.index(theirs)] = sessions.only_if_used(theirs)


def keep_within_site(response: Response) -> Response:
    """Let no sign-in page redirect out of the site, whatever it was asked to do (a second line of defence)."""
    target = response.headers.get("Location")
    if target is not None and not is_safe_target(target, request.host):
        response.headers["Location"] = "/"
    return response


def _choose_language(app: Flask) -> None:
    """Speak the language, and tell times in the zone, of the signed-in person, else of the site."""

    def language() -> str:
        person = current_person()
        tag = (person.language if person else "") or get_settings().language
        try:
            return str(Locale.parse(tag, sep="-"))
        except (ValueError, UnknownLocaleError):
            return "en"

    def zone() -> str:
        person = current_person()
        return (person.time_zone if person else "") or get_settings().time_zone

    app.extensions["babel"].locale_selector = language
    app.extensions["babel"].timezone_selector = zone
