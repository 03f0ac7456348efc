from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.accounts.rights import Reach, Right, Role, reach_of


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Someone who signs in: to one chain (a row in its schema) or to the platform (a row in `public`)."""

    Role = Role

    # Kept in lower case.
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    # See `confirmation`.
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # While someone who was invited has not come yet.
    invited_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """django-allauth keeps addresses in a table of its own, and empties `email` where the present one is not
        confirmed there when another is asked for: the one to sign in with always is."""
        super().save(*args, **kwargs)
        fields = kwargs.get("update_fields")
        if fields is None or "email" in fields:
            self.emailaddress_set.update_or_create(primary=True, defaults={"email": self.email, "verified": True})

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @property
    def is_invited(self) -> bool:
        return self.invited_at is not None

    def may(self, right: Right) -> bool:
        return self.is_active and right.belongs_to(self.role)

    @property
    def reach(self) -> Reach:
        """The stores this user sees and works in."""
        return reach_of(self.role) if self.is_active else Reach.NONE

    @property
    def sees_all_stores(self) -> bool:
        return self.reach == Reach.CHAIN


class SignInPolicy(models.Model):
    """What the chain asks of everyone who signs in; one row, or none for the defaults."""

    requires_second_factor = models.BooleanField(_("two-step sign-in for everyone"), default=False)

    def __str__(self) -> str:
        return f"second factor: {self.requires_second_factor}"
