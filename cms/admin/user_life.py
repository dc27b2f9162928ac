"""What happens to accounts in the back office: closed, opened, merged, deleted, and the list taken along."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from flask_admin import expose

from cms.accounts import policies
from cms.accounts.actions import (
    deactivate_user,
    delete_user,
    merge_user,
    reactivate_user,
    revoke_tokens,
    send_invitation,
    send_reset,
    withdraw_invitation,
)
from cms.accounts.models import User
from cms.admin.access import person
from cms.admin.base import Answer, ServiceModelView
from cms.admin.messages import tell
from cms.admin.user_confirming import closing, deletion, merging, revocation, withdrawal
from cms.admin.user_export import export_answer
from cms.core.db import after_commit, transaction
from cms.core.errors import Forbidden, Invalid, NotFound
from cms.core.i18n import Text, _
from cms.core.permissions import permission

#: What is done with an account by a button, and what is told afterwards.
_ACTS: dict[str, tuple[Any, Text]] = {
    "deactivate": (deactivate_user, _("The account is closed; whoever used it is signed out.")),
    "reactivate": (reactivate_user, _("The account is open again.")),
    "invite": (send_invitation, _("The invitation is on its way; older links stop working.")),
    "reset": (send_reset, _("The mail with the link is on its way.")),
    "tokens": (revoke_tokens, _("The personal tokens open nothing any more.")),
    "withdraw": (withdraw_invitation, _("The invitation is taken back; its link is void.")),
}
#: Those that have a page which says before what goes.
_PAGES = {"deactivate": closing, "tokens": revocation, "withdraw": withdrawal}


class UserLife(ServiceModelView):
    """The part of the view of people that is about their accounts."""

    @expose("/<key>/account/", methods=("GET", "POST"))
    @permission(policies.LIST_PEOPLE)
    def account(self, key: str) -> Answer:
        """Say what goes with an act on an account, or do it: close, open, or send its person a mail."""
        name = request.args.get("act", "")
        user: User = self.get_one(key)
        if request.method != "POST":
            if name not in _PAGES:
                raise NotFound
            return self.render("admin/confirm.html", confirm=_PAGES[name](user, person()))
        if not (policies.may_deactivate(person(), user) or policies.may_withdraw(person(), user)):
            raise Forbidden(_("You may not do this with this account. An admin can."))
        if name not in _ACTS:
            raise Invalid(_("There is no such button. Reload the page and try again."))
        act, sentence = _ACTS[name]
        with transaction():
            gone = act(self.get_one(key), by=person())
        tell(sentence)
        if gone:
            return redirect(self.get_url(".index_view", view="invited"), 303)
        return redirect(self.get_url(".edit_view", key=key), 303)

    def confirm_delete(self, model: Any) -> Answer:
        """Say what goes with an account, and ask who takes over what it made."""
        return self.render("admin/confirm.html", confirm=deletion(model, person()))

    def delete_model(self, model: Any) -> bool:
        """Delete an account, handing over what it made."""
        heir_id = request.form.get("heir", "")
        heir = self.get_one(heir_id) if heir_id else None
        name = model.name
        delete_user(model, hand_over_to=heir, by=person())
        after_commit(lambda: tell(_("The account of %(name)s is deleted.", name=name)))
        return True

    @expose("/<key>/merge/", methods=("GET", "POST"))
    @permission(policies.DELETE)
    def merge(self, key: str) -> Answer:
        """Say what goes when two accounts become one, or merge them."""
        user: User = self.get_one(key)
        chosen = request.form.get("into", "")
        if request.method != "POST":
            return self.render("admin/confirm.html", confirm=merging(user, None, person()))
        if not chosen:
            raise Invalid(_("Choose the account that stays."))
        name = user.name
        with transaction():
            into: User = self.get_one(chosen)
            merge_user(self.get_one(key), into=into, by=person())
            into_id = into.id
        tell(_("The account of %(name)s is merged with this one.", name=name))
        return redirect(self.get_url(".edit_view", key=into_id), 303)

    @expose("/export/", methods=("POST",))
    @permission(policies.EXPORT)
    def take_along(self) -> Answer:
        """Give the people of the list as a file, which the record keeps."""
        return export_answer(request.form.get("form", ""))
