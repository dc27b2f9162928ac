"""A stranger asks for an account: what they entered is looked at here, all the rest is done by a job."""

from __future__ import annotations

from collections.abc import Callable

from cms.accounts import fields, jobs, limits, names, passwords, trying
from cms.core.db import transaction
from cms.core.errors import Forbidden, Invalid
from cms.core.i18n import Text, _
from cms.core.jobs import enqueue
from cms.settings.queries import get_settings


class RegistrationClosed(Forbidden):
    """The site does not take registrations."""

    code = "registration_closed"
    default = _("This site does not take registrations.")


def ask_for_account(*, name: str, email: str, password: str | None = None) -> None:
    """Have a reader mailed the link by which an account begins, whether or not there is one; counts that they ask.

    A password is only looked at: the one that counts is chosen behind the link, by whoever reads the mail. Raises
    RegistrationClosed, Invalid naming the fields, and TooManyTries. Opens its own transactions.
    """
    if not get_settings().registration_open:
        raise RegistrationClosed
    wrong: dict[str, Text] = {}

    def read(field: str, reader: Callable[[object], str], value: str) -> str:
        try:
            return reader(value)
        except Invalid as error:
            wrong[field] = error.args[0]
            return ""

    entered = {"name": read("name", names.read_own_name, name), "email": read("email", fields.read_email, email)}
    known = (name, get_settings().name)
    problem = passwords.problem_with(password, email, known=known) if password is not None else None
    if problem is not None:
        wrong["password"] = problem
    if wrong:
        raise Invalid(fields=wrong)
    trying.begin_with_address(limits.REGISTER, entered["email"])
    with transaction():
        enqueue(jobs.REGISTER, entered)
