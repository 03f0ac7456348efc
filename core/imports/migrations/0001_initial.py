import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ColumnMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stores", "Stores"),
                            ("staff", "Staff"),
                            ("services", "Services"),
                            ("clients", "Clients"),
                            ("visits", "Visits"),
                        ],
                        max_length=10,
                    ),
                ),
                ("column", models.CharField(max_length=200)),
                ("field", models.CharField(blank=True, max_length=50)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "column"), name="imports_mapping_once")],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stores", "Stores"),
                            ("staff", "Staff"),
                            ("services", "Services"),
                            ("clients", "Clients"),
                            ("visits", "Visits"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploaded", "to be checked"),
                            ("done", "done"),
                            ("refused", "refused"),
                            ("failed", "failed"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                ("dry_run", models.BooleanField(default=True)),
                ("file_name", models.CharField(max_length=255)),
                ("path", models.CharField(max_length=255)),
                ("rejects_path", models.CharField(blank=True, max_length=255)),
                ("files_deleted_at", models.DateTimeField(null=True)),
                ("options", models.JSONField(default=dict)),
                ("summary", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
    ]
