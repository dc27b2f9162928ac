"""Second factors are changed only by who has shown one in this browser, as soon as there is one to show."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from cms.accounts.factors import factors_of
from cms.accounts.people import current_person
from cms.accounts.sessions import showed_second_factor
from cms.core.errors import Forbidden
from cms.core.i18n import _

View = TypeVar("View", bound=Callable[..., Any])


def with_both_factors(view: View) -> View:
    """Refuse a route to who has a second factor and did not show it in this browser."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        person = current_person()
        if person is not None and not showed_second_factor() and factors_of(person.id).any:
            raise Forbidden(_("Sign out and in again, with your second factor, to change how you sign in."))
        return view(*args, **kwargs)

    return cast(View, guarded)
