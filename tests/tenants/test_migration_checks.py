"""Which operations a chain's migration may hold, and the concurrent ones that are made for them."""

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid
from django.core.checks import run_checks
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from django.test.utils import CaptureQueriesContext

from core.shared.migration_operations import AddIndexConcurrently, RemoveIndexConcurrently
from tenants import migration_checks
from tenants.migration_checks import find_problems
from tenants.postgresql_backend.current import connection

INDEX = models.Index(fields=["name"], name="by_name")
POSITIVE = models.CheckConstraint(condition=models.Q(size__gt=0), name="positive")
FIELDS = {
    "name": models.CharField(max_length=20),
    "note": models.CharField(max_length=20, null=True),
    "size": models.IntegerField(null=True),
    "price": models.DecimalField(max_digits=8, decimal_places=2),
}
UNSAFE = [
    (migrations.AddField("thing", "more", models.IntegerField(default=0)), "allow NULL, or give it a db_default"),
    (migrations.RemoveField("thing", "note"), "in a later release"),
    (migrations.RenameField("thing", "note", "notes"), "in a later release"),
    (migrations.RenameModel("Thing", "Other"), "in a later release"),
    (migrations.DeleteModel("Thing"), "in a later release"),
    (migrations.AlterModelTable("Thing", "things"), "in a later release"),
    (migrations.AddIndex("thing", INDEX), "writers wait"),
    (migrations.AddConstraint("thing", POSITIVE), "writers wait"),
    (migrations.AlterUniqueTogether("thing", {("name", "note")}), "writers wait"),
    (migrations.AlterField("thing", "note", models.CharField(max_length=20)), "every row is looked at"),
    (migrations.AlterField("thing", "name", models.TextField()), "written anew"),
    (migrations.AlterField("thing", "name", models.CharField(max_length=10)), "what is longer is refused"),
    (migrations.AlterField("thing", "name", models.CharField(max_length=20, db_index=True)), "writers wait"),
    (migrations.AlterField("thing", "name", models.CharField(max_length=20, unique=True)), "writers wait"),
    (migrations.AlterField("thing", "price", models.DecimalField(max_digits=9, decimal_places=3)), "written anew"),
    (migrations.RunPython(lambda _apps, _editor: None), "cannot be taken back"),
    (migrations.RunSQL("UPDATE shop_thing SET size = 1"), "cannot be taken back"),
    (migrations.RunSQL("create unique index x on shop_thing (name)", "DROP INDEX x"), "writers wait"),
]
SAFE = [
    migrations.AddField("thing", "more", models.IntegerField(null=True)),
    migrations.AddField("thing", "more", models.IntegerField(db_default=0)),
    migrations.AlterField("thing", "name", models.CharField(max_length=30, choices=[("a", "A")])),
    migrations.AlterField("thing", "name", models.CharField(max_length=20, null=True)),
    migrations.CreateModel("Another", [("id", models.BigAutoField(primary_key=True))]),
    AddIndexConcurrently("thing", INDEX),
    AddConstraintNotValid("thing", POSITIVE),
    migrations.RunPython(lambda _apps, _editor: None, migrations.RunPython.noop),
    migrations.RunSQL("CREATE INDEX CONCURRENTLY x ON shop_thing (name)", "DROP INDEX x"),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("thing", "note")]),
]


def problems(*operations, **attributes):
    state = ProjectState()
    state.add_model(ModelState("shop", "Thing", [("id", models.BigAutoField(primary_key=True)), *FIELDS.items()]))
    migration = type("Migration", (migrations.Migration,), {"operations": operations, **attributes})
    return list(find_problems(migration("0009_more", "shop"), state))


@pytest.mark.parametrize(("operation", "reason"), UNSAFE)
def test_unsafe(operation, reason):
    (problem,) = problems(operation)
    assert problem.startswith(operation.describe())
    assert reason in problem
    assert problems(operation, safe_because="nobody uses it yet") == []


@pytest.mark.parametrize("operation", SAFE)
def test_safe(operation):
    assert problems(operation) == []


def test_a_table_made_by_the_same_migration_holds_nothing_yet():
    make = migrations.CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True))])
    field = migrations.AddField("fresh", "name", models.CharField(max_length=20))
    assert problems(make, field, migrations.AddIndex("fresh", INDEX)) == []


def test_code_stands_alone():
    code = migrations.RunPython(lambda _apps, _editor: None, migrations.RunPython.noop)
    field = migrations.AddField("thing", "more", models.IntegerField(null=True))
    assert "a migration of its own" in problems(field, code)[0]
    assert problems(field, code, atomic=False) == []


def test_our_own_migrations_pass():
    assert run_checks(tags=["migrations"]) == []


@pytest.mark.parametrize(
    "source",
    [
        "from core.visits.models import Visit",
        "def fill(apps, _editor):\n    import billing.plans",
        "import config.env as env",
    ],
)
def test_code_of_the_product_is_no_part_of_a_migration(source):
    assert len(list(migration_checks.imported_product_code(source))) == 1


def test_what_does_not_change_may_be_imported():
    source = "import json\nfrom corelib import core\nfrom core.shared.migration_operations import AddIndexConcurrently"
    assert list(migration_checks.imported_product_code(source)) == []


@pytest.mark.parametrize("in_transaction", [False, True])
def test_an_index_is_built_concurrently_but_for_a_new_chain(committed_chain, in_transaction):
    before = MigrationLoader(None).project_state()
    after = before.clone()
    add = AddIndexConcurrently("city", models.Index(fields=["tier"], name="city_by_tier"))
    add.state_forwards("stores", after)
    remove = RemoveIndexConcurrently("city", "city_by_tier")
    with connection().as_owner(), CaptureQueriesContext(connection()) as queries:
        with connection().schema_editor(atomic=in_transaction) as editor:
            add.database_forwards("stores", editor, before, after)
        with connection().schema_editor(atomic=in_transaction) as editor:
            remove.database_forwards("stores", editor, after, before)
    sent = [query["sql"] for query in queries if "INDEX" in query["sql"]]
    assert [statement.split()[0] for statement in sent] == ["CREATE", "DROP"]
    assert ["CONCURRENTLY" not in statement for statement in sent] == [in_transaction] * 2
