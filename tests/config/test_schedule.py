"""What beat sends is what workers know: a message of an unknown name is thrown away in silence."""

from django.conf import settings

from config.celery import app


def test_every_scheduled_task_is_known_to_workers() -> None:
    app.loader.import_default_modules()
    entries = settings.CELERY_BEAT_SCHEDULE.values()
    scheduled = {entry["task"] for entry in entries} | {
        name for entry in entries if entry["task"] == "tenants.tasks.for_each_chain" for name in entry["args"]
    }
    assert scheduled - set(app.tasks) == set()
