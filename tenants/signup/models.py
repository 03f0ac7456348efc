from typing import ClassVar

from django.db import models

from tenants.models import Chain


class SignUp(models.Model):
    """A sign-up that made a chain. The form's token stands for it, so that a form sent twice makes one chain."""

    token = models.UUIDField(primary_key=True)
    chain = models.OneToOneField(Chain, models.CASCADE, related_name="sign_up")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.chain_id)


class DirectoryEntry(models.Model):
    """In which chain the owner of an e-mail address works. The address itself is not in it: see `directory`."""

    chain = models.ForeignKey(Chain, models.CASCADE, related_name="+", db_index=False)
    user_id = models.BigIntegerField()
    digest = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "user_id"], name="signup_directory_once")]

    def __str__(self) -> str:
        return f"{self.chain_id}: {self.user_id}"
