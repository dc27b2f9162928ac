"""What went wrong, told inside the frame: what it was, what was kept, who can help, where to go."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from cms.accounts.lists import PersonFilter, list_people
from cms.accounts.models import User
from cms.accounts.people import current_person
from cms.accounts.policies import may_enter_office
from cms.accounts.roles import ADMIN, role_label
from cms.core.errors import CmsError, OutcomeUnknown
from cms.core.i18n import Text, _, gettext
from cms.core.permissions import system_user

_TITLES: dict[int, Text] = {
    400: _("That did not arrive as it should"),
    403: _("You may not do this"),
    404: _("There is nothing here"),
    405: _("There is nothing here"),
    409: _("Somebody else was faster"),
    413: _("This is too large"),
    422: _("That cannot be done as it is"),
    503: _("That cannot be done just now"),
}
_NOTHING = _("Nobody put anything at this address, or it is not for you to see.")
_PILLS: dict[int, Text] = {403: _("Not allowed (403)"), 404: _("Not found (404)")}


@dataclass(frozen=True)
class Way:
    """A way on from an error."""

    label: Text
    address: str


def error_page(error: CmsError) -> Response:
    """Return the page for an error of ours, in the frame; JSON where a script asked."""
    title = _("It may be saved or not") if isinstance(error, OutcomeUnknown) else None
    return _answer(error.status, str(_NOTHING) if error.status == 404 else error.message, title)


def handle_http_error(error: HTTPException) -> Response:
    """Return the page for an error of HTTP, in the frame."""
    status = error.code or 500
    if isinstance(error, CSRFError):
        sentence = _("The form was open too long, or you signed in anew. Go back, reload the page and send it again.")
        return _answer(status, str(sentence))
    return _answer(status, str(_NOTHING if status in (404, 405) else _("Nothing was changed. Go back and try again.")))


def _answer(status: int, sentence: str, title: Text | None = None) -> Response:
    made = make_response({"error": sentence} if wants_json() else _page(status, sentence, title), status)
    if status == 503:
        made.headers["Retry-After"] = "30"
    return made


def _page(status: int, sentence: str, title: Text | None) -> str:
    someone, ask = current_person(), None
    title, sentences = str(title or _TITLES.get(status, _("Something did not work"))), [sentence]
    if status == 403 and someone is not None:
        title, rest = _headline(sentence)
        sentences, ask = _who_can(someone, rest)
    return render_template(
        "admin/error.html",
        status=status,
        title=title,
        pill=_PILLS.get(status, _("Error (%(status)s)", status=status)),
        mark="lock" if status == 403 else "circle-help" if status == 404 else "circle-alert",
        sentences=sentences,
        ask=ask,
        back=_way_back(someone),
    )


def _headline(text: str) -> tuple[str, str]:
    """Return the first sentence as a headline, without its full stop, and the rest."""
    first, stop, rest = text.partition(". ")
    return (first, rest) if stop else (text.rstrip("."), "")


def _who_can(someone: User, rest: str) -> tuple[list[str], User | None]:
    """Return the sentences of a 403 and the first admin, whom one can ask."""
    roles = ", ".join(role_label(role) for role in someone.roles) or gettext("without a role")
    first = gettext("You are signed in as %(name)s (%(roles)s).", name=someone.name, roles=roles)
    found = list_people(PersonFilter(view="staff", role=ADMIN), user=system_user(), limit=5)
    admins = [user for user in found if user.id != someone.id]
    sentences = [" ".join(part for part in (first, rest, gettext("Nothing was changed.")) if part)]
    if admins:
        names = ", ".join(user.name for user in admins)
        sentences.append(gettext("Admins here: %(names)s.", names=names))
    return sentences, admins[0] if admins else None


def _way_back(someone: User | None) -> Way:
    if may_enter_office(someone):
        return Way(_("To the dashboard"), url_for("admin.index"))
    return Way(_("To the site"), "/")


def wants_json() -> bool:
    """Tell whether a script asked, which reads JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" or request.path.endswith(".json")


def frame_errors(blueprint: Blueprint) -> None:
    """Have the errors of a part of the back office told in the frame; what is broken (500) has a page of its own."""
    blueprint.register_error_handler(CmsError, error_page)
    for code in (400, 403, 404, 405, 413, 415, 422, 429):
        blueprint.register_error_handler(code, handle_http_error)
