"""Passkeys on the person's own page: add, rename, remove; and showing one to confirm that it is you."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from cms.accounts import trying
from cms.accounts.account_page import PASSKEYS, Section, register_section
from cms.accounts.account_views import blueprint, signed_in_person
from cms.accounts.actions.add_passkey import add_passkey
from cms.accounts.actions.remove_passkey import remove_passkey
from cms.accounts.actions.rename_passkey import rename_passkey
from cms.accounts.answers import for_scripts, sent
from cms.accounts.confinement import while_confined
from cms.accounts.device_names import name_device
from cms.accounts.factor_guard import with_both_factors
from cms.accounts.factors import factors_of
from cms.accounts.freshness import Way, add_way, fresh
from cms.accounts.models import Passkey, User
from cms.accounts.passkey_answers import refuse_copied, verify_new_passkey, verify_passkey_answer
from cms.accounts.passkey_questions import CONFIRM, ask_for_new, ask_for_passkey
from cms.accounts.passkeys import find_passkey, list_passkeys
from cms.accounts.people import current_sign_in_id
from cms.core.db import transaction
from cms.core.errors import CmsError, Conflict, Invalid
from cms.core.i18n import _, gettext
from cms.core.permissions import signed_in


@dataclass(frozen=True)
class ShownPasskey:
    """A passkey in the list."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    #: Whether it is kept by a password manager or an account, and so on other devices too.
    backed_up: bool


@dataclass(frozen=True)
class PasskeysSection:
    """The passkeys of a person, and what a new one is called unless they say otherwise."""

    passkeys: Sequence[ShownPasskey]
    suggested: str


def build_passkeys(user: User) -> PasskeysSection:
    """Return what the section shows."""
    shown = [
        ShownPasskey(item.id, item.name, item.created_at, item.last_used_at, item.backed_up)
        for item in list_passkeys(user.id)
    ]
    return PasskeysSection(shown, str(name_device(request.user_agent.string)))


register_section(PASSKEYS, Section("passkeys", "account/_passkeys.html", build_passkeys))


@blueprint.post("/account/passkeys/question")
@signed_in
@while_confined
@fresh
@for_scripts
@with_both_factors
def ask_for_new_passkey() -> dict[str, Any]:
    """Return what a browser is asked to make a passkey with."""
    with transaction() as session:
        return ask_for_new(session.get_one(User, signed_in_person().id))


@blueprint.post("/account/passkeys/new")
@signed_in
@while_confined
@fresh
@for_scripts
@with_both_factors
def add_new_passkey() -> dict[str, Any]:
    """Keep the passkey that a browser has made; return where to go on."""
    told, me = sent(), signed_in_person()
    name = str(told.get("name") or "").strip() or str(name_device(request.user_agent.string))
    with transaction() as session:
        user = session.get_one(User, me.id, with_for_update=True)
        made = verify_new_passkey(told.get("answer"), user)
        add_passkey(user, made, name=name[:60], by=user, sign_in_id=current_sign_in_id())
    flash(gettext("The passkey is added. From now on you can sign in with it."), "success")
    return {"next": after_set_up(me.id, "passkeys")}


def after_set_up(user_id: int, section: str) -> str:
    """Return where somebody goes on who has set a factor up: to recovery codes, as long as there are none."""
    if factors_of(user_id).recovery_codes == 0:
        return url_for("accounts.recovery_codes")
    return url_for("accounts.account") + f"#{section}"


@blueprint.post("/account/passkeys/<int:passkey_id>")
@signed_in
@fresh
@with_both_factors
def rename_own_passkey(passkey_id: int) -> Response:
    """Call a passkey something else."""
    try:
        with transaction():
            rename_passkey(_own(passkey_id), name=request.form.get("name", ""), by=signed_in_person())
    except Invalid as error:
        flash(error.message, "error")
    else:
        flash(gettext("Saved."), "success")
    return redirect(url_for("accounts.account") + "#passkeys", 303)


@blueprint.post("/account/passkeys/<int:passkey_id>/remove")
@signed_in
@fresh
@with_both_factors
def remove_own_passkey(passkey_id: int) -> Response:
    """Let a passkey open nothing any more."""
    try:
        with transaction():
            remove_passkey(_own(passkey_id), by=signed_in_person())
    except Conflict as error:
        flash(error.message, "error")
    else:
        flash(gettext("The passkey opens nothing any more. Remove it from your device, too."), "success")
    return redirect(url_for("accounts.account") + "#passkeys", 303)


def _own(passkey_id: int) -> Passkey:
    found = find_passkey(signed_in_person().id, passkey_id)
    if found is None:
        raise NotFound
    return found


# -- is it you? --------------------------------------------------------------------------------------------


@blueprint.post("/account/passkeys/confirm")
@signed_in
@while_confined
@for_scripts
def ask_to_confirm() -> dict[str, Any]:
    """Return what a browser is asked to show a passkey of the signed-in person with."""
    return ask_for_passkey(CONFIRM, signed_in_person())


def is_confirmed_by_passkey(user: User, answer: str) -> bool:
    """Tell whether a passkey of `user` was shown, as the page "Is it you?" sends it: JSON in a field."""

    def check() -> bool:
        try:
            with transaction():
                shown = verify_passkey_answer(json.loads(answer), purpose=CONFIRM, user=user)
            refuse_copied(shown)
        except (CmsError, ValueError):
            return False
        return True

    return trying.is_confirmed(user, check)


add_way(
    Way(
        "passkey",
        lambda person: bool(list_passkeys(person.id)),
        is_confirmed_by_passkey,
        "security/_confirm_passkey.html",
        _("The passkey was not right. Please try again."),
    )
)
