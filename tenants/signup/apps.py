from django.apps import AppConfig
from django.db.models.signals import post_delete, post_save


class SignupConfig(AppConfig):
    name = "tenants.signup"
    label = "signup"

    def ready(self) -> None:
        from core.accounts.models import User
        from tenants.signup import email_directory

        post_save.connect(email_directory.on_user_saved, sender=User, dispatch_uid="signup.directory.saved")
        post_delete.connect(email_directory.on_user_deleted, sender=User, dispatch_uid="signup.directory.deleted")
