"""Acts that matter need that the person has just shown that it is them ("step-up").

A route says so with a decorator, below its permission:

    @blueprint.post("/account/passkeys/<int:key>/delete")
    @signed_in
    @fresh
    def delete_passkey(key: int) -> Response: ...

A view of the back office names its methods: `fresh = frozenset({"create_view", "edit_view"})` (see `Closed`). Where
only some of what a route does matters, it calls `require_fresh()` itself, before its transaction.

What is safe (GET, HEAD) always goes on, so an act that matters is never a GET; an export of personal data is a POST.
Everything else goes on when the person signed in or confirmed within FRESH_FOR, as the row of the sign-in says: a
copy of the cookie says nothing. Otherwise the answer is 403 with a page that holds every field that was sent, asks
"Is it you?" and posts to the same address; with the right answer the act goes on as if nothing had been between, and
nothing that was typed is lost (files apart, which a page cannot hold). A script, which asks for JSON, gets 403 with
`confirm`, the address of a page for confirming (`/verify`).

By what one confirms: the password, and whatever `add_way` names. A wrong answer counts in `limits`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Update, select, update
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.wrappers import Response as AnyResponse

from cms.accounts import limits, passwords, trying
from cms.accounts.datastore import at_commit, keep_changes
from cms.accounts.models import SignIn, User
from cms.accounts.people import current_person, current_sign_in_id
from cms.accounts.redirects import is_safe_target
from cms.core.db import current_session, in_transaction
from cms.core.errors import Forbidden
from cms.core.i18n import Text, _
from cms.lib.clock import utcnow

#: For how long a sign-in or a confirmation counts.
FRESH_FOR = timedelta(minutes=15)
#: Fields of the page itself, which no act ever sees; the rest of the name is that of the way.
PREFIX = "masthead-confirm-"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_NEVER_CARRIED = "csrf_token"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Way:
    """A way to show that it is you: its name, what is wrong if the answer is, and the part of the page that asks.

    `is_open` tells whether a person has this way, `check` whether an answer (the text of the field
    `masthead-confirm-<name>`) is right; it hashes and counts, outside any transaction. `template` renders the field.
    """

    name: str
    is_open: Callable[[User], bool]
    check: Callable[[User, str], bool]
    template: str
    wrong: Text

    @property
    def field(self) -> str:
        """The name of the field that holds the answer."""
        return PREFIX + self.name


_ways: dict[str, Way] = {}


def add_way(way: Way) -> None:
    """Let people confirm by another way as well; the page asks in the order in which ways were added."""
    _ways[way.name] = way


def ways_of(person: User) -> Sequence[Way]:
    """Return the ways by which a person can confirm."""
    return [way for way in _ways.values() if way.is_open(person)]


add_way(
    Way(
        "password",
        lambda person: bool(person.password),
        lambda person, answer: trying.is_confirmed(person, lambda: passwords.is_right(person, answer)),
        "security/_confirm_password.html",
        _("This is not your password."),
    )
)


@dataclass(frozen=True)
class Confirmation:
    """What the page shows: who is asked, by which ways, what was wrong, and what is carried to the act."""

    email: str
    ways: Sequence[Way]
    problem: Text | None
    address: str
    carried: Sequence[tuple[str, str]]
    had_files: bool
    back: str


class ConfirmFirst(Exception):  # noqa: N818 -- not an error: the page it becomes goes on to the act
    """The person is asked to show that it is them; becomes the page, whichever part of the site was asked."""

    def __init__(self, problem: Text | None = None, status: int = 403) -> None:
        super().__init__(problem)
        self.problem = problem
        self.status = status


def fresh(view: View) -> View:
    """Hold a route up, unless its method is safe, until the person has shown within FRESH_FOR that it is them."""

    @wraps(view)
    def confirmed(*args: Any, **kwargs: Any) -> Any:
        if request.method not in _SAFE and current_person() is None:
            return redirect(url_for("security.login"))
        require_fresh()
        return view(*args, **kwargs)

    return cast(View, confirmed)


def require_fresh() -> None:
    """Pass for safe methods and for who has just shown that it is them, or does so with this very request.

    Raises ConfirmFirst (the page), Forbidden for a stranger, and RuntimeError inside a transaction, in which no
    password is hashed.
    """
    person = current_person()
    if request.method in _SAFE:
        return
    if person is None:
        raise Forbidden(_("Sign in to go on."))
    if in_transaction():
        raise RuntimeError("Whether it is them is asked before the transaction.")
    answered = [way for way in ways_of(person) if request.form.get(way.field)]
    tried = any(name.startswith(PREFIX) for name in request.form)
    if is_fresh():
        _forget_answers()
        return
    if not answered:
        raise ConfirmFirst(_("Fill in what you are asked for.") if tried else None)
    way = answered[0]
    try:
        is_right = way.check(person, request.form[way.field])
    except limits.TooManyTries as error:
        limits.answer_too_many(error)
        raise ConfirmFirst(error.message, error.status) from None
    if not is_right:
        raise ConfirmFirst(way.wrong)
    note_confirmed()
    _forget_answers()


def is_fresh(*, now: datetime | None = None) -> bool:
    """Tell whether the person signed in or confirmed within FRESH_FOR. One query."""
    confirmed_at = current_session().scalar(select(SignIn.confirmed_at).where(SignIn.id == current_sign_in_id()))
    return confirmed_at is not None and confirmed_at + FRESH_FOR > (now or utcnow())


def note_confirmed() -> None:
    """Keep that the person of this request has just shown that it is them."""
    noted = update(SignIn).where(SignIn.id == current_sign_in_id()).values(confirmed_at=utcnow())
    at_commit(lambda: _carry_out(noted))
    # With it what a library left changed (a password hash made anew), and the attempt that is given back.
    keep_changes()


def _carry_out(statement: Update) -> None:
    current_session().execute(statement)


def init_freshness(app: Flask) -> None:
    """Answer ConfirmFirst with the page, wherever it was raised."""
    app.register_error_handler(ConfirmFirst, confirmation_page)


def confirmation_page(wanted: ConfirmFirst) -> AnyResponse:
    """Return the page that asks the person, and carries what they sent."""
    person = current_person()
    if person is None:
        return redirect(url_for("security.login"))
    if request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html") != "text/html":
        sentence = str(wanted.problem or _("Confirm that it is you, then try again."))
        return make_response({"error": sentence, "confirm": url_for("security.verify")}, wanted.status)
    page = Confirmation(
        email=person.email,
        ways=ways_of(person),
        problem=wanted.problem,
        address=request.full_path.rstrip("?"),
        carried=[(name, value) for name, value in request.form.items(multi=True) if not _is_ours(name)],
        had_files=any(file.filename for file in request.files.values()),
        back=_way_back(),
    )
    response: Response = make_response(render_template("security/confirm.html", page=page), wanted.status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_ours(name: str) -> bool:
    return name == _NEVER_CARRIED or name.startswith(PREFIX)


def _way_back() -> str:
    """Return the page of ours that the form stands on."""
    came_from = urlsplit(request.referrer or "")
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    ours = came_from.netloc == request.host and is_safe_target(path)
    return path if ours else url_for("accounts.after_sign_in")


def _forget_answers() -> None:
    """Take the fields of the page out of the form, so that the act sees what the person sent it, and no more."""
    form: MultiDict[str, str] = MultiDict(
        (name, value) for name, value in request.form.items(multi=True) if not name.startswith(PREFIX)
    )
    # Where werkzeug keeps the parsed form.
    vars(cast(Any, request)._get_current_object())["form"] = ImmutableMultiDict(form)
