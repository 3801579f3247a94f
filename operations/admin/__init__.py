"""Admin pages that join several apps: users and how they sign in."""

from operations.admin import groups, moderation, sign_in, users

__all__ = ["groups", "moderation", "sign_in", "users"]
