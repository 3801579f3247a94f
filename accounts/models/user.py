"""Who someone is: a person known by an e-mail address."""

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
    """Makes users and finds them by their address, whatever its case."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the address in lower case: two addresses differing in case are one person."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, email: str | None) -> "User":
        """Return the user with this address; raises `User.DoesNotExist`."""
        return self.get(email=self.normalize_email(email))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user; without a password, sign-in is by e-mailed code or a provider."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an operator with every permission."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class User(AbstractBaseUser, PermissionsMixin):
    """A person: customer, operator or both. The e-mail address is the login name."""

    email = models.EmailField(_("e-mail address"), unique=True)
    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("May use the admin."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Clear this instead of deleting people."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("email",)

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the address in lower case, which makes `unique` ignore case on any database."""
        self.email = UserManager.normalize_email(self.email)
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._session_hash, settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | None = None) -> str:
        # As Django's, with the generation: counting it up ends all sessions (accounts.sessions.ending).
        value = f"{self.password} {self.session_generation}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """Return the name, or the address where there is none."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return the first word of the name, or the part of the address before the @."""
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]
