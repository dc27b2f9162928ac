"""What can be done with people and roles: one verb a module, policy first."""

from cms.accounts.actions.accept_invitation import accept_invitation
from cms.accounts.actions.assign_roles import add_role, assign_roles, remove_role
from cms.accounts.actions.change_email import change_email
from cms.accounts.actions.change_members import change_members
from cms.accounts.actions.clone_role import clone_role
from cms.accounts.actions.create_group import create_group
from cms.accounts.actions.create_role import create_role
from cms.accounts.actions.create_token import create_token
from cms.accounts.actions.create_user import create_user
from cms.accounts.actions.deactivate_user import deactivate_user
from cms.accounts.actions.delete_group import delete_group
from cms.accounts.actions.delete_role import delete_role
from cms.accounts.actions.delete_user import delete_user
from cms.accounts.actions.edit_group import edit_group
from cms.accounts.actions.edit_profile import edit_profile
from cms.accounts.actions.edit_role import edit_role
from cms.accounts.actions.end_sessions import end_sessions
from cms.accounts.actions.erase_user import erase_address, erase_user
from cms.accounts.actions.export_people import export_people
from cms.accounts.actions.export_user import export_user
from cms.accounts.actions.invite_user import invite_user, send_invitation
from cms.accounts.actions.merge_user import merge_user
from cms.accounts.actions.reactivate_user import reactivate_user
from cms.accounts.actions.register_user import register_user
from cms.accounts.actions.reset_password import send_reset
from cms.accounts.actions.restore_group import restore_group
from cms.accounts.actions.restore_role import restore_role
from cms.accounts.actions.revoke_token import revoke_token, revoke_tokens
from cms.accounts.actions.see_as import see_as_role, see_as_user
from cms.accounts.actions.stop_seeing import stop_seeing
from cms.accounts.actions.withdraw_invitation import withdraw_invitation

__all__ = [
    "accept_invitation",
    "add_role",
    "assign_roles",
    "change_email",
    "change_members",
    "clone_role",
    "create_group",
    "create_role",
    "create_token",
    "create_user",
    "deactivate_user",
    "delete_group",
    "delete_role",
    "delete_user",
    "edit_group",
    "edit_profile",
    "edit_role",
    "end_sessions",
    "erase_address",
    "erase_user",
    "export_people",
    "export_user",
    "invite_user",
    "merge_user",
    "reactivate_user",
    "register_user",
    "remove_role",
    "restore_group",
    "restore_role",
    "revoke_token",
    "revoke_tokens",
    "see_as_role",
    "see_as_user",
    "send_invitation",
    "send_reset",
    "stop_seeing",
    "withdraw_invitation",
]
