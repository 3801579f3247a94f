"""Admin pages that join several apps: users and how they sign in."""

from operations.admin.groups import GroupAdmin
from operations.admin.moderation import ModerationCaseAdmin
from operations.admin.sign_in import AuthenticatorAdmin, SocialAccountAdmin, UserSessionAdmin
from operations.admin.users import UserAdmin

__all__ = [
    "AuthenticatorAdmin",
    "GroupAdmin",
    "ModerationCaseAdmin",
    "SocialAccountAdmin",
    "UserAdmin",
    "UserSessionAdmin",
]
