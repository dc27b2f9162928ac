"""Changing what readers are told about a person."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from cms.accounts import fields, names
from cms.accounts.events import ProfileEdited
from cms.accounts.models import User
from cms.accounts.policies import may_edit_user
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.events import record
from cms.core.i18n import _
from cms.core.permissions import Actor, require
from cms.lib.confusables import skeleton

_NOT_EVEN_OWN = _("Your role, or the token in use, does not allow changing your profile.")


def edit_profile(user: User, entered: Mapping[str, object], *, by: Actor) -> None:
    """Change the fields of a profile named in `entered`: name, slug, biography, picture_id, links, time_zone, language.

    Raises Forbidden, and Invalid with a sentence for each field that cannot be taken, or is not of a profile.
    """
    require(may_edit_user(by, user), _NOT_EVEN_OWN if by.id == user.id else _("You may change only your own profile."))
    read = fields.read_fields(entered, of=user)
    changed = tuple(key for key, value in read.items() if getattr(user, key) != value)
    slug_before, before = user.slug, {key: getattr(user, key) for key in changed}
    if "name" in changed and not names.may_take_any_name(by):
        try:
            names.check_name(read["name"], of=user)
        except Invalid as error:
            raise Invalid(fields={"name": error.args[0]}) from None
    for key in changed:
        setattr(user, key, read[key])
    user.slug_skeleton = skeleton(user.slug)
    try:
        current_session().flush()
    except IntegrityError:
        if "picture_id" in changed:
            raise Invalid(fields={"picture_id": _("There is no such picture, or it is not yours to use.")}) from None
        raise
    if changed:
        after = {key: read[key] for key in changed}
        record(ProfileEdited(user.id, changed, slug_before, user.slug, by.id, before, after))
