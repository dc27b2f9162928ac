"""Personal tokens on the person's own page: what there is, making one, seeing its secret once, revoking it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from cms.accounts.account_page import TOKENS, Section, register_section
from cms.accounts.account_views import back_of, blueprint, signed_in_person
from cms.accounts.actions.create_token import LONGEST_NAME, create_token
from cms.accounts.actions.revoke_token import revoke_token
from cms.accounts.factor_guard import with_both_factors
from cms.accounts.freshness import fresh
from cms.accounts.models import User
from cms.accounts.personal_tokens import get_token
from cms.accounts.token_page import ShownToken, held_rights, shown_token, shown_tokens
from cms.core.db import transaction
from cms.core.errors import CmsError, Conflict, Invalid
from cms.core.i18n import Text, _, gettext
from cms.core.permissions import signed_in

_USUAL_DAYS = 30
_DAYS: dict[int, Text] = {
    7: _("in 7 days"),
    30: _("in 30 days"),
    90: _("in 90 days"),
    365: _("in a year"),
}


@dataclass(frozen=True)
class TokensSection:
    """The tokens of a person."""

    tokens: Sequence[ShownToken]


@dataclass(frozen=True)
class TokenMade:
    """A new token with its secret, this once."""

    token: ShownToken
    secret: str


class TokenForm(FlaskForm):
    """What a new token is called, how long it lasts and what it may do."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Give it a name.")), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "off"},
    )
    days = SelectField(_("It ends"), coerce=int, default=_USUAL_DAYS)
    scopes = SelectMultipleField(_("What it may do"), validate_choice=False)


register_section(TOKENS, Section("tokens", "account/_tokens.html", lambda user: TokensSection(shown_tokens(user))))


@blueprint.route("/account/tokens/new", methods=["GET", "POST"])
@signed_in
@fresh
@with_both_factors
def new_token() -> str | tuple[str, int]:
    """Ask what a new token may do; make it, and show its secret this once."""
    me, form = signed_in_person(), TokenForm()
    form.days.choices = {str(days): str(words) for days, words in _DAYS.items()}
    if not form.validate_on_submit():
        return _form_page(form, me), 422 if form.errors else 200
    try:
        with transaction() as session:
            user = session.get_one(User, me.id)
            token, secret = create_token(
                user, name=form.name.data or "", scopes=form.scopes.data or [], days=form.days.data, by=user
            )
    except (Invalid, Conflict) as error:
        _note(form, error)
        return _form_page(form, me), error.status
    made = TokenMade(shown_token(token, me), secret)
    return render_template("account/token_made.html", page=made, back=back_of(me))


def _note(form: TokenForm, error: CmsError) -> None:
    fields = error.fields if isinstance(error, Invalid) else {}
    for name, sentence in fields.items():
        form[name].errors = [*form[name].errors, str(sentence)]
    if not fields:
        form.form_errors = [*form.form_errors, error.message]


def _form_page(form: TokenForm, me: User) -> str:
    ticked = set(form.scopes.data or ())
    return render_template("account/token_new.html", form=form, groups=held_rights(me), ticked=ticked, back=back_of(me))


@blueprint.route("/account/tokens/<int:token_id>/revoke", methods=["GET", "POST"])
@signed_in
def revoke_own_token(token_id: int) -> str | Response:
    """Say which token stops working, or let it open nothing any more."""
    me = signed_in_person()
    token = get_token(token_id, of=me)
    if request.method != "POST":
        return render_template("account/token_revoke.html", token=shown_token(token, me), back=back_of(me))
    with transaction():
        mine = signed_in_person()
        revoke_token(get_token(token_id, of=mine), by=mine)
    flash(gettext("The token opens nothing any more."), "success")
    return redirect(url_for("accounts.account") + "#tokens", 303)
