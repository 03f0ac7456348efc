from django.db import migrations, models

KINDS = [
    ("stores", "Stores"),
    ("staff", "Staff"),
    ("services", "Services"),
    ("clients", "Clients"),
    ("visits", "Visits"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("headings", models.JSONField(default=list)),
                ("headings_hash", models.CharField(editable=False, max_length=64)),
                ("options", models.JSONField(default=dict)),
                ("used_at", models.DateTimeField(auto_now=True)),
            ],
            options={"ordering": ["kind", "name"]},
        ),
        migrations.AddConstraint(
            model_name="importprofile",
            constraint=models.UniqueConstraint(fields=("kind", "headings_hash"), name="imports_profile_once"),
        ),
        migrations.AddConstraint(
            model_name="importprofile",
            constraint=models.UniqueConstraint(fields=("kind", "name"), name="imports_profile_name_once"),
        ),
        # The former release still reads it; the table is dropped with the next one.
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="ColumnMapping")]),
    ]
