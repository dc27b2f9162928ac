"""What can be done with people and roles: one verb a module, policy first."""

from cms.accounts.actions.accept_invitation import accept_invitation
from cms.accounts.actions.assign_roles import add_role, assign_roles, remove_role
from cms.accounts.actions.change_email import change_email
from cms.accounts.actions.create_user import create_user
from cms.accounts.actions.deactivate_user import deactivate_user
from cms.accounts.actions.delete_user import delete_user
from cms.accounts.actions.edit_profile import edit_profile
from cms.accounts.actions.end_sessions import end_sessions
from cms.accounts.actions.invite_user import invite_user, send_invitation
from cms.accounts.actions.reactivate_user import reactivate_user
from cms.accounts.actions.register_user import register_user
from cms.accounts.actions.reset_password import send_reset

__all__ = [
    "accept_invitation",
    "add_role",
    "assign_roles",
    "change_email",
    "create_user",
    "deactivate_user",
    "delete_user",
    "edit_profile",
    "end_sessions",
    "invite_user",
    "reactivate_user",
    "register_user",
    "remove_role",
    "send_invitation",
    "send_reset",
]
