"""Who asks below /api: whom the token of `Authorization: Bearer` stands for, and nobody else. Cookies say nothing here.

A route is closed unless its method carries a stamp: nobody gets 401, who lacks the permission in every extent 403.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from flask import current_app, g, request
from werkzeug.wrappers import Response

from cms.accounts.bearers import find_bearer
from cms.accounts.models import User
from cms.accounts.people import come_as, current_person
from cms.accounts.policies import is_narrowed
from cms.api.problems import InsufficientScope, say_of_no_token
from cms.core.errors import CmsError, Forbidden, NotFound, Unauthenticated
from cms.core.i18n import Text, _
from cms.core.permissions import PUBLIC, SIGNED_IN, Actor, Grant, may_some, registry, route_permission
from cms.core.stamps import stamp_of

PREFIX = "/api"
#: The stamp of views that read the token of `Authorization` themselves.
_OWN_TOKEN = "__cms_reads_its_token__"  # noqa: S105 -- the name of a stamp
#: Of views that look at no token at all.
NO_TOKEN = "__cms_looks_at_no_token__"  # noqa: S105 -- the name of a stamp
#: Of views that take no personal token: the sentence that one is answered with (403).
NOT_BY_TOKEN = "__cms_takes_no_personal_token__"  # noqa: S105 -- the name of a stamp
#: Of views that ask for more than the permission they are stamped with: what for, by permission.
FURTHER = "__cms_may_need_besides__"
#: Of views that change nothing, whatever their method says.
CHANGES_NOTHING = "__cms_changes_nothing__"

View = TypeVar("View", bound=Callable[..., object])


def is_api(path: str) -> bool:
    """Tell whether a path lies below /api."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def reads_its_token(view: View) -> View:
    """Declare that the token of `Authorization` stands for nobody here: the view itself says what it is worth."""
    setattr(view, _OWN_TOKEN, True)
    return view


def looks_at_no_token(view: View) -> View:
    """Declare that `Authorization` means nothing here: who signs in often sends a header along that ended long ago."""
    setattr(view, NO_TOKEN, True)
    return view


def not_by_token(sentence: Text) -> Callable[[View], View]:
    """Declare that a personal token does not do here, whatever it names: it is refused with `sentence` (403)."""

    def stamp(view: View) -> View:
        setattr(view, NOT_BY_TOKEN, sentence)
        return view

    return stamp


def may_need(further: Mapping[str, str]) -> Callable[[View], View]:
    """Declare which permissions the actions behind a view ask for besides, and for what (`to name other authors`).

    It is said in the document; what is asked for is asked by the policies.
    """

    def stamp(view: View) -> View:
        setattr(view, FURTHER, dict(further))
        return view

    return stamp


def changes_nothing(view: View) -> View:
    """Declare that a view only looks, although what it is asked comes by a method that changes things."""
    setattr(view, CHANGES_NOTHING, True)
    return view


def come_in() -> None:
    """Say who asks, before anybody else wonders. What is wrong with a token is told by `turn_away`.

    In between the request is counted, as a stranger's: whoever tries tokens is held up, too.
    """
    if not is_api(request.path):
        return
    come_as(None)
    try:
        _show_token()
    except CmsError as error:
        g.masthead_turned_away = error


def turn_away() -> None:
    """Raise what is wrong with the token that was shown (Unauthenticated and its kin)."""
    error: CmsError | None = g.pop("masthead_turned_away", None)
    if error is not None:
        raise error


def _show_token() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and stamp_of(view, request.method, NO_TOKEN):
        say_of_no_token()
        return
    if view is not None and stamp_of(view, request.method, _OWN_TOKEN):
        return
    secret = shown_token()
    if secret is not None:
        come_as(find_bearer(secret))


def shown_token() -> str | None:
    """Return the token of `Authorization: Bearer`, None without that header; raises Unauthenticated for any other."""
    given = request.headers.getlist("Authorization")
    if not given:
        return None
    scheme, _space, secret = given[0].strip().partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer":
        raise Unauthenticated(_("Send one header of the form Authorization: Bearer, with your token behind it."))
    return secret.strip()


def check_stamp() -> Response | None:
    """Let a request pass that may use its route at all; policies decide on the single thing.

    Whoever asks which methods there are (OPTIONS) is told at once.
    """
    if request.method == "OPTIONS" and request.url_rule is not None:
        return Response(status=204, headers={"Allow": ", ".join(sorted(request.url_rule.methods or ()))})
    view = current_app.view_functions.get(request.endpoint or "")
    declared = route_permission(request.endpoint or "", view, request.method) if view is not None else None
    if declared is None:
        raise NotFound
    if declared != PUBLIC:
        someone = person()
        refused = stamp_of(view, request.method, NOT_BY_TOKEN)
        if refused is not None and is_narrowed(someone):
            raise Forbidden(str(refused))
        if declared != SIGNED_IN:
            require_some(someone, declared)
    return None


def require_some(someone: User, name: str) -> None:
    """Raise Forbidden unless `someone` holds a permission in some extent.

    It is InsufficientScope where nothing but the personal token in hand stands between the person and the permission.
    """
    if may_some(someone, name):
        return
    if someone.narrowed_to is not None and name not in someone.narrowed_to:
        extents = {row.extent.partition(":")[0] for row in someone.held if row.permission == name}
        if not extents.isdisjoint(registry.get(name).extents):
            raise InsufficientScope(name)
    raise Forbidden


@dataclass(frozen=True)
class _Whole:
    """A person with all that their roles allow, whatever the token in hand names: to ask policies about."""

    id: int | None
    is_active: bool
    grants: frozenset[Grant]


def blame_token(allowed: Callable[[Actor], bool], *names: str) -> None:
    """Raise InsufficientScope where a policy refuses whoever asks for want of one of `names` in their token alone.

    For what depends on the thing in hand; in all other cases the action behind it says who may.
    """
    someone = person()
    lacking = [name for name in names if someone.narrowed_to is not None and name not in someone.narrowed_to]
    if not lacking or allowed(someone):
        return
    held = frozenset(Grant(row.permission, row.extent) for row in someone.held)
    if allowed(_Whole(someone.id, someone.is_active, held)):
        raise InsufficientScope(lacking[0])


def person() -> User:
    """Return who asks; raises Unauthenticated for nobody."""
    someone = current_person()
    if someone is None:
        raise Unauthenticated
    return someone


def caller() -> User | None:
    """Return who asks, None for nobody."""
    return current_person()
