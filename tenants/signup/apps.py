from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class SignupConfig(AppConfig):
    name = "tenants.signup"
    label = "signup"

    def ready(self) -> None:
        from core.accounts.models import User
        from tenants.signup import directory

        post_save.connect(directory.when_saved, sender=User, dispatch_uid="signup.directory.saved")
        post_delete.connect(directory.when_deleted, sender=User, dispatch_uid="signup.directory.deleted")
