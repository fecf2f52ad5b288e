"""The tables of people. Names and addresses stand here and nowhere in the ledger, which knows an employee by a key."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class Users(BaseUserManager["User"]):
    """How Django and allauth find a user."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Somebody who signs in. `employee` is their pseudonym in the ledger, and is never used twice."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    employee = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = Users()

    class Meta:
        """An address belongs to one account, however it is written."""

        db_table = "users"
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_an_address"),)

    def __str__(self) -> str:
        return self.name or self.email


class Team(models.Model):
    """A team, named as the ledger names it in its column `team`."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        """Plain."""

        db_table = "teams"


class Membership(models.Model):
    """A role that a user holds, for a team, or for the whole organisation where there is none."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20)
    team = models.ForeignKey(Team, models.PROTECT, null=True)

    class Meta:
        """Once each."""

        db_table = "memberships"
        constraints = (
            models.UniqueConstraint(fields=("user", "role", "team"), name="role_once_a_team"),
            models.UniqueConstraint(
                fields=("user", "role"), condition=models.Q(team=None), name="role_once_for_everything"
            ),
        )


class Invitation(models.Model):
    """An open door for one address. The token itself is in the link alone; here is its hash."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20)
    team = models.ForeignKey(Team, models.PROTECT, null=True)
    token = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True)
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Plain."""

        db_table = "invitations"


class Return(models.Model):
    """A way back in for somebody who lost their password or second factor. The token is in the link alone; here is its hash."""

    user = models.ForeignKey(User, models.CASCADE)
    token = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        """Plain."""

        db_table = "returns"


class Key(models.Model):
    """A key of the API: acts as its `user`, within its scopes (separated by spaces). Shown once; here is its hash."""

    user = models.ForeignKey(User, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100)
    start = models.CharField(max_length=12)
    token = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Plain."""

        db_table = "api_keys"


class Reading(models.Model):
    """Somebody read personal data: who, when, what kind of thing, and which one. Only grows; the database sees to that."""

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(User, models.PROTECT)
    what = models.CharField(max_length=40)
    which = models.CharField(max_length=200, db_index=True)
    by_key = models.BooleanField(default=False)

    class Meta:
        """Plain."""

        db_table = "readings"
