from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_invitations")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_confirmed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        # Who is here already was let in by hand, at an address someone knew.
        migrations.RunSQL("UPDATE accounts_user SET email_confirmed_at = created_at", migrations.RunSQL.noop),
    ]
