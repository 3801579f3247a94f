"""Users, who sign in with an email address."""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the address in lower case: two that differ in case belong to one user."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, email: str | None) -> "User":
        """Raises `User.DoesNotExist`."""
        return self.get(email=self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Without a password the user signs in with a mailed code or a provider."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def operators_with(self, permission: str) -> list["User"]:
        return [user for user in self.filter(is_active=True, is_staff=True) if user.has_perm(permission)]

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractBaseUser, PermissionsMixin):
    """A customer, an operator or both."""

    email = models.EmailField(_("email address"), unique=True)
    public_id = models.UUIDField(_("public ID"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("Can sign in to the admin."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Off while the account is suspended."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE, editable=False
    )
    wants_batch_mails = models.BooleanField(_("emails about batches"), default=True)
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    # Pending: only the first is set. Being erased: both. Erased: only the second (privacy.deletion).
    delete_at = models.DateTimeField(_("scheduled deletion"), null=True, blank=True, editable=False, db_index=True)
    erased_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    #: The permission of owners to appoint operators: who may change a group may give any permission.
    APPOINT: ClassVar[str] = "auth.change_group"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("email",)
        permissions = (("suspend_user", _("Can suspend user")),)

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the address in lower case, so that `unique` ignores case on any database."""
        self.email = UserManager.normalize_email(self.email)
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._session_hash, settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | None = None) -> str:
        # Django's hash plus the generation: incrementing it ends all sessions (accounts.sessions.ending).
        value = f"{self.password} {self.session_generation}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_operator(self) -> bool:
        return self.is_staff or self.is_superuser

    def may_be_changed_by(self, operator: Any) -> bool:
        """Return whether an operator may change this account. Only owners may change operators' accounts."""
        if self.is_superuser:
            return bool(operator.is_superuser)
        return not self.is_operator or bool(operator.has_perm(self.APPOINT))

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]
