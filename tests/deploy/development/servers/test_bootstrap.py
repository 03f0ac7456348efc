"""What makes a database that is there be migrated once more."""

from pathlib import Path

from django.apps import apps

from deploy.development.servers.bootstrap import watched

CHECKOUT = Path(__file__).resolve().parents[4]


def test_every_migration_of_ours_is_watched() -> None:
    seen = {path for _name, path in watched()}
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).is_relative_to(CHECKOUT)]
    migrations = {path for app in ours if ".venv" not in app.parts for path in (app / "migrations").glob("[0-9]*.py")}
    assert len(migrations) > 15
    assert migrations <= seen
