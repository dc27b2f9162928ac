"""The records of people: who they are, what they may do, by what they are known, where they are signed in."""

from cms.accounts.models.factor import Authenticator, EmailChange, Identity, Passkey, RecoveryCode
from cms.accounts.models.role import Group, Role, RoleGrant, group_roles, groups_users, roles_users
from cms.accounts.models.sign_in import Challenge, Device, Limit, SignIn
from cms.accounts.models.token import PersonalToken, RefreshToken
from cms.accounts.models.user import AuthorAddress, User, every_role, new_uniquifier

__all__ = [
    "Authenticator",
    "AuthorAddress",
    "Challenge",
    "Device",
    "EmailChange",
    "Group",
    "Identity",
    "Limit",
    "Passkey",
    "PersonalToken",
    "RecoveryCode",
    "RefreshToken",
    "Role",
    "RoleGrant",
    "SignIn",
    "User",
    "every_role",
    "group_roles",
    "groups_users",
    "new_uniquifier",
    "roles_users",
]
