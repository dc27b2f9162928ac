"""Passwords: what is asked of one, and hashing outside every transaction (argon2id)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_security import PasswordUtil
from flask_security.utils import hash_password as hash_password  # for passwords of entries, too
from flask_security.utils import verify_password

from cms.accounts.models import User
from cms.core.db import in_transaction
from cms.core.errors import Invalid
from cms.core.i18n import Text, _
from cms.lib import guessable
from cms.settings.queries import get_settings

SHORTEST = 8
ADVISED = 15
#: Longer ones are refused: hashing them would be work for nothing.
LONGEST = 512


def problem_with(password: str, email: str = "", *, known: Iterable[str] = ()) -> Text | None:
    """Return what is wrong with a password for the account of `email`, or None; composition is not asked for.

    `known` are texts that anybody knows: the person's name, the name of the site.
    """
    if len(password) < SHORTEST:
        return _("A password has at least %(least)s characters; 15 or more are better.", least=SHORTEST)
    if len(password) > LONGEST:
        return _("A password has at most %(most)s characters.", most=LONGEST)
    folded, address = password.casefold(), email.casefold()
    if address and folded in (address, address.partition("@")[0]):
        return _("A password is not your mail address.")
    if len(set(password)) < 3:
        return _("This is the same character again and again.")
    if guessable.is_common(password):
        return _(
            "Many people have this password, so it is tried first. A few words that belong to you alone are better."
        )
    if guessable.is_pattern(password):
        return _("Keys side by side and things in order are tried first. A few words make a better one.")
    if guessable.says_what_is_known(password, (email, *known)):
        return _("This is your name, your mail address or the name of the site, which everybody knows.")
    return None


class SitePasswordUtil(PasswordUtil):
    """Asks of a password what `problem_with` says, wherever Flask-Security takes one."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong with the password, if anything, and the password in Unicode normal form."""
        normal = str(self.normalize(password))
        user = kwargs.get("user")
        known = (getattr(user, "name", "") or "", get_settings().name)
        problem = problem_with(normal, getattr(user, "email", "") or "", known=known)
        return ([str(problem)] if problem is not None else None), normal


def hash_new_password(password: str, email: str = "", *, name: str = "") -> str:
    """Return the hash of a new password; raises Invalid with what is wrong with it.

    Hashing takes long on purpose: inside a transaction it would keep every other writer waiting, so that is a
    RuntimeError.
    """
    if in_transaction():
        raise RuntimeError("A password is hashed before the transaction.")
    normal = str(current_app.extensions["security"].password_util.normalize(password))
    problem = problem_with(normal, email, known=(name, get_settings().name))
    if problem is not None:
        raise Invalid(fields={"password": problem})
    return str(hash_password(normal))


@lru_cache(maxsize=1)
def _nobodys_hash(_salt: str) -> str:
    return str(hash_password("the password of nobody"))


def is_right(user: User | None, password: str) -> bool:
    """Tell whether `password` is that of `user`, in a time that does not tell whether there is such a person.

    One verification is done in every case; a hash made by older rules is renewed (Flask-Security commits it).
    """
    nobodys = _nobodys_hash(current_app.config["SECURITY_PASSWORD_SALT"])
    if len(password) > LONGEST:
        return False
    normal = str(current_app.extensions["security"].password_util.normalize(password))
    if user is None or not user.password:
        verify_password(normal, nobodys)
        return False
    return bool(user.verify_and_update_password(normal)) and user.active
