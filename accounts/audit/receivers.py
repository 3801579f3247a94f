"""Receivers that record allauth's and Django's signals in the audit trail."""

from typing import Any

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.audit.sign_in import methods_used, record, record_about_address
from accounts.models import AuditAction, User

_PASSWORD_ACTIONS: dict[Signal, AuditAction] = {
    account.password_set: AuditAction.PASSWORD_SET,
    account.password_changed: AuditAction.PASSWORD_CHANGED,
    account.password_reset: AuditAction.PASSWORD_RESET,
}


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: User, **_about: Any) -> None:
    record(AuditAction.SIGNED_IN, user, actor=user, note=methods_used(request, user))


@receiver(user_logged_out)
def signed_out(user: User | None, **_about: Any) -> None:
    """`user` is None if no user was signed in in this browser."""
    if user is not None:
        record(AuditAction.SIGNED_OUT, user, actor=user)


@receiver(user_login_failed)
def password_was_wrong(credentials: dict[str, Any], **_about: Any) -> None:
    """Record the email address; Django has removed the password from `credentials`."""
    record_about_address(AuditAction.SIGN_IN_FAILED, credentials.get("email") or "", note="password")


@receiver([account.login_code_rejected, account.password_reset_code_rejected, account.email_verification_code_rejected])
def mailed_code_was_wrong(user: User, **_about: Any) -> None:
    record(AuditAction.SIGN_IN_FAILED, user, note="code")


@receiver(mfa.authentication_failed)
def second_step_was_wrong(user: User, authenticator: Authenticator, **_about: Any) -> None:
    record(AuditAction.SIGN_IN_FAILED, user, note=authenticator.type)


@receiver(mfa.authenticator_added)
@receiver(mfa.authenticator_reset)
def factor_added(user: User, authenticator: Authenticator, **_about: Any) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    action = AuditAction.RECOVERY_CODES_MADE if is_codes else AuditAction.FACTOR_ADDED
    record(action, user, actor=user, note="" if is_codes else authenticator.type)


@receiver(mfa.authenticator_removed)
def factor_removed(user: User, authenticator: Authenticator, **_about: Any) -> None:
    """Record a removed app or key, not the recovery codes that are removed with the last one."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record(AuditAction.FACTOR_REMOVED, user, actor=user, note=authenticator.type)


@receiver(list(_PASSWORD_ACTIONS))
def password_changed(signal: Signal, user: User, **_about: Any) -> None:
    record(_PASSWORD_ACTIONS[signal], user, actor=user)


@receiver(account.email_changed)
def email_changed(
    user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_about: Any
) -> None:
    """Record both addresses. The first address of an account is not a change."""
    if from_email_address is not None:
        address = to_email_address.email
        record(
            AuditAction.EMAIL_CHANGED, user, actor=user, address=address, note=f"{from_email_address.email} → {address}"
        )


@receiver(account.email_removed)
def email_removed(user: User, email_address: EmailAddress, **_about: Any) -> None:
    record(AuditAction.EMAIL_REMOVED, user, actor=user, address=email_address.email)


@receiver(social.social_account_added)
def social_connected(sociallogin: SocialLogin, **_about: Any) -> None:
    user = sociallogin.user
    record(AuditAction.SOCIAL_CONNECTED, user, actor=user, note=sociallogin.account.provider)


@receiver(social.social_account_removed)
def social_removed(socialaccount: SocialAccount, **_about: Any) -> None:
    record(AuditAction.SOCIAL_REMOVED, socialaccount.user, actor=socialaccount.user, note=socialaccount.provider)
