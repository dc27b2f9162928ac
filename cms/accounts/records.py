"""How acts on people are kept, and taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

import cms.accounts.role_records
import cms.accounts.safety_records  # noqa: F401 -- importing registers
from cms.accounts import events
from cms.accounts.actions.assign_roles import assign_roles
from cms.accounts.actions.deactivate_user import deactivate_user
from cms.accounts.actions.edit_profile import edit_profile
from cms.accounts.actions.reactivate_user import reactivate_user
from cms.accounts.models import Role, User
from cms.core.db import current_session
from cms.core.errors import Conflict, NotFound
from cms.core.i18n import LazyString, _
from cms.core.permissions import Actor
from cms.core.trail import Act, Trace, Values, keep

_MAIL = _("A mail cannot be called back.")
_SIGNING_IN = _("Signing in and out is nothing that could be taken back. Sessions can be ended on the person’s page.")


def trace_of(
    user_id: int | None, by_id: int | None, before: Values | None = None, after: Values | None = None, name: str = ""
) -> Trace:
    """Return the trace of an act on a person, whose name is looked up where the event does not tell it."""
    user = current_session().get(User, user_id) if user_id is not None and not name else None
    title = user.name if user is not None else name
    about = (user_id,) if user_id is not None else ()
    return Trace("user", user_id, title, before or {}, after or {}, by_id, about)


def _own(event: Any) -> Trace:
    """Describe what somebody did with their own account."""
    return trace_of(event.user_id, event.user_id)


def _plain(event: Any) -> Trace:
    return trace_of(event.user_id, event.by_id)


def _created(event: events.UserCreated) -> Trace:
    user = current_session().get(User, event.user_id)
    after = {"name": event.name, "email": user.email if user is not None else "", "roles": list(event.roles)}
    return trace_of(event.user_id, event.by_id, after=after, name=event.name)


def _roles_changed(event: events.RolesChanged) -> Trace:
    before, after = {"roles": list(event.before)}, {"roles": list(event.after)}
    return trace_of(event.user_id, event.by_id, before, after)


def _deactivated(event: events.UserDeactivated) -> Trace:
    return trace_of(event.user_id, event.by_id, {"active": True}, {"active": False})


def _reactivated(event: events.UserReactivated) -> Trace:
    return trace_of(event.user_id, event.by_id, {"active": False}, {"active": True})


def _edited(event: events.ProfileEdited) -> Trace:
    return trace_of(event.user_id, event.by_id, event.before, event.after)


def _email(event: events.EmailChanged) -> Trace:
    return trace_of(event.user_id, event.by_id, {"email": event.before}, {"email": event.after})


def _deleted(event: events.UserDeleted) -> Trace:
    return trace_of(event.user_id, event.by_id, event.before, {"heir_id": event.heir_id}, event.name)


def _signed_in(event: events.SignedIn) -> Trace:
    return trace_of(event.user_id, event.user_id, after={"remembered": event.remembered})


def _seeing(event: events.SeeingBegan) -> Trace:
    subject, subject_id = ("user", event.user_id) if event.user_id is not None else ("role", event.role_id)
    about = (event.user_id,) if event.user_id is not None else ()
    return Trace(subject, subject_id, event.title, by_id=event.by_id, about=about)


def _stopped(event: events.SeeingEnded) -> Trace:
    subject, subject_id = ("user", event.user_id) if event.user_id is not None else ("role", event.role_id)
    return Trace(subject, subject_id, by_id=event.by_id)


def _data(event: events.PersonalDataExported | events.PersonalDataErased) -> Trace:
    trace = trace_of(event.user_id, event.by_id)
    if isinstance(event, events.PersonalDataErased):
        # The record must not keep the name that was just erased.
        return Trace("user", event.user_id, after={"records": event.records}, by_id=event.by_id)
    return trace


def _find(trace: Trace, now: dict[str, Any] | None = None) -> User:
    """Return the person of the trace; raises NotFound, and Conflict when they are not as the act left them."""
    user = current_session().get(User, trace.subject_id, with_for_update=True)
    if user is None:
        raise NotFound(_("This account is gone."))
    if any((now or {}).get(name, getattr(user, name, None)) != value for name, value in trace.after.items()):
        raise Conflict(_("This person was changed again since. Change what you mean to on their page."))
    return user


def undo_roles(trace: Trace, by: Actor) -> None:
    """Give a person exactly the roles they held before, through `assign_roles`."""
    session = current_session()
    user = _find(Trace("user", trace.subject_id))
    held, left = set(user.role_names), set(trace.after.get("roles", ()))
    if held != left:
        raise Conflict(_("%(name)s has been given other roles since. Change them on their page.", name=user.name))
    names = list(trace.before.get("roles", ()))
    roles = {role.name: role for role in session.scalars(select(Role).where(Role.name.in_(names)))}
    if set(roles) != set(names):
        raise Conflict(_("One of the roles of before does not exist any more."))
    assign_roles(user, [roles[name] for name in names], by=by)


def _undo_activity(trace: Trace, by: Actor) -> None:
    user = _find(trace)
    if trace.before.get("active"):
        reactivate_user(user, by=by)
    else:
        deactivate_user(user, by=by)


def _undo_profile(trace: Trace, by: Actor) -> None:
    edit_profile(_find(trace), dict(trace.before), by=by)


def _final(kind: type, name: str, sentence: LazyString, describe: Any, why: LazyString) -> None:
    keep(kind, Act(name, sentence, describe, final=why))


keep(events.RolesChanged, Act("user.roles_changed", _("gave %(title)s other roles"), _roles_changed, undo_roles))
keep(
    events.UserDeactivated, Act("user.deactivated", _("deactivated %(title)s’s account"), _deactivated, _undo_activity)
)
keep(
    events.UserReactivated, Act("user.reactivated", _("reactivated %(title)s’s account"), _reactivated, _undo_activity)
)
keep(events.ProfileEdited, Act("user.profile_edited", _("changed %(title)s’s profile"), _edited, _undo_profile))

_final(
    events.UserCreated,
    "user.created",
    _("made an account for %(title)s"),
    _created,
    _("Deactivate the account, or delete it, on the person’s page."),
)
_final(events.UserInvited, "user.invited", _("sent %(title)s an invitation"), _plain, _MAIL)
_final(events.ResetSent, "user.reset_sent", _("sent %(title)s a link to choose a new password"), _plain, _MAIL)
_final(
    events.RegistrationRepeated,
    "user.registration_repeated",
    _("asked for an account that %(title)s has already"),
    lambda event: trace_of(event.user_id, None),
    _MAIL,
)
_final(
    events.InvitationAccepted,
    "user.invitation_accepted",
    _("accepted the invitation and chose a password"),
    _own,
    _("Send a link to choose a new password, or deactivate the account."),
)
_final(
    events.EmailChanged,
    "user.email_changed",
    _("changed the mail address of %(title)s"),
    _email,
    _("What somebody signs in with is changed on their page, and confirmed by mail."),
)
_final(
    events.UserDeleted,
    "user.deleted",
    _("deleted %(title)s’s account"),
    _deleted,
    _("The account is gone with its password, and what it made belongs to somebody else. Invite the person again."),
)
_final(
    events.PasswordChanged,
    "user.password_changed",
    _("changed their password"),
    _own,
    _("Nobody knows the password of before. Send a link to choose a new one."),
)
_final(events.SignedIn, "user.signed_in", _("signed in"), _signed_in, _SIGNING_IN)
_final(events.SignedOut, "user.signed_out", _("signed out"), _own, _SIGNING_IN)
_final(events.SignInsEnded, "user.sign_ins_ended", _("signed %(title)s out everywhere"), _plain, _SIGNING_IN)
_final(
    events.SeeingBegan,
    "user.seeing_began",
    _("began to see the site as %(title)s"),
    _seeing,
    _("Looking changed nothing."),
)
_final(
    events.SeeingEnded, "user.seeing_ended", _("saw with their own eyes again"), _stopped, _("Looking changed nothing.")
)
_final(
    events.PersonalDataExported,
    "user.data_exported",
    _("exported the personal data of %(title)s"),
    _data,
    _("What was given out cannot be called back."),
)
_final(
    events.PersonalDataErased,
    "user.data_erased",
    _("erased the personal data of %(title)s"),
    _data,
    _("What is erased is nowhere any more."),
)
