import os
import subprocess
import sys

WORKER = """
import os
from celery.signals import worker_process_init
import config.celery
worker_process_init.send(sender=None)
print(os.nice(0))
"""
# The system's own limit.
NICEST = 19


def test_a_worker_lets_pages_go_first() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    told = subprocess.run([sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=True)
    assert int(told.stdout) == min(NICEST, os.nice(0) + 5)
