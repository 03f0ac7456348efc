from typing import ClassVar

from django.db import models

from tenants.models import Chain


class SignUp(models.Model):
    """A completed sign-up. The form's token is its key, so that a form sent twice creates one chain."""

    token = models.UUIDField(primary_key=True)
    chain = models.OneToOneField(Chain, models.CASCADE, related_name="sign_up")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.chain_id)


class DirectoryEntry(models.Model):
    """A user's chain, found by a hash of the e-mail address: see `email_directory`."""

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="+", db_index=False)
    user_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "user_id"], name="signup_directory_once")]

    def __str__(self) -> str:
        return f"{self.chain_id}: {self.user_id}"
